package chaos

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// The deeds a till can be killed in, as the tally names them.
const (
	deedSale   = "sale"
	deedRefund = "refund"
	deedCount  = "count"
	deedClose  = "close"
	deedHold   = "hold"
	deedOrder  = "order"
)

var deeds = []string{deedSale, deedRefund, deedCount, deedClose, deedHold, deedOrder}

// deed is what a cashier does: something told to the till, until it has answered.
type deed struct {
	kind string
	do   func() error
	// ended is closed when it is over; err says then how.
	ended chan struct{}
	err   error
}

// killedIn says, once it is over, that the till was killed before it had answered.
func (d *deed) killedIn() bool {
	<-d.ended
	return errors.Is(d.err, errGone)
}

// perform does a deed, in which the till may be hunted.
func (l *lane) perform(d *deed) error {
	d.ended = make(chan struct{})
	l.begins(l, d, l.lasts[d.kind])
	began := time.Now()
	d.err = d.do()
	close(d.ended)
	if d.err == nil {
		l.lasts[d.kind] = (l.lasts[d.kind] + time.Since(began)) / 2
	}
	return d.err
}

// step draws what the cashier does next, and how long the next customer takes. Who hunts a till in some deed gets it at once.
func (l *lane) step() (d *deed, think time.Duration) {
	think = time.Duration(60+l.plan.IntN(240)) * time.Millisecond
	drawn := l.plan.IntN(100)
	d = &deed{kind: l.wanted()}
	switch {
	case d.kind != "":
	case drawn < 1:
		d.do = l.says("restock 1", "requested")
		return d, think
	case drawn < 2:
		d.kind = deedClose
	case drawn < 4:
		d.kind = deedCount
	case drawn < 7:
		d.kind = deedRefund
	case drawn < 11:
		d.kind = deedHold
	case drawn < 45:
		d.kind = deedOrder
	default:
		d.kind = deedSale
	}
	switch d.kind {
	case deedSale:
		d.do = l.sells("basket" + l.goods())
	case deedRefund:
		d.do = l.says("refund", "refunded")
	case deedClose:
		d.do = l.says("shift", "closed")
	case deedCount:
		d.do = l.says(fmt.Sprint("count 1 ", products-shopProducts), "counted")
		if l.plan.IntN(4) == 0 {
			d.do = l.says("finish", "finished")
		}
	case deedOrder:
		d.do = l.serves()
	case deedHold:
		d.do = l.sells("recall")
		if l.plan.IntN(2) == 0 {
			d.do = l.holds()
		}
	}
	return d, think
}

// says tells the till something, and awaits its word.
func (l *lane) says(text, word string) func() error {
	return func() error {
		_, err := l.ask(text, word)
		return err
	}
}

// goods are one to four products with one to three units each.
func (l *lane) goods() string {
	var b strings.Builder
	for range 1 + l.plan.IntN(4) {
		fmt.Fprintf(&b, " %d %d", 1+l.plan.IntN(products-shopProducts), 1+l.plan.IntN(3))
	}
	return b.String()
}

// sells tells the till to sell something.
func (l *lane) sells(text string) func() error {
	return func() error {
		answer, err := l.ask(text, "receipt")
		if err != nil || answer == "none" {
			return err
		}
		r, err := readReceipt(answer)
		if err == nil {
			l.sold(l, r)
		}
		return err
	}
}

// serves tells the till to hand over an order, if one waits for it.
func (l *lane) serves() func() error { return l.sells(fmt.Sprint("order ", l.number, " ", l.tills)) }

// holds puts a ticket away under a name that no other has.
func (l *lane) holds() func() error {
	l.names++
	name := fmt.Sprintf("%s-%d", l.name, l.names)
	text := "hold " + name + l.goods()
	return func() error {
		_, err := l.ask(text, "held")
		if err == nil {
			l.held = append(l.held, name)
		}
		return err
	}
}
