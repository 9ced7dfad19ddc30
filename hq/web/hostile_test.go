package web_test

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/pgtest"
	"comptant/hq/pgtest/hostile"
	"comptant/hq/web"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// rounds is how often each field and each address gets something hostile.
func rounds(t *testing.T) int {
	if testing.Short() {
		return 3
	}
	return 40
}

// Whatever is typed into a form or an address is answered, comes back as text, and never becomes a part of a statement.
func TestNothingTypedBreaksAnything(t *testing.T) {
	var watch hostile.Watch
	w := newWorldOn(t, pgtest.Watched(t, watch.See), watch.Log())
	c := w.open()
	sold := w.sell(c.north, sunday.Add(-time.Hour), c.syrup, money.One)
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	v := w.as(retail.RoleAdministrator)
	good := func(what string, status int, page string) {
		t.Helper()
		require.Less(t, status, 500, what)
		if !strings.Contains(what, ".csv") { // which is text, and no browser takes it for a page
			require.NotContains(t, page, hostile.Script, what)
		}
		require.Empty(t, watch.Found(), what)
	}

	deeds := w.deeds(c)
	deeds["POST /login"] = func() (string, []string) { return "/login", []string{"email", "x", "password", "x", "next", "/"} }
	deeds["POST /forgot"] = func() (string, []string) { return "/forgot", []string{"email", "x"} }
	for _, sent := range []string{"POST /account/password", "POST /account/sessions/end", "POST /account/sessions/{session}/end", "POST /people/{person}/sessions/{session}/end"} {
		delete(deeds, sent) // it signs the visitor out, whatever is typed
	}
	// All forms are filled in before any is sent: what one does may take another's thing away.
	paths, forms := map[string]string{}, map[string]url.Values{}
	for pattern, deed := range deeds {
		path, pairs := deed()
		form := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			form.Add(pairs[i], pairs[i+1])
		}
		form.Add("quantity-"+hostile.Mark, "1")
		paths[pattern], forms[pattern] = path, form
	}
	for pattern, form := range forms {
		path := paths[pattern]
		for name := range form {
			for range rounds(t) {
				typed := url.Values{}
				for k, values := range form {
					typed[k] = slices.Clone(values)
				}
				typed[name][0] = hostile.Value(random)
				if random.IntN(4) == 0 {
					typed.Add(name, hostile.Value(random))
				}
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL+path, strings.NewReader(typed.Encode()))
				require.NoError(t, err)
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				status, page, _ := v.do(r)
				good(pattern+" with "+typed.Encode()[:min(300, len(typed.Encode()))], status, page)
			}
		}
	}

	status, _, _ := v.get("/")
	require.Equal(t, http.StatusOK, status, "not signed in any more")
	fields := fieldNames(t)
	require.Greater(t, len(fields), 20)
	for _, pattern := range append(web.Patterns(), "GET /login", "GET /reset/{token}") {
		method, path, _ := strings.Cut(pattern, " ")
		if method != http.MethodGet || path == "/events" {
			continue
		}
		report := []string{"taxes", "breakdown", "products", "valuation", "shrinkage", "dead"}[random.IntN(6)]
		right := strings.NewReplacer("{$}", "", "{store}", c.north.ID.String(), "{date}", "2026-11-22", "{till}", sold.Till.String(), "{entry}", "1-1-0",
			"{report}", report, "{warehouse}", c.depot.ID.String())
		for i := range len(fields) + 2*rounds(t) {
			query, address := url.Values{}, right.Replace(path)
			if i < len(fields) {
				if testing.Short() && random.IntN(4) > 0 {
					continue
				}
				query.Set(fields[i], hostile.Mark+"'") // each alone: others would be refused before it
			} else {
				for range random.IntN(5) {
					query.Set(fields[random.IntN(len(fields))], hostile.Value(random))
				}
				if random.IntN(3) == 0 {
					address = path
				}
			}
			for strings.Contains(address, "{") {
				before, rest, _ := strings.Cut(address, "{")
				_, after, _ := strings.Cut(rest, "}")
				value := uuid.NewString()
				if i >= len(fields) && random.IntN(2) == 0 {
					value = hostile.Value(random)
					value = url.PathEscape(value[:min(40, len(value))])
				}
				address = before + value + after
			}
			status, page, _ := v.get(address + "?" + query.Encode())
			good(pattern+" as "+address+"?"+query.Encode()[:min(300, len(query.Encode()))], status, page)
		}
	}
	status, _, _ = v.get("/")
	require.Equal(t, http.StatusOK, status)
}

// fieldNames are the names that the dashboard's code reads from addresses.
func fieldNames(t *testing.T) []string {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var names []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, found := range regexp.MustCompile(`FormValue\("([a-z_]+)"\)|kept\(r, "([a-z]+)"`).FindAllStringSubmatch(string(text), -1) {
			names = append(names, found[1]+found[2])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
