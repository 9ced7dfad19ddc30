package web_test

import (
	"encoding/base64"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/users"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

// tillRoles are those that have something to do at a till alone.
var tillRoles = []retail.Role{retail.RoleSupervisor, retail.RoleCashier}

// moved is a visitor who has signed in, and was given a role of tills afterwards: with that role nobody signs in.
func (w *world) moved(to retail.Role) visitor {
	w.t.Helper()
	s := w.addPerson(users.Staff{Name: "Luc", Email: string(to) + "@comptant.example", Role: retail.RoleEmployee})
	v := w.signedIn(s.Email)
	s.Role = to
	w.tx(func(tx *db.Tx) error { return users.Put(w.t.Context(), tx, s, users.Password{}, users.PIN{}) })
	status, _, _ := w.visitor().post("/login", "email", s.Email, "password", password)
	require.Equal(w.t, http.StatusForbidden, status, "%s signs in", to)
	return v
}

// addPerson adds somebody with everybody's password.
func (w *world) addPerson(s users.Staff) users.Staff {
	w.t.Helper()
	s.ID, s.Lang = uuid.New(), "fr"
	hash, err := users.NewPassword(password)
	require.NoError(w.t, err)
	w.tx(func(tx *db.Tx) error { return users.Put(w.t.Context(), tx, s, hash, users.PIN{}) })
	return s
}

// strangers are who has no session of the dashboard, with what lets them in elsewhere: it is shown wherever the dashboard might look.
func (w *world) strangers(c chain) map[string]visitor {
	w.t.Helper()
	ctx := w.t.Context()
	customer, _, err := users.NewAccounts(w.db, func() time.Time { return sunday }).Register(ctx, users.Account{Name: "Alice", Email: "manager@comptant.example"}, password)
	require.NoError(w.t, err)
	var program string
	w.tx(func(tx *db.Tx) (err error) {
		_, program, err = users.NewToken(ctx, tx, users.Token{Name: "Caisse", Scopes: users.Scopes}, sunday)
		return err
	})
	code, err := w.desk.NewCode(ctx, c.north.ID, 9)
	require.NoError(w.t, err)
	till, key := w.enrolWithKey(code)
	return map[string]visitor{
		"nobody":     w.visitor(),
		"a customer": w.showing(secretOf(customer)),
		"a program":  w.showing(secretOf(program)),
		"a till": w.showing(func(r *http.Request) {
			signature := wire.SignLog(till.Till, 1, nil, key)
			r.Header.Set(wire.LogTill, till.Till.String())
			r.Header.Set(wire.LogAsked, "1")
			r.Header.Set(wire.LogSignature, base64.StdEncoding.EncodeToString(signature))
			secretOf(base64.RawURLEncoding.EncodeToString(signature))(r)
		}),
	}
}

// secretOf shows a secret in every way there is.
func secretOf(plain string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+plain)
		for _, name := range []string{"session", "__Host-session", "shop-session"} {
			r.AddCookie(&http.Cookie{Name: name, Value: plain})
		}
	}
}

// showing is a visitor who adds something to each request.
func (w *world) showing(add func(*http.Request)) visitor {
	v := w.visitor()
	v.client.Transport = adding(add)
	return v
}

type adding func(*http.Request)

func (a adding) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	a(r)
	return http.DefaultTransport.RoundTrip(r)
}
