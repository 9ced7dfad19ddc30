package web

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// quantityName is the form's name for a line's quantity.
const quantityName = "quantity-"

// decide approves what was asked, what is typed, or nothing.
func (s *site) decide(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	location, id, err := requestOf(r)
	if err != nil {
		return err
	}
	d := stock.Decision{Location: location, Restock: id, By: personOf(ctx).ID, At: s.Now(), Approved: map[uuid.UUID]money.Quantity{}}
	done := ui.T(ctx, "restock.refused_done")
	switch r.PostFormValue("decision") {
	case "all":
		request, err := stock.OneRestock(ctx, s.DB, location, id)
		if err != nil {
			return err
		}
		d.Approved, done = request.All(), ui.T(ctx, "restock.approved_done")
	case "part":
		if d.Approved, err = typedQuantities(r); err != nil {
			return err
		}
		for _, q := range d.Approved {
			if q > 0 {
				done = ui.T(ctx, "restock.approved_done")
			}
		}
	case "none":
	default:
		return &retail.Error{Code: retail.Invalid, Key: "error.invalid"}
	}
	err = s.change(r, func(tx *db.Tx) (c users.Change, err error) {
		request, err := stock.OneRestock(ctx, tx, location, id)
		if err != nil {
			return c, err
		}
		store, err := stock.Location(ctx, tx, location)
		if err != nil {
			return c, err
		}
		return users.Change{
			Kind: users.DidDecideRestock, Subject: id.String(), Title: store.Name,
			Before: map[string]any{"asked": request.All()}, After: map[string]any{"approved": d.Approved},
		}, stock.Decide(ctx, tx, d)
	})
	if err != nil {
		return err
	}
	flash(w, r, ui.ToneOK, done)
	http.Redirect(w, r, "/restock", http.StatusSeeOther)
	return nil
}

func (s *site) ship(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	location, id, err := requestOf(r)
	if err != nil {
		return err
	}
	from, err := idOf(r.PostFormValue("from"))
	if err != nil {
		return err
	}
	packed, err := typedQuantities(r)
	if err != nil {
		return err
	}
	var sent stock.Shipment
	err = s.change(r, func(tx *db.Tx) (c users.Change, err error) {
		sent, err = stock.Ship(ctx, tx, stock.Dispatch{
			Location: location, Restock: id, From: from, By: personOf(ctx).ID, At: s.Now(), Quantities: packed,
		})
		return users.Change{
			Kind: users.DidShipRestock, Subject: id.String(), Title: sent.Code, After: map[string]any{"from": from, "shipped": packed},
		}, err
	})
	if err != nil {
		return err
	}
	flash(w, r, ui.ToneOK, ui.T(ctx, "restock.shipped_done", "Code", sent.Code))
	if r.PostFormValue("next") == "packing" { // the warehouse prints what goes into the box
		http.Redirect(w, r, packingAddress(sent), http.StatusSeeOther)
		return nil
	}
	http.Redirect(w, r, "/restock?list="+listShip, http.StatusSeeOther)
	return nil
}

func requestOf(r *http.Request) (location, id uuid.UUID, err error) {
	if location, err = idOf(r.PathValue("store")); err == nil {
		id, err = idOf(r.PathValue("id"))
	}
	return location, id, err
}

// typedQuantities reads the quantities of a form, by product.
func typedQuantities(r *http.Request) (map[uuid.UUID]money.Quantity, error) {
	typed := map[uuid.UUID]money.Quantity{}
	for name, values := range r.PostForm {
		text, ok := strings.CutPrefix(name, quantityName)
		if !ok || values[0] == "" {
			continue
		}
		product, err := idOf(text)
		if err != nil {
			return nil, err
		}
		q, err := money.ParseQuantity(values[0])
		if err != nil || q < 0 {
			return nil, &retail.Error{Code: retail.Invalid, Key: "restock.quantity", Args: map[string]any{"Value": values[0]}, Err: err}
		}
		typed[product] = q
	}
	return typed, nil
}
