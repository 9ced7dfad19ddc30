package web_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/users"
	"comptant/hq/web"
	"comptant/shared/money"
	"comptant/shared/retail"
)

func TestAnAdministratorLooksAfterPeople(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	admin := w.as(retail.RoleAdministrator)
	status, page, _ := admin.post("/people", "name", "Luc", "role", "cashier", "lang", "fr", "email", "manager@comptant.example")
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Contains(t, page, "Quelqu’un d’autre a déjà le courriel")
	require.Contains(t, page, `value="Luc"`, "what was typed is still there")
	status, page, _ = admin.post("/people", "name", "Luc", "role", "cashier", "lang", "fr", "pin", "12")
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Contains(t, page, "Un NIP a de 4 à 6 chiffres")
	require.Equal(t, 1, strings.Count(page, `aria-invalid="true"`))
	require.Contains(t, page, `id="field-pin-note"`, "said beside the field")

	_, _, location := admin.post("/people", "name", "Luc", "role", "manager", "lang", "fr", "email", "luc@comptant.example",
		"password", newPassword, "store", c.north.ID.String())
	require.True(t, strings.HasPrefix(location, "/people/"))
	luc := w.visitor()
	_, _, home := luc.post("/login", "email", "luc@comptant.example", "password", newPassword)
	require.Equal(t, "/", home)
	_, page, _ = admin.get(location)
	require.Contains(t, page, "127.0.0.1", "the session is listed")
	_, page, _ = admin.get("/people")
	require.Contains(t, page, "luc@comptant.example")
	require.Contains(t, page, "22\u00a0nov.", "the last sign-in")

	_, _, _ = admin.post(location+"/pin", "pin", newPIN)
	var told int
	require.NoError(t, w.db.QueryRow(t.Context(), `SELECT count(*) FROM feed.item WHERE type = $1 AND body IS NOT NULL`, retail.RowStaff).Scan(&told))
	require.Equal(t, 1, told, "the tills hear of the PIN")
	_, _, _ = admin.post(location + "/block")
	_, _, led := luc.get("/")
	require.Equal(t, "/login", led, "who is blocked is out")
	_, _, _ = admin.post(location + "/unblock")
	_, _, home = luc.post("/login", "email", "luc@comptant.example", "password", newPassword)
	require.Equal(t, "/", home)

	status, _, _ = admin.post("/people/" + w.idOf(retail.RoleAdministrator) + "/block")
	require.Equal(t, http.StatusSeeOther, status)
	_, page, _ = admin.get("/people")
	require.Contains(t, page, "dernier administrateur")
	status, _, _ = admin.get("/people/" + uuid.NewString())
	require.Equal(t, http.StatusNotFound, status)
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	w := newWorld(t)
	here, there, third := w.as(retail.RoleManager), w.as(retail.RoleManager), w.as(retail.RoleManager)
	out := func(v visitor) bool { _, _, led := v.get("/account"); return strings.HasPrefix(led, "/login") }
	_, page, _ := here.get("/account")
	require.Equal(t, 1, strings.Count(page, "ce navigateur"))
	require.Equal(t, 3, strings.Count(page, `action="/account/sessions/`), "one for each of the others, and one for all")
	_, _, _ = here.post("/account/sessions/" + there.session() + "/end")
	require.True(t, out(there))
	require.False(t, out(third))
	_, _, _ = here.post("/account/sessions/end")
	require.True(t, out(there) && out(third))
	require.False(t, out(here))

	there = w.as(retail.RoleManager)
	_, _, _ = here.post("/account/password", "current", "wrong", "password", newPassword)
	require.False(t, out(there))
	_, page, _ = here.get("/account")
	require.Contains(t, page, "Le mot de passe actuel n’est pas le bon")
	_, _, _ = here.post("/account/password", "current", password, "password", newPassword)
	require.True(t, out(there))
	require.False(t, out(here))
	_, _, home := there.post("/login", "email", "manager@comptant.example", "password", newPassword)
	require.Equal(t, "/", home)
}

// Who has stores of their own sees nothing of others on any page, and does nothing there.
func TestAManagerOfOneStoreSeesThatStore(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	w.keepTo(c.north)
	w.tx(func(tx *db.Tx) error {
		_, err := catalog.AddBook(t.Context(), tx, sunday, sunday, c.south.ID, []retail.PriceLine{{Product: c.soap.ID, Price: 38400}})
		return err
	})
	w.sell(c.north, sunday.Add(-time.Hour), c.syrup, money.One)
	hidden := w.sell(c.south, sunday.Add(-time.Hour), c.soap, 77*money.One)
	for _, store := range []retail.Location{c.north, c.south} {
		code, err := w.desk.NewCode(t.Context(), store.ID, 1)
		require.NoError(t, err)
		w.enrol(code)
		_, err = w.db.Exec(t.Context(), `
			INSERT INTO journal.flag (store_id, till_id, epoch, seq, hash, code, detail, at) VALUES ($1, $2, 1, 1, '', 'clock', '', $3)`,
			store.ID, uuid.New(), sunday)
		require.NoError(t, err)
	}
	var south string
	require.NoError(t, w.db.QueryRow(t.Context(), `SELECT id::text FROM tills.till WHERE store_id = $1`, c.south.ID).Scan(&south))
	w.request(c, false)
	manager := w.as(retail.RoleManager)
	ids := regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`) // may have any digits
	fill := strings.NewReplacer("{$}", "", "{store}", c.north.ID.String(), "{date}", "2026-11-22", "{till}", hidden.Till.String(), "{entry}", "1-1-0")
	for _, pattern := range web.Patterns() {
		method, path, _ := strings.Cut(fill.Replace(pattern), " ")
		if method != http.MethodGet || path == "/events" || !strings.Contains(access[pattern], "m") || strings.Contains(path, "/journal/") || path == "/system/models" {
			continue
		}
		for _, query := range []string{"", "?product=" + c.soap.ID.String() + "&at=" + c.south.ID.String(), "?alert=negative", "?price=" + c.soap.SKU} {
			_, page, _ := manager.get(path + query)
			require.NotContains(t, page, "Sud", "%s%s", pattern, query)
			require.NotContains(t, ids.ReplaceAllString(page, ""), "384", "%s%s: what the other store took, or asks", pattern, query)
		}
		status, _, _ := manager.get(path + "?store=" + c.south.ID.String())
		require.Equal(t, http.StatusForbidden, status, pattern)
	}
	request := "/" + c.south.ID.String() + "/" + uuid.NewString()
	for _, path := range []string{"/stores/" + c.south.ID.String(), "/receipts/" + c.south.ID.String() + "/2026-11-22/" + hidden.Till.String() + "/1-1-0"} {
		status, _, _ := manager.get(path)
		require.Equal(t, http.StatusForbidden, status, path)
	}
	for _, path := range []string{"/restock" + request + "/decide", "/restock" + request + "/ship", "/exceptions/flags?store=" + c.south.ID.String(), "/catalogue/prices", "/customers/" + uuid.NewString() + "/erase"} {
		status, _, _ := manager.post(path)
		require.Equal(t, http.StatusForbidden, status, path)
	}
	for _, deed := range []string{"lock", "unlock"} {
		manager.post("/tills/"+south+"/"+deed, "reason", "x")
		var done int
		require.NoError(t, w.db.QueryRow(t.Context(), `SELECT count(*) FROM users.audit WHERE subject = $1`, south).Scan(&done))
		require.Zero(t, done, deed)
	}
	status, _, _ := manager.get("/journal/" + south)
	require.Equal(t, http.StatusNotFound, status)
	_, page, _ := manager.get("/restock")
	require.Contains(t, page, "Nord")
	_, page, _ = w.as(retail.RoleAdministrator).get("/stores")
	require.Contains(t, page, "Sud")
}

// people adds the pages about people and what they changed, to look at.
func (w *world) people(pages map[string]string) {
	w.t.Helper()
	w.tx(func(tx *db.Tx) error {
		ctx := w.t.Context()
		all, err := users.List(ctx, tx)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(s users.Staff) bool { return s.Role == retail.RoleManager })
		emma := all[at]
		pages["person"], pages["person-new"] = "/people/"+emma.ID.String(), "/people/new"
		pages["account"], pages["audit"], pages["audit-none"], pages["forgot"] = "/account", "/audit", "/audit?day=2020-01-01", "/forgot"
		before := all[0]
		before.Role, before.Stores = retail.RoleEmployee, emma.Stores[:1]
		by := users.Actor{Staff: emma.ID, Name: emma.Name, Origin: "192.0.2.17"}
		for _, c := range []users.Change{
			{Kind: users.DidAddStaff, Subject: emma.ID.String(), Title: emma.Name, After: emma},
			{Kind: users.DidEditStaff, Subject: all[0].ID.String(), Title: all[0].Name, Before: before, After: all[0]},
			{Kind: users.DidPlanPrices, Subject: "7", Title: "204310", Before: map[string]any{"price_cents": 1149}, After: map[string]any{"price_cents": 999, "from": sunday}},
			{Kind: users.DidSetPIN, Subject: emma.ID.String(), Title: emma.Name},
		} {
			if err := users.Record(ctx, tx, by, sunday, c); err != nil {
				return err
			}
		}
		command := users.Actor{Name: "hq", Origin: "root@siege"}
		return users.Record(ctx, tx, command, sunday, users.Change{Kind: users.DidImport, Title: "prix-2026-12.csv", After: map[string]any{"kind": "products", "new": 12, "changed": 214}})
	})
}
