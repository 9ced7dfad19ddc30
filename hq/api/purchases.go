package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/shared/money"
)

// Purchase is goods from a supplier, and what has come of them.
type Purchase struct {
	ID        uuid.UUID      `json:"id"`
	Code      string         `json:"code" example:"ACH-0012"`
	Warehouse uuid.UUID      `json:"warehouse"`
	Supplier  string         `json:"supplier"`
	Reference string         `json:"reference,omitempty" doc:"The supplier's"`
	State     string         `json:"state" enum:"expected,part,received,closed"`
	MadeAt    time.Time      `json:"made_at"`
	MadeBy    uuid.UUID      `json:"made_by" doc:"A person, or the token of a program"`
	ClosedAt  *time.Time     `json:"closed_at,omitempty" doc:"Since when nothing more is expected"`
	Lines     []PurchaseLine `json:"lines"`
	// Deliveries are the oldest first.
	Deliveries []Delivery `json:"deliveries" doc:"What came, the oldest first"`
}

// PurchaseLine is one product of a purchase.
type PurchaseLine struct {
	Product  uuid.UUID      `json:"product"`
	Ordered  money.Quantity `json:"ordered" doc:"Thousandths; 0 for what came without having been ordered"`
	Received money.Quantity `json:"received" doc:"Thousandths, less what was taken back"`
	UnitCost Money          `json:"unit_cost"`
}

// Delivery is what came of a purchase at once, or took back another.
type Delivery struct {
	ID         uuid.UUID   `json:"id" doc:"The document of its movements"`
	Code       string      `json:"code" example:"REC-0012"`
	ReceivedAt time.Time   `json:"received_at"`
	ReceivedBy uuid.UUID   `json:"received_by"`
	Corrects   *uuid.UUID  `json:"corrects,omitempty" doc:"The delivery that this one takes back; its quantities are below zero"`
	Note       string      `json:"note,omitempty"`
	Lines      []GoodsLine `json:"lines"`
}

// GoodsLine is a quantity of a product at its cost.
type GoodsLine struct {
	Product  uuid.UUID      `json:"product"`
	Quantity money.Quantity `json:"quantity" minimum:"-1000000000000" maximum:"1000000000000" doc:"Thousandths"`
	UnitCost Money          `json:"unit_cost" doc:"Of one unit; an amount of 0 is not known, and moves no average"`
}

// PurchaseBody is what a supplier is to bring.
type PurchaseBody struct {
	Warehouse uuid.UUID   `json:"warehouse"`
	Supplier  string      `json:"supplier" minLength:"1" maxLength:"100"`
	Reference string      `json:"reference,omitempty" maxLength:"100" doc:"The supplier's: an order, a delivery note, an invoice"`
	Lines     []GoodsLine `json:"lines" minItems:"1" maxItems:"500"`
	Receive   bool        `json:"receive,omitempty" doc:"All of it has come already"`
}

func purchaseOf(ctx context.Context, q stock.Querier, p stock.Purchase) (Purchase, error) {
	at, err := stock.Location(ctx, q, p.Location)
	if err != nil {
		return Purchase{}, err
	}
	paid := at.PaysIn()
	return Purchase{
		ID: p.ID, Code: p.Code, Warehouse: p.Location, Supplier: p.Supplier, Reference: p.Reference, State: string(p.State()),
		MadeAt: p.MadeAt.UTC(), MadeBy: p.MadeBy, ClosedAt: utc(p.ClosedAt),
		Lines: each(p.Lines, func(l stock.PurchaseLine) PurchaseLine {
			return PurchaseLine{l.Product, l.Ordered, l.Received, Money{l.UnitCost, paid}}
		}),
		Deliveries: each(p.Deliveries, func(d stock.Delivery) Delivery { return deliveryOf(d, paid) }),
	}, nil
}

func deliveryOf(d stock.Delivery, paid string) Delivery {
	made := Delivery{
		ID: d.ID, Code: d.Code, ReceivedAt: d.At.UTC(), ReceivedBy: d.By, Note: d.Note,
		Lines: each(d.Lines, func(l stock.GoodsLine) GoodsLine { return GoodsLine{l.Product, l.Quantity, Money{l.UnitCost, paid}} }),
	}
	if d.Corrects != uuid.Nil {
		made.Corrects = &d.Corrects
	}
	return made
}

func (s *site) purchaseOperations() {
	op := func(method, path, id, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{tagPurchases}}
	}
	const one = "/warehouse/purchases/{warehouse}/{purchase}"
	add(s, users.ReadStock, op(http.MethodGet, "/warehouse/purchases", "list-purchases", "What suppliers bring, the newest first"), s.listPurchases)
	add(s, users.ReadStock, op(http.MethodGet, one, "get-purchase", "One purchase with its deliveries"), s.getPurchase)
	add(s, users.WriteStock, made(op(http.MethodPost, "/warehouse/purchases", "make-purchase", "Announce what a supplier brings, or receive it at once")), s.makePurchase)
	add(s, users.WriteStock, made(op(http.MethodPost, one+"/receive", "receive-goods", "Receive what has come, also in part")), s.receiveGoods)
	add(s, users.WriteStock, made(op(http.MethodPost, one+"/deliveries/{delivery}/correct", "correct-delivery", "Take back a delivery that was a mistake, or a part of it")), s.correctDelivery)
	add(s, users.WriteStock, op(http.MethodPost, one+"/close", "close-purchase", "Expect nothing more of it"), s.closePurchase)
}

func (s *site) listPurchases(ctx context.Context, in *struct {
	Paging
	Warehouse uuid.UUID `query:"warehouse"`
	Open      bool      `query:"open" doc:"Only those of which something is still expected"`
},
) (*List[Purchase], error) {
	page, err := stock.Purchases(ctx, s.DB, stock.PurchaseFilter{Location: in.Warehouse, Open: in.Open, Before: in.Cursor, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	items := make([]Purchase, len(page.Purchases))
	for i, p := range page.Purchases {
		if items[i], err = purchaseOf(ctx, s.DB, p); err != nil {
			return nil, err
		}
	}
	return list(items, page.Next), nil
}

// PurchasePath names a purchase.
type PurchasePath struct {
	Warehouse uuid.UUID `path:"warehouse"`
	Purchase  uuid.UUID `path:"purchase"`
}

func (s *site) getPurchase(ctx context.Context, in *struct {
	IfChanged
	PurchasePath
},
) (*One[Purchase], error) {
	p, err := stock.OnePurchase(ctx, s.DB, in.Warehouse, in.Purchase)
	if err != nil {
		return nil, err
	}
	shown, err := purchaseOf(ctx, s.DB, p)
	if err != nil {
		return nil, err
	}
	return ask(in.IfChanged, shown)
}

// goods are the lines of a request for a warehouse: of products that hold stock, at costs in its currency.
func goods(ctx context.Context, tx *db.Tx, warehouse uuid.UUID, lines []GoodsLine) ([]stock.GoodsLine, error) {
	at, err := stock.Location(ctx, tx, warehouse)
	if err != nil {
		return nil, err
	}
	if err := stocked(ctx, tx, each(lines, func(l GoodsLine) uuid.UUID { return l.Product })...); err != nil {
		return nil, err
	}
	made := make([]stock.GoodsLine, len(lines))
	for i, l := range lines {
		cost, err := l.UnitCost.in(at.PaysIn())
		if err != nil {
			return nil, err
		}
		made[i] = stock.GoodsLine{Product: l.Product, Quantity: l.Quantity, UnitCost: cost}
	}
	return made, nil
}

func madePurchase(ctx context.Context, tx *db.Tx, at PurchasePath) (*Made[Purchase], error) {
	p, err := stock.OnePurchase(ctx, tx, at.Warehouse, at.Purchase)
	if err != nil {
		return nil, err
	}
	shown, err := purchaseOf(ctx, tx, p)
	return &Made[Purchase]{Root + "/warehouse/purchases/" + at.Warehouse.String() + "/" + at.Purchase.String(), shown}, err
}

type makePurchaseIn struct {
	Once
	Body PurchaseBody
}

func (s *site) makePurchase(ctx context.Context, in *makePurchaseIn) (*Made[Purchase], error) {
	return once(ctx, s, in, func(tx *db.Tx) (*Made[Purchase], error) {
		b := in.Body
		lines, err := goods(ctx, tx, b.Warehouse, b.Lines)
		if err != nil {
			return nil, err
		}
		id, err := uuid.NewV7()
		if err != nil {
			return nil, err
		}
		by := tokenOf(ctx).ID
		_, err = stock.Expect(ctx, tx, stock.NewPurchase{
			Location: b.Warehouse, ID: id, By: by, At: s.Now(), Supplier: b.Supplier, Reference: b.Reference, Lines: lines,
		})
		if err == nil && b.Receive {
			_, err = stock.Receive(ctx, tx, stock.Received{Location: b.Warehouse, Purchase: id, ID: id, By: by, At: s.Now(), Lines: lines})
		}
		if err != nil {
			return nil, err
		}
		return madePurchase(ctx, tx, PurchasePath{b.Warehouse, id})
	})
}

type receiveGoodsIn struct {
	Once
	PurchasePath
	Body struct {
		Lines []GoodsLine `json:"lines" minItems:"1" maxItems:"500"`
		Note  string      `json:"note,omitempty" maxLength:"500"`
	}
}

func (s *site) receiveGoods(ctx context.Context, in *receiveGoodsIn) (*Made[Purchase], error) {
	return once(ctx, s, in, func(tx *db.Tx) (*Made[Purchase], error) {
		lines, err := goods(ctx, tx, in.Warehouse, in.Body.Lines)
		if err != nil {
			return nil, err
		}
		id, err := uuid.NewV7()
		if err != nil {
			return nil, err
		}
		_, err = stock.Receive(ctx, tx, stock.Received{
			Location: in.Warehouse, Purchase: in.Purchase, ID: id, By: tokenOf(ctx).ID, At: s.Now(), Lines: lines, Note: in.Body.Note,
		})
		if err != nil {
			return nil, err
		}
		return madePurchase(ctx, tx, in.PurchasePath)
	})
}

type correctDeliveryIn struct {
	Once
	PurchasePath
	Delivery uuid.UUID `path:"delivery"`
	Body     *struct {
		Lines []Line `json:"lines,omitempty" maxItems:"500" doc:"How much of each product; a product that is not here stays"`
		Note  string `json:"note,omitempty" maxLength:"500"`
	} `doc:"Nothing takes back all of it"`
}

func (s *site) correctDelivery(ctx context.Context, in *correctDeliveryIn) (*Made[Purchase], error) {
	return once(ctx, s, in, func(tx *db.Tx) (*Made[Purchase], error) {
		id, err := uuid.NewV7()
		if err != nil {
			return nil, err
		}
		c := stock.Correction{Location: in.Warehouse, Purchase: in.Purchase, Delivery: in.Delivery, ID: id, By: tokenOf(ctx).ID, At: s.Now()}
		if in.Body != nil {
			c.Note = in.Body.Note
			if len(in.Body.Lines) > 0 {
				if c.Quantities, err = chosen(in.Body.Lines); err != nil {
					return nil, err
				}
			}
		}
		if _, err := stock.Correct(ctx, tx, c); err != nil {
			return nil, err
		}
		return madePurchase(ctx, tx, in.PurchasePath)
	})
}

func (s *site) closePurchase(ctx context.Context, in *struct{ PurchasePath }) (out *One[Purchase], err error) {
	err = s.deed(ctx, in, func(tx *db.Tx) error {
		if _, err := stock.ClosePurchase(ctx, tx, in.Warehouse, in.Purchase, s.Now()); err != nil {
			return err
		}
		made, err := madePurchase(ctx, tx, in.PurchasePath)
		if err == nil {
			out = one(made.Body)
		}
		return err
	})
	return out, err
}
