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

// countsShown is how many of the newest lines of counts the page lists.
const countsShown = 200

// countsPage is what was counted, and what may have been on the other side of a count.
type countsPage struct {
	lines, doubtful ui.Table
	more            bool
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
	stores, err := s.stores(ctx)
	if err != nil {
		return err
	}
	ids := make([]uuid.UUID, len(stores))
	for i, l := range stores {
		ids[i] = l.ID
	}
	counts, err := s.Journal.Counts(ctx, ids, countsShown+1)
	if err != nil {
		return err
	}
	p := countsPage{more: len(counts) > countsShown}
	counts = counts[:min(len(counts), countsShown)]
	world, err := s.countWorld(ctx, counts)
	if err != nil {
		return err
	}
	p.lines, p.doubtful = s.countTable(ctx, counts, world), doubtfulTable(ctx, counts, world)
	return s.show(w, r, view{title: ui.T(ctx, "counts.title"), subtitle: ui.T(ctx, "counts.subtitle"), live: []string{eventStock, eventTills}}, countsContent(p))
}

func (s *site) countWorld(ctx context.Context, counts []intake.Counted) (countWorld, error) {
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
	var people, products []uuid.UUID
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
func (s *site) countTable(ctx context.Context, counts []intake.Counted, w countWorld) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "counts.title"), Columns: []ui.Column{
		{Label: ui.T(ctx, "stock.product")},
		{Label: ui.T(ctx, "counts.variance"), Figure: true},
		{Label: ui.T(ctx, "counts.state")},
		{Label: ui.T(ctx, "counts.counted"), Figure: true},
		{Label: ui.T(ctx, "counts.expected"), Figure: true},
		{Label: ui.T(ctx, "counts.when")},
		{Label: ui.T(ctx, "filter.store")},
		{Label: ui.T(ctx, "receipts.who")},
	}}
	for _, c := range counts {
		who := w.people[c.By]
		if who == "" {
			who = dash
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			w.product(ctx, c.Product),
			varianceCell(ctx, c),
			countState(ctx, c, w),
			{Text: ui.Quantity(ctx, c.Quantity), Strong: true},
			{Text: ui.Quantity(ctx, c.Quantity-c.Variance)},
			{Text: s.shortMoment(ctx, c.At.In(w.zone(c.Location)))},
			{Text: w.short.of(c.Location), Sub: w.tills.of(c.Till)},
			{Text: who},
		}})
	}
	return t
}

func varianceCell(ctx context.Context, c intake.Counted) ui.Cell {
	cell := ui.Cell{Text: signed(ctx, c.Variance), Strong: true}
	switch {
	case c.Variance < 0:
		cell.Tone = ui.ToneBad
	case c.Variance > 0:
		cell.Tone = ui.ToneWarn
	default:
		cell.Text, cell.Strong = dash, false
	}
	return cell
}

// signed writes a change of stock.
func signed(ctx context.Context, q money.Quantity) string {
	if q > 0 {
		return "+" + ui.Quantity(ctx, q)
	}
	return ui.Quantity(ctx, q)
}

// countState is how final a count is, and what it waits for.
func countState(ctx context.Context, c intake.Counted, w countWorld) ui.Cell {
	switch {
	case c.Missing:
		return ui.Cell{Text: ui.T(ctx, "counts.provisional"), Sub: ui.T(ctx, "counts.missing"), Href: link(ctx, "/journal"), Icon: ui.IconPending, Tone: ui.ToneWarn}
	case len(c.Awaits) > 0:
		waits := w.tills.of(c.Awaits[0])
		sub := ui.T(ctx, "counts.awaits", "Till", waits)
		if more := len(c.Awaits) - 1; more > 0 {
			sub = ui.T(ctx, "counts.awaits_n", "Till", waits, "Count", more)
		}
		return ui.Cell{Text: ui.T(ctx, "counts.provisional"), Sub: sub, Icon: ui.IconClock, Tone: ui.ToneWarn}
	case len(c.Doubtful) > 0:
		return ui.Cell{Text: ui.T(ctx, "counts.doubtful_n", "Count", len(c.Doubtful)), Href: "#doubtful", Icon: ui.IconExceptions, Tone: ui.ToneWarn}
	}
	return ui.Cell{Text: ui.T(ctx, "counts.final"), Icon: ui.IconOK, Tone: ui.ToneOK}
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
				{Text: movementWord(ctx, stock.Past{Movement: m.Movement})},
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
