package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"comptant/hq/order"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// ordersShown is how many orders one page lists.
const ordersShown = 50

// stuckOnly is the choice of orders that do not go on, among those of states.
const stuckOnly = "stuck"

// ordersPage is the orders that the person sees, and how many are in which state.
type ordersPage struct {
	states []ui.Segment
	table  ui.Table
	asked  bool // the list is narrowed
}

// reach is where the orders are prepared that the person sees; nil for everywhere. A warehouse's are those of all warehouses.
func (s *site) reach(ctx context.Context) ([]uuid.UUID, error) {
	if personOf(ctx).Role == retail.RoleWarehouse {
		warehouses, err := stock.Warehouses(ctx, s.DB)
		ids := idsOf(warehouses)
		return ids, err
	}
	return within(ctx), nil
}

// reached keeps the locations of a reach.
func reached(reach []uuid.UUID, all []retail.Location) []retail.Location {
	if reach == nil {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(l retail.Location) bool { return !slices.Contains(reach, l.ID) })
}

func (s *site) orderList(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	reach, err := s.reach(ctx)
	if err != nil {
		return err
	}
	locations, err := stock.Locations(ctx, s.DB)
	if err != nil {
		return err
	}
	f := orderFilter(r, reach)
	page, err := order.List(ctx, s.DB, f)
	if err != nil {
		return err
	}
	counts, err := order.CountOpen(ctx, s.DB, f.Locations)
	if err != nil {
		return err
	}
	symbols, err := s.currencies(ctx)
	if err != nil {
		return err
	}
	p := ordersPage{
		states: stateSegments(r, counts), asked: f.Search != "" || f.States != nil || f.Stuck || r.FormValue("location") != "",
		table: s.orderTable(ctx, page.Orders, locations, symbols),
	}
	foot := ui.Pages{Note: ui.T(ctx, "orders.count", "Count", len(page.Orders))}
	if page.Next != uuid.Nil {
		foot.Next = with(r, "after", page.Next.String())
	}
	if f.Before != uuid.Nil {
		foot.Prev = with(r)
	}
	p.table.Foot = ui.Pagination(foot)
	return s.show(w, r, view{
		title: ui.T(ctx, "place.orders"), live: []string{eventOrders, eventTime}, tools: orderTools(r, storeOptions(reached(reach, locations), r.FormValue("location"))),
	}, ordersContent(p))
}

// orderFilter reads the address. A location that the person does not see is none.
func orderFilter(r *http.Request, reach []uuid.UUID) order.Filter {
	f := order.Filter{Locations: reach, Search: strings.TrimSpace(r.FormValue("q")), Limit: ordersShown}
	if id, err := uuid.Parse(r.FormValue("location")); err == nil && (reach == nil || slices.Contains(reach, id)) {
		f.Locations = []uuid.UUID{id}
	}
	switch state := r.FormValue("state"); state {
	case "":
	case stuckOnly:
		f.Stuck = true
	default:
		f.States = []retail.OrderState{retail.OrderState(state)}
	}
	f.Before, _ = uuid.Parse(r.FormValue("after"))
	return f
}

// orderStates are all there are, in the order of the way.
var orderStates = []retail.OrderState{
	retail.OrderCreated, retail.OrderStockVerified, retail.OrderStockReserved, retail.OrderPaymentProcessed, retail.OrderConfirmed,
	retail.OrderAccepted, retail.OrderShort, retail.OrderPicking, retail.OrderReady, retail.OrderShipped, retail.OrderCompensating,
	retail.OrderCollected, retail.OrderDelivered, retail.OrderReturned, retail.OrderCancelled,
}

// stateSegments choose a state: those that have orders, those that orders end in, and the one that is chosen.
func stateSegments(r *http.Request, counts []order.StateCount) []ui.Segment {
	ctx, chosen := r.Context(), r.FormValue("state")
	in := map[retail.OrderState]int64{}
	var stuck int64
	for _, c := range counts {
		in[c.State] = c.Orders
		stuck += c.Stuck
	}
	segments := []ui.Segment{{Label: ui.T(ctx, "orders.all"), Href: with(r, "state", ""), Current: chosen == ""}}
	if stuck > 0 || chosen == stuckOnly {
		segments = append(segments, ui.Segment{
			Label: ui.T(ctx, "orders.stuck"), Count: ui.Number(ctx, stuck), Icon: ui.IconAlert, Tone: ui.ToneBad, Href: with(r, "state", stuckOnly),
			Current: chosen == stuckOnly,
		})
	}
	for _, state := range orderStates {
		segment := ui.Segment{Label: orderWord(ctx, state), Href: with(r, "state", string(state)), Current: chosen == string(state)}
		if in[state] > 0 {
			segment.Count = ui.Number(ctx, in[state])
		}
		ends := order.Ends(state)
		if in[state] > 0 || ends || segment.Current {
			segments = append(segments, segment)
		}
	}
	return segments
}

// orderWord is what a state is called; the drawing of all states calls it the same.
func orderWord(ctx context.Context, state retail.OrderState) string {
	key := "machine.order." + string(state)
	return ui.T(ctx, key)
}

func (s *site) orderTable(ctx context.Context, orders []order.Order, locations []retail.Location, symbols currencies) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "place.orders"), Columns: []ui.Column{
		{Label: ui.T(ctx, "orders.order")},
		{Label: ui.T(ctx, "orders.state")},
		{Label: ui.T(ctx, "orders.where")},
		{Label: ui.T(ctx, "receipts.customer")},
		{Label: ui.T(ctx, "orders.placed")},
		{Label: ui.T(ctx, "report.total"), Figure: true},
	}}
	places, zone := placesOf(locations), zoneOf(locations)
	for _, o := range orders {
		who := ui.Cell{Text: nameOf(ctx, o)}
		if may(ctx, users.ManageOrders) {
			who.Sub = o.Email
		}
		where := ui.Cell{Text: places.of(o.Location)}
		if o.Attempt > 1 {
			where.Sub = ui.T(ctx, "orders.attempt", "Number", o.Attempt)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: o.Code, Sub: deliveryWord(ctx, o.Delivery), Href: orderAddress(o.ID), Strong: true},
			{Part: ui.StatusTag(orderTag(ctx, o)), Sub: s.waitWords(ctx, o, zone)},
			where,
			who,
			{Text: s.shortMoment(ctx, o.PlacedAt.In(zone))},
			{Text: ui.Money(symbols.coded(ctx, o.Currency), o.Total), Strong: true},
		}})
	}
	return t
}

// placesOf are the names of all locations: stores by their short ones.
func placesOf(locations []retail.Location) names {
	stores := slices.DeleteFunc(slices.Clone(locations), func(l retail.Location) bool { return l.Kind != retail.LocationStore })
	all := shortNames(stores)
	for _, l := range locations {
		if l.Kind != retail.LocationStore {
			all[l.ID] = l.Name
		}
	}
	return all
}

func orderAddress(id uuid.UUID) string { return "/orders/" + id.String() }

// nameOf is who ordered; of somebody who was erased nothing is left to say.
func nameOf(ctx context.Context, o order.Order) string {
	if o.Name == "" {
		return ui.T(ctx, "receipts.customer_erased")
	}
	return o.Name
}

func deliveryWord(ctx context.Context, d retail.Delivery) string {
	if d == retail.Ship {
		return ui.T(ctx, "orders.ship")
	}
	return ui.T(ctx, "orders.collect")
}

// orderTag is the state of an order: who has to do something for it, or how it ended.
func orderTag(ctx context.Context, o order.Order) ui.Tag {
	tag := ui.Tag{Tone: ui.ToneTint, Icon: ui.IconRunning, Text: orderWord(ctx, o.State)}
	switch o.State {
	case retail.OrderCollected, retail.OrderDelivered:
		tag.Tone, tag.Icon = ui.ToneOK, ui.IconOK
	case retail.OrderCancelled:
		tag.Tone, tag.Icon = ui.ToneNone, ui.IconCancel
	case retail.OrderReturned:
		tag.Tone, tag.Icon = ui.ToneNone, ui.IconUndo
	case retail.OrderConfirmed, retail.OrderPicking, retail.OrderReady, retail.OrderShipped:
		tag.Icon = ui.IconClock // people have something to do
	case retail.OrderCompensating, retail.OrderShort:
		tag.Tone, tag.Icon = ui.ToneWarn, ui.IconUndo
	}
	switch {
	case o.Stuck():
		tag.Tone, tag.Icon = ui.ToneBad, ui.IconAlert
	case o.Tries > 0:
		tag.Tone, tag.Icon = ui.ToneWarn, ui.IconRetry
	}
	return tag
}

// waitWords say what an order waits for: the next try, or people until a time; or why it was called off.
func (s *site) waitWords(ctx context.Context, o order.Order, zone *time.Location) string {
	switch {
	case o.Tries > 0 && o.Due != nil:
		return ui.T(ctx, "orders.try", "Number", o.Tries, "When", ui.Clock(o.Due.In(zone)))
	case o.State == retail.OrderCancelled && o.Failure != "":
		return failureWords(ctx, o.Failure)
	case o.Until != nil:
		return ui.T(ctx, "orders.until", "When", s.shortMoment(ctx, o.Until.In(zone)))
	}
	return ""
}

// failureWords say why an order was called off; its key is the word's.
func failureWords(ctx context.Context, key string) string { return ui.T(ctx, key) }

// ordersWaiting counts the orders that the person may have to do something for.
func (s *site) ordersWaiting(ctx context.Context) (int, error) {
	reach, err := s.reach(ctx)
	if err != nil {
		return 0, err
	}
	return order.CountWaiting(ctx, s.DB, reach)
}
