package order

import (
	"time"

	"comptant/shared/retail"
)

// action is what headquarters does for an order.
type action string

// The actions, by the names their steps have. A told customer is one who was written to.
const (
	none       action = ""
	verify     action = "verify"
	reserve    action = "reserve"
	authorise  action = "authorise"
	confirm    action = "confirm"
	capture    action = "capture"
	reroute    action = "reroute"
	compensate action = "compensate"
	giveUp     action = "give up"
	tell       action = "tell"
	refund     action = "refund"    // by the gateway, when it fails after it was made
	repay      action = "repay"     // by people, where the card takes no refund
	settle     action = "settle"    // by people, where nothing can be taken for goods that are gone
	giveBack   action = "give back" // by a till, a part of what was collected
)

// next is what headquarters has to do for the order now; none while people have, and at the end.
func (o Order) next(now time.Time) action {
	late := o.Until != nil && !now.Before(*o.Until)
	switch o.State {
	case retail.OrderCreated:
		return verify
	case retail.OrderStockVerified:
		return reserve
	case retail.OrderStockReserved:
		if now.Sub(o.StateAt) >= payWithin {
			return giveUp
		}
		return authorise
	case retail.OrderPaymentProcessed:
		return confirm
	case retail.OrderShort:
		return reroute
	case retail.OrderCompensating:
		return compensate
	case retail.OrderConfirmed:
		if late {
			return giveUp
		}
	case retail.OrderAccepted:
		return capture // which an order that was accepted elsewhere before has behind it, and goes on
	case retail.OrderPicking, retail.OrderReady, retail.OrderShipped, retail.OrderCollected, retail.OrderDelivered, retail.OrderReturned:
		if o.Captured == nil {
			return capture
		}
		if late {
			return giveUp
		}
	}
	if about := news(o.State); about != "" && about != o.Told && o.Told != mute {
		return tell
	}
	return none
}

// mute is Told of an order that was placed where no mail is set up: nobody is written to, and no job is made for it.
const mute retail.OrderState = "-"

// news is what a customer is written to about in a state; empty for nothing. What is accepted before anybody wrote is confirmed.
func news(s retail.OrderState) retail.OrderState {
	switch s {
	case retail.OrderConfirmed, retail.OrderAccepted, retail.OrderPicking:
		return retail.OrderConfirmed
	case retail.OrderReady, retail.OrderShipped, retail.OrderCancelled:
		return s
	}
	return ""
}

// The time limits of steps that wait for others. How long a location has to accept is Config.AcceptWithin.
const (
	// payWithin is how long the payment gateway has to say whether the money is there; the goods are kept for nobody else meanwhile.
	payWithin = time.Hour
	// prepareWithin is how long who accepted has to make it ready, collectWithin how long it then waits in a store.
	prepareWithin = 7 * 24 * time.Hour
	collectWithin = 7 * 24 * time.Hour
	// tellWithin is how long a letter that cannot be sent is tried.
	tellWithin = 24 * time.Hour
)

const (
	// grace is how long whoever drives an order has before the jobs take it over.
	grace = 30 * time.Second
	// The pauses between tries double. What was refused, and not only failed, is for people, and seldom tried.
	firstPause    = 2 * time.Second
	longestPause  = 10 * time.Minute
	refusalsPause = 6 * time.Hour
)

func pause(tries int, longest time.Duration) time.Duration {
	return min(firstPause<<min(max(tries-1, 0), 16), longest)
}

// dueAfter is when the jobs look at the order next, and whether they are woken for it. now says that nobody drives it at this
// moment.
func (o Order) dueAfter(at time.Time, now bool) (due *time.Time, wake bool) {
	switch o.next(at) {
	case none:
		return o.Until, false
	case tell, giveUp:
		return &at, true
	}
	if now {
		return &at, true
	}
	later := at.Add(grace)
	return &later, false
}
