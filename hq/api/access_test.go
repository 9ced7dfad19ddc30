package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/api"
	"comptant/hq/db"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// What opens which operation.
var access = map[string]users.Scope{
	"list-products":         users.ReadCatalog,
	"get-product":           users.ReadCatalog,
	"create-product":        users.WriteCatalog,
	"put-product":           users.WriteCatalog,
	"retire-product":        users.WriteCatalog,
	"add-barcode":           users.WriteCatalog,
	"remove-barcode":        users.WriteCatalog,
	"put-picture":           users.WriteCatalog,
	"remove-picture":        users.WriteCatalog,
	"list-prices":           users.ReadCatalog,
	"add-price":             users.WriteCatalog,
	"list-price-books":      users.ReadCatalog,
	"add-price-book":        users.WriteCatalog,
	"cancel-price-book":     users.WriteCatalog,
	"list-categories":       users.ReadCatalog,
	"get-category":          users.ReadCatalog,
	"create-category":       users.WriteCatalog,
	"put-category":          users.WriteCatalog,
	"remove-category":       users.WriteCatalog,
	"list-stores":           users.ReadStock,
	"get-store":             users.ReadStock,
	"create-store":          users.WriteStock,
	"put-store":             users.WriteStock,
	"list-locations":        users.ReadStock,
	"list-stock":            users.ReadStock,
	"get-stock":             users.ReadStock,
	"list-movements":        users.ReadStock,
	"put-thresholds":        users.WriteStock,
	"adjust-stock":          users.WriteStock,
	"list-restocks":         users.ReadStock,
	"get-restock":           users.ReadStock,
	"request-restock":       users.WriteStock,
	"approve-restock":       users.WriteStock,
	"reject-restock":        users.WriteStock,
	"ship-restock":          users.WriteStock,
	"list-shipments":        users.ReadStock,
	"get-shipment":          users.ReadStock,
	"list-receipts":         users.ReadSales,
	"get-receipt":           users.ReadSales,
	"list-shifts":           users.ReadSales,
	"get-sales-report":      users.ReadSales,
	"get-sales-breakdown":   users.ReadSales,
	"list-tills":            users.ReadTills,
	"get-till":              users.ReadTills,
	"create-enrolment-code": users.WriteTills,
	"lock-till":             users.WriteLocks,
	"unlock-till":           users.WriteLocks,
	"revoke-till":           users.WriteTills,
	"list-users":            users.ReadUsers,
	"get-user":              users.ReadUsers,
	"create-user":           users.WriteUsers,
	"put-user":              users.WriteUsers,
	"list-rights":           users.ReadUsers,
	"get-rights":            users.ReadUsers,
	"put-rights":            users.WriteUsers,
	"patch-rights":          users.WriteUsers,
	"list-values":           users.ReadStock,
	"list-product-values":   users.ReadStock,
	"list-shrinkage":        users.ReadStock,
	"list-unsold":           users.ReadStock,
	"get-automatic":         users.ReadStock,
	"put-automatic":         users.WriteStock,
	"disable-user":          users.WriteUsers,
	"enable-user":           users.WriteUsers,
	"list-customers":        users.ReadUsers,
	"get-customer":          users.ReadUsers,
	"create-customer":       users.WriteUsers,
	"put-customer":          users.WriteUsers,
	"erase-customer":        users.WriteUsers,
	"list-purchases":        users.ReadStock,
	"get-purchase":          users.ReadStock,
	"make-purchase":         users.WriteStock,
	"receive-goods":         users.WriteStock,
	"correct-delivery":      users.WriteStock,
	"close-purchase":        users.WriteStock,
	"get-cart":              users.ReadOrders,
	"add-to-cart":           users.WriteOrders,
	"put-cart-line":         users.WriteOrders,
	"remove-cart-line":      users.WriteOrders,
	"clear-cart":            users.WriteOrders,
	"place-order":           users.WriteOrders,
	"list-orders":           users.ReadOrders,
	"get-order":             users.ReadOrders,
	"list-order-history":    users.ReadOrders,
	"cancel-order":          users.WriteOrders,
	"repay-order":           users.WriteOrders,
	"settle-order":          users.WriteOrders,
	"retry-order":           users.WriteOrders,
	"accept-order":          users.WriteOrders,
	"short-order":           users.WriteOrders,
	"ship-order":            users.WriteOrders,
	"deliver-order":         users.WriteOrders,
	"return-order":          users.WriteOrders,
	"list-sagas":            users.ReadOrders,
	"get-saga":              users.ReadOrders,
	"list-saga-events":      users.ReadOrders,
	"get-saga-health":       users.ReadOrders,
	"list-tax-rates":        users.ReadCatalog,
	"list-charges":          users.ReadCatalog,
	"get-charge":            users.ReadCatalog,
	"create-charge":         users.WriteCatalog,
	"put-charge":            users.WriteCatalog,
	"patch-charge":          users.WriteCatalog,
	"list-alerts":           users.ReadStock,
	"list-cover":            users.ReadStock,
	"list-counts":           users.ReadStock,
	"list-exceptions":       users.ReadJournal,
	"settle-exception":      users.WriteJournal,
	"get-tax-report":        users.ReadSales,
	"get-cashier-report":    users.ReadSales,
	"get-drawer-report":     users.ReadSales,
	"list-changes":          users.ReadAudit,
	"patch-product":         users.WriteCatalog,
	"patch-category":        users.WriteCatalog,
	"patch-store":           users.WriteStock,
	"patch-automatic":       users.WriteStock,
	"patch-user":            users.WriteUsers,
	"patch-customer":        users.WriteUsers,
	"delete-store":          users.WriteStock,
	"get-labels":            users.ReadCatalog,
	"list-sessions":         users.ReadUsers,
	"end-sessions":          users.WriteUsers,
	"end-session":           users.WriteUsers,
	"put-pin":               users.WriteUsers,
	"send-password-link":    users.WriteUsers,
	"list-tokens":           users.ReadUsers,
	"make-token":            users.WriteTokens,
	"revoke-token":          users.WriteTokens,
	"list-faults":           users.ReadJournal,
	"export-journal":        users.ReadJournal,
	"ask-till-log":          users.WriteTills,
	"get-till-log":          users.ReadTills,
	"upload-file":           users.WriteImports,
	"get-upload":            users.WriteImports,
	"apply-upload":          users.WriteImports,
}

// Every operation of the document is in the table, and no token, every other scope, and the right one meet it as the table says. So they
// do what Prometheus reads, which is no operation.
func TestOperationsKeepToTheirScopes(t *testing.T) {
	w := newWorld(t)
	right, others := map[users.Scope]string{}, map[users.Scope]string{}
	for _, scope := range users.Scopes {
		right[scope] = w.newToken(scope)
		others[scope] = w.newToken(slices.DeleteFunc(slices.Clone(users.Scopes), func(s users.Scope) bool {
			return users.Token{Scopes: []users.Scope{s}}.May(scope)
		})...)
	}
	browser := w.sessions()
	keeps := func(scope users.Scope, method, path string) {
		t.Helper()
		ask := func(token string) answer { return w.ask(method, path, nil, "Authorization", token) }
		for who, session := range browser {
			cookies := "session=" + session + "; __Host-session=" + session + "; shop-session=" + session
			require.Equal(t, http.StatusUnauthorized, w.ask(method, path, nil, "Authorization", "", "Cookie", cookies).status, "%s as %s", path, who)
			ask("Bearer "+session).problem(http.StatusUnauthorized, "token.none")
		}
		nobody := ask("")
		nobody.problem(http.StatusUnauthorized, "token.missing")
		require.Equal(t, `Bearer realm="comptant"`, nobody.header.Get("WWW-Authenticate"))
		ask("Bearer "+others[scope]).problem(http.StatusForbidden, "token.scope")
		let := ask("Bearer " + right[scope])
		require.NotContains(t, []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusMethodNotAllowed}, let.status, path)
		require.Less(t, let.status, 500, "%s: %s", path, let.body)
	}
	fill := strings.NewReplacer("{version}", "99", "{code}", "96385074", "{receipt}", "x")
	seen := 0
	for pattern, methods := range w.document.Paths {
		path := fill.Replace(pattern)
		for strings.Contains(path, "{") {
			before, after, _ := strings.Cut(path, "{")
			_, after, _ = strings.Cut(after, "}")
			path = before + uuid.NewString() + after
		}
		for method, op := range methods {
			scope, ok := access[op.OperationID]
			require.True(t, ok, "%s is not in the table", op.OperationID)
			seen++
			require.Equal(t, []map[string][]string{{"token": {string(scope)}}}, op.Security, op.OperationID)
			keeps(scope, strings.ToUpper(method), api.Root+path)
		}
	}
	require.Equal(t, len(access), seen, "the table has operations that are none")
	keeps(users.ReadMetrics, http.MethodGet, api.Metrics)
	require.Equal(t, "up 1\n", string(w.ask(http.MethodGet, api.Metrics, nil).body))
}

// sessions are those of an administrator and of a customer, which open nothing here.
func (w *world) sessions() map[string]string {
	w.t.Helper()
	const password = "mot de passe des tests"
	ctx, clock := w.t.Context(), func() time.Time { return w.now }
	hash, err := users.NewPassword(password)
	require.NoError(w.t, err)
	emma := users.Staff{ID: uuid.New(), Name: "Emma", Email: "emma@comptant.example", Role: retail.RoleAdministrator, Lang: "fr"}
	w.tx(func(tx *db.Tx) error { return users.Put(ctx, tx, emma, hash, users.PIN{}) })
	staff, _, err := users.NewSessions(w.db, clock).SignIn(ctx, emma.Email, password, "", "")
	require.NoError(w.t, err)
	customer, _, err := users.NewAccounts(w.db, clock).Register(ctx, users.Account{Name: "Alice", Email: emma.Email}, password)
	require.NoError(w.t, err)
	return map[string]string{"an administrator": staff, "a customer": customer}
}

// Who may do everything to a till may lock it; who may lock it may not end it.
func TestLockingIsAPartOfWritingTills(t *testing.T) {
	w := newWorld(t)
	lock, write := "Bearer "+w.newToken(users.WriteLocks), "Bearer "+w.newToken(users.WriteTills)
	till := "/tills/" + uuid.NewString()
	body := map[string]string{"reason": "réparation"}
	for _, token := range []string{lock, write} {
		w.post(till+"/lock", body, "Authorization", token).is(http.StatusNotFound)
		w.post(till+"/unlock", nil, "Authorization", token).is(http.StatusNotFound)
	}
	w.post(till+"/revoke", nil, "Authorization", lock).problem(http.StatusForbidden, "token.scope")
	w.post(till+"/revoke", nil, "Authorization", write).is(http.StatusNotFound)
}

func TestTokensThatOpenNothing(t *testing.T) {
	w := newWorld(t)
	wrong := w.get("/products", "Authorization", "Bearer comptant_guess")
	wrong.problem(http.StatusUnauthorized, "token.none")
	require.Contains(t, wrong.header.Get("WWW-Authenticate"), "invalid_token")
	w.get("/products", "Authorization", "Basic "+w.token).problem(http.StatusUnauthorized, "token.missing")
	all, err := users.Tokens(t.Context(), w.db)
	require.NoError(t, err)
	w.tx(func(tx *db.Tx) error { _, err := users.RevokeToken(t.Context(), tx, all[0].ID, w.now); return err })
	w.get("/products").problem(http.StatusUnauthorized, "token.none")
}

// A token that asks too much waits, and others do not.
func TestTokensThatAskTooMuch(t *testing.T) {
	w := newWorld(t)
	a := w.get("/categories")
	for range 500 {
		if a.status != http.StatusOK {
			break
		}
		a = w.get("/categories")
	}
	a.problem(http.StatusTooManyRequests, "token.wait")
	require.Equal(t, "1", a.header.Get("Retry-After"))
	w.get("/categories", "Authorization", "Bearer "+w.newToken(users.ReadCatalog)).is(http.StatusOK)
	w.now = w.now.Add(time.Second)
	w.get("/categories").is(http.StatusOK)
}

func TestStrays(t *testing.T) {
	w := newWorld(t)
	w.get("/nothing").problem(http.StatusNotFound, "error.address")
	a := w.ask(http.MethodPatch, api.Root+"/products", nil)
	a.problem(http.StatusMethodNotAllowed, "error.method")
	require.Equal(t, "GET, POST", a.header.Get("Allow"))
	w.post("/products", `{"sku": "`+strings.Repeat("x", 300<<10)+`"}`).is(http.StatusRequestEntityTooLarge)
	french := w.get("/products/"+uuid.NewString(), "Accept-Language", "fr")
	require.Contains(t, string(french.body), "Ce produit n’existe pas")
	require.Equal(t, "no-store", french.header.Get("Cache-Control"))
	require.Contains(t, french.header.Get("Content-Security-Policy"), "default-src 'none'")
}
