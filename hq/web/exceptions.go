package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/intake"
	"comptant/hq/order"
	"comptant/hq/payments"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

const (
	// drawerDays are for how many days a drawer that was over or short is among the exceptions; the report has all.
	drawerDays = 7
	// exceptionsShown is how many of one sort the page lists. The rest is behind its link.
	exceptionsShown = 20
)

// exception is one sort of what a person must look at.
type exception struct {
	id, title, explain string
	count              int
	table              ui.Table
	// all leads to the page with the rest; empty where the table has everything.
	all string
}

// exceptionPage is the inbox of what does not come right by itself: what journals say that cannot be, stock below zero, drawers that
// were over or short, orders that do not go on, refunds that failed.
func (s *site) exceptionPage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	stores, err := s.stores(ctx)
	if err != nil {
		return err
	}
	locations, err := stock.Locations(ctx, s.DB)
	if err != nil {
		return err
	}
	where, zone := placesOf(locations), zoneOf(stores)
	states, err := s.tillStates(ctx, shortNames(stores))
	if err != nil {
		return err
	}
	var all []exception
	for _, read := range []func() (exception, error){
		func() (exception, error) { return s.flagged(ctx, states, shortNames(stores), zone) },
		func() (exception, error) { return s.belowZero(ctx, where) },
		func() (exception, error) { return s.drawers(ctx, stores, states, zone) },
		func() (exception, error) { return s.stuckOrders(ctx, locations) },
		func() (exception, error) { return s.failedRefunds(ctx, locations) },
	} {
		e, err := read()
		if err != nil {
			return err
		}
		if e.count > 0 {
			all = append(all, e)
		}
	}
	return s.show(w, r, view{
		title: ui.T(ctx, "place.exceptions"), subtitle: ui.T(ctx, "exceptions.subtitle"), live: []string{eventJournal, eventStock, eventOrders},
	}, exceptionContent(all))
}

// flags are the open ones of the stores that the person sees.
func (s *site) flags(ctx context.Context) ([]intake.Flag, error) {
	flags, err := s.Journal.Flags(ctx)
	return slices.DeleteFunc(flags, func(f intake.Flag) bool { return !sees(ctx, f.Store) }), err
}

func (s *site) flagged(ctx context.Context, states []intake.TillState, stores names, zone *time.Location) (exception, error) {
	flags, err := s.flags(ctx)
	if err != nil {
		return exception{}, err
	}
	var ids []uuid.UUID
	for _, f := range flags {
		if f.Code == intake.FlagUnknownProduct {
			ids = append(ids, f.Subject())
		}
	}
	products, err := catalog.ByID(ctx, s.DB, ids)
	return exception{
		id: "flags", title: ui.T(ctx, "exceptions.journal"), explain: ui.T(ctx, "exceptions.journal_text"), count: len(flags),
		table: flagTable(ctx, flags, products, namesOfTills(ctx, states, stores), stores, zone),
	}, err
}

// belowZero are the levels that cannot be, the worst first: more was sold than was known to be there.
func (s *site) belowZero(ctx context.Context, where names) (exception, error) {
	e := exception{
		id: "negative", title: ui.T(ctx, "exceptions.negative"), explain: ui.T(ctx, "exceptions.negative_text"), all: "/stock?" + query("alert", string(stock.Negative)),
		table: ui.Table{Caption: ui.T(ctx, "exceptions.negative"), Columns: []ui.Column{
			{Label: ui.T(ctx, "valuation.location")}, {Label: ui.T(ctx, "stock.product")}, {Label: ui.T(ctx, "report.on_hand"), Figure: true},
		}},
	}
	seen, err := s.seen(ctx)
	if err != nil {
		return e, err
	}
	found, err := stock.WithAlert(ctx, s.DB, stock.Negative, uuid.Nil)
	if err != nil {
		return e, err
	}
	found = slices.DeleteFunc(found, func(a stock.Alerted) bool { return !seen(a.Location) })
	e.count = len(found)
	found = found[:min(len(found), exceptionsShown)]
	ids := make([]uuid.UUID, len(found))
	for i, h := range found {
		ids[i] = h.Product
	}
	products, err := catalog.ByID(ctx, s.DB, ids)
	if err != nil {
		return e, err
	}
	for _, h := range found {
		address := link(ctx, "/stock?"+query("product", h.Product.String())+"&"+query("at", h.Location.String()))
		e.table.Rows = append(e.table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: where.of(h.Location)},
			{Text: language(ctx, products[h.Product].Name), Sub: products[h.Product].SKU, Href: address},
			{Text: ui.Quantity(ctx, h.OnHand), Href: address, Strong: true, Tone: ui.ToneBad},
		}})
	}
	return e, nil
}

// drawers are those that were over or short lately.
func (s *site) drawers(ctx context.Context, stores []retail.Location, states []intake.TillState, zone *time.Location) (exception, error) {
	e := exception{
		id: "drawers", title: ui.T(ctx, "exceptions.drawers"), explain: ui.T(ctx, "exceptions.drawers_text", "Days", drawerDays), all: link(ctx, "/reports/shifts"),
		table: ui.Table{Caption: ui.T(ctx, "exceptions.drawers"), Columns: []ui.Column{
			{Label: ui.T(ctx, "shifts.z")},
			{Label: ui.T(ctx, "report.day")},
			{Label: ui.T(ctx, "filter.store")},
			{Label: ui.T(ctx, "receipts.who")},
			{Label: ui.T(ctx, "shifts.difference"), Figure: true},
		}},
	}
	today := retail.DateOf(s.Now().In(zone))
	lately := sales.Period{From: retail.DateOf(today.Time(time.UTC).AddDate(0, 0, 1-drawerDays)), To: today}
	ids, codes, numbers := make([]uuid.UUID, len(stores)), map[uuid.UUID]string{}, map[uuid.UUID]int{}
	for i, l := range stores {
		ids[i], codes[l.ID] = l.ID, l.Code
	}
	for _, t := range states {
		numbers[t.ID] = t.Number
	}
	all, err := sales.Closes(ctx, s.DB, ids, lately)
	if err != nil {
		return e, err
	}
	all = slices.DeleteFunc(all, func(c sales.Close) bool { return c.Difference() == 0 })
	e.count = len(all)
	slices.SortStableFunc(all, func(a, b sales.Close) int { return int(abs(b.Difference()) - abs(a.Difference())) })
	all = all[:min(len(all), exceptionsShown)]
	var who []uuid.UUID
	for _, c := range all {
		who = append(who, c.User)
	}
	people, err := users.Names(ctx, s.DB, who)
	if err != nil {
		return e, err
	}
	paid, err := s.currencies(ctx)
	if err != nil {
		return e, err
	}
	in, short := paid.of(ctx, stores), shortNames(stores)
	for _, c := range all {
		difference := ui.Cell{Text: ui.Money(in(c.Store), c.Difference()), Strong: true, Tone: ui.ToneWarn}
		if c.Difference() < 0 {
			difference.Tone = ui.ToneBad
		}
		e.table.Rows = append(e.table.Rows, ui.Row{Cells: []ui.Cell{
			{
				Text: retail.ZCode(codes[c.Store], numbers[c.Till], uint64(c.Epoch), uint64(c.Number)),
				Href: link(ctx, shiftReceipts(c.Store, c.Till, c.Date, c.Shift)),
			},
			{Text: ui.Date(ctx, c.Date.Time(time.UTC))},
			{Text: short.of(c.Store)},
			{Text: nameIn(people, c.User)},
			difference,
		}})
	}
	return e, nil
}

func abs(a money.Amount) money.Amount { return max(a, -a) }

// stuckOrders are the orders of the shop whose step has failed again and again.
func (s *site) stuckOrders(ctx context.Context, locations []retail.Location) (exception, error) {
	e := exception{id: "orders", title: ui.T(ctx, "exceptions.orders"), explain: ui.T(ctx, "exceptions.orders_text"), all: link(ctx, "/orders?"+query("state", stuckOnly))}
	if e.all == "" {
		return e, nil
	}
	reach, err := s.reach(ctx)
	if err != nil {
		return e, err
	}
	page, err := order.List(ctx, s.DB, order.Filter{Locations: reach, Stuck: true, Limit: exceptionsShown})
	if err != nil {
		return e, err
	}
	counts, err := order.CountOpen(ctx, s.DB, reach)
	if err != nil {
		return e, err
	}
	for _, c := range counts {
		e.count += int(c.Stuck)
	}
	symbols, err := s.currencies(ctx)
	if err != nil {
		return e, err
	}
	e.table = s.orderTable(ctx, page.Orders, locations, symbols)
	e.table.Caption = e.title
	return e, nil
}

// failedRefunds are the orders whose money came back from the bank, and has to be given back another way.
func (s *site) failedRefunds(ctx context.Context, locations []retail.Location) (exception, error) {
	e := exception{id: "refunds", title: ui.T(ctx, "exceptions.refunds"), explain: ui.T(ctx, "exceptions.refunds_text")}
	if link(ctx, "/orders") == "" {
		return e, nil
	}
	ids, err := payments.ToGiveBack(ctx, s.DB)
	if err != nil || len(ids) == 0 {
		return e, err
	}
	reach, err := s.reach(ctx)
	if err != nil {
		return e, err
	}
	page, err := order.List(ctx, s.DB, order.Filter{Locations: reach, IDs: ids, Limit: len(ids)})
	if err != nil {
		return e, err
	}
	symbols, err := s.currencies(ctx)
	if err != nil {
		return e, err
	}
	e.count, e.table = len(page.Orders), s.orderTable(ctx, page.Orders, locations, symbols)
	e.table.Caption = e.title
	return e, nil
}
