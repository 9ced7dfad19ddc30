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
	"comptant/shared/retail"
)

// Restock is what a store asks of the warehouse.
type Restock struct {
	ID          uuid.UUID     `json:"id"`
	Store       uuid.UUID     `json:"store"`
	State       string        `json:"state" enum:"requested,approved,refused,shipped,received"`
	RequestedAt time.Time     `json:"requested_at"`
	RequestedBy uuid.UUID     `json:"requested_by" doc:"A person, or the token of a program"`
	Automatic   bool          `json:"automatic" doc:"Headquarters asked by itself, and nobody did"`
	DecidedAt   *time.Time    `json:"decided_at,omitempty"`
	DecidedBy   *uuid.UUID    `json:"decided_by,omitempty"`
	Shipment    *uuid.UUID    `json:"shipment,omitempty" doc:"What was sent for it"`
	Lines       []RestockLine `json:"lines"`
}

// RestockLine is one product of a request, in thousandths, beside the stock of today.
type RestockLine struct {
	Product   uuid.UUID      `json:"product"`
	Asked     money.Quantity `json:"asked"`
	Approved  money.Quantity `json:"approved"`
	Shipped   money.Quantity `json:"shipped"`
	Received  money.Quantity `json:"received"`
	OnHand    money.Quantity `json:"on_hand" doc:"At the store that asks"`
	InTransit money.Quantity `json:"in_transit" doc:"On its way there"`
	Warehouse money.Quantity `json:"warehouse" doc:"On hand in all warehouses"`
}

// Line is a quantity of a product.
type Line struct {
	Product  uuid.UUID      `json:"product"`
	Quantity money.Quantity `json:"quantity" minimum:"1" maximum:"1000000000" doc:"Thousandths"`
}

// Shipment is goods on their way to a store, or received there.
type Shipment struct {
	ID         uuid.UUID      `json:"id"`
	Code       string         `json:"code" example:"EXP-0311"`
	From       uuid.UUID      `json:"from"`
	Store      uuid.UUID      `json:"store" doc:"Where it goes"`
	Restock    *uuid.UUID     `json:"restock,omitempty" doc:"Absent for a transfer from a store"`
	ShippedAt  time.Time      `json:"shipped_at"`
	ShippedBy  uuid.UUID      `json:"shipped_by"`
	ReceivedAt *time.Time     `json:"received_at,omitempty" doc:"Absent while it is on its way"`
	ReceivedBy *uuid.UUID     `json:"received_by,omitempty"`
	Lines      []ShipmentLine `json:"lines"`
}

// ShipmentLine is one product of a shipment.
type ShipmentLine struct {
	Product  uuid.UUID       `json:"product"`
	Shipped  money.Quantity  `json:"shipped" doc:"Thousandths"`
	Received *money.Quantity `json:"received,omitempty" doc:"Thousandths; absent while it is on its way"`
}

var restockStates = map[retail.RestockState]string{
	retail.RestockRequested: "requested", retail.RestockApproved: "approved", retail.RestockRefused: "refused",
	retail.RestockShipped: "shipped", retail.RestockReceived: "received",
}

func restockOf(r stock.Restock) Restock {
	made := Restock{
		ID: r.ID, Store: r.Location, State: restockStates[r.State], RequestedAt: r.RequestedAt.UTC(), RequestedBy: r.RequestedBy, Automatic: r.Automatic,
		DecidedAt: utc(r.DecidedAt), DecidedBy: r.DecidedBy,
		Lines: each(r.Lines, func(l stock.RestockLine) RestockLine {
			return RestockLine{l.Product, l.Asked, l.Approved, l.Shipped, l.Received, l.Here, l.Coming, l.Depot}
		}),
	}
	if r.Shipment != nil {
		made.Shipment = &r.Shipment.ID
	}
	return made
}

func shipmentOf(s stock.Shipment) Shipment {
	made := Shipment{
		ID: s.ID, Code: s.Code, From: s.From, Store: s.Location, ShippedAt: s.ShippedAt.UTC(), ShippedBy: s.ShippedBy,
		ReceivedAt: utc(s.ReceivedAt), ReceivedBy: s.ReceivedBy,
		Lines: each(s.Lines, func(l stock.ShipmentLine) ShipmentLine { return ShipmentLine(l) }),
	}
	if s.Restock != uuid.Nil {
		made.Restock = &s.Restock
	}
	return made
}

func (s *site) restockOperations() {
	op := func(method, path, id, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{tagRestocks}}
	}
	const one = "/warehouse/restocks/{store}/{restock}"
	add(s, users.ReadStock, op(http.MethodGet, "/warehouse/restocks", "list-restocks", "What stores asked for, the newest first"), s.listRestocks)
	add(s, users.ReadStock, op(http.MethodGet, one, "get-restock", "One request"), s.getRestock)
	add(s, users.WriteStock, made(op(http.MethodPost, "/warehouse/restocks", "request-restock", "Ask for a store")), s.requestRestock)
	add(s, users.WriteStock, op(http.MethodPost, one+"/approve", "approve-restock", "Approve all of a request, or part"), s.approveRestock)
	add(s, users.WriteStock, op(http.MethodPost, one+"/reject", "reject-restock", "Refuse a request"), s.rejectRestock)
	add(s, users.WriteStock, made(op(http.MethodPost, one+"/ship", "ship-restock", "Send what was approved, or part")), s.shipRestock)
	add(s, users.ReadStock, op(http.MethodGet, "/warehouse/restocks/automatic/{store}", "get-automatic", "Whether headquarters asks by itself for a store"), s.getAutomatic)
	add(s, users.WriteStock, op(http.MethodPut, "/warehouse/restocks/automatic/{store}", "put-automatic", "Have headquarters ask by itself for a store, or not"), s.putAutomatic)
	add(s, users.ReadStock, op(http.MethodGet, "/warehouse/shipments", "list-shipments", "What was sent, the newest first"), s.listShipments)
	add(s, users.ReadStock, op(http.MethodGet, "/warehouse/shipments/{store}/{shipment}", "get-shipment", "One shipment"), s.getShipment)
}

func (s *site) listRestocks(ctx context.Context, in *struct {
	Paging
	State string    `query:"state" enum:"requested,approved,refused,shipped,received"`
	Store uuid.UUID `query:"store"`
},
) (*List[Restock], error) {
	f := stock.RestockFilter{Before: in.Cursor, Limit: in.Limit}
	if in.Store != uuid.Nil {
		f.Locations = []uuid.UUID{in.Store}
	}
	for state, name := range restockStates {
		if name == in.State {
			f.States = []retail.RestockState{state}
		}
	}
	page, err := stock.Restocks(ctx, s.DB, f)
	if err != nil {
		return nil, err
	}
	return list(each(page.Restocks, restockOf), page.Next), nil
}

// RestockPath names a request.
type RestockPath struct {
	Store   uuid.UUID `path:"store"`
	Restock uuid.UUID `path:"restock"`
}

func (s *site) getRestock(ctx context.Context, in *struct {
	IfChanged
	RestockPath
},
) (*One[Restock], error) {
	r, err := stock.OneRestock(ctx, s.DB, in.Store, in.Restock)
	if err != nil {
		return nil, err
	}
	return ask(in.IfChanged, restockOf(r))
}

type requestRestockIn struct {
	Once
	Body struct {
		Store uuid.UUID `json:"store"`
		Lines []Line    `json:"lines" minItems:"1" maxItems:"500"`
	}
}

func (s *site) requestRestock(ctx context.Context, in *requestRestockIn) (*Made[Restock], error) {
	return once(ctx, s, in, func(tx *db.Tx) (*Made[Restock], error) {
		store, err := isStore(stock.Location(ctx, tx, in.Body.Store))
		if err != nil {
			return nil, err
		}
		if err := stocked(ctx, tx, each(in.Body.Lines, func(l Line) uuid.UUID { return l.Product })...); err != nil {
			return nil, err
		}
		id, err := uuid.NewV7()
		if err != nil {
			return nil, err
		}
		err = stock.RequestRestock(ctx, tx, stock.RestockRequest{
			Location: store.ID, ID: id, By: tokenOf(ctx).ID, At: s.Now(),
			Lines: each(in.Body.Lines, func(l Line) retail.StockLine { return retail.StockLine(l) }),
		})
		if err != nil {
			return nil, err
		}
		return madeRestock(ctx, tx, RestockPath{store.ID, id})
	})
}

func madeRestock(ctx context.Context, tx *db.Tx, at RestockPath) (*Made[Restock], error) {
	r, err := stock.OneRestock(ctx, tx, at.Store, at.Restock)
	return &Made[Restock]{Root + "/warehouse/restocks/" + at.Store.String() + "/" + at.Restock.String(), restockOf(r)}, err
}

// chosen are the quantities of lines by product; a product stands in one line.
func chosen(lines []Line) (map[uuid.UUID]money.Quantity, error) {
	by := map[uuid.UUID]money.Quantity{}
	for _, l := range lines {
		by[l.Product] = l.Quantity
	}
	if len(by) < len(lines) {
		return nil, invalid("restock.twice")
	}
	return by, nil
}

type approveRestockIn struct {
	Once
	RestockPath
	Body *struct {
		Lines []Line `json:"lines,omitempty" maxItems:"500" doc:"How much of each product; a product that is not here gets nothing"`
	} `doc:"Nothing approves all"`
}

func (s *site) approveRestock(ctx context.Context, in *approveRestockIn) (*Made[Restock], error) {
	return once(ctx, s, in, func(tx *db.Tx) (*Made[Restock], error) {
		r, err := stock.OneRestock(ctx, tx, in.Store, in.Restock)
		if err != nil {
			return nil, err
		}
		approved := r.All()
		if in.Body != nil && len(in.Body.Lines) > 0 {
			if approved, err = chosen(in.Body.Lines); err != nil {
				return nil, err
			}
		}
		return s.decide(ctx, tx, in.RestockPath, approved)
	})
}

type rejectRestockIn struct {
	Once
	RestockPath
}

func (s *site) rejectRestock(ctx context.Context, in *rejectRestockIn) (*Made[Restock], error) {
	return once(ctx, s, in, func(tx *db.Tx) (*Made[Restock], error) { return s.decide(ctx, tx, in.RestockPath, nil) })
}

func (s *site) decide(ctx context.Context, tx *db.Tx, at RestockPath, approved map[uuid.UUID]money.Quantity) (*Made[Restock], error) {
	d := stock.Decision{Location: at.Store, Restock: at.Restock, By: tokenOf(ctx).ID, At: s.Now(), Approved: approved}
	if err := stock.Decide(ctx, tx, d); err != nil {
		return nil, err
	}
	return madeRestock(ctx, tx, at)
}

type shipRestockIn struct {
	Once
	RestockPath
	Body struct {
		Warehouse uuid.UUID `json:"warehouse" doc:"Which sends it"`
		Lines     []Line    `json:"lines,omitempty" maxItems:"500" doc:"What was packed; all that was approved when nothing is said"`
	}
}

func (s *site) shipRestock(ctx context.Context, in *shipRestockIn) (*Made[Shipment], error) {
	return once(ctx, s, in, func(tx *db.Tx) (*Made[Shipment], error) {
		packed, err := chosen(in.Body.Lines)
		if err != nil {
			return nil, err
		}
		if len(packed) == 0 {
			packed = nil
		}
		sent, err := stock.Ship(ctx, tx, stock.Dispatch{
			Location: in.Store, Restock: in.Restock, From: in.Body.Warehouse, By: tokenOf(ctx).ID, At: s.Now(), Quantities: packed,
		})
		return &Made[Shipment]{Root + "/warehouse/shipments/" + in.Store.String() + "/" + sent.ID.String(), shipmentOf(sent)}, err
	})
}

func (s *site) listShipments(ctx context.Context, in *struct {
	Paging
	Store    uuid.UUID `query:"store" doc:"Where they go"`
	Product  uuid.UUID `query:"product"`
	OnTheWay bool      `query:"on_the_way" doc:"Only those that were not received yet"`
},
) (*List[Shipment], error) {
	page, err := stock.Shipments(ctx, s.DB, stock.ShipmentFilter{
		Location: in.Store, Product: in.Product, OnTheWay: in.OnTheWay, Before: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	return list(each(page.Shipments, shipmentOf), page.Next), nil
}

func (s *site) getShipment(ctx context.Context, in *struct {
	IfChanged
	Store    uuid.UUID `path:"store"`
	Shipment uuid.UUID `path:"shipment"`
},
) (*One[Shipment], error) {
	sent, err := stock.OneShipment(ctx, s.DB, in.Store, in.Shipment)
	if err != nil {
		return nil, err
	}
	return ask(in.IfChanged, shipmentOf(sent))
}
