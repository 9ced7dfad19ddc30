package web

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/shared/money"
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
	best []ui.Rank
	// worst are what the store holds and sold the least of lately.
	worst, categories []ui.Rank
	tills             ui.Table
	shifts            ui.Table
	receipts          ui.Table
	more              string // all receipts of today
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
	if p.best, err = s.ranking(ctx, d.filter(), report.Best); err != nil {
		return err
	}
	if p.categories, err = s.categoryRanks(ctx, d.filter()); err != nil {
		return err
	}
	if p.worst, err = s.worstSellers(ctx, d.filter().on(retail.DateOf(d.now.AddDate(0, 0, 1-sales.TrendDays)), today)); err != nil {
		return err
	}
	behind, err := s.behind(ctx)
	if err != nil {
		return err
	}
	p.tills = s.tillTable(r, d.tills, d.names, d.now.Location(), behind)
	if p.shifts, err = s.shiftTable(ctx, store, d.tills); err != nil {
		return err
	}
	page, err := sales.Receipts(ctx, s.DB, sales.ReceiptFilter{
		Stores: []uuid.UUID{id}, Period: sales.Period{From: today, To: today}, Limit: recentReceipts,
	})
	if err != nil {
		return err
	}
	if p.receipts, err = s.receiptTable(ctx, page.Receipts, receiptColumns(ctx, sales.ReceiptFilter{}, "", d.figures.All.Now)); err != nil {
		return err
	}
	p.more = "/receipts?" + period(sales.Period{From: today, To: today}, d.asked)
	return s.show(w, r, view{title: store.Name, parent: "/stores", subtitle: ui.LongDate(ctx, d.now), live: dayEvents(id)}, storeContent(p))
}

// categoryRanks are what was sold of each category, the most first.
func (s *site) categoryRanks(ctx context.Context, f reportFilter) ([]ui.Rank, error) {
	cut := sales.Cut{Stores: f.ids(), Period: f.Period}
	var err error
	if cut.CategoryOf, err = catalog.CategoryOf(ctx, s.DB); err != nil {
		return nil, err
	}
	sold, err := sales.Breakdown(ctx, s.DB, cut, sales.EachCategory)
	if err != nil {
		return nil, err
	}
	g, err := s.goods(ctx, s.DB, nil)
	if err != nil {
		return nil, err
	}
	var ranks []ui.Rank
	for _, v := range sold {
		rank := ui.Rank{Label: cmp.Or(g.categories[v.ID], dash), Text: ui.Money(ctx, v.Revenue), Value: int64(v.Revenue), Series: 2}
		if v.ID != uuid.Nil {
			rank.Href = f.receipts("category", v.ID.String())
		}
		ranks = append(ranks, rank)
	}
	return ranks, nil
}

// worstSellers are what a store holds and sold the least of; of those that sold alike, what it holds the most of.
func (s *site) worstSellers(ctx context.Context, f reportFilter) ([]ui.Rank, error) {
	held, err := stock.Held(ctx, s.DB, f.ids())
	if err != nil {
		return nil, err
	}
	sold, err := sales.ByProduct(ctx, s.DB, f.ids(), f.Period)
	if err != nil {
		return nil, err
	}
	revenue := map[uuid.UUID]money.Amount{}
	for _, p := range sold {
		revenue[p.Product] = p.Revenue
	}
	worst := []uuid.UUID{}
	for id, left := range held {
		if left > 0 {
			worst = append(worst, id)
		}
	}
	slices.SortFunc(worst, func(a, b uuid.UUID) int {
		return cmp.Or(cmp.Compare(revenue[a], revenue[b]), cmp.Compare(held[b], held[a]), bytes.Compare(a[:], b[:]))
	})
	worst = worst[:min(len(worst), bestShown)]
	products, err := catalog.ByID(ctx, s.DB, worst)
	if err != nil {
		return nil, err
	}
	ranks := make([]ui.Rank, len(worst))
	for i, id := range worst {
		ranks[i] = ui.Rank{
			Label: language(ctx, products[id].Name), Text: ui.Money(ctx, revenue[id]), Value: int64(revenue[id]), Series: 1,
			Note: ui.T(ctx, "report.left", "Quantity", ui.Quantity(ctx, held[id])), Href: f.receipts("product", id.String()),
		}
	}
	return ranks, nil
}
