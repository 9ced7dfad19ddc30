package shop

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/shared/retail"
)

// Quote is what a cart comes to at a location, on its day there. Lines and totals are those of a till's ticket.
type Quote struct {
	Day      retail.Date
	Currency string
	// Prices is the version of prices.
	Prices uint64
	Lines  []retail.Line
	retail.Totals
	// Products are those of the lines. Withdrawn are those of the cart that the shop sells no more: no line has them.
	Products  map[uuid.UUID]catalog.Product
	Withdrawn []catalog.Product
}

// Quote works out what products come to at a location, named in lang. A quantity that is not a whole number of 1 or more is
// refused, and so is a product that never was.
func (s *Shop) Quote(ctx context.Context, at retail.Location, lang string, wanted []CartLine) (Quote, error) {
	return s.quote(ctx, s.db, at, lang, wanted)
}

func (s *Shop) quote(ctx context.Context, q querier, at retail.Location, lang string, wanted []CartLine) (Quote, error) {
	zone, err := time.LoadLocation(at.Zone)
	if err != nil {
		return Quote{}, fmt.Errorf("quote at %s: %w", at.Code, err)
	}
	now := s.now()
	quote := Quote{Day: retail.DateOf(now.In(zone)), Currency: cmp.Or(at.Currency, retail.DefaultCurrency)}
	ids := make([]uuid.UUID, len(wanted))
	for i, l := range wanted {
		if err := checkQuantity(l.Quantity); err != nil {
			return Quote{}, err
		}
		ids[i] = l.Product
	}
	if quote.Products, quote.Prices, err = catalog.InForce(ctx, q, now, at.ID, ids); err != nil {
		return Quote{}, err
	}
	all, err := catalog.TaxRates(ctx, q)
	if err != nil {
		return Quote{}, err
	}
	rates := all.On(quote.Day)
	for _, l := range wanted {
		p, ok := quote.Products[l.Product]
		if !ok {
			return Quote{}, &retail.Error{Code: retail.NotFound, Key: "product.unknown", Args: map[string]any{"code": l.Product}}
		}
		if !Sold(p) {
			quote.Withdrawn = append(quote.Withdrawn, p)
			continue
		}
		quote.Lines = append(quote.Lines, retail.NewLine(p.Product, l.Quantity, lang))
	}
	quote.Lines = retail.Compose(quote.Lines, retail.Discount{}, rates)
	quote.Totals = retail.Total(quote.Lines, rates)
	return quote, nil
}
