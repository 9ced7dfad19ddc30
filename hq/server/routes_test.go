package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/intake"
	"comptant/hq/payments"
	"comptant/hq/payments/stripetest"
	"comptant/hq/pgtest"
	"comptant/hq/server"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

// met is how a route answers an empty request: everybody, but those who are named.
type met struct {
	asked string // the address; empty for that of the pattern
	all   int
	but   map[string]int
}

// dashboard is who the dashboard lets in; it has a table of its own, as the shop and the API have.
var dashboard = map[string]int{"administrator": 200, "manager": 200, "employee": 200, "warehouse": 200, "supervisor": 403, "cashier": 403}

var routes = map[string]met{
	"GET /healthz": {all: 200},
	"GET /metrics": {all: 401, but: map[string]int{"a program": 403, "Prometheus": 200}},
	// Who a till is it says and proves within the connection.
	"GET /sync": {all: 400},
	// The name is the secret.
	"GET /sync/snapshot/{name}": {asked: "/sync/snapshot/guess", all: 404},
	"POST /sync/enrol":          {all: 400},
	"POST /sync/log":            {all: 400, but: map[string]int{"a till": 409}}, // nobody has asked it
	"POST /webhooks/stripe":     {all: 400},
	"/api/":                     {asked: "/api/v1/products", all: 401, but: map[string]int{"a program": 200, "Prometheus": 403}},
	"/shop/":                    {all: 200},
	"/":                         {all: 303, but: dashboard},
}

// Every route of headquarters is in the table, and everybody meets it as the table says, with what proves who they are shown wherever
// it might be looked for.
func TestRoutesKnowWhoAsks(t *testing.T) {
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	c := server.Config{
		Database: server.Database{URL: pgtest.DurableURL(t), Log: log}, Listen: "127.0.0.1:0", Version: "test", Log: log,
		Stripe: payments.StripeOptions{Key: stripetest.Key, PublishableKey: stripetest.PublishableKey, WebhookSecret: stripetest.WebhookSecret},
	}
	hq, err := server.New(t.Context(), c)
	require.NoError(t, err)
	serving, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- hq.Run(serving) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-done)
	})
	d, err := db.Open(t.Context(), c.Database.URL, log, db.Options{})
	require.NoError(t, err)
	defer d.Close()
	visitors := everybody(t, d, "http://"+hq.Addr())

	patterns, err := hq.Patterns(c)
	require.NoError(t, err)
	for _, pattern := range patterns {
		want, ok := routes[pattern]
		require.True(t, ok, "%s is not in the table", pattern)
		method, path, ok := strings.Cut(pattern, " ")
		if !ok {
			method, path = http.MethodGet, pattern
		}
		if want.asked != "" {
			path = want.asked
		}
		for who, show := range visitors {
			r, err := http.NewRequestWithContext(t.Context(), method, "http://"+hq.Addr()+path, nil)
			require.NoError(t, err)
			show(r)
			resp, err := http.DefaultTransport.RoundTrip(r)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			status, ok := want.but[who]
			if !ok {
				status = want.all
			}
			require.Equal(t, status, resp.StatusCode, "%s as %s", pattern, who)
		}
	}
	require.Len(t, patterns, len(routes), "the table has a route that is none")
}

// everybody is who there is, and how each shows who they are.
func everybody(t *testing.T, d *db.DB, address string) map[string]func(*http.Request) {
	t.Helper()
	ctx := t.Context()
	secret := func(plain string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer "+plain)
			r.AddCookie(&http.Cookie{Name: "session", Value: plain})
			r.AddCookie(&http.Cookie{Name: "shop-session", Value: plain})
		}
	}
	all := map[string]func(*http.Request){"nobody": func(*http.Request) {}}
	phrase, err := users.NewPassword(forgot)
	require.NoError(t, err)
	put := func(s users.Staff) {
		require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return users.Put(ctx, tx, s, phrase, users.PIN{}) }))
	}
	sessions := users.NewSessions(d, time.Now)
	for _, role := range users.Roles {
		s := users.Staff{ID: uuid.New(), Name: string(role), Email: string(role) + "@comptant.example", Role: retail.RoleEmployee, Lang: "fr"}
		put(s)
		plain, _, err := sessions.SignIn(ctx, s.Email, forgot, "", "")
		require.NoError(t, err)
		// Given its role afterwards: with one of tills nobody signs in.
		_, err = d.Exec(ctx, `UPDATE users.staff SET role = $2 WHERE id = $1`, s.ID, role)
		require.NoError(t, err)
		all[string(role)] = secret(plain)
	}
	customer, _, err := users.NewAccounts(d, time.Now).Register(ctx, users.Account{Name: "Alice", Email: "manager@comptant.example"}, forgot)
	require.NoError(t, err)
	all["a customer"] = secret(customer)
	for name, scopes := range map[string][]users.Scope{"a program": {users.ReadCatalog, users.WriteTills}, "Prometheus": {users.ReadMetrics}} {
		require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
			_, plain, err := users.NewToken(ctx, tx, users.Token{Name: name, Scopes: scopes}, time.Now())
			all[name] = secret(plain)
			return err
		}))
	}
	all["a till"] = till(t, d, address)
	return all
}

// till enrols one, and signs as it does.
func till(t *testing.T, d *db.DB, address string) func(*http.Request) {
	t.Helper()
	ctx := t.Context()
	store := retail.Location{ID: uuid.New(), Kind: retail.LocationStore, Code: "NO", Name: "Nord", Zone: "America/Toronto"}
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return stock.PutLocations(ctx, tx, store) }))
	code, err := intake.New(d, slog.New(slog.DiscardHandler), time.Now).NewCode(ctx, store.ID, 1)
	require.NoError(t, err)
	public, key, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	request, err := json.Marshal(wire.EnrolRequest{Code: code, Key: public})
	require.NoError(t, err)
	resp, err := http.Post(address+wire.EnrolPath, "application/json", bytes.NewReader(request))
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	var reply wire.EnrolReply
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&reply))
	var text bytes.Buffer
	require.NoError(t, gzip.NewWriter(&text).Close())
	return func(r *http.Request) {
		if r.Method == http.MethodPost {
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(text.Bytes())), int64(text.Len())
		}
		signature := base64.StdEncoding.EncodeToString(wire.SignLog(reply.Till, 1, text.Bytes(), key))
		r.Header.Set(wire.LogTill, reply.Till.String())
		r.Header.Set(wire.LogAsked, "1")
		r.Header.Set(wire.LogSignature, signature)
		r.Header.Set("Authorization", "Bearer "+signature)
	}
}
