package web

import (
	"context"
	"net/http"
	"slices"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
)

// automaticStore is a store, and whether headquarters asks for it by itself.
type automaticStore struct {
	id, name string
	on       bool
}

// automaticStores are the stores that the person sees, and which of them headquarters asks for by itself.
func (s *site) automaticStores(ctx context.Context) ([]automaticStore, error) {
	stores, err := s.stores(ctx)
	if err != nil {
		return nil, err
	}
	on, err := stock.Automatic(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	all := make([]automaticStore, len(stores))
	for i, l := range stores {
		all[i] = automaticStore{l.ID.String(), l.Name, slices.Contains(on, l.ID)}
	}
	return all, nil
}

// setAutomatic switches automatic requests of a store on or off.
func (s *site) setAutomatic(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	store, err := idOf(r.PathValue("store"))
	if err != nil {
		return err
	}
	on := r.PostFormValue("on") == "yes"
	err = s.change(r, func(tx *db.Tx) (c users.Change, err error) {
		l, err := stock.Location(ctx, tx, store)
		if err != nil {
			return c, err
		}
		return users.Change{
			Kind: users.DidSetAutomatic, Subject: store.String(), Title: l.Name, After: map[string]any{"automatic": onOff(ctx, on)},
		}, stock.SetAutomatic(ctx, tx, store, on, s.Now())
	})
	if err != nil {
		return err
	}
	flash(w, r, ui.ToneOK, ui.T(ctx, "automatic.done"))
	http.Redirect(w, r, "/restock#automatic", http.StatusSeeOther)
	return nil
}

func onOff(ctx context.Context, on bool) string {
	if on {
		return ui.T(ctx, "automatic.on")
	}
	return ui.T(ctx, "automatic.off")
}
