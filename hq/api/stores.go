package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/tills"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// StoreBody is what one writes of a store.
type StoreBody struct {
	Code     string `json:"code" minLength:"2" maxLength:"4" doc:"Printed in receipt numbers: capital letters and digits" example:"CV"`
	Name     string `json:"name" minLength:"1" maxLength:"100"`
	Zone     string `json:"zone" maxLength:"60" doc:"IANA time zone" example:"America/Toronto"`
	Address  string `json:"address,omitempty" maxLength:"300"`
	Currency string `json:"currency,omitempty" minLength:"3" maxLength:"3" doc:"ISO 4217 code of what is paid there; CAD when it is not said"`
}

// Store is a store, or a warehouse among the locations.
type Store struct {
	ID   uuid.UUID `json:"id"`
	Kind string    `json:"kind" enum:"store,warehouse"`
	StoreBody
}

func storeOf(l retail.Location) Store {
	kind := "store"
	if l.Kind == retail.LocationWarehouse {
		kind = "warehouse"
	}
	return Store{l.ID, kind, StoreBody{l.Code, l.Name, l.Zone, l.Address, l.PaysIn()}}
}

func (s *site) storeOperations() {
	op := func(method, path, id, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{tagStores}}
	}
	add(s, users.ReadStock, op(http.MethodGet, "/warehouse/stores", "list-stores", "The stores by name"), s.listStores)
	add(s, users.ReadStock, op(http.MethodGet, "/warehouse/stores/{store}", "get-store", "One store"), s.getStore)
	add(s, users.WriteStock, made(op(http.MethodPost, "/warehouse/stores", "create-store", "A new store")), s.createStore)
	add(s, users.WriteStock, op(http.MethodPut, "/warehouse/stores/{store}", "put-store", "Write all of a store"), s.putStore)
	add(s, users.WriteStock, op(http.MethodDelete, "/warehouse/stores/{store}", "delete-store", "Take away a store that never did anything"), s.deleteStore)
	add(s, users.ReadStock, op(http.MethodGet, "/warehouse/locations", "list-locations", "Stores and warehouses by name"), s.listLocations)
}

func (s *site) listStores(ctx context.Context, in *struct{ Paging }) (*List[Store], error) {
	return locations(in.Paging)(stock.Stores(ctx, s.DB))
}

func (s *site) listLocations(ctx context.Context, in *struct {
	Paging
	Kind string `query:"kind" enum:"store,warehouse" doc:"Only these; both when it is not said"`
},
) (*List[Store], error) {
	read := stock.Locations
	switch in.Kind {
	case "store":
		read = stock.Stores
	case "warehouse":
		read = stock.Warehouses
	}
	return locations(in.Paging)(read(ctx, s.DB))
}

func locations(p Paging) func([]retail.Location, error) (*List[Store], error) {
	return func(all []retail.Location, err error) (*List[Store], error) {
		if err != nil {
			return nil, err
		}
		return cut(each(all, storeOf), p, func(l Store) string { return l.ID.String() })
	}
}

// isStore refuses a warehouse where a store is asked for.
func isStore(l retail.Location, err error) (retail.Location, error) {
	if err == nil && l.Kind != retail.LocationStore {
		err = &retail.Error{Code: retail.NotFound, Key: "location.unknown", Args: map[string]any{"id": l.ID}}
	}
	return l, err
}

func (s *site) getStore(ctx context.Context, in *struct {
	IfChanged
	Store uuid.UUID `path:"store"`
},
) (*One[Store], error) {
	l, err := isStore(stock.Location(ctx, s.DB, in.Store))
	if err != nil {
		return nil, err
	}
	return ask(in.IfChanged, storeOf(l))
}

// writeStore gives the store as it is then.
func writeStore(ctx context.Context, tx *db.Tx, id uuid.UUID, b StoreBody) (Store, error) {
	if err := catalog.KnownCurrency(ctx, tx, b.Currency); err != nil {
		return Store{}, err
	}
	err := stock.PutLocations(ctx, tx, retail.Location{
		ID: id, Kind: retail.LocationStore, Code: b.Code, Name: b.Name, Zone: b.Zone, Address: b.Address, Currency: b.Currency,
	})
	if err != nil {
		return Store{}, err
	}
	l, err := stock.Location(ctx, tx, id)
	return storeOf(l), err
}

type createStoreIn struct {
	Once
	Body StoreBody
}

func (s *site) createStore(ctx context.Context, in *createStoreIn) (*Made[Store], error) {
	return once(ctx, s, in, func(tx *db.Tx) (*Made[Store], error) {
		id, err := uuid.NewV7()
		if err != nil {
			return nil, err
		}
		l, err := writeStore(ctx, tx, id, in.Body)
		return &Made[Store]{Root + "/warehouse/stores/" + id.String(), l}, err
	})
}

func (s *site) putStore(ctx context.Context, in *struct {
	IfSame
	Store uuid.UUID `path:"store"`
	Body  StoreBody
},
) (out *One[Store], err error) {
	err = s.deed(ctx, in, func(tx *db.Tx) error {
		was, err := isStore(stock.LockLocation(ctx, tx, in.Store))
		if err != nil {
			return err
		}
		if err := in.same(ctx, tag(storeOf(was))); err != nil {
			return err
		}
		l, err := writeStore(ctx, tx, in.Store, in.Body)
		out = one(l)
		return err
	})
	return out, err
}

// deleteStore takes away what was a mistake. Whatever names a store keeps it: what was sold, moved, asked or priced there, its tills, and
// who works there, who would see every store without it.
func (s *site) deleteStore(ctx context.Context, in *struct {
	IfSame
	Store uuid.UUID `path:"store"`
},
) (*struct{}, error) {
	return nil, s.deed(ctx, in, func(tx *db.Tx) error {
		store, err := isStore(stock.LockToRemove(ctx, tx, in.Store))
		if err != nil {
			return err
		}
		if err := in.same(ctx, tag(storeOf(store))); err != nil {
			return err
		}
		for _, knows := range []func(context.Context, *db.Tx, uuid.UUID) (bool, error){
			tills.Knows, sales.Knows, order.Knows, users.Knows, catalog.Knows,
		} {
			known, err := knows(ctx, tx, store.ID)
			if err != nil {
				return err
			}
			if known {
				return stock.Used(store)
			}
		}
		return stock.RemoveLocation(ctx, tx, store)
	})
}
