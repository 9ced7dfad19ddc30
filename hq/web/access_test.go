package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/web"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Who may use which route; "-" is nobody. Administrator, manager, employee, warehouse.
var access = map[string]string{
	"GET /{$}":                         "amew",
	"GET /events":                      "amew",
	"GET /stock":                       "amew",
	"GET /stock.csv":                   "amew",
	"GET /stock/counts":                "amew",
	"GET /stores":                      "am",
	"GET /stores/{store}":              "am",
	"GET /reports":                     "am",
	"GET /reports.csv":                 "am",
	"GET /reports.xlsx":                "am",
	"GET /reports/{report}":            "am",
	"GET /reports/{report}/table.csv":  "am",
	"GET /reports/{report}/table.xlsx": "am",
	"GET /receipts":                    "am",
	"GET /receipts/{store}/{date}/{till}/{entry}": "am",
	"GET /restock":                                        "amw",
	"POST /restock/{store}/{id}/decide":                   "am",
	"POST /restock/{store}/{id}/ship":                     "amw",
	"POST /restock/{store}/automatic":                     "am",
	"GET /warehouse":                                      "amw",
	"GET /warehouse/{store}/{id}":                         "amw",
	"GET /labels":                                         "am",
	"GET /purchases":                                      "amw",
	"POST /purchases":                                     "amw",
	"GET /purchases/new":                                  "amw",
	"GET /purchases/{warehouse}/{id}":                     "amw",
	"POST /purchases/{warehouse}/{id}/receive":            "amw",
	"POST /purchases/{warehouse}/{id}/close":              "amw",
	"POST /purchases/{warehouse}/{id}/{delivery}/correct": "amw",
	"GET /catalogue":                                      "am",
	"POST /catalogue/prices":                              "am",
	"POST /catalogue/prices/{version}/cancel":             "am",
	"GET /catalogue/pictures/{product}":                   "am",
	"POST /catalogue/pictures/{product}":                  "am",
	"POST /catalogue/pictures/{product}/remove":           "am",
	"GET /catalogue/import":                               "am",
	"POST /catalogue/import":                              "am",
	"GET /catalogue/import/{upload}":                      "am",
	"GET /catalogue/import/{upload}/bad.csv":              "am",
	"POST /catalogue/import/{upload}/apply":               "am",
	"GET /tills":                                          "am",
	"POST /tills/codes":                                   "a",
	"POST /tills/{till}/revoke":                           "a",
	"POST /tills/{till}/lock":                             "am",
	"POST /tills/{till}/unlock":                           "am",
	"POST /tills/{till}/log":                              "a",
	"GET /tills/{till}/till.log":                          "a",
	"GET /journal":                                        "am",
	"GET /exceptions":                                     "am",
	"POST /exceptions/flags":                              "am",
	"POST /journal/verify":                                "am",
	"POST /journal/export":                                "am",
	"GET /journal/{till}":                                 "am",
	"GET /people":                                         "a",
	"POST /people":                                        "a",
	"GET /people/new":                                     "a",
	"GET /people/tokens":                                  "a",
	"POST /people/tokens":                                 "a",
	"POST /people/tokens/{token}/revoke":                  "a",
	"GET /people/{person}":                                "a",
	"POST /people/{person}":                               "a",
	"POST /people/{person}/password":                      "a",
	"POST /people/{person}/pin":                           "a",
	"POST /people/{person}/block":                         "a",
	"POST /people/{person}/unblock":                       "a",
	"POST /people/{person}/sessions/end":                  "a",
	"POST /people/{person}/sessions/{session}/end":        "a",
	"GET /account":                                        "amew",
	"POST /account/password":                              "amew",
	"POST /account/sessions/end":                          "amew",
	"POST /account/sessions/{session}/end":                "amew",
	"GET /audit":                                          "a",
	"GET /customers":                                      "am",
	"POST /customers/{customer}/erase":                    "am",
	"GET /system/health":                                  "a",
	"GET /system/models":                                  "am",
	"GET /orders":                                         "amw",
	"GET /orders/{order}":                                 "amw",
	"POST /orders/{order}/cancel":                         "am",
	"POST /orders/{order}/repay":                          "am",
	"POST /orders/{order}/retry":                          "am",
	"POST /orders/{order}/accept":                         "amw",
	"POST /orders/{order}/short":                          "amw",
	"POST /orders/{order}/ship":                           "amw",
	"POST /orders/{order}/deliver":                        "am",
	"POST /orders/{order}/return":                         "am",
	"POST /orders/{order}/forget":                         "am",
}

// Every route is in the table, and every role, and nobody, meets it as the table says.
func TestRoutesKeepToTheirRoles(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	d := w.sell(c.north, sunday.Add(-time.Hour), c.syrup, money.One)
	fill := strings.NewReplacer("{$}", "", "{store}", c.north.ID.String(), "{id}", uuid.NewString(), "{date}", "2026-11-22",
		"{till}", d.Till.String(), "{entry}", "1-1-0", "{version}", "1", "{report}", "taxes", "{upload}", uuid.NewString(),
		"{warehouse}", c.depot.ID.String(), "{delivery}", uuid.NewString(), "{order}", uuid.NewString(), "{product}", c.syrup.ID.String())
	visitors := map[string]visitor{}
	for _, role := range roles {
		visitors[string(role[0])] = w.as(role)
	}
	stranger := w.visitor()
	patterns := web.Patterns()
	require.Len(t, patterns, len(access))
	for _, pattern := range patterns {
		allowed, ok := access[pattern]
		require.True(t, ok, "%s is not in the table", pattern)
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
		status, location := stranger.ask(method, path)
		require.Equal(t, http.StatusSeeOther, status, "%s as nobody", pattern)
		require.True(t, strings.HasPrefix(location, "/login"), "%s as nobody leads to %s", pattern, location)
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

// A page shows no link that would be refused.
func TestLinksOfAPageAreOpen(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	w.sell(c.north, sunday.Add(-time.Hour), c.syrup, money.One)
	for _, role := range roles {
		v := w.as(role)
		for _, path := range []string{"/", "/stock", "/stock?product=" + c.syrup.ID.String()} {
			_, page, _ := v.get(path)
			for _, part := range strings.Split(page, `href="/`)[1:] {
				href, _, _ := strings.Cut(part, `"`)
				if strings.HasPrefix(href, "static/") {
					continue
				}
				status, _, _ := v.get("/" + strings.ReplaceAll(href, "&amp;", "&"))
				require.Equal(t, http.StatusOK, status, "%s on %s as %s", href, path, role)
			}
		}
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
