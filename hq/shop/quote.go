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
	return s.quote(ctx, s.prices, at, lang, wanted)
}

// prices are what a quote is made from: those that are remembered, or those that a transaction reads.
type prices interface {
	InForce(ctx context.Context, store uuid.UUID, ids []uuid.UUID) (found map[uuid.UUID]catalog.Product, version uint64, err error)
	TaxRates(ctx context.Context) (retail.TaxTable, error)
}

// read are prices as they are read at a moment.
type read struct {
	q   querier
	now time.Time
}

// InForce is of prices.
func (r read) InForce(ctx context.Context, store uuid.UUID, ids []uuid.UUID) (map[uuid.UUID]catalog.Product, uint64, error) {
	return catalog.InForce(ctx, r.q, r.now, store, ids)
}

// TaxRates is of prices.
func (r read) TaxRates(ctx context.Context) (retail.TaxTable, error) {
	return catalog.TaxRates(ctx, r.q)
}

func (s *Shop) quote(ctx context.Context, from prices, at retail.Location, lang string, wanted []CartLine) (Quote, error) {
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
	if quote.Products, quote.Prices, err = from.InForce(ctx, at.ID, ids); err != nil {
		return Quote{}, err
	}
	all, err := from.TaxRates(ctx)
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
