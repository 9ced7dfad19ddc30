package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/intake"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

const (
	// countsShown is how many sessions of counting one page lists.
	countsShown = 50
	// doubtsSought is in how many of the newest lines the page looks for what may have been on their other side.
	doubtsSought = 200
)

// countsPage is the sessions of counting, and what may have been on the other side of a count lately.
type countsPage struct {
	sessions, doubtful ui.Table
}

// countWorld is what counts name.
type countWorld struct {
	stores   map[uuid.UUID]retail.Location
	short    names
	tills    tillNames
	people   map[uuid.UUID]string
	products map[uuid.UUID]catalog.Product
}

func (w countWorld) product(ctx context.Context, id uuid.UUID) ui.Cell {
	p := w.products[id]
	return ui.Cell{Text: language(ctx, p.Name), Sub: p.SKU}
}

// zone is a store's time zone.
func (w countWorld) zone(store uuid.UUID) *time.Location {
	return zoneOf([]retail.Location{w.stores[store]})
}

func (s *site) counts(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	all, err := s.stores(ctx)
	if err != nil {
		return err
	}
	stores, asked := chooseStores(all, r.FormValue("store"))
	ids := idsOf(stores)
	sessions, next, err := s.Journal.CountSessions(ctx, stock.CountFilter{Locations: ids, Before: r.FormValue("after"), Limit: countsShown})
	if err != nil {
		return err
	}
	var newest []intake.Counted
	if r.FormValue("after") == "" {
		if newest, _, err = s.Journal.Counts(ctx, intake.CountFilter{Stores: ids, Most: doubtsSought}); err != nil {
			return err
		}
	}
	people := make([]uuid.UUID, len(sessions))
	for i, c := range sessions {
		people[i] = c.By
	}
	world, err := s.countWorld(ctx, people, newest)
	if err != nil {
		return err
	}
	if ctx, err = s.paidIn(ctx, stores); err != nil {
		return err
	}
	p := countsPage{sessions: countTable(ctx, sessions, world), doubtful: doubtfulTable(ctx, newest, world)}
	foot := ui.Pages{}
	if next != "" {
		foot.Next = with(r, "after", next)
	}
	if r.FormValue("after") != "" {
		foot.Prev = with(r)
	}
	if foot != (ui.Pages{}) {
		p.sessions.Foot = ui.Pagination(foot)
	}
	v := view{title: ui.T(ctx, "counts.title"), parent: "/stock", subtitle: ui.T(ctx, "counts.subtitle"), live: []string{eventStock, eventTills}}
	if len(all) > 1 {
		v.filter = ui.StoreFilter("store", storeChoices(ctx, all, asked))
	}
	return s.show(w, r, v, countsContent(p))
}

func (s *site) countWorld(ctx context.Context, people []uuid.UUID, counts []intake.Counted) (countWorld, error) {
	w := countWorld{stores: map[uuid.UUID]retail.Location{}}
	stores, err := s.stores(ctx)
	if err != nil {
		return w, err
	}
	for _, l := range stores {
		w.stores[l.ID] = l
	}
	w.short = shortNames(stores)
	states, err := s.Journal.Tills(ctx)
	if err != nil {
		return w, err
	}
	w.tills = namesOfTills(ctx, states, w.short)
	var products []uuid.UUID
	for _, c := range counts {
		people, products = append(people, c.By), append(products, c.Product)
	}
	if w.people, err = users.Names(ctx, s.DB, people); err != nil {
		return w, err
	}
	w.products, err = catalog.ByID(ctx, s.DB, products)
	return w, err
}

// countTable begins with what matters, which is all that a phone shows without scrolling.
func countTable(ctx context.Context, sessions []intake.CountSession, w countWorld) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "counts.title"), Columns: []ui.Column{
		{Label: ui.T(ctx, "counts.when")},
		{Label: ui.T(ctx, "filter.store")},
		{Label: ui.T(ctx, "counts.variance"), Figure: true},
	}}
	costs := may(ctx, users.SeeReports)
	if costs {
		t.Columns = append(t.Columns, ui.Column{Label: ui.T(ctx, "counts.cost"), Figure: true})
	}
	t.Columns = append(t.Columns, ui.Column{Label: ui.T(ctx, "counts.state")}, ui.Column{Label: ui.T(ctx, "restock.lines"), Figure: true}, ui.Column{Label: ui.T(ctx, "receipts.who")})
	for _, c := range sessions {
		address := countAddress(c.Location, c.ID)
		cells := []ui.Cell{
			{Text: countWhen(ctx, c.From.In(w.zone(c.Location)), c.Until.In(w.zone(c.Location))), Href: address, Strong: true},
			{Text: w.short.of(c.Location)},
			{Text: signed(ctx, c.Variance), Href: address, Tone: varianceTone(int64(c.Variance))},
		}
		if costs {
			cells = append(cells, ui.Cell{Text: ui.Money(ctx, c.Cost), Href: address, Strong: true, Tone: varianceTone(int64(c.Cost))})
		}
		state := finality(ctx, c.Missing, c.Awaits, w)
		if !c.Done && !c.Missing && len(c.Awaits) == 0 {
			state = cell{value: ui.T(ctx, "counts.going_on"), icon: ui.IconRunning}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: append(cells,
			state.shown(ctx),
			ui.Cell{Text: ui.Number(ctx, int64(c.Products)), Href: address},
			ui.Cell{Text: nameIn(w.people, c.By)},
		)})
	}
	return t
}

func countAddress(store, session uuid.UUID) string {
	return "/stock/counts/" + store.String() + "/" + session.String()
}

// countWhen is the day of a session and its times.
func countWhen(ctx context.Context, from, until time.Time) string {
	text := ui.DateTime(ctx, from)
	switch {
	case retail.DateOf(from) != retail.DateOf(until):
		return text + " – " + ui.DateTime(ctx, until)
	case ui.TimeOfDay(from) != ui.TimeOfDay(until):
		return text + " – " + ui.TimeOfDay(until)
	}
	return text
}

// varianceTone is that of what is missing, or too much.
func varianceTone(of int64) ui.Tone {
	switch {
	case of < 0:
		return ui.ToneBad
	case of > 0:
		return ui.ToneWarn
	}
	return ui.ToneNone
}

// signed writes a change of stock.
func signed(ctx context.Context, q money.Quantity) string {
	if q > 0 {
		return "+" + ui.Quantity(ctx, q)
	}
	return ui.Quantity(ctx, q)
}

// finality is how final what was counted is, and what it waits for.
func finality(ctx context.Context, missing bool, awaits []uuid.UUID, w countWorld) cell {
	switch {
	case missing:
		return cell{value: ui.T(ctx, "counts.provisional"), below: ui.T(ctx, "counts.missing"), href: link(ctx, "/journal"), icon: ui.IconPending, tone: ui.ToneWarn}
	case len(awaits) > 0:
		waits := w.tills.of(awaits[0])
		below := ui.T(ctx, "counts.awaits", "Till", waits)
		if more := len(awaits) - 1; more > 0 {
			below = ui.T(ctx, "counts.awaits_n", "Till", waits, "Count", more)
		}
		return cell{value: ui.T(ctx, "counts.provisional"), below: below, icon: ui.IconClock, tone: ui.ToneWarn}
	}
	return cell{value: ui.T(ctx, "counts.final"), icon: ui.IconOK, tone: ui.ToneOK}
}

// doubtfulTable is what may have happened before a count or after it.
func doubtfulTable(ctx context.Context, counts []intake.Counted, w countWorld) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "counts.doubtful"), Columns: []ui.Column{
		{Label: ui.T(ctx, "stock.product")},
		{Label: ui.T(ctx, "counts.counted_at")},
		{Label: ui.T(ctx, "journal.what")},
		{Label: ui.T(ctx, "counts.happened")},
		{Label: ui.T(ctx, "counts.change"), Figure: true},
		{Label: ui.T(ctx, "counts.taken_as")},
		{Label: ui.T(ctx, "tills.till")},
		{Label: ui.T(ctx, "journal.entry")},
	}}
	for _, c := range counts {
		zone := w.zone(c.Location)
		for _, m := range c.Doubtful {
			taken := ui.T(ctx, "counts.before")
			if m.Happened().After(c.Happened()) {
				taken = ui.T(ctx, "counts.after")
			}
			entry, till := ui.Cell{Text: dash}, ui.Cell{Text: dash}
			if m.Seq > 0 {
				entry = ui.Cell{Text: fmt.Sprintf("%d.%d", m.Epoch, m.Seq), Href: link(ctx, entryAddress(m.Till, m.Epoch, m.Seq))}
				till.Text = w.tills.of(m.Till)
			}
			t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
				w.product(ctx, c.Product),
				{Text: spanWords(ctx, c.Span, zone)},
				{Text: movementWord(ctx, m.Reason)},
				{Text: spanWords(ctx, m.Span, zone)},
				{Text: signed(ctx, m.Quantity), Strong: true},
				{Text: taken},
				till, entry,
			}})
		}
	}
	return t
}

// spanWords is between which moments something happened; a moment alone when that is known to the second.
func spanWords(ctx context.Context, s intake.Span, zone *time.Location) string {
	from, until := s.From.In(zone), s.Until.In(zone)
	switch {
	case s.From.IsZero():
		return ui.T(ctx, "counts.until", "Until", ui.ShortDate(ctx, until)+" "+ui.Clock(until))
	case s.Until.Sub(s.From) < time.Second:
		return ui.ShortDate(ctx, from) + " " + ui.Clock(from)
	case retail.DateOf(from) == retail.DateOf(until):
		return ui.ShortDate(ctx, from) + " " + ui.T(ctx, "counts.between", "From", ui.Clock(from), "Until", ui.Clock(until))
	}
	return ui.T(ctx, "counts.between", "From", ui.ShortDate(ctx, from)+" "+ui.Clock(from), "Until", ui.ShortDate(ctx, until)+" "+ui.Clock(until))
}
