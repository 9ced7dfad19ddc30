package web

import (
	"context"
	"slices"
	"time"

	"comptant/hq/order"
	"comptant/hq/ui"
	"comptant/shared/retail"
)

// What an order goes through when all goes well, by how it is delivered.
var (
	takenOn = []retail.OrderState{
		retail.OrderCreated, retail.OrderStockVerified, retail.OrderStockReserved, retail.OrderPaymentProcessed, retail.OrderConfirmed,
		retail.OrderAccepted, retail.OrderPicking,
	}
	orderWays = map[retail.Delivery][]retail.OrderState{
		retail.Collect: append(slices.Clone(takenOn), retail.OrderReady, retail.OrderCollected),
		retail.Ship:    append(slices.Clone(takenOn), retail.OrderShipped, retail.OrderDelivered),
	}
)

// besides are the states beside the way, each across from a state of it (by place) that leads there; the words are why. That nobody
// else can prepare it, and that all is taken back, leads from one to the next.
var besides = []struct {
	state retail.OrderState
	at    int
	why   string
}{
	{retail.OrderCancelled, 1, "orders.leg_stock"},
	{retail.OrderCompensating, 3, "orders.leg_payment"},
	{retail.OrderShort, 5, "orders.leg_short"},
	{retail.OrderReturned, 8, "orders.leg_return"},
}

// beside tells whether a state is beside the way.
func beside(state retail.OrderState) bool { return besideOf(state) >= 0 }

func besideOf(state retail.OrderState) int {
	for i, b := range besides {
		if b.state == state {
			return i
		}
	}
	return -1
}

// pathBuilder draws an order's way into a ui.Path.
type pathBuilder struct {
	order.Order
	way []retail.OrderState
	// been is when the order last came to a state, and went the steps that it took.
	been map[retail.OrderState]time.Time
	went map[[2]retail.OrderState]bool
	zone *time.Location
}

// orderPath is the way of an order: what it went through, where it is, and what may become of it.
func orderPath(ctx context.Context, o order.Order, history []order.Transition, zone *time.Location) ui.Path {
	b := pathBuilder{Order: o, way: orderWays[o.Delivery], been: map[retail.OrderState]time.Time{}, went: map[[2]retail.OrderState]bool{}, zone: zone}
	for _, h := range history {
		if h.From != h.To {
			b.been[h.To], b.went[[2]retail.OrderState{h.From, h.To}] = h.At, true
		}
	}
	p := ui.Path{Title: ui.T(ctx, "orders.path_of", "Code", o.Code, "State", orderWord(ctx, o.State))}
	for i, state := range b.way {
		p.Stations = append(p.Stations, b.station(ctx, state, i))
	}
	for _, side := range besides {
		s := b.station(ctx, side.state, side.at)
		s.Beside = true
		p.Stations = append(p.Stations, s)
	}
	p.Legs = b.legs(ctx, p.Stations)
	return p
}

// now is the place of the order on its way; behind the end for one that left it.
func (b pathBuilder) now() int {
	if at := slices.Index(b.way, b.State); at >= 0 {
		return at
	}
	return len(b.way)
}

func (b pathBuilder) station(ctx context.Context, state retail.OrderState, at int) ui.Station {
	s := ui.Station{Name: orderWord(ctx, state), At: at, Kind: ui.PathToCome, Icon: ui.IconPending}
	came, been := b.been[state]
	if been {
		s.Note = b.moment(ctx, came)
	}
	if state == b.State {
		return b.present(ctx, s)
	}
	if beside(state) {
		s.Icon = ui.IconUndo
		if state == retail.OrderCancelled {
			s.Icon = ui.IconCancel
		}
		if been {
			s.Kind = ui.PathBack
		}
		return s
	}
	switch {
	case at < b.now() && been:
		s.Kind, s.Icon = ui.PathDone, ui.IconOK
	case at < b.now() && (b.now() < len(b.way) || b.State == retail.OrderReturned):
		s.Kind, s.Note = ui.PathLeftOut, ui.T(ctx, "orders.left_out")
	default:
		s.Note = ""
	}
	return s
}

// present is where the order is now.
func (b pathBuilder) present(ctx context.Context, s ui.Station) ui.Station {
	tag := orderTag(ctx, b.Order)
	s.Kind, s.Icon = ui.PathNow, tag.Icon
	switch {
	case b.Stuck(), b.State == retail.OrderCancelled:
		s.Kind = ui.PathTrouble
	case tag.Tone == ui.ToneOK:
		s.Kind = ui.PathDone
	}
	switch {
	case b.Tries > 0 && b.Due != nil:
		s.Note = ui.T(ctx, "orders.note_try", "Number", b.Tries, "When", ui.TimeOfDay(b.Due.In(b.zone)))
	case b.Until != nil && !b.Over():
		s.Note = ui.T(ctx, "orders.note_until", "When", b.moment(ctx, *b.Until))
	}
	return s
}

// moment is short: a time on the day of the order's last step, else a day.
func (b pathBuilder) moment(ctx context.Context, at time.Time) string {
	at = at.In(b.zone)
	if retail.DateOf(at) == retail.DateOf(b.StateAt.In(b.zone)) {
		return ui.Clock(at)
	}
	return ui.ShortDate(ctx, at)
}

// legs lead along the way and beside it; and wherever else the order went.
func (b pathBuilder) legs(ctx context.Context, stations []ui.Station) (legs []ui.Leg) {
	index := map[retail.OrderState]int{}
	for i, state := range b.way {
		index[state] = i
	}
	for i, side := range besides {
		index[side.state] = len(b.way) + i
	}
	add := func(from, to retail.OrderState, label string) {
		went := [2]retail.OrderState{from, to}
		legs = append(legs, ui.Leg{From: index[from], To: index[to], Taken: b.went[went], Label: label})
		delete(b.went, went)
	}
	for i := 1; i < len(b.way); i++ {
		from, to := b.way[i-1], b.way[i]
		if stations[i].Kind == ui.PathLeftOut || stations[i-1].Kind == ui.PathLeftOut { // it passed by here
			b.went[[2]retail.OrderState{from, to}] = true
		}
		add(from, to, "")
	}
	for _, side := range besides {
		label := side.why
		add(b.way[side.at], side.state, ui.T(ctx, label))
	}
	add(retail.OrderShort, retail.OrderCompensating, "")
	add(retail.OrderCompensating, retail.OrderCancelled, "")
	for _, step := range retail.OrderSteps { // in their order, so that the same order is drawn the same
		from, known := index[step.From]
		to := index[step.To]
		if known && b.went[[2]retail.OrderState{step.From, step.To}] && (beside(step.From) || beside(step.To)) && from != to {
			add(step.From, step.To, "")
		}
	}
	return legs
}
