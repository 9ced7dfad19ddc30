package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Value is what is on hand at its average cost.
type Value struct {
	OnHand  money.Quantity `json:"on_hand" doc:"Thousandths"`
	Cost    Money          `json:"cost"`
	Unknown int64          `json:"unknown" doc:"How many products have something on hand of which nobody knows the cost: they count for nothing"`
}

// LocationValue is the value of all that is at a location.
type LocationValue struct {
	Location uuid.UUID `json:"location"`
	Value
}

// ProductValue is the value of a product at a location.
type ProductValue struct {
	Product uuid.UUID `json:"product"`
	Value
}

// Shrinkage is what was found missing or too much of a product at a location, for one cause.
type Shrinkage struct {
	Location uuid.UUID      `json:"location"`
	Product  uuid.UUID      `json:"product"`
	Cause    string         `json:"cause" enum:"counted,damaged,expired,lost,found,given,mistake" doc:"counted is what a count found; the others are of adjustments"`
	Quantity money.Quantity `json:"quantity" doc:"Thousandths; below 0 for what is missing"`
	Cost     Money          `json:"cost" doc:"Of quantity; below 0 for what is missing"`
	Missing  Money          `json:"missing" doc:"The part of cost below 0"`
	Extra    Money          `json:"extra" doc:"The part of cost above 0"`
}

// Unsold is a product that lies at a location and is not sold there.
type Unsold struct {
	Location uuid.UUID `json:"location"`
	Product  uuid.UUID `json:"product"`
	Value
	CameAt *time.Time `json:"came_at,omitempty" doc:"When some of it last came; absent when nobody knows"`
}

func (s *site) worthOperations() {
	op := func(path, id, summary string) huma.Operation {
		return huma.Operation{Method: http.MethodGet, Path: path, OperationID: id, Summary: summary, Tags: []string{tagStock}}
	}
	add(s, users.ReadStock, op("/warehouse/stock/values", "list-values", "What is on hand at average cost, by location"), s.listValues)
	add(s, users.ReadStock, op("/warehouse/stock/values/{location}", "list-product-values", "What is on hand at a location at average cost, the most valuable first"), s.listProductValues)
	add(s, users.ReadStock, op("/warehouse/stock/shrinkage", "list-shrinkage", "What counts and people found missing or too much, at cost"), s.listShrinkage)
	add(s, users.ReadStock, op("/warehouse/stock/unsold", "list-unsold", "What lies and is not sold"), s.listUnsold)
	add(s, users.ReadStock, op("/warehouse/alerts", "list-alerts", "How many levels of each location want a person's eyes"), s.listAlerts)
	add(s, users.ReadStock, op("/warehouse/cover/{store}", "list-cover", "How long what a store has lasts, and what to ask for"), s.listCover)
	add(s, users.ReadStock, op("/warehouse/counts", "list-counts", "What was counted and how far it was off, the newest first"), s.listCounts)
}

// payIn makes amounts money of the location's currency.
func payIn(l retail.Location) func(money.Amount) Money {
	return func(a money.Amount) Money { return Money{a, l.PaysIn()} }
}

func valueOf(l retail.Location, v stock.Value) Value {
	return Value{v.OnHand, payIn(l)(v.Cost), v.Unknown}
}

// located are the location that is asked for, or all of them where it is zero.
func (s *site) located(ctx context.Context, location uuid.UUID) (ids []uuid.UUID, all []retail.Location, by map[uuid.UUID]retail.Location, err error) {
	if location == uuid.Nil {
		all, err = stock.Locations(ctx, s.DB)
	} else {
		var l retail.Location
		l, err = stock.Location(ctx, s.DB, location)
		all = []retail.Location{l}
	}
	by = map[uuid.UUID]retail.Location{}
	for _, l := range all {
		ids, by[l.ID] = append(ids, l.ID), l
	}
	return ids, all, by, err
}

func (s *site) listValues(ctx context.Context, in *struct{ Paging }) (*List[LocationValue], error) {
	ids, _, by, err := s.located(ctx, uuid.Nil)
	if err != nil {
		return nil, err
	}
	found, err := stock.Valuation(ctx, s.DB, ids, nil, nil)
	if err != nil {
		return nil, err
	}
	values := each(found, func(v stock.GroupValue) LocationValue {
		return LocationValue{v.Location, valueOf(by[v.Location], v.Value)}
	})
	return cut(values, in.Paging, func(v LocationValue) string { return v.Location.String() })
}

func (s *site) listProductValues(ctx context.Context, in *struct {
	Paging
	Location uuid.UUID `path:"location" doc:"A store or a warehouse"`
},
) (*List[ProductValue], error) {
	ids, all, _, err := s.located(ctx, in.Location)
	if err != nil {
		return nil, err
	}
	found, err := stock.ValuationByProduct(ctx, s.DB, ids, nil)
	if err != nil {
		return nil, err
	}
	values := each(found, func(v stock.ProductValue) ProductValue { return ProductValue{v.Product, valueOf(all[0], v.Value)} })
	return cut(values, in.Paging, func(v ProductValue) string { return v.Product.String() })
}

func (s *site) listShrinkage(ctx context.Context, asked *struct {
	Paging
	Location uuid.UUID `query:"location" doc:"A store or a warehouse; all when it is not said"`
	From     string    `query:"from" format:"date" doc:"First day, in the time of each location; today when it is not said"`
	To       string    `query:"to" format:"date" doc:"Last day; that of from, or today, when it is not said"`
},
) (*List[Shrinkage], error) {
	_, all, by, err := s.located(ctx, asked.Location)
	if err != nil {
		return nil, err
	}
	today := func() retail.Date { return s.today(all) }
	from, err := day(asked.From, today)
	if err != nil {
		return nil, err
	}
	to, err := day(asked.To, func() retail.Date { return max(from, today()) })
	if err != nil {
		return nil, err
	}
	var spans []stock.Span
	for _, l := range all {
		zone, err := time.LoadLocation(l.Zone)
		if err != nil {
			return nil, err
		}
		spans = append(spans, stock.Span{Location: l.ID, From: from.Time(zone), To: to.Time(zone).AddDate(0, 0, 1)})
	}
	found, err := stock.ListShrinkage(ctx, s.DB, spans)
	if err != nil {
		return nil, err
	}
	shown := each(found, func(v stock.Shrinkage) Shrinkage {
		cost := payIn(by[v.Location])
		return Shrinkage{v.Location, v.Product, v.Cause, v.Quantity, cost(v.Cost), cost(v.Missing), cost(v.Extra)}
	})
	return cut(shown, asked.Paging, func(v Shrinkage) string { return v.Location.String() + v.Product.String() + v.Cause })
}

func (s *site) listUnsold(ctx context.Context, in *struct {
	Paging
	Location uuid.UUID `query:"location" doc:"A store or a warehouse; all when it is not said. At a warehouse it is what no store sells"`
	Days     int       `query:"days" minimum:"1" maximum:"3650" default:"90" doc:"For how many days nobody bought it. What came since is left out"`
},
) (*List[Unsold], error) {
	_, all, by, err := s.located(ctx, in.Location)
	if err != nil {
		return nil, err
	}
	stores, err := stock.Stores(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	found, err := sales.Unsold(ctx, s.DB, all, stores, retail.DateOf(s.today(all).Time(time.UTC).AddDate(0, 0, -in.Days)))
	if err != nil {
		return nil, err
	}
	shown := each(found, func(u stock.Unsold) Unsold {
		return Unsold{u.Location, u.Product, valueOf(by[u.Location], u.Value), utc(u.Came)}
	})
	return cut(shown, in.Paging, func(u Unsold) string { return u.Location.String() + u.Product.String() })
}
