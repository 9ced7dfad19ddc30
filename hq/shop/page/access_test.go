package page_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/shop/page"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// access says for each route how an empty request is answered: to who has an account and has signed in, and to everybody else. What a
// route changes is the customer's own: their cart, and the order whose secret address they have.
var access = map[string][2]int{
	"GET /shop/{$}":                       {200, 200},
	"GET /shop/search":                    {303, 303},
	"GET /shop/categories/{category}":     {200, 200},
	"GET /shop/products/{product}":        {200, 200},
	"GET /shop/pictures/{picture}/{size}": {404, 404},
	"POST /shop/store":                    {404, 404},
	"POST /shop/prefs":                    {303, 303},
	"GET /shop/cart":                      {200, 200},
	"POST /shop/cart":                     {404, 404},
	"POST /shop/cart/{product}":           {303, 303},
	"GET /shop/checkout":                  {303, 303},
	"POST /shop/checkout":                 {303, 303},
	"GET /shop/orders/{order}":            {404, 404},
	"GET /shop/orders/{order}/events":     {404, 404},
	"POST /shop/orders/{order}/cancel":    {404, 404},
	"GET /shop/account":                   {200, 303},
	"POST /shop/account":                  {303, 303},
	"POST /shop/account/password":         {303, 303},
	"GET /shop/login":                     {303, 200},
	"POST /shop/login":                    {403, 403},
	"GET /shop/register":                  {303, 200},
	"POST /shop/register":                 {422, 422},
	"GET /shop/forgot":                    {200, 200},
	"POST /shop/forgot":                   {200, 200},
	"GET /shop/reset/{token}":             {404, 404},
	"POST /shop/reset/{token}":            {404, 404},
	"/shop/":                              {404, 404},
	"POST /shop/logout":                   {303, 303},
}

// toSignIn are the routes that lead who has not signed in to where one does.
var toSignIn = []string{"GET /shop/account", "POST /shop/account", "POST /shop/account/password"}

// Every route is in the table, and is what it says for a customer and for everybody else: who works here and programs are nobody here,
// whatever secret they show.
func TestRoutesKnowTheirCustomers(t *testing.T) {
	w := serve(t)
	g := w.open()
	ctx := t.Context()
	secret := func(plain string) visitor {
		v := w.visitor()
		v.client.Transport = adding(func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer "+plain)
			r.AddCookie(&http.Cookie{Name: "session", Value: plain})
			r.AddCookie(&http.Cookie{Name: "shop-session", Value: plain})
		})
		return v
	}
	customer := w.visitor()
	status, body, _ := customer.post("/shop/register", "name", "Alice Roy", "email", "alice@example.com", "password", password)
	require.Equal(t, http.StatusSeeOther, status, body)
	others := map[string]visitor{"nobody": w.visitor()}
	hash, err := users.NewPassword(password)
	require.NoError(t, err)
	sessions := users.NewSessions(w.db, now)
	for _, role := range []retail.Role{retail.RoleAdministrator, retail.RoleManager, retail.RoleEmployee, retail.RoleWarehouse} {
		s := users.Staff{ID: uuid.New(), Name: string(role), Email: string(role) + "@example.com", Role: role, Lang: "fr"}
		w.tx(func(tx *db.Tx) error { return users.Put(ctx, tx, s, hash, users.PIN{}) })
		plain, _, err := sessions.SignIn(ctx, s.Email, password, "", "")
		require.NoError(t, err)
		others[string(role)] = secret(plain)
	}
	w.tx(func(tx *db.Tx) error {
		_, plain, err := users.NewToken(ctx, tx, users.Token{Name: "Site", Scopes: users.Scopes}, sunday)
		others["a program"] = secret(plain)
		return err
	})

	fill := strings.NewReplacer("{$}", "", "{category}", g.category.ID.String(), "{product}", g.syrup.ID.String(), "{picture}", uuid.NewString(), "{size}", "small",
		"{order}", uuid.NewString(), "{token}", "guess")
	patterns := page.Patterns()
	const last = "POST /shop/logout"
	patterns = append(slices.DeleteFunc(patterns, func(p string) bool { return p == last }), last)
	for _, pattern := range patterns {
		want, ok := access[pattern]
		require.True(t, ok, "%s is not in the table", pattern)
		method, path, ok := strings.Cut(fill.Replace(pattern), " ")
		if !ok {
			method, path = http.MethodGet, "/shop/nowhere"
		}
		ask := func(v visitor) (int, string) {
			_, err := w.db.Exec(ctx, `DELETE FROM users.attempt`) // or all of them, who send the same, would be told to wait
			require.NoError(t, err)
			r, err := http.NewRequestWithContext(ctx, method, w.server.URL+path, strings.NewReader(url.Values{}.Encode()))
			require.NoError(t, err)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			status, _, location := v.do(r)
			return status, location
		}
		status, _ := ask(customer)
		require.Equal(t, want[0], status, "%s as a customer", pattern)
		for who, v := range others {
			status, location := ask(v)
			require.Equal(t, want[1], status, "%s as %s", pattern, who)
			require.Equal(t, slices.Contains(toSignIn, pattern), strings.HasPrefix(location, "/shop/login"), "%s as %s leads to %s", pattern, who, location)
		}
	}
	require.Len(t, patterns, len(access), "the table has a route that is none")
}

type adding func(*http.Request)

func (a adding) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	a(r)
	return http.DefaultTransport.RoundTrip(r)
}
