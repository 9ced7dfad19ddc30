package web

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/intake"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// auditTime is how long writing a file for an auditor may take.
const auditTime = 8 * time.Minute

// verified is what the newest verifications of some places, or of one till, say together.
type verified struct {
	// running says that at least one of them lasts; done and total are the entries of all.
	running     bool
	done, total int64
	failed      bool
	// since is when the oldest ended; nil while one is missing. fresh are the entries that came after them.
	since    *time.Time
	fresh    int64
	findings []intake.Finding
}

// verifiedOf puts together what is known of scopes. entries is how many each has now.
func (s *site) verifiedOf(ctx context.Context, scopes []intake.Scope, entries int64) (v verified, err error) {
	all, err := s.Journal.Verifications(ctx)
	if err != nil {
		return v, err
	}
	known := map[intake.Scope]intake.Verification{}
	for _, one := range all {
		known[one.Scope] = one
	}
	missing := false
	for _, scope := range scopes {
		one, ok := known[scope]
		missing = missing || !ok || one.EndedAt == nil
		v.running = v.running || ok && one.Running()
		v.failed = v.failed || one.Failed
		v.done, v.total = v.done+one.Done, v.total+one.Total
		v.findings = append(v.findings, one.Findings...)
		if one.EndedAt != nil && (v.since == nil || one.EndedAt.Before(*v.since)) {
			v.since = one.EndedAt
		}
	}
	if missing {
		v.since = nil
	}
	v.fresh = max(entries-v.done, 0)
	return v, nil
}

// scopesOf are the places and the till that a form names: all that the person sees when it names none.
func (s *site) scopesOf(r *http.Request) ([]intake.Scope, error) {
	ctx := r.Context()
	if text := r.PostFormValue("till"); text != "" {
		till, err := s.tillOf(ctx, text)
		return []intake.Scope{{Store: till.Store, Till: till.ID}}, err
	}
	places, err := s.verifiable(ctx)
	if err != nil {
		return nil, err
	}
	named := strings.Join(r.PostForm["store"], ",")
	return scopesAt(slices.DeleteFunc(places, func(l retail.Location) bool { return named != "" && !strings.Contains(named, l.ID.String()) })), nil
}

func scopesAt(places []retail.Location) []intake.Scope {
	scopes := make([]intake.Scope, len(places))
	for i, l := range places {
		scopes[i] = intake.Scope{Store: l.ID}
	}
	return scopes
}

// verifiable are the places that the person may have verified: warehouses too for who sees every store.
func (s *site) verifiable(ctx context.Context) ([]retail.Location, error) {
	all, err := stock.Locations(ctx, s.DB)
	return slices.DeleteFunc(all, func(l retail.Location) bool { return !sees(ctx, l.ID) }), err
}

// tillOf is a till that the person sees.
func (s *site) tillOf(ctx context.Context, text string) (intake.TillState, error) {
	id, err := idOf(text)
	if err != nil {
		return intake.TillState{}, err
	}
	states, err := s.Journal.Tills(ctx)
	if err != nil {
		return intake.TillState{}, err
	}
	at := slices.IndexFunc(states, func(t intake.TillState) bool { return t.ID == id && sees(ctx, t.Store) })
	if at < 0 {
		return intake.TillState{}, &retail.Error{Code: retail.NotFound, Key: "tills.unknown"}
	}
	return states[at], nil
}

// verify begins to recompute chains and figures from the entries, and leads back to the page that shows how far it is.
func (s *site) verify(w http.ResponseWriter, r *http.Request) error {
	scopes, err := s.scopesOf(r)
	if err != nil {
		return err
	}
	if err := s.Verifier.Ask(r.Context(), scopes, personOf(r.Context()).ID); err != nil {
		return err
	}
	back := r.PostFormValue("back")
	if part := section(back); part != "reports" && part != "journal" || !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") {
		back = "/journal"
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

// exportJournal sends what tills wrote in a period to a file for an auditor, who checks it with the program audit alone.
func (s *site) exportJournal(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	stores, err := s.stores(ctx)
	if err != nil {
		return err
	}
	period, err := periodOf(r, "from", "to")
	if err == nil {
		err = sales.Filter{Period: period}.Check()
	}
	if err != nil {
		return err
	}
	var of intake.Scope
	title := ""
	switch store, till := r.PostFormValue("store"), r.PostFormValue("till"); {
	case till != "":
		t, err := s.tillOf(ctx, till)
		if err != nil {
			return err
		}
		of, title = intake.Scope{Store: t.Store, Till: t.ID}, tillName(ctx, shortNames(stores), t)
	case store != "":
		at := slices.IndexFunc(stores, func(l retail.Location) bool { return l.ID.String() == store })
		if at < 0 {
			return &retail.Error{Code: retail.NotFound, Key: "location.unknown"}
		}
		of, title = intake.Scope{Store: stores[at].ID}, stores[at].Name
	case !personOf(ctx).Everywhere():
		return &retail.Error{Code: retail.Invalid, Key: "journal.export_store"}
	default:
		title = ui.T(ctx, "filter.all_stores")
	}
	zone := zoneOf(stores)
	until := period.To.Time(zone).AddDate(0, 0, 1)
	file, err := os.CreateTemp("", "journal")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	packed := gzip.NewWriter(file)
	end, err := s.Journal.Audit(ctx, packed, of, period.From.Time(zone), until, s.Now())
	if err = errors.Join(err, packed.Close()); err != nil {
		return err
	}
	err = s.change(r, func(*db.Tx) (users.Change, error) {
		subject := of.Till
		if subject == uuid.Nil {
			subject = of.Store
		}
		return users.Change{
			Kind: users.DidExportJournal, Subject: subject.String(), Title: title,
			After: map[string]any{"from": period.From.String(), "to": period.To.String(), "entries": end.Entries},
		}, nil
	})
	if err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/gzip")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", fmt.Sprintf("comptant-%d-%d.audit.gz", period.From, period.To)))
	_, _ = io.Copy(w, file) // the browser has gone
	return nil
}
