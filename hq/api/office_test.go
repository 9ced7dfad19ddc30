package api_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/api"
	"comptant/hq/db"
	"comptant/hq/importer"
	"comptant/hq/pgtest"
	"comptant/hq/sales"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Taxes by month are what the receipts say; what people did out of the ordinary is under their names; drawers are over and short.
func TestReportsOfTheOffice(t *testing.T) {
	w := newWorld(t)
	till, user := uuid.New(), uuid.New()
	w.now = sunday.AddDate(0, -1, 0)
	w.sell(till, 1, w.north, w.syrup, money.One)
	w.now = sunday
	w.sell(till, 2, w.north, w.syrup, 2*money.One)
	place := sales.Place{Store: w.north.ID, Till: till, Epoch: 1, Seq: 3, At: sunday, User: user}
	w.tx(func(tx *db.Tx) error {
		ctx := t.Context()
		deed := sales.Deed{Place: place, BusinessDate: 20261122, Deed: retail.DeedVoidLine, Amount: 1149}
		if err := sales.RecordDeed(ctx, tx, deed); err != nil {
			return err
		}
		var all []sales.Drawer
		for i, counted := range []money.Amount{10_300, 9_900} {
			place.Seq += 1
			all = append(all, sales.Drawer{Place: place, Body: retail.ShiftClose{
				Number: uint64(i + 1), Shift: uint64(i + 1), BusinessDate: 20261122, Float: 10_000, Expected: 10_000, Counted: counted,
			}})
		}
		return sales.RecordDrawer(ctx, tx, all)
	})
	taxes := read[api.TaxReport](w.get("/sales/reports/taxes?from=2026-10-01&to=2026-11-30").is(http.StatusOK))
	require.Len(t, taxes.Months, 2)
	require.Equal(t, "2026-10", taxes.Months[0].Month)
	require.EqualValues(t, 2298, taxes.Months[1].Sold.Amount)
	require.EqualValues(t, 229, taxes.Months[1].Taxes[1].Amount.Amount)

	cashiers := read[api.CashierReport](w.get("/sales/reports/cashiers?from=2026-10-01&to=2026-11-30&store=" + w.north.ID.String()).is(http.StatusOK)).Cashiers
	require.Len(t, cashiers, 3, "each sale was somebody's, and one only gave a line up")
	require.EqualValues(t, 2298, cashiers[0].Revenue.Amount)
	require.Equal(t, user, cashiers[2].User)
	require.Equal(t, []api.DeedCount{{Deed: retail.DeedVoidLine, Count: 1, Amount: api.Money{Amount: 1149, Currency: "CAD"}}}, cashiers[2].Deeds)
	require.Empty(t, read[api.CashierReport](w.get("/sales/reports/cashiers?store="+w.south.ID.String())).Cashiers)

	drawers := w.get("/sales/reports/drawers?store=" + w.north.ID.String()).is(http.StatusOK)
	report := read[api.DrawerReport](drawers)
	require.Len(t, report.Shifts, 2)
	require.EqualValues(t, 300, report.Over.Amount)
	require.EqualValues(t, -100, report.Short.Amount)
	w.get("/sales/reports/drawers?store="+w.north.ID.String(), "If-None-Match", drawers.header.Get("ETag")).is(http.StatusNotModified)
}

// What is done is in the audit log, page by page, and no secret is.
func TestSessionsPINsAndLinks(t *testing.T) {
	w := newWorld(t)
	const password, pin = "mot de passe des tests", "824613"
	hash, err := users.NewPassword(password)
	require.NoError(t, err)
	person := func(name string, role retail.Role) users.Staff {
		s := users.Staff{ID: uuid.New(), Name: name, Email: strings.ToLower(name) + "@comptant.example", Role: role, Lang: "fr"}
		w.tx(func(tx *db.Tx) error { return users.Put(t.Context(), tx, s, hash, users.PIN{}) })
		return s
	}
	emma, ann, luc := person("Emma", retail.RoleManager), person("Ann", retail.RoleAdministrator), person("Luc", retail.RoleCashier)
	sessions := users.NewSessions(w.db, func() time.Time { return w.now })
	for _, browser := range []string{"Firefox", "Chromium", "Safari"} {
		_, _, err := sessions.SignIn(t.Context(), emma.Email, password, browser, "10.0.0.7")
		require.NoError(t, err)
	}
	at := "/users/" + emma.ID.String()
	open := func() []api.Session {
		return read[api.Page[api.Session]](w.get(at + "/sessions").is(http.StatusOK)).Items
	}
	all := open()
	require.Len(t, all, 3)
	require.Equal(t, "10.0.0.7", all[0].Address)
	w.delete(at + "/sessions/" + all[0].ID).is(http.StatusNoContent)
	require.NotContains(t, open(), all[0])
	w.delete(at+"/sessions/"+all[0].ID).problem(http.StatusNotFound, "session.unknown")
	w.delete("/users/"+ann.ID.String()+"/sessions/"+all[1].ID).problem(http.StatusNotFound, "session.unknown")
	w.delete(at + "/sessions").is(http.StatusNoContent)
	require.Empty(t, open())
	w.get("/users/"+uuid.NewString()+"/sessions").problem(http.StatusNotFound, "staff.unknown")
	w.delete("/users/"+uuid.NewString()+"/sessions").problem(http.StatusNotFound, "staff.unknown")

	w.put(at+"/pin", map[string]any{"pin": pin}).is(http.StatusNoContent)
	require.True(t, read[api.User](w.get(at)).HasPIN)
	w.put(at+"/pin", map[string]any{"pin": "12a4"}).is(http.StatusUnprocessableEntity)
	w.put("/users/"+ann.ID.String()+"/pin", map[string]any{"pin": pin}).problem(http.StatusConflict, "staff.by_program")

	w.post(at+"/password-link", nil).is(http.StatusNoContent)
	require.Len(t, w.letters, 1)
	require.Contains(t, w.letters[0], "emma@comptant.example: Bonjour Emma")
	require.Contains(t, w.letters[0], "https://hq.example/reset/")
	w.post("/users/"+ann.ID.String()+"/password-link", nil).problem(http.StatusConflict, "staff.by_program")
	w.post("/users/"+luc.ID.String()+"/password-link", nil).problem(http.StatusConflict, "reset.nobody")
	require.Len(t, w.letters, 1)

	type page = api.Page[api.Change]
	log := w.get("/audit").is(http.StatusOK)
	require.NotContains(t, string(log.body), pin)
	link, _, _ := strings.Cut(w.letters[0][strings.Index(w.letters[0], "/reset/")+len("/reset/"):], "\n")
	require.NotContains(t, string(log.body), strings.TrimSpace(link))
	changes := read[page](log).Items
	require.Equal(t, "send-password-link", changes[0].Title)
	require.Equal(t, users.DidByProgram, changes[0].Kind)
	require.Nil(t, changes[0].User)
	first := read[page](w.get("/audit?limit=2").is(http.StatusOK))
	require.Equal(t, changes[:2], first.Items)
	require.Equal(t, changes[2:4], read[page](w.get("/audit?limit=2&cursor="+first.Next)).Items)
	require.Empty(t, read[page](w.get("/audit?kind=till.revoke")).Items)
	require.Empty(t, read[page](w.get("/audit?user="+emma.ID.String())).Items)
	require.Empty(t, read[page](w.get("/audit?to=2026-11-22T00:00:00Z")).Items)
	require.Len(t, read[page](w.get("/audit?from=2026-11-22T00:00:00Z")).Items, len(changes))
	for _, cursor := range []string{"x", "-1", "0"} {
		w.get("/audit?cursor="+cursor).problem(http.StatusUnprocessableEntity, "page.unknown")
	}
}

// A token makes others that may no more than it may, and last no longer; the secret is answered once, and again to the same request.
func TestTokensMakeTokens(t *testing.T) {
	w := newWorld(t)
	ends := w.now.AddDate(0, 0, 30)
	var maker string
	w.tx(func(tx *db.Tx) (err error) {
		_, maker, err = users.NewToken(t.Context(), tx, users.Token{
			Name: "Portail", Scopes: []users.Scope{users.WriteTokens, users.ReadStock, users.WriteTills}, ExpiresAt: &ends, CreatedBy: "root",
		}, w.now)
		return err
	})
	as := []string{"Authorization", "Bearer " + maker}
	ask := func(body map[string]any, more ...string) answer {
		return w.post("/tokens", body, append(as, more...)...)
	}
	body := map[string]any{"name": "Inventaire", "scopes": []string{"stock:read", "tills:lock"}}
	first := ask(body, idempotency, "one").is(http.StatusCreated)
	made := read[api.NewToken](first)
	require.Equal(t, "Portail", made.CreatedBy)
	require.True(t, ends.Equal(*made.ExpiresAt))
	require.Equal(t, made.Secret, read[api.NewToken](ask(body, idempotency, "one").is(http.StatusCreated)).Secret)
	w.get("/warehouse/stock", "Authorization", "Bearer "+made.Secret).is(http.StatusOK)
	w.get("/users", "Authorization", "Bearer "+made.Secret).problem(http.StatusForbidden, "token.scope")
	ask(map[string]any{"name": "x", "scopes": []string{"users:read"}}).problem(http.StatusForbidden, "token.beyond")
	ask(map[string]any{"name": "x", "scopes": []string{"stock:read"}, "expires_at": ends.AddDate(0, 0, 1)}).problem(http.StatusForbidden, "token.longer")
	ask(map[string]any{"name": "x", "scopes": []string{"stock:read"}, "expires_at": w.now.AddDate(0, 0, -1)}).problem(http.StatusUnprocessableEntity, "token.expiry")
	ask(map[string]any{"name": "x", "scopes": []string{}}).is(http.StatusUnprocessableEntity)

	all := w.get("/tokens").is(http.StatusOK)
	require.NotContains(t, string(all.body), "comptant_")
	listed := read[api.Page[api.Token]](all).Items
	require.True(t, slices.ContainsFunc(listed, func(o api.Token) bool { return o.ID == made.ID && o.UsedAt != nil }))
	w.delete("/tokens/" + made.ID.String()).is(http.StatusNoContent)
	w.get("/warehouse/stock", "Authorization", "Bearer "+made.Secret).problem(http.StatusUnauthorized, "token.none")
	w.delete("/tokens/"+uuid.NewString()).problem(http.StatusNotFound, "token.unknown")
	var kept int
	require.NoError(t, w.db.QueryRow(t.Context(), `SELECT count(*) FROM users.audit WHERE after::text LIKE '%comptant_%'`).Scan(&kept))
	require.Zero(t, kept)
}

// Journals are read again and written out for an auditor, who can check them alone; a till's log is asked for and read.
func TestJournals(t *testing.T) {
	var reads []string // of entries
	w := newWorldOn(t, pgtest.Watched(t, func(sql string) {
		if strings.Contains(sql, "FROM journal.entry") {
			reads = append(reads, sql)
		}
	}), slog.New(slog.NewTextHandler(t.Output(), nil)))
	till := w.counts(sunday.Add(-time.Hour), w.syrup.ID)
	require.Empty(t, read[api.Verification](w.get("/journal/faults?till="+till.String()).is(http.StatusOK)).Faults)
	_, err := w.db.Exec(t.Context(), `UPDATE journal.entry SET bytes = bytes || '\x00' WHERE till_id = $1 AND seq = 2`, till)
	require.NoError(t, err)
	broken := read[api.Verification](w.get("/journal/faults?store=" + w.north.ID.String()).is(http.StatusOK)).Faults
	require.NotEmpty(t, broken)
	require.Equal(t, till, *broken[0].Till)
	require.EqualValues(t, 2, broken[0].Seq)
	reads = nil
	require.Empty(t, read[api.Verification](w.get("/journal/faults?store="+w.south.ID.String())).Faults)
	require.Len(t, reads, 1)
	require.Contains(t, reads[0], "WHERE store_id = ", "no other store's are read")
	whole := read[api.Verification](w.get("/journal/faults").is(http.StatusOK)).Faults
	require.ElementsMatch(t, whole, broken)
	w.get("/journal/faults?store="+uuid.NewString()).problem(http.StatusUnprocessableEntity, "location.unknown")
	w.get("/journal/faults?till="+uuid.NewString()).problem(http.StatusUnprocessableEntity, "tills.unknown")

	file := w.get("/journal/export?from=2026-11-22&to=2026-11-22&till=" + till.String()).is(http.StatusOK)
	require.Equal(t, `attachment; filename="comptant-2026-11-22-2026-11-22.audit.gz"`, file.header.Get("Content-Disposition"))
	packed, err := gzip.NewReader(bytes.NewReader(file.body))
	require.NoError(t, err)
	text, err := io.ReadAll(packed)
	require.NoError(t, err)
	require.Contains(t, string(text), till.String())
	w.get("/journal/export?from=2026-11-22&to=2026-11-21").problem(http.StatusUnprocessableEntity, "report.period")
	w.get("/journal/export?from=2026-11-22").is(http.StatusUnprocessableEntity)
	w.get("/journal/export?from=2026-11-22&to=2026-11-22&till="+uuid.NewString()).problem(http.StatusUnprocessableEntity, "tills.unknown")

	at := "/tills/" + till.String() + "/log"
	w.get(at).problem(http.StatusNotFound, "tills.no_log")
	w.post(at, nil).is(http.StatusOK)
	require.NoError(t, w.desk.TakeLog(t.Context(), till, w.now.UnixMilli(), []byte("the printer does not answer")))
	got := w.get(at).is(http.StatusOK)
	require.Equal(t, "the printer does not answer", string(got.body))
	require.Equal(t, "text/plain; charset=utf-8", got.header.Get("Content-Type"))
	w.post("/tills/"+uuid.NewString()+"/log", nil).problem(http.StatusNotFound, "tills.unknown")
}

// A file is brought, seen through and imported; one with a bad row is not.
func TestImports(t *testing.T) {
	w := newWorld(t)
	bring := func(kind, text string) api.Upload {
		u := read[api.Upload](w.ask(http.MethodPost, api.Root+"/imports?name=juin.csv&kind="+kind, text, "Content-Type", "text/csv").is(http.StatusCreated))
		return w.upload(u.ID)
	}
	bad := bring("products", "sku;name;price\n900001;Café;4,50\n900002;Thé;cher\n")
	require.Equal(t, importer.Checked, bad.State)
	require.Equal(t, 1, bad.Bad)
	require.Equal(t, 3, bad.BadRows[0].Line)
	require.Equal(t, "price", bad.BadRows[0].Column)
	require.Equal(t, "Write a number in its bounds, such as 12.50.", bad.BadRows[0].Reason)
	french := read[api.Upload](w.get("/imports/"+bad.ID.String(), "Accept-Language", "fr-CA").is(http.StatusOK)).BadRows[0]
	require.Equal(t, "Écrivez un nombre dans ses bornes, comme 12,50.", french.Reason)
	require.Equal(t, bad.BadRows[0].Detail, french.Detail)
	require.Contains(t, french.Detail, `"cher"`)
	for _, remedy := range importer.Remedies() {
		key := "import.do_" + string(remedy)
		require.NotContains(t, ui.T(t.Context(), key), "import.", "no words")
	}
	w.post("/imports/"+bad.ID.String()+"/apply", nil).problem(http.StatusConflict, "import.not_ready")
	good := bring("products", "sku;name;price;category\n900001;Café;4,50;Épicerie\n900002;Thé;3,00;Épicerie\n")
	require.Equal(t, importer.Checked, good.State, "%+v", good)
	require.Equal(t, 2, good.New)
	require.Equal(t, "juin.csv", good.Name)
	w.post("/imports/"+good.ID.String()+"/apply", nil).is(http.StatusOK)
	require.Equal(t, importer.Imported, w.upload(good.ID).State)
	require.Len(t, read[api.Page[api.Product]](w.get("/products?q=900001").is(http.StatusOK)).Items, 1)
	w.post("/imports/"+good.ID.String()+"/apply", nil).problem(http.StatusConflict, "import.not_ready")
	w.get("/imports/"+uuid.NewString()).problem(http.StatusNotFound, "import.gone")
	w.ask(http.MethodPost, api.Root+"/imports?kind=weather", "x", "Content-Type", "text/csv").is(http.StatusUnprocessableEntity)
	w.ask(http.MethodPost, api.Root+"/imports?kind=products", "", "Content-Type", "text/csv").is(http.StatusBadRequest)
}

// upload waits until nobody works on a file.
func (w *world) upload(id uuid.UUID) (u api.Upload) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		u = read[api.Upload](w.get("/imports/" + id.String()).is(http.StatusOK))
		return u.State != importer.Checking && u.State != importer.Importing
	}, time.Minute, 20*time.Millisecond)
	return u
}
