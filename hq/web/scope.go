package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/shared/retail"
)

// stores are those that the person sees.
func (s *site) stores(ctx context.Context) ([]retail.Location, error) {
	all, err := stock.Stores(ctx, s.DB)
	return slices.DeleteFunc(all, func(l retail.Location) bool { return !sees(ctx, l.ID) }), err
}

// sellers are the places of which the person sees what they sold: stores, and warehouses that shipped for the shop.
func (s *site) sellers(ctx context.Context) ([]retail.Location, error) {
	all, err := sales.Sellers(ctx, s.DB)
	return slices.DeleteFunc(all, func(l retail.Location) bool { return !sees(ctx, l.ID) }), err
}

// within are the stores that the person sees, for what is narrowed to stores; nil for all.
func within(ctx context.Context) []uuid.UUID {
	if person := personOf(ctx); !person.Everywhere() {
		return person.Stores
	}
	return nil
}

// sees tells whether the person sees what happens at a store.
func sees(ctx context.Context, store uuid.UUID) bool { return personOf(ctx).Sees(store) }

// seen keeps what happens at a store that the person sees, or at a warehouse, which everybody does.
func (s *site) seen(ctx context.Context) (func(location uuid.UUID) bool, error) {
	warehouses, err := stock.Warehouses(ctx, s.DB)
	return func(location uuid.UUID) bool {
		return sees(ctx, location) || slices.ContainsFunc(warehouses, func(l retail.Location) bool { return l.ID == location })
	}, err
}

// elsewhere tells whether a request names a store that the person does not see.
func elsewhere(r *http.Request) bool {
	named := []string{r.PathValue("store"), r.FormValue("store")}
	for _, list := range r.Form["store"] {
		named = append(named, strings.Split(list, ",")...)
	}
	for _, text := range named {
		if id, err := uuid.Parse(text); err == nil && !sees(r.Context(), id) {
			return true
		}
	}
	return false
}
