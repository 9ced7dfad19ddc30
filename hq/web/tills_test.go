package web_test

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
	"comptant/hq/feed"
	"comptant/hq/users"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

var choicesOf = regexp.MustCompile(`(?s)<select.*?</select>`)

// lane enrols till 2 of a store.
func (w *world) lane(store retail.Location) uuid.UUID {
	w.t.Helper()
	code, err := w.desk.NewCode(w.t.Context(), store.ID, 2)
	require.NoError(w.t, err)
	return w.enrol(code).Till
}

func TestTillIsLockedAndUnlocked(t *testing.T) {
	w := newWorld(t)
	till := w.lane(w.open().north)
	v, at := w.as(retail.RoleAdministrator), "/tills/"+till.String()
	page := func() string {
		_, page, _ := v.get("/tills?till=" + till.String())
		return choicesOf.ReplaceAllString(page, "") // of states, which have the same words
	}
	require.NotContains(t, page(), at+"/unlock")
	v.post(at+"/lock", "reason", " ")
	require.Contains(t, page(), "Dites pourquoi, en 200 caractères au plus.")
	v.post(at+"/lock", "reason", "Tiroir <brisé>")
	locked := page()
	require.Contains(t, locked, "La caisse se verrouille dès qu’elle l’entend.")
	require.Contains(t, locked, "Tiroir &lt;brisé&gt;")
	require.Contains(t, locked, "pas encore entendu")
	require.NotContains(t, locked, at+"/lock")

	session, err := w.desk.Open(t.Context(), wire.Hello{Till: till}, time.Now())
	require.NoError(t, err)
	require.NoError(t, w.desk.Seen(t.Context(), till, session.ID, sunday, []wire.Cursor{{Feed: feed.Till(till), Gen: 1, Seq: 1000}}))
	require.NotContains(t, page(), "pas encore entendu")
	require.Contains(t, page(), "verrouillée")
	require.Contains(t, page(), "en ligne")

	v.post(at + "/unlock")
	require.NotContains(t, page(), "verrouillée")
	_, changes, _ := v.get("/audit")
	require.Contains(t, changes, "Caisse déverrouillée")
	manager := w.as(retail.RoleManager)
	_, seen, _ := manager.get("/tills?till=" + till.String())
	require.Contains(t, seen, at+"/lock")
	for _, more := range []string{"revoke", "log"} {
		require.NotContains(t, seen, at+"/"+more)
		status, _, _ := manager.post(at + "/" + more)
		require.Equal(t, http.StatusForbidden, status, more)
	}
	manager.post(at+"/lock", "reason", "non")
	require.Contains(t, page(), "verrouillée")
	manager.post(at + "/unlock")
	require.NotContains(t, page(), "verrouillée")
}

// A stolen till is revoked and the PINs it holds are worth nothing, in one step; the people's page says who needs another.
// A till that is connected may still hold what headquarters has not: the pages say since when, and how much.
func TestTheOldestUnsentSale(t *testing.T) {
	w := newWorld(t)
	till := w.lane(w.open().north)
	session, err := w.desk.Open(t.Context(), wire.Hello{Till: till, Wall: sunday.UnixMilli()}, time.Now())
	require.NoError(t, err)
	require.NoError(t, w.desk.Seen(t.Context(), till, session.ID, sunday, nil))
	v := w.as(retail.RoleManager)
	pages := func() (overview, tills string) {
		_, overview, _ = v.get("/")
		_, tills, _ = v.get("/tills")
		return overview, tills
	}
	overview, _ := pages()
	require.NotContains(t, overview, "Vente non reçue")
	oldest := sunday.Add(-134 * time.Minute)
	require.NoError(t, w.desk.Unsent(t.Context(), till, session.ID, wire.Unsent{Count: 37, Oldest: oldest.UnixMilli()}))
	overview, tills := pages()
	require.Contains(t, overview, "Vente non reçue la plus ancienne")
	require.Contains(t, overview, "2\u00a0h\u00a014")
	require.Contains(t, overview, "37 écritures en attente")
	require.Contains(t, tills, "la plus ancienne\u00a0: 2\u00a0h\u00a014")
	require.Contains(t, tills, "en ligne")
	require.NoError(t, w.desk.Unsent(t.Context(), till, session.ID, wire.Unsent{}))
	overview, tills = pages()
	require.NotContains(t, overview, "Vente non reçue")
	require.NotContains(t, tills, "la plus ancienne")
}

func TestStolenTill(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	till := w.lane(c.north)
	pin, err := users.NewPIN("1234")
	require.NoError(t, err)
	here := users.Staff{ID: uuid.New(), Name: "Zoé", Role: retail.RoleCashier, Lang: "fr", Stores: []uuid.UUID{c.north.ID}}
	there := users.Staff{ID: uuid.New(), Name: "Paul", Role: retail.RoleCashier, Lang: "fr", Stores: []uuid.UUID{c.south.ID}}
	w.tx(func(tx *db.Tx) error {
		if err := users.Put(t.Context(), tx, here, users.Password{}, pin); err != nil {
			return err
		}
		return users.Put(t.Context(), tx, there, users.Password{}, pin)
	})
	has := func(id uuid.UUID) bool {
		s, err := users.Get(t.Context(), w.db, id)
		require.NoError(t, err)
		return s.HasPIN
	}
	v := w.as(retail.RoleAdministrator)
	_, _, location := v.post("/tills/"+till.String()+"/revoke", "stolen", "yes")
	require.Equal(t, "/people", location)
	_, page, _ := v.get("/people")
	require.Contains(t, page, "donnez un NIP à qui n’en a pas")
	require.Contains(t, page, "pas de NIP")
	require.False(t, has(here.ID))
	require.True(t, has(there.ID))
	_, page, _ = v.get("/tills")
	require.Contains(t, page, "révoquée")
	_, page, _ = v.get("/audit")
	require.Contains(t, page, "NIP effacés")
	require.Contains(t, page, "Zoé")

	v.post("/tills/" + w.lane(c.south).String() + "/revoke")
	require.True(t, has(there.ID), "a till that was not stolen leaves the PINs")
}

func TestTillIsAskedForItsLog(t *testing.T) {
	w := newWorld(t)
	till := w.lane(w.open().north)
	v, at := w.as(retail.RoleAdministrator), "/tills/"+till.String()
	status, _, _ := v.get(at + "/till.log")
	require.Equal(t, http.StatusNotFound, status)
	v.post(at + "/log")
	chosen := "/tills?till=" + till.String()
	_, page, _ := v.get(chosen)
	require.Contains(t, page, "pas encore reçu")
	require.NoError(t, w.desk.TakeLog(t.Context(), till, sunday.UnixMilli(), []byte("level=INFO msg=<b>")))
	_, page, _ = v.get(chosen)
	require.NotContains(t, page, "pas encore reçu")
	require.Contains(t, page, at+"/till.log")
	_, log, _ := v.get(at + "/till.log")
	require.Equal(t, "level=INFO msg=<b>", log)
}

// Of many tills a page lists some, those of a store, in a state or that are looked for, and leads through the rest.
func TestTillsAreLookedFor(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	_, err := w.db.Exec(t.Context(), `
		INSERT INTO tills.till (id, store_id, number, enrolled_at, key, host)
		SELECT gen_random_uuid(), CASE WHEN n > 99 THEN $1::uuid ELSE $2::uuid END, (n - 1) % 99 + 1, $3, decode(md5(n::text) || md5(n::text), 'hex'), 'machine-' || n
		FROM generate_series(1, 159) n`, c.south.ID, c.north.ID, sunday.Add(-time.Hour))
	require.NoError(t, err)
	v := w.as(retail.RoleAdministrator)
	for _, path := range []string{"/tills", "/journal"} {
		list := func(query string) (rows int, first, next string) {
			_, page, _ := v.get(path + query)
			shown := tables(page)
			if len(shown) == 0 {
				require.Contains(t, page, "Aucune caisse ainsi")
				return 0, "", ""
			}
			if m := regexp.MustCompile(`href="([^"]*)" aria-label="Page suivante"`).FindStringSubmatch(page); m != nil {
				next = strings.ReplaceAll(m[1], "&amp;", "&")
			}
			return len(shown[0].rows), shown[0].rows[0][0].text, next
		}
		rows, first, next := list("")
		require.Equal(t, 100, rows, path)
		require.Equal(t, "Nord, caisse 1", first)
		seen := rows
		for next != "" {
			rows, first, next = list(strings.TrimPrefix(next, path))
			seen += rows
		}
		require.Equal(t, 159, seen, path)
		require.NotEqual(t, "Nord, caisse 1", first)
		for query, want := range map[string]int{
			"?store=" + c.south.ID.String(): 60, "?state=online": 0, "?state=offline&store=" + c.south.ID.String(): 60, "?q=machine-117": 1,
			"?q=SUD+machine-99": 0, "?q=nord+machine-99": 1, "?q=nulle+part": 0,
		} {
			rows, _, _ := list(query)
			require.Equal(t, want, rows, path+query)
		}
	}
}

// The tills that have not sold at their store's newest prices are counted and listed; a store may have prices of its own.
func TestTillsThatSellAtOldPrices(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	north, south := w.writes(c.north, 1), w.writes(c.south, 1)
	v := w.as(retail.RoleManager)
	for _, l := range []*lane{north, south} {
		sale := l.ticket(20261122, c.syrup.Product, money.One)
		sale.Prices = 1
		l.add(journal.KindSale, sale)
		l.push()
	}
	_, page, _ := v.get("/tills")
	require.NotContains(t, page, "nouveaux prix de")
	w.tx(func(tx *db.Tx) error {
		_, err := catalog.AddBook(t.Context(), tx, sunday, sunday.Add(-time.Minute), c.south.ID, []retail.PriceLine{{Product: c.soap.ID, Price: 450}})
		return err
	})
	_, page, _ = v.get("/tills")
	require.Contains(t, page, "1 caisse n’a pas encore vendu aux nouveaux prix de son magasin")
	_, page, _ = v.get("/tills?state=behind")
	require.Len(t, tables(page)[0].rows, 1)
	require.Equal(t, "Sud, caisse 1", tables(page)[0].rows[0][0].text)
	sale := south.ticket(20261122, c.syrup.Product, money.One)
	require.NoError(t, w.db.QueryRow(t.Context(), `SELECT max(version) FROM catalog.price_book`).Scan(&sale.Prices))
	south.add(journal.KindSale, sale)
	south.push()
	_, page, _ = v.get("/tills")
	require.NotContains(t, page, "nouveaux prix de")
}
