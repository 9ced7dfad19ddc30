package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/ui/uitest"
	"comptant/hq/users"
	"comptant/hq/web"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// The secrets that the forms below are given; the audit log has none of them.
const (
	newPassword = "un tout autre secret"
	newPIN      = "604182"
)

// unrecorded are the forms that leave no record, and why.
var unrecorded = map[string]string{
	"POST /login":                           "a session is listed where it is; nothing is changed",
	"POST /logout":                          "as above",
	"POST /forgot":                          "sends a link; what the link does is recorded",
	"POST /journal/verify":                  "only reads",
	"POST /catalogue/import":                "keeps a file to be looked at; importing it is recorded",
	"POST /catalogue/import/{upload}/apply": "begins work that records itself: see the importer's tests",
}

// deeds are how to use a form so that it does something: its address and its fields.
func (w *world) deeds(c chain) map[string]func() (path string, pairs []string) {
	var person, other users.Staff
	w.tx(func(tx *db.Tx) (err error) {
		all, err := users.List(w.t.Context(), tx)
		for _, s := range all {
			switch s.Role {
			case retail.RoleEmployee:
				person = s
			case retail.RoleAdministrator:
				other = s
			}
		}
		return err
	})
	at := "/people/" + person.ID.String()
	plain := func(path string, pairs ...string) func() (string, []string) {
		return func() (string, []string) { return path, pairs }
	}
	session := func(of users.Staff, base string) func() (string, []string) {
		return func() (string, []string) {
			return base + "/sessions/" + w.as(of.Role).session() + "/end", nil
		}
	}
	request := func(state string) func() (string, []string) {
		return func() (string, []string) {
			id := w.request(c, state == "ship")
			path := "/restock/" + c.north.ID.String() + "/" + id.String() + "/" + state
			if state == "ship" {
				return path, []string{"from", c.depot.ID.String(), "quantity-" + c.syrup.ID.String(), "12"}
			}
			return path, []string{"decision", "all"}
		}
	}
	goods := func(do string, fields ...string) func() (string, []string) {
		return func() (string, []string) {
			p := w.purchase(c, do == "correct")
			path := "/purchases/" + c.depot.ID.String() + "/" + p.ID.String()
			if do == "correct" {
				path += "/" + p.Deliveries[0].ID.String()
			}
			return path + "/" + do, append(fields, "id", uuid.NewString(), "line", c.syrup.ID.String(), "quantity-"+c.syrup.ID.String(), "3", "cost-"+c.syrup.ID.String(), "6,00")
		}
	}
	enrolled := func(do string, fields ...string) func() (string, []string) {
		return func() (string, []string) {
			code, err := w.desk.NewCode(w.t.Context(), c.north.ID, 7)
			require.NoError(w.t, err)
			return "/tills/" + w.enrol(code).Till.String() + "/" + do, fields
		}
	}
	return map[string]func() (string, []string){
		"POST /purchases": plain("/purchases", "do", "receive", "id", uuid.NewString(), "warehouse", c.depot.ID.String(), "supplier", "Roy", "codes", c.syrup.SKU+";2;6,10"),
		"POST /stock/{location}/{product}/thresholds":         plain(w.shelf(c.north, c.syrup, "thresholds"), "restock_below", "12", "out_below", "4", "over_above", "60"),
		"POST /stock/{location}/{product}/restock":            plain(w.shelf(c.north, c.syrup, "restock"), "id", uuid.NewString(), "wanted", "24"),
		"POST /stock/{location}/{product}/adjust":             plain(w.shelf(c.north, c.syrup, "adjust"), "do", "adjust", "id", uuid.NewString(), "by", "-2", "cause", "damaged"),
		"POST /restock/{store}/automatic":                     plain("/restock/"+c.north.ID.String()+"/automatic", "on", "yes"),
		"POST /purchases/{warehouse}/{id}/receive":            goods("receive", "do", "receive"),
		"POST /purchases/{warehouse}/{id}/close":              goods("close"),
		"POST /purchases/{warehouse}/{id}/{delivery}/correct": goods("correct", "note", "double"),
		"POST /people": plain("/people", "name", "Zoé", "role", "manager", "lang", "fr", "email", "zoe@comptant.example",
			"store", c.north.ID.String(), "password", newPassword, "pin", newPIN),
		"POST /people/rights": func() (string, []string) {
			version := w.as(retail.RoleAdministrator).rightsForm(retail.RoleCashier)
			return "/people/rights", []string{"version", version, "role", "cashier", "discount", "5", "refund", "50", "alone", "drawer"}
		},
		"POST /stores/locations": plain("/stores/locations", "kind", "2", "code", "EX", "name", "Entrepôt Est", "zone", "America/Toronto"),
		"POST /stores/locations/{location}": func() (string, []string) {
			path, version := w.as(retail.RoleAdministrator).locationForm(c.depot.ID)
			return path, []string{"code", "CL", "name", "Centre", "zone", "America/Toronto", "version", version}
		},
		"POST /people/tokens": plain("/people/tokens", "name", "Comptabilité", "scope", "sales:read", "days", "90"),
		"POST /people/tokens/{token}/revoke": func() (string, []string) {
			return "/people/tokens/" + w.token("Boutique", users.WriteOrders).ID.String() + "/revoke", nil
		},
		"POST /people/{person}":                        plain(at, "name", "Emma", "role", "supervisor", "lang", "en", "store", c.south.ID.String()),
		"POST /people/{person}/password":               plain(at+"/password", "password", newPassword),
		"POST /people/{person}/pin":                    plain(at+"/pin", "pin", newPIN),
		"POST /people/{person}/block":                  plain(at + "/block"),
		"POST /people/{person}/unblock":                plain(at + "/unblock"),
		"POST /people/{person}/sessions/end":           plain(at + "/sessions/end"),
		"POST /people/{person}/sessions/{session}/end": session(other, "/people/"+other.ID.String()),
		"POST /account/password":                       plain("/account/password", "current", password, "password", password),
		"POST /account/sessions/end":                   plain("/account/sessions/end"),
		"POST /account/sessions/{session}/end":         session(other, "/account"),
		"POST /orders/{order}/cancel":                  w.orderDeed(c, 0, "cancel", "why", "changé d’avis"),
		"POST /orders/{order}/repay": func() (string, []string) {
			return "/orders/" + w.refusedRefund(c).ID.String() + "/repay", []string{"how", "virement"}
		},
		"POST /orders/{order}/settle": func() (string, []string) {
			return "/orders/" + w.owed(c).ID.String() + "/settle", []string{"how", "comptant"}
		},
		"POST /orders/{order}/retry":  w.orderDeed(c, 0, "retry"),
		"POST /orders/{order}/accept": w.orderDeed(c, 0, "accept"),
		"POST /orders/{order}/short": func() (string, []string) { // of what no other order is for: nobody is promised it from then on
			w.tx(func(tx *db.Tx) error {
				return stock.Set(w.t.Context(), tx, sunday, uuid.New(), []stock.Found{{Location: c.depot.ID, Product: c.soap.ID, OnHand: money.One}})
			})
			return "/orders/" + w.place(c.depot, approved, 1, c.soap).ID.String() + "/short", []string{"quantity-" + c.soap.ID.String(), "1"}
		},
		"POST /orders/{order}/ship":         w.orderDeed(c, 1, "ship", "tracking", "1Z 999"),
		"POST /orders/{order}/deliver":      w.orderDeed(c, 2, "deliver"),
		"POST /orders/{order}/return":       w.orderDeed(c, 3, "return"),
		"POST /orders/{order}/forget":       w.orderDeed(c, 3, "forget"),
		"POST /restock/{store}/{id}/decide": request("decide"),
		"POST /restock/{store}/{id}/ship":   request("ship"),
		"POST /catalogue/products": plain("/catalogue/products", "sku", "555", "name_fr", "Beurre d’érable", "category", c.syrup.Category.String(),
			"price", "8,99", "tax_class", "2", "pack", "6"),
		"POST /catalogue/products/{product}": func() (string, []string) {
			return productAt(c.soap), w.as(retail.RoleAdministrator).productForm(c.soap, "cost", "2,60")
		},
		"POST /catalogue/products/{product}/barcodes":               plain(productAt(c.syrup)+"/barcodes", "barcode", maple),
		"POST /catalogue/products/{product}/barcodes/{code}/remove": plain(productAt(c.syrup) + "/barcodes/" + maple + "/remove"),
		"POST /catalogue/products/{product}/retire":                 plain(productAt(c.soap) + "/retire"),
		"POST /catalogue/products/{product}/restore":                plain(productAt(c.soap) + "/restore"),
		"POST /catalogue/categories":                                plain("/catalogue/categories", "name_fr", "Boissons", "order", "2"),
		"POST /catalogue/categories/{category}": func() (string, []string) {
			path, version := w.as(retail.RoleAdministrator).categoryForm(c.syrup.Category)
			return path, []string{"name_fr", "Alimentation", "order", "3", "version", version}
		},
		"POST /catalogue/categories/{category}/remove": func() (string, []string) {
			return "/catalogue/categories/" + w.category("Divers").String() + "/remove", nil
		},
		"POST /catalogue/charges": plain("/catalogue/charges", "code", "CONS20", "name_fr", "Consigne", "amount", "0,20", "tax_class", "3"),
		"POST /catalogue/charges/{code}": func() (string, []string) {
			admin := w.as(retail.RoleAdministrator)
			admin.post("/catalogue/charges", "code", "CONS25", "name_fr", "Consigne", "amount", "0,20", "tax_class", "3")
			path, version := admin.chargeForm("CONS25")
			return path, []string{"name_fr", "Consigne", "amount", "0,25", "tax_class", "3", "version", version}
		},
		"POST /catalogue/pictures/{product}": plain("/catalogue/pictures/"+c.syrup.ID.String(), "file", string(uitest.Photo(w.t, 30, amber))),
		"POST /catalogue/pictures/{product}/remove": func() (string, []string) {
			w.draw(c.syrup, 30) // the soap may be retired
			return "/catalogue/pictures/" + c.syrup.ID.String() + "/remove", nil
		},
		"POST /catalogue/prices": plain("/catalogue/prices", "product", c.syrup.SKU, "price", "12.49", "from", "2026-12-01T08:00"),
		"POST /catalogue/prices/{version}/cancel": func() (string, []string) {
			var version string
			require.NoError(w.t, w.db.QueryRow(w.t.Context(), `SELECT max(version)::text FROM catalog.price_book`).Scan(&version))
			return "/catalogue/prices/" + version + "/cancel", nil
		},
		"POST /tills/codes":         plain("/tills/codes", "store", c.north.ID.String(), "number", "2"),
		"POST /tills/{till}/revoke": enrolled("revoke", "stolen", "yes"),
		"POST /tills/{till}/lock":   enrolled("lock", "reason", "réparation"),
		"POST /tills/{till}/unlock": enrolled("unlock"),
		"POST /tills/{till}/log":    enrolled("log"),
		"POST /journal/export":      plain("/journal/export", "from", "2026-11-01", "to", "2026-11-22"),
		"POST /exceptions/flags": func() (string, []string) {
			till := uuid.New()
			_, err := w.db.Exec(w.t.Context(), `
				INSERT INTO journal.flag (store_id, till_id, epoch, seq, hash, code, detail, at) VALUES ($1, $2, 1, 1, '', 'clock', '', $3)`,
				c.north.ID, till, sunday)
			require.NoError(w.t, err)
			return "/exceptions/flags", []string{"store", c.north.ID.String(), "till", till.String(), "epoch", "1", "seq", "1", "hash", "", "code", "clock", "note", "vu"}
		},
		"POST /customers/{customer}/erase": func() (string, []string) {
			marie := retail.Customer{ID: uuid.New(), Name: "Marie Tremblay", At: sunday.UnixMilli()}
			w.tx(func(tx *db.Tx) error { return users.PutCustomer(w.t.Context(), tx, c.north.ID, marie) })
			return "/customers/" + marie.ID.String() + "/erase", nil
		},
		"POST /reset/{token}": func() (string, []string) {
			token, _, err := users.NewSessions(w.db, func() time.Time { return sunday }).Forgot(w.t.Context(), "manager@comptant.example")
			require.NoError(w.t, err)
			return "/reset/" + token, []string{"password", newPassword}
		},
	}
}

// session names the session of a visitor.
func (v visitor) session() string {
	address, err := url.Parse(v.w.server.URL)
	require.NoError(v.w.t, err)
	for _, cookie := range v.client.Jar.Cookies(address) {
		if cookie.Name == "session" {
			return users.SessionID(cookie.Value)
		}
	}
	require.FailNow(v.w.t, "not signed in")
	return ""
}

// request asks for a case of syrup; decided when it is to be shipped.
func (w *world) request(c chain, decided bool) uuid.UUID {
	id := uuid.New()
	w.tx(func(tx *db.Tx) error {
		ctx := w.t.Context()
		err := stock.RequestRestock(ctx, tx, stock.RestockRequest{
			ID: id, Location: c.north.ID, By: uuid.New(), At: sunday, Lines: []retail.StockLine{{Product: c.syrup.ID, Quantity: 12 * money.One}},
		})
		if err != nil || !decided {
			return err
		}
		return stock.Decide(ctx, tx, stock.Decision{
			Location: c.north.ID, Restock: id, By: uuid.New(), At: sunday, Approved: map[uuid.UUID]money.Quantity{c.syrup.ID: 12 * money.One},
		})
	})
	return id
}

// purchase expects ten syrup of a supplier; received when it is to be corrected.
func (w *world) purchase(c chain, received bool) (p stock.Purchase) {
	w.tx(func(tx *db.Tx) (err error) {
		ctx, lines := w.t.Context(), []stock.GoodsLine{{Product: c.syrup.ID, Quantity: 10 * money.One, UnitCost: 600}}
		p, err = stock.Expect(ctx, tx, stock.NewPurchase{Location: c.depot.ID, ID: uuid.New(), At: sunday, Supplier: "Érablière Roy", Lines: lines})
		if err == nil && received {
			if _, err = stock.Receive(ctx, tx, stock.Received{Location: c.depot.ID, Purchase: p.ID, ID: uuid.New(), At: sunday, Lines: lines}); err == nil {
				p, err = stock.OnePurchase(ctx, tx, c.depot.ID, p.ID)
			}
		}
		return err
	})
	return p
}

// Every form that changes something leaves one record, with who did it, and none has a secret in it.
func TestWhatIsChangedIsRecorded(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	deeds := w.deeds(c)
	records := func() []users.Recorded {
		all, err := users.Audit(t.Context(), w.db, users.AuditFilter{Limit: 1000})
		require.NoError(t, err)
		return all
	}
	admin := w.as(retail.RoleAdministrator)
	for _, pattern := range append(web.OutsidePatterns(), web.Patterns()...) {
		if !strings.HasPrefix(pattern, "POST ") {
			continue
		}
		if why := unrecorded[pattern]; why != "" {
			continue
		}
		deed := deeds[pattern]
		require.NotNil(t, deed, "%s: say in this test how to use it, or in unrecorded why it leaves no record", pattern)
		path, pairs := deed()
		before := len(records())
		send := admin.post
		if len(pairs) > 0 && pairs[0] == "file" {
			send = admin.upload
		}
		status, page, _ := send(path, pairs...)
		require.Less(t, status, 400, "%s: %s", pattern, page)
		all := records()
		require.Len(t, all, before+1, "%s leaves no record", pattern)
		require.NotNil(t, all[0].Staff, pattern)
		require.Equal(t, "127.0.0.1", all[0].Origin, pattern)
		require.NotEmpty(t, all[0].Subject, pattern)
		written := string(all[0].Before) + string(all[0].After) + all[0].Title
		for _, secret := range []string{newPassword, newPIN, password, "argon2", "Marie"} {
			require.NotContains(t, written, secret, pattern)
		}
		_, page, _ = admin.get("/audit?kind=" + url.QueryEscape(string(all[0].Kind)))
		require.NotContains(t, page, "<td>"+string(all[0].Kind), "%s has no word", pattern)
	}
	for pattern := range unrecorded {
		require.Contains(t, append(web.OutsidePatterns(), web.Patterns()...), pattern)
	}
}

func TestAuditIsLookedThrough(t *testing.T) {
	w := newWorld(t)
	admin := w.as(retail.RoleAdministrator)
	_, page, _ := admin.get("/audit")
	require.Contains(t, page, "Aucun changement")
	c := w.open()
	_, _, location := admin.post("/people", "name", "Luc", "role", "cashier", "lang", "fr", "store", c.north.ID.String())
	status, _, _ := admin.post(location, "name", "Luc", "role", "supervisor", "lang", "fr", "store", c.north.ID.String(), "store", c.south.ID.String())
	require.Equal(t, http.StatusSeeOther, status)
	_, page, _ = admin.get("/audit")
	require.Contains(t, page, "Personne ajoutée")
	require.Contains(t, page, `<del>Caissier</del>`)
	require.Contains(t, page, `Superviseur`)
	require.Contains(t, page, "Nord, Sud")
	require.Contains(t, page, `href="`+location+`"`)
	for filter, want := range map[string]bool{
		"day=2026-11-22": true, "day=2026-11-21": false, "kind=staff.edit": true, "kind=till.revoke": false, "person=hq": false,
		"person=" + w.idOf(retail.RoleAdministrator): true, "person=" + uuid.NewString(): false,
	} {
		_, page, _ = admin.get("/audit?" + filter)
		require.Equal(t, want, strings.Contains(page, `<del>Caissier</del>`), filter)
	}
	for range 51 {
		w.tx(func(tx *db.Tx) error {
			return users.Record(t.Context(), tx, users.Actor{Name: "root", Origin: "hq"}, sunday, users.Change{Kind: users.DidImport, Title: "prix.csv"})
		})
	}
	_, page, _ = admin.get("/audit")
	require.NotContains(t, page, "<del>")
	_, next, found := strings.Cut(page, `href="/audit?after=`)
	require.True(t, found)
	next, _, _ = strings.Cut(next, `"`)
	_, page, _ = admin.get("/audit?after=" + next)
	require.Contains(t, page, "<del>")
}

// idOf is the id of the person of a role.
func (w *world) idOf(role retail.Role) string {
	var id string
	require.NoError(w.t, w.db.QueryRow(w.t.Context(), `SELECT id::text FROM users.staff WHERE role = $1`, role).Scan(&id))
	return id
}
