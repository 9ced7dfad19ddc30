package page_test

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/pgtest"
	"comptant/hq/pgtest/hostile"
)

// Whatever a visitor types into a form or an address is answered, and never becomes a part of a statement.
func TestNothingTypedBreaksTheShop(t *testing.T) {
	var watch hostile.Watch
	w := serveOn(t, pgtest.Watched(t, watch.See), watch.Log())
	g := w.open()
	go func() {
		for range w.letters { // nobody reads them
		}
	}()
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	v := w.visitor()
	v.add(g.soap, "2")
	v.register("alice@example.com")
	status, form := v.get("/shop/checkout")
	require.Equal(t, http.StatusOK, status)
	checkout := append(v.filled(form), "delivery", "collect", "phone", "514 555-0101", "address", "1, rue du Port")

	rounds := 3
	if !testing.Short() {
		rounds = 20
	}
	good := func(what string, status int) {
		t.Helper()
		what = what[:min(len(what), 600)]
		require.Less(t, status, 500, what)
		require.Empty(t, watch.Found(), what)
	}
	for _, f := range []struct {
		path  string
		pairs []string
	}{
		{"/shop/store", []string{"store", g.north.ID.String(), "back", "/shop/"}},
		{"/shop/cart", []string{"product", g.syrup.ID.String(), "quantity", "1"}},
		{"/shop/cart/" + g.soap.ID.String(), []string{"quantity", "3"}},
		{"/shop/checkout", checkout},
		{"/shop/orders/" + uuid.NewString() + "/cancel", []string{"key", "x"}},
		{"/shop/account", []string{"name", "Alice", "phone", "514 555-0101", "email", "alice@example.com"}},
		{"/shop/account/password", []string{"current", "wrong", "password", password}},
		{"/shop/forgot", []string{"email", "alice@example.com"}},
		{"/shop/reset/x", []string{"password", password}},
		{"/shop/register", []string{"name", "Bob", "email", "bob@example.com", "password", "x", "next", "/shop/"}},
		{"/shop/login", []string{"email", "alice@example.com", "password", "x", "next", "/shop/"}},
	} {
		for i := 0; i < len(f.pairs); i += 2 {
			for range rounds {
				pairs := append([]string(nil), f.pairs...)
				pairs[i+1] = hostile.Value(random)
				status, _, _ := v.post(f.path, pairs...)
				good("POST "+f.path+" "+f.pairs[i]+"="+pairs[i+1], status)
			}
		}
	}
	for _, path := range []string{
		"/shop/", "/shop/search", "/shop/categories/{}", "/shop/products/{}", "/shop/cart", "/shop/checkout", "/shop/orders/{}", "/shop/account", "/shop/login",
		"/shop/register", "/shop/forgot", "/shop/reset/{}", "/shop/{}",
	} {
		for range 4 * rounds {
			query := url.Values{}
			for _, name := range []string{"q", "page", "next", "store", "sort", "after", "key"} {
				if random.IntN(3) == 0 {
					query.Set(name, hostile.Value(random))
				}
			}
			value := hostile.Value(random)
			address := strings.ReplaceAll(path, "{}", url.PathEscape(value[:min(len(value), 60)])) + "?" + query.Encode()
			status, _ := v.get(address)
			good("GET "+address, status)
		}
	}
}
