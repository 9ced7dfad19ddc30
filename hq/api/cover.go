package api

import (
	"context"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Cover is how long what a store has of a product lasts, and what to ask the warehouse for.
type Cover struct {
	Product   uuid.UUID      `json:"product"`
	PerDay    money.Quantity `json:"per_day" doc:"Thousandths that the store sells a day, by its last weeks"`
	OnHand    money.Quantity `json:"on_hand" doc:"Thousandths"`
	InTransit money.Quantity `json:"in_transit" doc:"Thousandths on the way there"`
	Days      *int64         `json:"days,omitempty" doc:"How many days it lasts; absent for what nobody buys"`
	Alert     stock.Alert    `json:"alert,omitempty" enum:"negative,out,restock,over" doc:"What is wrong with its level"`
	Suggested money.Quantity `json:"suggested" doc:"Thousandths to ask for, in whole packs; 0 of what is made at the store or sold no more"`
}

// AlertCount is how many levels of a location have one alert.
type AlertCount struct {
	Location uuid.UUID      `json:"location"`
	Alert    stock.Alert    `json:"alert" enum:"negative,out,restock,over"`
	Levels   int            `json:"levels" doc:"How many have it; the list of stock with this location and alert has them"`
	Worst    uuid.UUID      `json:"worst" doc:"The product with the worst"`
	OnHand   money.Quantity `json:"on_hand" doc:"Thousandths of the worst"`
}

func (s *site) listAlerts(ctx context.Context, in *struct {
	Paging
	Location uuid.UUID `query:"location" doc:"A store or a warehouse; all when it is not said"`
},
) (*List[AlertCount], error) {
	all, err := stock.Alerts(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	shown := []AlertCount{}
	for _, a := range all {
		if in.Location == uuid.Nil || a.Location == in.Location {
			shown = append(shown, AlertCount{a.Location, a.Alert, a.Count, a.Product, a.OnHand})
		}
	}
	return cut(shown, in.Paging, func(a AlertCount) string { return a.Location.String() + string(a.Alert) })
}

func (s *site) listCover(ctx context.Context, in *struct {
	Paging
	Store uuid.UUID   `path:"store"`
	Alert stock.Alert `query:"alert" enum:"negative,out,restock,over" doc:"Only levels with which this is wrong"`
},
) (*List[Cover], error) {
	store, err := isStore(s.location(ctx, in.Store))
	if err != nil {
		return nil, err
	}
	page, err := stock.Levels(ctx, s.DB, stock.LevelFilter{Location: store.ID, Alert: in.Alert, After: in.Cursor, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	ids := each(page.Levels, func(h stock.Holding) uuid.UUID { return h.Product })
	rates, err := sales.PerDay(ctx, s.DB, []uuid.UUID{store.ID}, ids, s.today([]retail.Location{store}))
	if err != nil {
		return nil, err
	}
	products, err := catalog.ByID(ctx, s.DB, ids)
	if err != nil {
		return nil, err
	}
	return list(each(page.Levels, func(h stock.Holding) Cover {
		c := Cover{Product: h.Product, PerDay: rates[store.ID][h.Product], OnHand: h.OnHand, InTransit: h.InTransit, Alert: h.Alert}
		if c.PerDay > 0 {
			c.Days = new(int64(max(h.OnHand, 0) / c.PerDay))
		}
		if p := products[h.Product]; !p.MadeHere && p.RetiredAt == nil {
			c.Suggested = retail.Suggest(c.PerDay, h.OnHand, h.InTransit, p.Pack).Quantity
		}
		return c
	}), page.Next), nil
}
