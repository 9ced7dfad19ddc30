package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Level is what is of a product at a location.
type Level struct {
	Location   uuid.UUID      `json:"location" doc:"A store or a warehouse"`
	Product    uuid.UUID      `json:"product"`
	OnHand     money.Quantity `json:"on_hand" doc:"Thousandths; below zero the number is wrong, and not the sale"`
	InTransit  money.Quantity `json:"in_transit" doc:"Thousandths on the way there"`
	Reserved   money.Quantity `json:"reserved" doc:"Thousandths on hand that are promised to orders of the shop"`
	Available  money.Quantity `json:"available" doc:"Thousandths: on hand less reserved. What a store may have sold and not sent yet, which the shop leaves besides, is not taken off"`
	UnitCost   Money          `json:"unit_cost" doc:"Moving average of one unit"`
	ChangedAt  *time.Time     `json:"changed_at,omitempty" doc:"Absent where there never was any"`
	Alert      stock.Alert    `json:"alert,omitempty" enum:"negative,out,restock,over" doc:"What is wrong with it"`
	Thresholds Thresholds     `json:"thresholds"`
}

// Thresholds say when a level wants a person's eyes.
type Thresholds struct {
	RestockBelow money.Quantity `json:"restock_below" minimum:"0" maximum:"1000000000000" doc:"Thousandths; a store with less should ask for more"`
	OutBelow     money.Quantity `json:"out_below" minimum:"0" maximum:"1000000000000" doc:"Thousandths; with less it is as good as sold out"`
	OverAbove    money.Quantity `json:"over_above" minimum:"0" maximum:"1000000000000" doc:"Thousandths; a store with more has too much"`
}

// Movement is one signed change of stock.
type Movement struct {
	At       time.Time      `json:"at"`
	Document uuid.UUID      `json:"document" doc:"The shipment, the adjustment, the import, or the entry of a till's journal"`
	Line     int            `json:"line"`
	Reason   string         `json:"reason" enum:"opening,sold,back,shipped,arrived,bought,counted,adjusted"`
	Quantity money.Quantity `json:"quantity" doc:"Thousandths"`
	UnitCost Money          `json:"unit_cost"`
	Balance  money.Quantity `json:"balance" doc:"On hand after it, in thousandths"`
	Shipment string         `json:"shipment,omitempty" doc:"Code of the shipment that left or arrived"`
	Cause    string         `json:"cause,omitempty" doc:"Of an adjustment"`
	Note     string         `json:"note,omitempty" doc:"Of an adjustment"`
	By       *uuid.UUID     `json:"by,omitempty" doc:"Who adjusted it"`
}

var reasons = map[stock.Reason]string{
	stock.Opening: "opening", stock.Sold: "sold", stock.Back: "back", stock.Shipped: "shipped", stock.Arrived: "arrived",
	stock.Bought: "bought", stock.Counted: "counted", stock.Mended: "adjusted",
}

// AdjustmentBody is a level that is corrected by hand.
type AdjustmentBody struct {
	Location uuid.UUID       `json:"location"`
	Product  uuid.UUID       `json:"product"`
	Cause    string          `json:"cause" enum:"damaged,expired,lost,found,given,mistake"`
	Note     string          `json:"note,omitempty" maxLength:"500"`
	Change   *money.Quantity `json:"change,omitempty" doc:"By how much, in thousandths; either this or to"`
	To       *money.Quantity `json:"to,omitempty" minimum:"0" doc:"What is on hand after it, in thousandths; either this or change"`
}

// Adjustment is a level that was corrected by hand.
type Adjustment struct {
	ID     uuid.UUID      `json:"id"`
	Change money.Quantity `json:"change" doc:"By how much, in thousandths"`
	Level  Level          `json:"level" doc:"After it"`
}

func (s *site) stockOperations() {
	op := func(method, path, id, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{tagStock}}
	}
	add(s, users.ReadStock, op(http.MethodGet, "/warehouse/stock", "list-stock", "What is where"), s.listStock)
	add(s, users.ReadStock, op(http.MethodGet, "/warehouse/stock/{location}/{product}", "get-stock", "A product at a location"), s.getStock)
	add(s, users.ReadStock, op(http.MethodGet, "/warehouse/stock/{location}/{product}/movements", "list-movements", "What moved a product at a location, the newest first"), s.listMovements)
	add(s, users.WriteStock, op(http.MethodPut, "/warehouse/stock/{location}/{product}/thresholds", "put-thresholds", "Say when a level wants a person's eyes"), s.putThresholds)
	add(s, users.WriteStock, made(op(http.MethodPost, "/warehouse/stock/adjustments", "adjust-stock", "Correct a level by hand")), s.adjustStock)
}

// levelOf needs the locations, which say the currency.
func levelOf(all []retail.Location) func(stock.Holding) Level {
	currencies := map[uuid.UUID]string{}
	for _, l := range all {
		currencies[l.ID] = l.PaysIn()
	}
	return func(h stock.Holding) Level {
		l := Level{
			Location: h.Location, Product: h.Product, OnHand: h.OnHand, InTransit: h.InTransit, Reserved: h.Reserved, Available: h.Available(), Alert: h.Alert,
			UnitCost: Money{h.UnitCost, currencies[h.Location]}, Thresholds: Thresholds(h.Thresholds),
		}
		if !h.ChangedAt.IsZero() {
			l.ChangedAt = utc(&h.ChangedAt)
		}
		return l
	}
}

func (s *site) listStock(ctx context.Context, in *struct {
	Paging
	Location uuid.UUID   `query:"location" doc:"A store or a warehouse"`
	Product  uuid.UUID   `query:"product"`
	Alert    stock.Alert `query:"alert" enum:"negative,out,restock,over" doc:"Only levels with which this is wrong"`
},
) (*List[Level], error) {
	all, err := s.Places.All(ctx)
	if err != nil {
		return nil, err
	}
	page, err := stock.Levels(ctx, s.DB, stock.LevelFilter{
		Location: in.Location, Product: in.Product, Alert: in.Alert, After: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	return list(each(page.Levels, levelOf(all)), page.Next), nil
}

// LevelPath names a product at a location.
type LevelPath struct {
	Location uuid.UUID `path:"location" doc:"A store or a warehouse"`
	Product  uuid.UUID `path:"product"`
}

// level is what is of a product at a location, nothing where there never was any.
func level(ctx context.Context, tx *db.Tx, l retail.Location, product uuid.UUID) (Level, error) {
	h, found, err := stock.LevelAt(ctx, tx, l, product)
	if err != nil {
		return Level{}, err
	}
	return seen(ctx, tx, l, h, found)
}

// levelAt is level, of what many ask for at once.
func (s *site) levelAt(ctx context.Context, l retail.Location, product uuid.UUID) (Level, error) {
	h, found, err := s.levels.LevelAt(ctx, l, product)
	if err != nil {
		return Level{}, err
	}
	return seen(ctx, s.DB, l, h, found)
}

func seen(ctx context.Context, q catalog.Querier, l retail.Location, h stock.Holding, found bool) (Level, error) {
	if !found {
		h.Thresholds = stock.DefaultThresholds
		if _, err := catalog.Get(ctx, q, h.Product); err != nil {
			return Level{}, err
		}
	}
	return levelOf([]retail.Location{l})(h), nil
}

func (s *site) getStock(ctx context.Context, in *struct {
	IfChanged
	LevelPath
},
) (*One[Level], error) {
	at, err := s.location(ctx, in.Location)
	if err != nil {
		return nil, err
	}
	l, err := s.levelAt(ctx, at, in.Product)
	if err != nil {
		return nil, err
	}
	return ask(in.IfChanged, l)
}

func (s *site) listMovements(ctx context.Context, in *struct {
	Paging
	LevelPath
},
) (*List[Movement], error) {
	at, err := s.location(ctx, in.Location)
	if err != nil {
		return nil, err
	}
	l, err := s.levelAt(ctx, at, in.Product)
	if err != nil {
		return nil, err
	}
	page, err := stock.Movements(ctx, s.DB, stock.MovementFilter{
		Product: in.Product, Locations: []uuid.UUID{in.Location}, Before: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	return list(each(page.Movements, func(m stock.Past) Movement {
		made := Movement{
			At: m.At.UTC(), Document: m.Ref, Line: m.Line, Reason: reasons[m.Reason], Quantity: m.Quantity,
			UnitCost: Money{m.UnitCost, l.UnitCost.Currency}, Balance: m.Balance, Cause: m.Cause, Note: m.Note, By: m.By,
		}
		if m.Document != nil {
			made.Shipment = m.Document.Code
		}
		return made
	}), page.Next), nil
}

func (s *site) putThresholds(ctx context.Context, in *struct {
	LevelPath
	Body Thresholds
},
) (out *One[Level], err error) {
	err = s.deed(ctx, in, func(tx *db.Tx) error {
		at, err := stock.Location(ctx, tx, in.Location)
		if err != nil {
			return err
		}
		if _, err := level(ctx, tx, at, in.Product); err != nil {
			return err
		}
		set := stock.Threshold{Location: in.Location, Product: in.Product, Thresholds: stock.Thresholds(in.Body)}
		if err := stock.SetThresholds(ctx, tx, set); err != nil {
			return err
		}
		l, err := level(ctx, tx, at, in.Product)
		out = one(l)
		return err
	})
	return out, err
}

type adjustStockIn struct {
	Once
	Body AdjustmentBody
}

func (s *site) adjustStock(ctx context.Context, in *adjustStockIn) (*Made[Adjustment], error) {
	b := in.Body
	if (b.Change == nil) == (b.To == nil) {
		return nil, invalid("adjust.quantity")
	}
	return once(ctx, s, in, func(tx *db.Tx) (*Made[Adjustment], error) {
		if err := stocked(ctx, tx, b.Product); err != nil {
			return nil, err
		}
		id, err := uuid.NewV7()
		if err != nil {
			return nil, err
		}
		by, err := stock.Adjust(ctx, tx, stock.Adjustment{
			Location: b.Location, ID: id, Product: b.Product, By: tokenOf(ctx).ID, At: s.Now(),
			Cause: b.Cause, Note: b.Note, Change: b.Change, To: b.To,
		})
		if err != nil {
			return nil, err
		}
		at, err := stock.Location(ctx, tx, b.Location)
		if err != nil {
			return nil, err
		}
		l, err := level(ctx, tx, at, b.Product)
		return &Made[Adjustment]{Root + "/warehouse/stock/" + b.Location.String() + "/" + b.Product.String() + "/movements", Adjustment{id, by, l}}, err
	})
}

// stocked refuses products that do not exist, or hold no stock.
func stocked(ctx context.Context, q catalog.Querier, ids ...uuid.UUID) error {
	found, err := catalog.ByID(ctx, q, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		p, ok := found[id]
		switch {
		case !ok:
			return invalid("product.unknown", "code", id)
		case p.MadeHere:
			return invalid("product.made_here", "sku", p.SKU)
		}
	}
	return nil
}
