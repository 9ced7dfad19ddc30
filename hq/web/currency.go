package web

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/shared/retail"
)

// currencies are the symbols there are, by code.
type currencies map[string]string

func (s *site) currencies(ctx context.Context) (currencies, error) {
	all, err := catalog.Currencies(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	symbols := currencies{}
	for _, c := range append(retail.Currencies(), all...) {
		symbols[c.Code] = c.Symbol
	}
	return symbols, nil
}

// in is a context in which amounts are written as a location pays.
func (c currencies) in(ctx context.Context, l retail.Location) context.Context {
	return c.coded(ctx, l.PaysIn())
}

// coded is a context in which amounts are written in a currency.
func (c currencies) coded(ctx context.Context, code string) context.Context {
	return ui.WithCurrency(ctx, ui.Currency{Code: code, Symbol: cmp.Or(c[code], code)})
}

// of gives for a store the context in which amounts are written as it pays.
func (c currencies) of(ctx context.Context, stores []retail.Location) func(store uuid.UUID) context.Context {
	return func(store uuid.UUID) context.Context {
		for _, l := range stores {
			if l.ID == store {
				return c.in(ctx, l)
			}
		}
		return ctx
	}
}

// paidIn is a context for the amounts of stores that all pay in one currency.
func (s *site) paidIn(ctx context.Context, stores []retail.Location) (context.Context, error) {
	if len(stores) == 0 {
		return ctx, nil
	}
	c, err := s.currencies(ctx)
	return c.in(ctx, stores[0]), err
}

// priced is a context for the prices of the catalogue, which all stores have: they are written as the first store pays.
func (s *site) priced(ctx context.Context) (context.Context, error) {
	stores, err := stock.Stores(ctx, s.DB)
	if err != nil {
		return ctx, err
	}
	return s.paidIn(ctx, stores)
}

// chooseStores gives the stores that a page's address means: those whose ids it lists, or all. Amounts in different currencies are never
// added up: where stores pay in several, all means those of one currency, whose code the address says, and of those listed only what pays as
// the first are meant. The second result says it again.
func chooseStores(all []retail.Location, asked string) ([]retail.Location, string) {
	var chosen []retail.Location
	var ids []string
	for _, l := range all {
		if strings.Contains(asked, l.ID.String()) && (chosen == nil || l.PaysIn() == chosen[0].PaysIn()) {
			chosen, ids = append(chosen, l), append(ids, l.ID.String())
		}
	}
	if chosen != nil {
		return chosen, strings.Join(ids, ",")
	}
	codes := retail.PaidIn(all)
	if len(codes) < 2 {
		return all, ""
	}
	code := codes[max(0, slices.Index(codes, asked))]
	return retail.PayingIn(all, code), code
}

// idsText lists stores, as chooseStores reads it.
func idsText(stores []retail.Location) string {
	ids := make([]string, len(stores))
	for i, l := range stores {
		ids[i] = l.ID.String()
	}
	return strings.Join(ids, ",")
}

// storeChoices are all stores, those of each currency where there are several, and each alone.
func storeChoices(ctx context.Context, all []retail.Location, chosen string) []ui.Option {
	options := []ui.Option{{Label: ui.T(ctx, "filter.all_stores")}}
	if codes := retail.PaidIn(all); len(codes) > 1 {
		options = nil
		for _, code := range codes {
			options = append(options, ui.Option{Value: code, Label: ui.T(ctx, "filter.all_stores_in", "Currency", code), Selected: code == chosen})
		}
	}
	return append(options, storeOptions(all, chosen)...)
}
