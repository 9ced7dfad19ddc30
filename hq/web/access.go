package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"comptant/hq/users"
	"comptant/shared/retail"
)

// sections says what it takes to open what begins with a path's first part. A route may ask for more.
var sections = map[string]users.Action{
	"":           users.SeeOverview,
	"events":     users.SeeOverview,
	"stock":      users.SeeStock,
	"stores":     users.SeeReports,
	"reports":    users.SeeReports,
	"receipts":   users.SeeReports,
	"restock":    users.SeeRestocks,
	"purchases":  users.ReceiveGoods,
	"warehouse":  users.ShipRestocks,
	"labels":     users.SeeCatalog,
	"orders":     users.SeeOrders,
	"catalogue":  users.SeeCatalog,
	"tills":      users.SeeTills,
	"journal":    users.SeeJournal,
	"exceptions": users.SeeJournal,
	"people":     users.EditStaff,
	"account":    users.SeeOverview,
	"audit":      users.SeeAudit,
	"customers":  users.EditCustomers,
	"system":     users.SeeSystem,
}

// section is the first part of an address: of /reports.csv?store=1, reports.
func section(address string) string {
	first := strings.TrimPrefix(address, "/")
	if end := strings.IndexAny(first, "/.?"); end >= 0 {
		first = first[:end]
	}
	return first
}

type personKey struct{}

// personOf is who is signed in; the zero person on a page outside.
func personOf(ctx context.Context) users.Staff {
	p, _ := ctx.Value(personKey{}).(users.Staff)
	return p
}

func may(ctx context.Context, action users.Action) bool {
	return personOf(ctx).May(action)
}

// link is href, or nothing for who may not open it.
func link(ctx context.Context, href string) string {
	if may(ctx, sections[section(href)]) {
		return href
	}
	return ""
}

// cookieLife is the longest that a session can last. The domain ends one that nobody uses much earlier.
const cookieLife = 7 * 24 * time.Hour

// sessionCookie names what holds the session's token. The prefix has browsers take it from this host over TLS only.
func sessionCookie(r *http.Request) string {
	if r.TLS != nil {
		return "__Host-session"
	}
	return "session"
}

// signedIn lets through who has a session and may do the action. Others are led to the sign-in, or told that they may not.
func (s *site) signedIn(action users.Action, next page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		person, err := s.person(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		if person.Role == "" {
			askToSignIn(w, r)
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), personKey{}, person))
		if !may(r.Context(), action) {
			s.fail(w, r, &retail.Error{Code: retail.Forbidden, Key: "error.role"})
			return
		}
		if elsewhere(r) {
			s.fail(w, r, &retail.Error{Code: retail.Forbidden, Key: "error.store"})
			return
		}
		if err := next(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// person is who the request's cookie belongs to; the zero person when it belongs to nobody.
func (s *site) person(r *http.Request) (users.Staff, error) {
	cookie, err := r.Cookie(sessionCookie(r))
	if err != nil {
		return users.Staff{}, nil
	}
	person, err := s.Users.Session(r.Context(), cookie.Value)
	var known *retail.Error
	if errors.As(err, &known) {
		return users.Staff{}, nil
	}
	return person, err
}

// askToSignIn leads a page to the sign-in and back. An event stream cannot be led anywhere.
func askToSignIn(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("HX-Request") != "":
		w.Header().Set("HX-Redirect", "/login")
		w.WriteHeader(http.StatusUnauthorized)
	case section(r.URL.Path) == "events":
		w.WriteHeader(http.StatusUnauthorized)
	case r.Method != http.MethodGet:
		http.Redirect(w, r, "/login", http.StatusSeeOther)
	case r.URL.Path == "/":
		http.Redirect(w, r, "/login", http.StatusSeeOther)
	default:
		http.Redirect(w, r, "/login?"+query("next", r.URL.RequestURI()), http.StatusSeeOther)
	}
}
