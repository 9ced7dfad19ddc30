package page_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

func TestProductsAreFoundAndShown(t *testing.T) {
	w := serve(t)
	g := w.open()
	v := w.visitor()
	for path, want := range map[string]string{
		"/shop/":                 "Épicerie",
		"/shop/search?q=ERABLE":  "Sirop d’érable",
		"/shop/search?q=nothing": "0 produit",
		"/shop/categories/" + g.category.ID.String(): "Savon à mains",
		"/shop/cart":  "Votre panier est vide",
		"/shop/login": "Connexion",
	} {
		status, body := v.get(path)
		require.Equal(t, http.StatusOK, status, path)
		require.Contains(t, body, want, path)
		require.Contains(t, body, `lang="fr"`)
		require.NotContains(t, body, "<script", "%s needs none", path)
		require.NotRegexp(t, `[>"]shop\.[a-z_]+[<"]`, body, "a word is missing on %s", path)
	}
	_, body := v.get("/shop/products/" + g.syrup.ID.String())
	require.Contains(t, body, "11,49 $")
	require.Contains(t, body, "aucune taxe ne s’ajoute")
	require.Contains(t, body, "16 disponibles")
	require.Contains(t, body, "640 disponibles")
	require.Contains(t, body, "maintenant", "how old that is")
	require.Contains(t, body, "Épuisé", "the other store has none")
	_, body = v.get("/shop/products/" + g.soap.ID.String())
	require.Contains(t, body, "plus TPS, TVQ")
	_, body = v.get("/shop/products/" + g.coffee.ID.String())
	require.Contains(t, body, "en magasin seulement")
	require.NotContains(t, body, `action="/shop/cart"`)
	status, body := v.get("/shop/products/" + uuid.NewString())
	require.Equal(t, http.StatusNotFound, status)
	require.Contains(t, body, "<main")
	status, _ = v.get("/shop/nowhere")
	require.Equal(t, http.StatusNotFound, status)

	// The store that was chosen is remembered.
	v.post("/shop/store", "store", g.south.ID.String())
	_, body = v.get("/shop/products/" + g.soap.ID.String())
	require.Contains(t, body, "9 disponibles")
	status, _, _ = v.post("/shop/store", "store", g.depot.ID.String()+"x")
	require.Equal(t, http.StatusNotFound, status)

	v.lang = "en"
	_, body = v.get("/shop/products/" + g.syrup.ID.String())
	require.Contains(t, body, "Maple syrup")
	require.Contains(t, body, "$11.49")
	v.post("/shop/prefs", "lang", "fr")
	_, body = v.get("/shop/products/" + g.syrup.ID.String())
	require.Contains(t, body, "Sirop d’érable", "what was chosen counts before the browser's languages")
}

// The worst there could be: two people with one cart. Neither a visitor's nor a customer's is ever another's, signed in or out, in the
// same browser or not.
func TestNobodySeesAnothersCart(t *testing.T) {
	w := serve(t)
	g := w.open()
	alice, bob, carol := w.visitor(), w.visitor(), w.visitor()
	alice.add(g.syrup, "2")
	bob.add(g.soap, "3")
	empty := func(v visitor) {
		t.Helper()
		_, body := v.get("/shop/cart")
		require.Contains(t, body, "Votre panier est vide")
		require.NotContains(t, body, "cart-count")
	}
	has := func(v visitor, product string, others ...string) {
		t.Helper()
		_, body := v.get("/shop/cart")
		require.Contains(t, body, product)
		for _, o := range others {
			require.NotContains(t, body, o)
		}
	}
	has(alice, "Sirop d’érable", "Savon")
	has(bob, "Savon à mains", "Sirop")
	empty(carol)

	alice.register("alice@example.com")
	has(alice, "Sirop d’érable", "Savon")
	alice.post("/shop/logout")
	empty(alice)
	has(bob, "Savon à mains", "Sirop")
	// Somebody else uses Alice's browser.
	alice.register("dan@example.com")
	empty(alice)
	alice.add(g.last, "1")
	alice.post("/shop/logout")
	// Alice is back, in another browser, with something in hand.
	carol.add(g.soap, "1")
	status, _, location := carol.post("/shop/login", "email", "alice@example.com", "password", password, "next", "/shop/cart")
	require.Equal(t, http.StatusSeeOther, status)
	require.Equal(t, "/shop/cart", location)
	_, body := carol.get("/shop/cart")
	require.Contains(t, body, "Sirop d’érable")
	require.Contains(t, body, "Savon à mains")
	require.NotContains(t, body, "Tuque")
	require.Contains(t, body, "28,72 $", "2298 + 499 and its taxes: both carts, added up")

	// No token that a browser makes up finds a cart of others.
	mallory := w.visitor()
	for _, made := range []string{"", "x", strings.Repeat("A", 43), g.syrup.ID.String()} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+"/shop/cart", nil)
		require.NoError(t, err)
		r.AddCookie(&http.Cookie{Name: "shop-visitor", Value: made})
		r.AddCookie(&http.Cookie{Name: "shop-session", Value: made})
		_, body, _ := mallory.do(r)
		require.Contains(t, body, "Votre panier est vide")
	}
	var carts, visitors int
	require.NoError(t, w.db.QueryRow(t.Context(), `SELECT count(*), count(visitor) FROM shop.cart`).Scan(&carts, &visitors))
	require.Equal(t, 3, carts)
	require.Equal(t, 1, visitors, "Bob's: no other visitor's is left")
}

func TestCartsAreChanged(t *testing.T) {
	w := serve(t)
	g := w.open()
	v := w.visitor()
	v.add(g.last, "3")
	_, body := v.get("/shop/cart")
	require.Contains(t, body, "1 seul à Nord")
	line := "/shop/cart/" + g.last.ID.String()
	for _, wrong := range []string{"0", "-1", "1,5", "beaucoup", "1000"} {
		v.post(line, "quantity", wrong)
		_, body = v.get("/shop/cart")
		require.Contains(t, body, "de 1 à 99")
		require.Contains(t, body, `value="3"`, "nothing is lost")
	}
	v.post(line, "quantity", "1")
	_, body = v.get("/shop/cart")
	require.Contains(t, body, `value="1"`)
	require.NotContains(t, body, "1 seul")
	w.tx(func(tx *db.Tx) error { return catalog.Retire(t.Context(), tx, sunday, g.last.ID) })
	_, body = v.get("/shop/cart")
	require.Contains(t, body, "N’est plus vendu")
	require.NotContains(t, body, `href="/shop/checkout"`)
	v.post(line, "do", "remove")
	_, body = v.get("/shop/cart")
	require.Contains(t, body, "Votre panier est vide")
}

// A visitor orders without an account and without a script, and finds the order by its address alone.
func TestGuestsOrder(t *testing.T) {
	w := serve(t)
	g := w.open()
	v := w.visitor()
	v.add(g.syrup, "2")
	v.add(g.soap, "1")

	// All that is wrong is said, each beside its field, and what was typed stays, but for the card.
	_, form := v.get("/shop/checkout")
	hidden := v.filled(form)[6:]
	status, body, _ := v.post("/shop/checkout", append(hidden, "delivery", "ship", "name", " ", "email", "alice", "phone", "12", "address", "ici là", "card", "4242 4299")...)
	require.Equal(t, http.StatusUnprocessableEntity, status)
	for _, text := range []string{
		"Il manque un nom", "pas une adresse de courriel", "pas un numéro de téléphone", "Écrivez l’adresse complète", "de 12 à 19 chiffres",
		`value="alice"`, "ici là",
	} {
		require.Contains(t, body, text)
	}
	require.NotContains(t, body, "4242 4299")
	require.NotContains(t, body, `value="4242`, "only the list of test cards has numbers")

	status, body, location := v.checkout("delivery", "collect", "store", g.north.ID.String())
	require.Equal(t, http.StatusSeeOther, status, body)
	require.Regexp(t, `^/shop/orders/[A-Za-z0-9_-]{43}$`, location)
	status, body = v.get(location)
	require.Equal(t, http.StatusOK, status)
	for _, text := range []string{"W-000001", "Commande confirmée", "Sirop d’érable", "28,72 $", "Magasin Nord", "4242", "Annuler la commande", `http-equiv="refresh"`} {
		require.Contains(t, body, text)
	}
	require.NotContains(t, body, "4242 4242")
	_, body = v.get("/shop/cart")
	require.Contains(t, body, "Votre panier est vide")
	_, body = w.visitor().get(location)
	require.Contains(t, body, "W-000001", "whoever has the address")
	for _, guess := range []string{"/shop/orders/W-000001", "/shop/orders/" + strings.Repeat("A", 43)} {
		status, _ = v.get(guess)
		require.Equal(t, http.StatusNotFound, status)
	}

	status, _, back := v.post(location + "/cancel")
	require.Equal(t, http.StatusSeeOther, status)
	require.Equal(t, location, back)
	_, body = v.get(location)
	require.Contains(t, body, "Commande annulée")
	require.Contains(t, body, "Rien n’a été débité")
	require.NotContains(t, body, "Annuler la commande")
	require.NotContains(t, body, `http-equiv="refresh"`)
}

// A form that is sent twice makes one order, and one at an old total makes none and shows the new one.
func TestCheckoutsAreOfWhatWasSeen(t *testing.T) {
	w := serve(t)
	g := w.open()
	v := w.visitor()
	v.add(g.soap, "2")
	_, form := v.get("/shop/checkout")
	old := append(v.filled(form), "delivery", "ship", "address", "1, rue du Port, Montréal")
	w.tx(func(tx *db.Tx) error {
		_, err := catalog.AddBook(t.Context(), tx, sunday, sunday, uuid.Nil, []retail.PriceLine{{Product: g.soap.ID, Price: 599}})
		return err
	})
	status, body, _ := v.post("/shop/checkout", old...)
	require.Equal(t, http.StatusConflict, status)
	require.Contains(t, body, "11,48 $ est devenu 13,78 $")
	require.Contains(t, body, "rue du Port")
	fields := append(v.filled(body), "delivery", "ship", "address", "1, rue du Port, Montréal")
	status, body, location := v.post("/shop/checkout", fields...)
	require.Equal(t, http.StatusSeeOther, status, body)
	status, _, again := v.post("/shop/checkout", fields...)
	require.Equal(t, http.StatusSeeOther, status)
	require.Equal(t, location, again)
	page, err := order.List(t.Context(), w.db, order.Filter{})
	require.NoError(t, err)
	require.Len(t, page.Orders, 1)
	require.Equal(t, g.depot.ID, page.Orders[0].Location)
	require.Equal(t, money.Amount(1378), page.Orders[0].Total)
	_, body = v.get(location)
	require.Contains(t, body, "1, rue du Port, Montréal")
}

// A declined card says why and keeps the cart, which pays again as another order.
func TestDeclinedCardsSayWhy(t *testing.T) {
	w := serve(t)
	g := w.open()
	v := w.visitor()
	v.register("alice@example.com")
	v.add(g.soap, "1")
	_, form := v.get("/shop/checkout")
	fields := v.filled(form)
	fields[5] = "4000 1111 2222 3333"
	status, body, _ := v.post("/shop/checkout", append(fields, "delivery", "collect", "store", g.north.ID.String())...)
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Contains(t, body, "pas une carte d’essai")
	fields[5] = declines
	status, body, location := v.post("/shop/checkout", append(fields, "delivery", "collect", "store", g.north.ID.String())...)
	require.Equal(t, http.StatusSeeOther, status, body)
	_, body = v.get(location)
	require.Contains(t, body, "Les fonds sont insuffisants")
	require.Contains(t, body, "Rien n’a été débité")
	require.Contains(t, body, `href="/shop/checkout"`)
	status, body, paid := v.checkout("delivery", "collect", "store", g.north.ID.String())
	require.Equal(t, http.StatusSeeOther, status, body)
	require.NotEqual(t, location, paid)
	_, body = v.get("/shop/account")
	require.Contains(t, body, "W-000001")
	require.Less(t, strings.Index(body, "W-000002"), strings.Index(body, "W-000001"), "newest first")
	require.Contains(t, body, paid)
	_, other := w.visitor().get("/shop/account")
	require.NotContains(t, other, "W-00000")
}

func TestCustomersForgetTheirPassword(t *testing.T) {
	w := serve(t)
	w.open()
	v := w.visitor()
	v.register("alice@example.com")
	stranger := w.visitor()
	status, body, _ := stranger.post("/shop/register", "name", "Eve", "email", "alice@example.com", "password", "another long phrase")
	require.Equal(t, http.StatusForbidden, status)
	require.Contains(t, body, "ne font pas un compte")
	require.Contains(t, body, `value="Eve"`)
	for _, email := range []string{"nobody@example.com", "alice@example.com"} {
		status, body, _ = stranger.post("/shop/forgot", "email", email)
		require.Equal(t, http.StatusOK, status)
		require.Contains(t, body, "Si un compte a ce courriel")
	}
	sent := <-w.letters
	require.Equal(t, "alice@example.com", sent.to)
	link := regexp.MustCompile(`https://shop\.example(/shop/reset/[^\s]+)`).FindStringSubmatch(sent.text)
	require.Len(t, link, 2)
	_, body = stranger.get(link[1])
	require.Contains(t, body, "alice@example.com")
	status, body, _ = stranger.post(link[1], "password", "court")
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Contains(t, body, "au moins 10 caractères")
	status, _, _ = stranger.post(link[1], "password", "une autre longue phrase")
	require.Equal(t, http.StatusOK, status)
	status, _ = stranger.get(link[1])
	require.Equal(t, http.StatusNotFound, status)
	_, body = v.get("/shop/")
	require.NotContains(t, body, "Alice Roy", "who was signed in is not any more")
	status, _, _ = v.post("/shop/login", "email", "alice@example.com", "password", password)
	require.Equal(t, http.StatusForbidden, status)
	status, _, _ = v.post("/shop/login", "email", "alice@example.com", "password", "une autre longue phrase", "next", "https://evil.example/shop/")
	require.Equal(t, http.StatusSeeOther, status)
	_, body = v.get("/shop/")
	require.Contains(t, body, "Alice Roy")
	for len(w.letters) > 0 {
		t.Errorf("a letter to nobody: %v", <-w.letters)
	}
}

// Forms of other sites do nothing, an address leads nowhere else, and nobody sends more than a form needs.
func TestStrangersAreKeptOut(t *testing.T) {
	w := serve(t)
	g := w.open()
	v := w.visitor()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL+"/shop/cart", strings.NewReader("product="+g.syrup.ID.String()+"&quantity=1"))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	status, _, _ := v.do(r)
	require.Equal(t, http.StatusForbidden, status)
	_, body := v.get("/shop/cart")
	require.Contains(t, body, "Votre panier est vide")
	for _, next := range []string{"https://evil.example/", "//evil.example/shop/", "/login", "/shop/../people", "javascript:alert(1)"} {
		v := w.visitor()
		status, _, location := v.post("/shop/register", "name", "A", "email", uuid.NewString()+"@example.com", "password", password, "next", next)
		require.Equal(t, http.StatusSeeOther, status)
		require.Equal(t, "/shop/", location, next)
	}
	status, _, _ = v.post("/shop/cart", "product", g.syrup.ID.String(), "quantity", "1", "more", strings.Repeat("x", 1<<20))
	require.NotEqual(t, http.StatusOK, status)
	_, body = v.get("/shop/cart")
	require.Contains(t, body, "Votre panier est vide")
	for range 30 {
		v.post("/shop/login", "email", uuid.NewString()+"@example.com", "password", "guess")
	}
	status, body, _ = v.post("/shop/login", "email", "x@example.com", "password", "guess")
	require.Equal(t, http.StatusTooManyRequests, status)
	require.Contains(t, body, "Trop d’échecs")
	status, _ = v.get("/shop/")
	require.Equal(t, http.StatusOK, status, "who only buys is not kept waiting")
}

// A visitor whose order waits for the bank and who signs in is shown that order, and cannot pay for it again.
func TestSigningInKeepsAnUndecidedOrder(t *testing.T) {
	w := serve(t)
	g := w.open()
	v := w.visitor()
	v.add(g.soap, "2")
	_, form := v.get("/shop/checkout")
	fields := v.filled(form)
	fields[5] = unheard
	status, body, location := v.post("/shop/checkout", append(fields, "delivery", "collect", "store", g.north.ID.String())...)
	require.Equal(t, http.StatusSeeOther, status, body)
	_, body = v.get(location)
	require.Contains(t, body, "Commande en cours")
	v.register("alice@example.com")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+"/shop/checkout", nil)
	require.NoError(t, err)
	status, body, shown := v.do(r)
	require.Equal(t, http.StatusSeeOther, status, body)
	require.Equal(t, location, shown)
}

// Whichever warehouse has what is in the cart ships it, and an order that goes to another is of that place.
func TestAnyWarehouseShips(t *testing.T) {
	w := serve(t)
	g := w.open()
	quebec := retail.Location{ID: uuid.New(), Kind: retail.LocationWarehouse, Code: "QC", Name: "Entrepôt de Québec", Zone: "America/Toronto"}
	w.tx(func(tx *db.Tx) error {
		if err := stock.PutLocations(t.Context(), tx, quebec); err != nil {
			return err
		}
		return stock.Set(t.Context(), tx, sunday.Add(-time.Hour), uuid.New(), []stock.Found{
			{Location: quebec.ID, Product: g.last.ID, OnHand: 5 * money.One}, {Location: quebec.ID, Product: g.soap.ID, OnHand: 9 * money.One},
		})
	})
	v := w.visitor()
	_, body := v.get("/shop/products/" + g.last.ID.String())
	require.Contains(t, body, "5 disponibles")
	address := []string{"delivery", "ship", "address", "1, rue du Port, Montréal"}
	ship := func(p catalog.Product) (order.Order, string) {
		v.add(p, "2")
		status, body, location := v.checkout(address...)
		require.Equal(t, http.StatusSeeOther, status, body)
		page, err := order.List(t.Context(), w.db, order.Filter{Limit: 1})
		require.NoError(t, err)
		return page.Orders[0], location
	}
	o, _ := ship(g.last)
	require.Equal(t, quebec.ID, o.Location)
	require.Equal(t, retail.OrderConfirmed, o.State)
	o, location := ship(g.soap)
	require.Equal(t, g.depot.ID, o.Location)
	o = w.lacked(o)
	require.Equal(t, quebec.ID, o.Location)
	_, body = v.get(location)
	require.Contains(t, body, "14:32")
	require.NotContains(t, body, "19:32", "in universal time")
	_, text := w.letter(o)
	require.Contains(t, text, "Un autre s’en charge")
}
