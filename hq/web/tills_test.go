package web_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/users"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

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
		return page
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
	require.Contains(t, tills, "la plus ancienne : 2\u00a0h\u00a014")
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
