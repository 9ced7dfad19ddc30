package web

import (
	"net/http"

	"github.com/google/uuid"

	"comptant/hq/sales"
	"comptant/hq/ui"
	"comptant/shared/retail"
)

// recentReceipts is how many a store's page shows.
const recentReceipts = 12

func (s *site) storeList(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	d, err := s.readDay(ctx, uuid.Nil, "")
	if err != nil {
		return err
	}
	v := view{title: ui.T(ctx, "place.stores"), subtitle: ui.LongDate(ctx, d.now), live: overviewEvents, tools: storeTools()}
	if len(d.stores) == 0 {
		return s.show(w, r, v, noStores())
	}
	v.subtitle = ui.T(ctx, "overview.against", "Day", d.before(ctx), "Count", sales.TrendDays)
	return s.show(w, r, v, storesContent(s.cards(ctx, d)))
}

// storePage is one store, deeper.
type storePage struct {
	overviewPage
	best     []ui.Rank
	tills    ui.Table
	shifts   ui.Table
	receipts ui.Table
	more     string // all receipts of today
}

func (s *site) store(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := idOf(r.PathValue("store"))
	if err != nil {
		return err
	}
	d, err := s.readDay(ctx, id, "")
	if err != nil {
		return err
	}
	store := d.stores[0]
	if store.Kind != retail.LocationStore {
		http.Redirect(w, r, "/stock", http.StatusSeeOther)
		return nil
	}
	ctx = d.paid.in(ctx, store)
	r = r.WithContext(ctx)
	p := storePage{overviewPage: overviewPage{
		kpis: d.kpis(ctx), bars: d.bars(ctx), remarks: d.remarks(ctx), noSales: d.noSales(),
	}}
	if p.alerts, err = s.attention(ctx, d); err != nil {
		return err
	}
	today := retail.DateOf(d.now)
	report, err := sales.ReadReport(ctx, s.DB, sales.Filter{Stores: d.stores, Period: sales.Period{From: today, To: today}})
	if err != nil {
		return err
	}
	if p.best, err = s.ranking(ctx, report.Best); err != nil {
		return err
	}
	p.tills = s.tillTable(ctx, d.tills, d.names, d.now.Location())
	if p.shifts, err = s.shiftTable(ctx, store, d.tills); err != nil {
		return err
	}
	page, err := sales.Receipts(ctx, s.DB, sales.ReceiptFilter{
		Stores: []uuid.UUID{id}, Period: sales.Period{From: today, To: today}, Limit: recentReceipts,
	})
	if err != nil {
		return err
	}
	if p.receipts, err = s.receiptTable(ctx, page.Receipts); err != nil {
		return err
	}
	p.more = "/receipts?" + period(sales.Period{From: today, To: today}, d.asked)
	return s.show(w, r, view{title: store.Name, subtitle: ui.LongDate(ctx, d.now), live: dayEvents(id)}, storeContent(p))
}
