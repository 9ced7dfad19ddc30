package web

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// coverFilters are the choices by days of cover: stores that run out before more can come, and those that hold too much.
var coverFilters = []struct {
	name, word string
	days       int
	more       bool
	icon       ui.Icon
	tone       ui.Tone
}{
	{"short", "stock.cover_short", retail.LeadDays, false, ui.IconDown, ui.ToneWarn},
	{"long", "stock.cover_long", retail.LongCoverDays, true, ui.IconUp, ui.ToneMuted},
}

// coveredProducts are those that the chosen filter by days of cover takes; ok is false when none is chosen. What nobody buys has no days of
// cover: it is dead stock.
func (s *site) coveredProducts(r *http.Request) (products []uuid.UUID, ok bool, err error) {
	ctx := r.Context()
	for _, f := range coverFilters {
		if f.name != r.FormValue("cover") {
			continue
		}
		rates, err := s.rates(ctx, nil)
		if err != nil {
			return nil, true, err
		}
		var flat []stock.Rate
		for store, of := range rates {
			for product, rate := range of {
				flat = append(flat, stock.Rate{Location: store, Product: product, PerDay: rate})
			}
		}
		found, err := stock.Covered(ctx, s.DB, flat, f.days, f.more)
		return append([]uuid.UUID{}, found...), true, err
	}
	return nil, false, nil
}

// rates are those of the stores that the person sees; of all products when none is named.
func (s *site) rates(ctx context.Context, products []uuid.UUID) (sales.Rates, error) {
	stores, err := s.stores(ctx)
	if err != nil {
		return nil, err
	}
	ids := idsOf(stores)
	return sales.PerDay(ctx, s.DB, ids, products, retail.DateOf(s.Now().In(zoneOf(stores))))
}

// coverWords is how many days a level lasts, "12 j"; nothing where nothing is sold.
func coverWords(ctx context.Context, onHand, perDay money.Quantity) string {
	if perDay <= 0 {
		return ""
	}
	return ui.T(ctx, "stock.cover_days", "Days", ui.Number(ctx, int64(max(onHand, 0)/perDay)))
}

func coverSegments(r *http.Request) []ui.Segment {
	var segments []ui.Segment
	for _, f := range coverFilters {
		chosen := r.FormValue("cover") == f.name
		segments = append(segments, ui.Segment{
			Label: ui.T(r.Context(), f.word, "Days", ui.Number(r.Context(), int64(f.days))), Icon: f.icon, Tone: f.tone, Current: chosen,
			Href: with(r, "cover", f.name, "alert", "", "product", "", "at", ""),
		})
	}
	return segments
}
