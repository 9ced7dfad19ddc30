package web_test

import (
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/sales"
	"comptant/hq/users"
	"comptant/hq/web"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Who may use which route; "-" is nobody. Administrator, manager, employee, warehouse.
var access = map[string]string{
	"GET /{$}":                            "amew",
	"GET /events":                         "amew",
	"GET /stock":                          "amew",
	"GET /stock.csv":                      "amew",
	"GET /stock/counts":                   "amew",
	"GET /stores":                         "am",
	"GET /stores/{store}":                 "am",
	"GET /stores/locations":               "a",
	"POST /stores/locations":              "a",
	"POST /stores/locations/{location}":   "a",
	"GET /stock/counts/{store}/{session}": "amew",
	"GET /stock/counts/{store}/{session}/table.csv":  "amew",
	"GET /stock/counts/{store}/{session}/table.xlsx": "amew",
	"GET /reports":                                              "am",
	"GET /reports.csv":                                          "am",
	"GET /reports.xlsx":                                         "am",
	"GET /reports/{report}":                                     "am",
	"GET /reports/{report}/table.csv":                           "am",
	"GET /reports/{report}/table.xlsx":                          "am",
	"GET /receipts":                                             "am",
	"GET /receipts/{store}/{date}/{till}/{entry}":               "am",
	"GET /stock/{product}/movements":                            "amew",
	"GET /stock/{location}/{product}/{form}":                    "amew",
	"POST /stock/{location}/{product}/restock":                  "ame",
	"POST /stock/{location}/{product}/adjust":                   "amw",
	"POST /stock/{location}/{product}/thresholds":               "am",
	"GET /restock":                                              "amw",
	"POST /restock/{store}/{id}/decide":                         "am",
	"POST /restock/{store}/{id}/ship":                           "amw",
	"POST /restock/{store}/automatic":                           "am",
	"GET /warehouse":                                            "amw",
	"GET /warehouse/{store}/{id}":                               "amw",
	"GET /labels":                                               "am",
	"GET /purchases":                                            "amw",
	"POST /purchases":                                           "amw",
	"GET /purchases/new":                                        "amw",
	"GET /purchases/{warehouse}/{id}":                           "amw",
	"POST /purchases/{warehouse}/{id}/receive":                  "amw",
	"POST /purchases/{warehouse}/{id}/close":                    "amw",
	"POST /purchases/{warehouse}/{id}/{delivery}/correct":       "amw",
	"GET /catalogue":                                            "am",
	"POST /catalogue/prices":                                    "am",
	"POST /catalogue/prices/{version}/cancel":                   "am",
	"GET /catalogue/products/new":                               "am",
	"POST /catalogue/products":                                  "am",
	"GET /catalogue/products/{product}":                         "am",
	"POST /catalogue/products/{product}":                        "am",
	"POST /catalogue/products/{product}/retire":                 "am",
	"POST /catalogue/products/{product}/restore":                "am",
	"POST /catalogue/products/{product}/barcodes":               "am",
	"POST /catalogue/products/{product}/barcodes/{code}/remove": "am",
	"GET /catalogue/categories":                                 "am",
	"POST /catalogue/categories":                                "am",
	"POST /catalogue/categories/{category}":                     "am",
	"POST /catalogue/categories/{category}/remove":              "am",
	"GET /catalogue/taxes":                                      "am",
	"POST /catalogue/charges":                                   "am",
	"POST /catalogue/charges/{code}":                            "am",
	"GET /catalogue/pictures/{product}":                         "am",
	"POST /catalogue/pictures/{product}":                        "am",
	"POST /catalogue/pictures/{product}/remove":                 "am",
	"GET /catalogue/import":                                     "am",
	"POST /catalogue/import":                                    "am",
	"GET /catalogue/import/{upload}":                            "am",
	"GET /catalogue/import/{upload}/bad.csv":                    "am",
	"POST /catalogue/import/{upload}/apply":                     "am",
	"GET /tills":                                                "am",
	"POST /tills/codes":                                         "a",
	"POST /tills/{till}/revoke":                                 "a",
	"POST /tills/{till}/lock":                                   "am",
	"POST /tills/{till}/unlock":                                 "am",
	"POST /tills/{till}/log":                                    "a",
	"GET /tills/{till}/till.log":                                "a",
	"GET /journal":                                              "am",
	"GET /exceptions":                                           "am",
	"POST /exceptions/flags":                                    "am",
	"POST /journal/verify":                                      "am",
	"POST /journal/export":                                      "am",
	"GET /journal/{till}":                                       "am",
	"GET /people":                                               "am",
	"POST /people":                                              "am",
	"GET /people/new":                                           "am",
	"GET /people/rights":                                        "am",
	"POST /people/rights":                                       "a",
	"GET /people/tokens":                                        "a",
	"POST /people/tokens":                                       "a",
	"POST /people/tokens/{token}/revoke":                        "a",
	"GET /people/{person}":                                      "am",
	"POST /people/{person}":                                     "am",
	"POST /people/{person}/password":                            "am",
	"POST /people/{person}/pin":                                 "am",
	"POST /people/{person}/block":                               "am",
	"POST /people/{person}/unblock":                             "am",
	"POST /people/{person}/sessions/end":                        "am",
	"POST /people/{person}/sessions/{session}/end":              "am",
	"GET /account":                                              "amew",
	"POST /account/password":                                    "amew",
	"POST /account/sessions/end":                                "amew",
	"POST /account/sessions/{session}/end":                      "amew",
	"GET /audit":                                                "a",
	"GET /customers":                                            "am",
	"POST /customers/{customer}/erase":                          "am",
	"GET /system/health":                                        "a",
	"GET /system/models":                                        "am",
	"GET /orders":                                               "amw",
	"GET /orders/{order}":                                       "amw",
	"POST /orders/{order}/cancel":                               "am",
	"POST /orders/{order}/repay":                                "am",
	"POST /orders/{order}/settle":                               "am",
	"POST /orders/{order}/retry":                                "am",
	"POST /orders/{order}/accept":                               "amw",
	"POST /orders/{order}/short":                                "amw",
	"POST /orders/{order}/ship":                                 "amw",
	"POST /orders/{order}/deliver":                              "am",
	"POST /orders/{order}/return":                               "am",
	"POST /orders/{order}/forget":                               "am",
}

// outside are the routes that need no person, and the status of an empty request: the same for everybody, whoever they are. Only the
// page to sign in leads on who has.
var outside = map[string]int{
	"GET /login":          http.StatusOK,
	"POST /login":         http.StatusForbidden,
	"POST /logout":        http.StatusSeeOther,
	"GET /forgot":         http.StatusOK,
	"POST /forgot":        http.StatusOK,
	"GET /reset/{token}":  http.StatusNotFound,
	"POST /reset/{token}": http.StatusNotFound,
	"GET /static/":        http.StatusNotFound,
	"POST /prefs":         http.StatusSeeOther,
	"/":                   http.StatusNotFound,
}

// Every route is in a table, and every role, and who has none, meets it as the table says.
func TestRoutesKeepToTheirRoles(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	d := w.sell(c.north, sunday.Add(-time.Hour), c.syrup, money.One)
	fill := strings.NewReplacer("{$}", "", "{store}", c.north.ID.String(), "{location}", c.depot.ID.String(), "{id}", uuid.NewString(), "{date}", "2026-11-22",
		"{till}", d.Till.String(), "{entry}", "1-1-0", "{version}", "1", "{report}", "taxes", "{upload}", uuid.NewString(),
		"{warehouse}", c.depot.ID.String(), "{delivery}", uuid.NewString(), "{order}", uuid.NewString(), "{product}", c.syrup.ID.String(), "{code}", maple, "{location}", c.depot.ID.String(), "{category}", c.syrup.Category.String())
	visitors := map[string]visitor{}
	for _, role := range roles {
		visitors[string(role[0])] = w.as(role)
	}
	for _, role := range tillRoles {
		visitors[string(role)] = w.moved(role) // no letter of the table: they may nothing
	}
	strangers := w.strangers(c)
	patterns := web.AllPatterns()
	for _, pattern := range patterns {
		if _, ok := outside[pattern]; ok {
			continue
		}
		allowed, ok := access[pattern]
		require.True(t, ok, "%s is in no table", pattern)
		method, path, _ := strings.Cut(fill.Replace(pattern), " ")
		if path == "/events" {
			continue // does not end; see TestEventsNeedASession
		}
		for role, v := range visitors {
			status, location := v.ask(method, path)
			if strings.Contains(allowed, role) {
				require.NotEqual(t, http.StatusForbidden, status, "%s as %s", pattern, role)
				require.NotContains(t, location, "/login", "%s as %s", pattern, role)
			} else {
				require.Equal(t, http.StatusForbidden, status, "%s as %s", pattern, role)
			}
		}
		for who, v := range strangers {
			status, location := v.ask(method, path)
			require.Equal(t, http.StatusSeeOther, status, "%s as %s", pattern, who)
			require.True(t, strings.HasPrefix(location, "/login"), "%s as %s leads to %s", pattern, who, location)
		}
	}
	require.Len(t, patterns, len(access)+len(outside), "a table has a route that is none")
}

func TestRoutesOutsideAnswerEverybodyAlike(t *testing.T) {
	w := newWorld(t)
	visitors := w.strangers(w.open())
	for _, role := range roles {
		visitors[string(role)] = w.as(role)
	}
	for _, role := range tillRoles {
		visitors[string(role)] = w.moved(role)
	}
	const last = "POST /logout"
	patterns := slices.DeleteFunc(slices.Sorted(maps.Keys(outside)), func(p string) bool { return p == last })
	for _, pattern := range append(patterns, last) {
		method, path, ok := strings.Cut(pattern, " ")
		if !ok {
			method, path = http.MethodGet, "/nowhere"
		}
		for who, v := range visitors {
			status, location := v.ask(method, path)
			want := outside[pattern]
			if pattern == "GET /login" && location == "/" && !slices.Contains([]string{"nobody", "a customer", "a program", "a till"}, who) {
				want = http.StatusSeeOther
			}
			require.Equal(t, want, status, "%s as %s", pattern, who)
		}
		_, err := w.db.Exec(t.Context(), `DELETE FROM users.visitor`) // or all of them, who share an address, would be told to wait
		require.NoError(t, err)
	}
}

func (v visitor) ask(method, path string) (status int, location string) {
	if method == http.MethodPost {
		status, _, location = v.post(path)
	} else {
		status, _, location = v.get(path)
	}
	return status, location
}

// A page shows no link that would be refused, and no form: every page that each role may open is looked at, and what it leads to;
// so are those of a manager of one store.
func TestLinksOfAPageAreOpen(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	w.request(c, false)
	w.purchase(c, true)
	code, err := w.desk.NewCode(t.Context(), c.north.ID, 2)
	require.NoError(t, err)
	till := w.enrol(code).Till
	w.tx(func(tx *db.Tx) error {
		return sales.Record(t.Context(), tx, []sales.Document{{
			Place:        sales.Place{Store: c.north.ID, Till: till, Epoch: 1, Seq: 1, At: sunday.Add(-time.Hour)},
			BusinessDate: retail.DateOf(sunday), Number: 1, Revenue: 1149, Total: 1149, Card: 1149,
			Lines: []sales.Line{{Product: c.syrup.ID, Quantity: money.One, Revenue: 1149, Cost: 574}},
		}})
	})
	fill := strings.NewReplacer("{$}", "", "{store}", c.north.ID.String(), "{till}", till.String(), "{report}", "taxes", "{product}", c.syrup.ID.String())
	which := http.NewServeMux()
	for _, pattern := range web.AllPatterns() {
		which.HandleFunc(pattern, http.NotFound)
	}
	leads := regexp.MustCompile(`(href|formaction|hx-get|method="get" action|method="post" action)="(/[^"#]*)`)
	actions, most := web.Actions(), 12 // of each kind of page
	if testing.Short() {
		most = 2
	}
	people := []users.Staff{{Name: "Nora", Email: "nora@comptant.example", Role: retail.RoleManager, Stores: []uuid.UUID{c.north.ID}}}
	for _, role := range roles {
		people = append(people, users.Staff{Name: string(role), Email: string(role) + "@comptant.example", Role: role})
	}
	w.addPerson(people[0])
	for _, person := range people {
		v := w.signedIn(person.Email)
		open := func(method, address, from string) string {
			_, pattern := which.Handler(httptest.NewRequest(method, address, nil))
			require.NotEqual(t, "/", pattern, "%s %s on %s as %s is no route", method, address, from, person.Name)
			if action, ok := actions[pattern]; ok {
				require.True(t, person.May(action), "%s %s on %s as %s", method, address, from, person.Name)
			}
			return pattern
		}
		var pages []string
		seen, looked := map[string]bool{}, map[string]int{}
		for pattern, action := range actions {
			method, path, _ := strings.Cut(fill.Replace(pattern), " ")
			if method == http.MethodGet && person.May(action) && !strings.Contains(path, "{") && path != "/events" {
				pages = append(pages, path)
				seen[path] = true
			}
		}
		slices.Sort(pages)
		for len(pages) > 0 {
			path := pages[0]
			pages = pages[1:]
			status, page, _ := v.get(path)
			if status == http.StatusNotFound && !strings.Contains(path, "?") && strings.HasSuffix(path, "till.log") {
				continue // nobody has asked for it
			}
			require.Equal(t, http.StatusOK, status, "%s as %s", path, person.Name)
			for _, found := range leads.FindAllStringSubmatch(page, -1) {
				to := html.UnescapeString(found[2])
				if strings.HasPrefix(to, "/static/") || strings.HasPrefix(to, "/shop/") || strings.HasPrefix(to, "/api/") || to == "/events" {
					continue // everybody's
				}
				method := http.MethodGet
				if strings.Contains(found[1], "post") || found[1] == "formaction" {
					method = http.MethodPost
				}
				pattern := open(method, to, path)
				if method == http.MethodGet && !seen[to] && looked[pattern] < most {
					seen[to] = true
					looked[pattern]++
					pages = append(pages, to)
				}
			}
		}
		require.Greater(t, len(seen), 5, person.Name)
	}
}

func TestEventsNeedASession(t *testing.T) {
	w := newWorld(t)
	status, _, _ := w.visitor().get("/events")
	require.Equal(t, http.StatusUnauthorized, status)
}

func TestSignInLeadsBackAndNowhereElse(t *testing.T) {
	w := newWorld(t)
	w.open()
	for next, want := range map[string]string{
		"/stock?alert=negative": "/stock?alert=negative", "//evil.example/": "/", "https://evil.example/x": "/x", "/\\evil.example": "/evil.example",
		"javascript:alert(1)": "/", "": "/", "/login": "/",
	} {
		_, _, location := w.visitor().post("/login", "email", "manager@comptant.example", "password", password, "next", next)
		require.Equal(t, want, location, next)
	}
	_, _, location := w.visitor().get("/stock?alert=out")
	require.Equal(t, "/login?next=%2Fstock%3Falert%3Dout", location)
}

func TestWrongPasswordsHaveToWait(t *testing.T) {
	w := newWorld(t)
	v := w.visitor()
	var status int
	var page string
	for range 6 {
		status, page, _ = v.post("/login", "email", "manager@comptant.example", "password", "guess")
	}
	require.Equal(t, http.StatusForbidden, status)
	require.Contains(t, page, "Attendez 2")
	require.Contains(t, page, `value="manager@comptant.example"`)
	require.NotContains(t, page, "guess")
}

func TestSignOutEndsTheSession(t *testing.T) {
	w := newWorld(t)
	v := w.as(retail.RoleManager)
	_, _, location := v.post("/logout")
	require.Equal(t, "/login", location)
	_, _, location = v.get("/")
	require.Equal(t, "/login", location)
}

func TestAnswersAreGuarded(t *testing.T) {
	w := newWorld(t)
	v := w.visitor()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL+"/login",
		strings.NewReader("email=manager%40comptant.example&password="+strings.ReplaceAll(password, " ", "+")))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := v.client.Do(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	cookie := resp.Cookies()[0]
	require.Equal(t, "session", cookie.Name)
	require.True(t, cookie.HttpOnly)
	require.Equal(t, http.SameSiteLaxMode, cookie.SameSite)
	require.Contains(t, resp.Header.Get("Content-Security-Policy"), "default-src 'none'")
	require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))

	r, err = http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL+"/logout", nil)
	require.NoError(t, err)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err = v.client.Do(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusForbidden, resp.StatusCode, "a form of another site")

	status, _, _ := v.post("/login", "email", strings.Repeat("x", 1<<20))
	require.NotEqual(t, http.StatusSeeOther, status, "a body above the limit")
}
