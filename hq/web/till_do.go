package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/tills"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// tillDeed is something done to a till, and its record. The record's subject and title are the till's.
type tillDeed func(tx *db.Tx, t tills.Till) (users.Change, error)

// actOnTill does something to the till of the address.
func (s *site) actOnTill(r *http.Request, do tillDeed) error {
	id, err := idOf(r.PathValue("till"))
	if err != nil {
		return err
	}
	known, err := s.Journal.List(r.Context())
	if err != nil {
		return err
	}
	at := slices.IndexFunc(known, func(t tills.Till) bool { return t.ID == id && sees(r.Context(), t.Store) })
	if at < 0 {
		return &retail.Error{Code: retail.NotFound, Key: "tills.unknown"}
	}
	location, err := stock.Location(r.Context(), s.DB, known[at].Store)
	if err != nil {
		return err
	}
	var kind users.ChangeKind
	err = s.change(r, func(tx *db.Tx) (users.Change, error) {
		c, err := do(tx, known[at])
		c.Subject, c.Title = id.String(), location.Name+" "+strconv.Itoa(known[at].Number)
		kind = c.Kind
		return c, err
	})
	if err == nil {
		s.Log.Info(string(kind), "till", id, "by", personOf(r.Context()).ID)
	}
	return err
}

// revokeTill revokes a till, and where it was stolen takes the PINs of its store away.
func (s *site) revokeTill(w http.ResponseWriter, r *http.Request) error {
	ctx, stolen := r.Context(), r.PostFormValue("stolen") != ""
	var reset []string
	err := s.actOnTill(r, func(tx *db.Tx, t tills.Till) (users.Change, error) {
		c := users.Change{Kind: users.DidRevokeTill}
		if err := s.Journal.RevokeTx(ctx, tx, t.ID); err != nil || !stolen {
			return c, err
		}
		var err error
		reset, err = users.ResetPINs(ctx, tx, t.Store)
		c.After = map[string]any{"pins_reset": reset}
		return c, err
	})
	if err != nil {
		return err
	}
	if stolen {
		flash(w, r, ui.ToneWarn, ui.T(ctx, "tills.stolen_done", "Count", len(reset)))
		http.Redirect(w, r, "/people", http.StatusSeeOther)
		return nil
	}
	flash(w, r, ui.ToneOK, ui.T(ctx, "tills.revoke_done"))
	http.Redirect(w, r, "/tills", http.StatusSeeOther)
	return nil
}

func (s *site) lockTill(w http.ResponseWriter, r *http.Request) error {
	ctx, reason := r.Context(), r.PostFormValue("reason")
	err := s.actOnTill(r, func(tx *db.Tx, t tills.Till) (users.Change, error) {
		c := users.Change{Kind: users.DidLockTill, After: map[string]any{"why": reason}}
		return c, s.Journal.LockOut(ctx, tx, t.ID, reason, personOf(ctx).Name)
	})
	if err != nil {
		return err
	}
	flash(w, r, ui.ToneOK, ui.T(ctx, "tills.lock_done"))
	http.Redirect(w, r, "/tills", http.StatusSeeOther)
	return nil
}

func (s *site) unlockTill(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	err := s.actOnTill(r, func(tx *db.Tx, t tills.Till) (users.Change, error) {
		c := users.Change{Kind: users.DidUnlockTill, Before: map[string]any{"why": t.LockReason}}
		return c, s.Journal.LetIn(ctx, tx, t.ID)
	})
	if err != nil {
		return err
	}
	flash(w, r, ui.ToneOK, ui.T(ctx, "tills.unlock_done"))
	http.Redirect(w, r, "/tills", http.StatusSeeOther)
	return nil
}

func (s *site) askTillLog(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	err := s.actOnTill(r, func(tx *db.Tx, t tills.Till) (users.Change, error) {
		return users.Change{Kind: users.DidAskLog}, s.Journal.AskLog(ctx, tx, t.ID)
	})
	if err != nil {
		return err
	}
	flash(w, r, ui.ToneOK, ui.T(ctx, "tills.ask_log_done"))
	http.Redirect(w, r, "/tills", http.StatusSeeOther)
	return nil
}

// tillLog gives the newest log of a till as a file: what a till wrote is not for a browser to show.
func (s *site) tillLog(w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r.PathValue("till"))
	if err != nil {
		return err
	}
	text, err := s.Journal.Log(r.Context(), id)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "till-"+id.String()+".log"))
	_, err = w.Write(text)
	return err
}
