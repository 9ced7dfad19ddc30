package web_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/stock"
	registry "comptant/hq/tills"
	"comptant/hq/ui"
	"comptant/hq/web"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

// ask makes a request of the store for the warehouse.
func (w *world) askFor(store retail.Location, product uuid.UUID, units money.Quantity) uuid.UUID {
	id := uuid.New()
	w.tx(func(tx *db.Tx) error {
		return stock.RequestRestock(w.t.Context(), tx, stock.RestockRequest{
			Location: store.ID, ID: id, At: sunday.Add(-time.Hour), Lines: []retail.StockLine{{Product: product, Quantity: units}},
		})
	})
	return id
}

func TestRestockIsDecidedAndShipped(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/restock")
	require.Contains(t, page, "Aucune demande")

	part, none, all := w.askFor(c.north, c.syrup.ID, 60*money.One), w.askFor(c.south, c.syrup.ID, 12*money.One), w.askFor(c.south, c.syrup.ID, 24*money.One)
	_, page, _ = v.get("/restock")
	require.Contains(t, page, "640", "the warehouse's stock stands beside it")
	address := func(store retail.Location, id uuid.UUID, do string) string {
		return "/restock/" + store.ID.String() + "/" + id.String() + do
	}
	state := func(store retail.Location, id uuid.UUID) stock.Restock {
		r, err := stock.OneRestock(t.Context(), w.db, store.ID, id)
		require.NoError(t, err)
		return r
	}

	field := "quantity-" + c.syrup.ID.String()
	v.post(address(c.north, part, "/decide"), "decision", "part", field, "beaucoup")
	require.Contains(t, v.flash(), "«\u00a0beaucoup\u00a0» n’est pas une quantité.")
	require.Equal(t, retail.RestockRequested, state(c.north, part).State)
	v.post(address(c.north, part, "/decide"), "decision", "part", field, "48")
	require.Contains(t, v.flash(), "approuvée")
	require.Equal(t, 48*money.One, state(c.north, part).Lines[0].Approved)
	v.post(address(c.north, part, "/decide"), "decision", "all")
	require.Contains(t, v.flash(), "déjà décidé")

	v.post(address(c.south, none, "/decide"), "decision", "none")
	require.Equal(t, retail.RestockRefused, state(c.south, none).State)
	v.post(address(c.south, all, "/decide"), "decision", "all")
	require.Equal(t, 24*money.One, state(c.south, all).Lines[0].Approved)

	v.post(address(c.north, part, "/ship"), "from", c.depot.ID.String(), field, "49")
	require.Contains(t, v.flash(), "pas plus que ce qui est approuvé")
	v.post(address(c.north, part, "/ship"), "from", c.depot.ID.String(), field, "40")
	require.Contains(t, v.flash(), "EXP-0001 est en route.")
	require.Equal(t, retail.RestockShipped, state(c.north, part).State)
	_, page, _ = v.get("/stock?q=sirop")
	require.Contains(t, page, "600", "40 left the warehouse")
}

// flash is the page after a form, which shows what happened once.
func (v visitor) flash() string {
	_, page, _ := v.get("/restock")
	_, again, _ := v.get("/restock")
	require.NotContains(v.w.t, again, `class="flash`)
	return page
}

func TestTillIsEnrolledAndRevoked(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v := w.as(retail.RoleAdministrator)
	status, page, _ := v.post("/tills/codes", "store", c.north.ID.String(), "number", "2")
	require.Equal(t, http.StatusOK, status)
	code := regexp.MustCompile(`<p class="code">([^<]+)</p>`).FindStringSubmatch(page)
	require.Len(t, code, 2)
	w.enrol(code[1])

	_, page, _ = v.get("/tills")
	require.Contains(t, page, "Nord, caisse 2")
	tills, err := w.desk.List(t.Context())
	require.NoError(t, err)
	_, _, location := v.post("/tills/" + tills[0].ID.String() + "/revoke")
	require.Equal(t, "/tills", location)
	_, page, _ = v.get("/tills")
	require.Contains(t, page, "révoquée")

	// What it still sends is shown to a person, and counts nowhere.
	_, page, _ = v.get("/journal")
	require.NotContains(t, page, "Mis de côté")
	sale, err := journal.Encode(journal.Entry{Kind: journal.KindSale, Time: sunday.UnixMilli()}, retail.Sale{Number: 1, Total: 4321})
	require.NoError(t, err)
	links := journal.Chain(tills[0].ID, 1, 7, journal.Hash{}, [][]byte{sale})
	_, err = w.desk.KeepAside(t.Context(), tills[0].Key, hub.Batch{
		Till: tills[0].ID, Store: c.north.ID, Path: wire.Path{Epoch: 1}, First: 7, Head: links[0].Hash, Entries: [][]byte{sale},
	})
	require.NoError(t, err)
	_, page, _ = v.get("/journal")
	require.Contains(t, page, "Mis de côté")
	require.Contains(t, page, "43,21")
	_, page, _ = v.get("/exceptions")
	require.Contains(t, page, "Envoyé par une clé révoquée")

	_, _, location = v.post("/tills/codes", "store", c.north.ID.String(), "number", "0")
	require.Equal(t, "/", location, "back to where the form was")
	_, page, _ = v.get("/tills")
	require.Contains(t, page, "Le numéro de caisse va de 1 à 99.")
}

func TestReportOpensWhatItIsMadeOf(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	w.sell(c.north, sunday.Add(-time.Hour), c.syrup, 3*money.One)
	w.sell(c.south, sunday.Add(-24*time.Hour), c.soap, 2*money.One)
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/reports")
	require.Contains(t, page, "44,45", "34.47 and 9.98")
	_, page, _ = v.get("/reports?store=" + c.north.ID.String() + "&period=today&compare=none")
	require.Contains(t, page, "34,47")
	require.NotContains(t, page, "44,45")
	receipts := regexp.MustCompile(`/receipts\?[^"]+`).FindString(page)
	_, page, _ = v.get(strings.ReplaceAll(receipts, "&amp;", "&"))
	require.Contains(t, page, "34,47")
	require.NotContains(t, page, "9,98")
	_, page, _ = v.get(regexp.MustCompile(`/receipts/[^"]+`).FindString(page))
	require.Contains(t, page, "Sirop d’érable")
	require.Contains(t, page, "34,47")

	status, file, _ := v.get("/reports.csv")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, file, "44,45")
	status, file, _ = v.get("/reports.xlsx")
	require.Equal(t, http.StatusOK, status)
	require.True(t, strings.HasPrefix(file, "PK"))
	status, file, _ = v.get("/stock.csv?q=savon")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, file, "310412;Savon à mains;")
	require.NotContains(t, file, "Sirop")

	status, page, _ = v.get("/reports?from=2026-12-01&to=2026-11-01")
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Contains(t, page, "La période n’est pas valable")
	status, page, _ = v.get("/nowhere")
	require.Equal(t, http.StatusNotFound, status)
	require.Contains(t, page, `href="/reports"`, "the sections stay around an address that is none")
	status, page, _ = w.visitor().get("/nowhere")
	require.Equal(t, http.StatusNotFound, status)
	require.Contains(t, page, "Retour à la connexion")
}

// Every kind of entry has a word of its own in French.
func TestKindsHaveWords(t *testing.T) {
	ctx := ui.WithPrefs(t.Context(), ui.Prefs{Lang: "fr"})
	said := map[string]bool{}
	for kind := journal.Kind(1); !strings.HasPrefix(kind.String(), "kind-"); kind++ {
		word := web.KindWord(ctx, kind)
		require.NotEqual(t, kind.String(), word)
		require.NotContains(t, word, "kind.")
		require.False(t, said[word], word)
		said[word] = true
	}
	require.Len(t, said, int(journal.KindChainHead))
}

func TestJournalIsVerified(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v := w.as(retail.RoleManager)
	v.post("/journal/verify")
	w.verifier.Wait()
	_, page, _ := v.get("/journal")
	require.Contains(t, page, "les chaînes tiennent")
	w.sell(c.north, sunday, c.syrup, money.One) // in no journal
	v.post("/journal/verify")
	w.verifier.Wait()
	_, page, _ = v.get("/journal")
	require.Contains(t, page, "fautes trouvées")
}

func TestAFlagIsSettledWithANote(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	d := w.sell(c.north, sunday, c.syrup, money.One)
	_, err := w.db.Exec(t.Context(), `
		INSERT INTO journal.flag (store_id, till_id, epoch, seq, hash, code, detail, at) VALUES ($1, $2, 1, 2, sha256('a'), 'printed-twice', '', now())`,
		c.north.ID, d.Till)
	require.NoError(t, err)
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/exceptions")
	require.Contains(t, page, "Numéro de reçu donné deux fois")
	require.Contains(t, page, "gardez les deux reçus", "and what to do")
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte("a")))
	form := []string{"store", c.north.ID.String(), "till", d.Till.String(), "epoch", "1", "seq", "2", "hash", hash, "code", "printed-twice"}
	v.post("/exceptions/flags", form...)
	_, page, _ = v.get("/exceptions")
	require.Contains(t, page, "Dites ce qui a été fait", "the note is missing")
	require.Contains(t, page, "Numéro de reçu donné deux fois")
	status, _, location := v.post("/exceptions/flags", append(form, "note", "Client rappelé")...)
	require.Equal(t, http.StatusSeeOther, status)
	require.Equal(t, "/exceptions", location)
	_, page, _ = v.get("/exceptions")
	require.NotContains(t, page, "Numéro de reçu donné deux fois")
	var note string
	require.NoError(t, w.db.QueryRow(t.Context(), `SELECT note FROM journal.flag WHERE resolved_by IS NOT NULL`).Scan(&note))
	require.Equal(t, "Client rappelé", note)
	v.post("/exceptions/flags", append(form, "note", "encore")...)
	_, page, _ = v.get("/exceptions")
	require.Contains(t, page, "déjà été réglé")
	for _, short := range []string{"", "ab", "zz"} {
		form[9] = short
		status, _, _ = v.post("/exceptions/flags", append(form, "note", "rien")...)
		require.Equal(t, http.StatusSeeOther, status)
	}
}

func TestPricesArePlannedAndCanceled(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/catalogue?price=204310")
	require.Contains(t, page, `value="204310"`, "a price leads to the form for a new one")
	require.NotContains(t, page, "à venir")

	status, _, location := v.post("/catalogue/prices", "product", "204310", "price", "9,99", "from", "2026-11-23T06:00")
	require.Equal(t, http.StatusSeeOther, status)
	require.Equal(t, "/catalogue#prices", location)
	_, page, _ = v.get("/catalogue")
	require.Contains(t, page, "Sirop d’érable à 9,99")
	require.Contains(t, page, "à venir")
	require.Contains(t, page, "06:00", "in the stores' time")
	price := func() money.Amount {
		p, err := catalog.Get(t.Context(), w.db, c.syrup.ID)
		require.NoError(t, err)
		return p.Price
	}
	require.Equal(t, c.syrup.Price, price())
	activate := func(at time.Time) {
		w.tx(func(tx *db.Tx) error { return catalog.Activate(t.Context(), tx, at) })
	}
	moment := time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	activate(moment.Add(-time.Millisecond))
	require.Equal(t, c.syrup.Price, price())

	v.post("/catalogue/prices/2/cancel")
	_, page, _ = v.get("/catalogue")
	require.Contains(t, page, "annulée")
	activate(moment)
	require.Equal(t, c.syrup.Price, price())
	v.post("/catalogue/prices/2/cancel")
	_, page, _ = v.get("/catalogue")
	require.Contains(t, page, "déjà en vigueur, ou annulés")

	v.post("/catalogue/prices", "product", "204310", "price", "8.49")
	require.EqualValues(t, 849, price(), "without a date: at once")
	for wrong, said := range map[string][]string{
		"Ce n’est pas un prix.":         {"product", "204310", "price", "cher"},
		"Cette date n’est pas valable.": {"product", "204310", "price", "1", "from", "demain"},
	} {
		v.post("/catalogue/prices", said...)
		_, page, _ = v.get("/catalogue")
		require.Contains(t, page, wrong)
	}
	require.EqualValues(t, 849, price())
}

// A price may be that of one store, until it is as everywhere there.
func TestAPriceIsThatOfOneStore(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v := w.as(retail.RoleManager)
	costs := func(store uuid.UUID) money.Amount {
		found, _, err := catalog.InForce(t.Context(), w.db, sunday, store, []uuid.UUID{c.syrup.ID})
		require.NoError(t, err)
		return found[c.syrup.ID].Price
	}
	north := c.north.ID.String()
	_, page, _ := v.get("/catalogue")
	named := strings.Count(page, c.north.Name)
	v.post("/catalogue/prices", "product", "204310", "price", "9,99", "store", north)
	require.EqualValues(t, 999, costs(c.north.ID))
	require.Equal(t, c.syrup.Price, costs(c.south.ID))
	_, page, _ = v.get("/catalogue")
	require.Equal(t, named+1, strings.Count(page, c.north.Name), "the list says where")

	panel := "/stock?product=" + c.syrup.ID.String()
	_, page, _ = v.get(panel)
	require.Contains(t, page, " 9,99\u00a0$", "the product says which store has its own price")
	_, page, _ = v.get("/catalogue")
	require.Contains(t, page, "autre dans 1 magasin<")
	_, page, _ = v.get("/catalogue?price=204310")
	require.Contains(t, page, "11,49\u00a0$ · "+c.north.Name+" 9,99\u00a0$")

	v.post("/catalogue/prices", "product", "204310", "store", north)
	_, page, _ = v.get("/catalogue")
	require.Contains(t, page, "Ce n’est pas un prix.", "no price is a mistake")
	require.EqualValues(t, 999, costs(c.north.ID))
	v.post("/catalogue/prices", "product", "204310", "everywhere", "yes")
	_, page, _ = v.get("/catalogue")
	require.Contains(t, page, "Seul un magasin a un prix à lui")
	v.post("/catalogue/prices", "product", "204310", "price", "1", "store", uuid.NewString())
	require.Equal(t, c.syrup.Price, costs(c.south.ID))

	v.post("/catalogue/prices", "product", "204310", "store", north, "everywhere", "yes")
	_, page, _ = v.get("/catalogue")
	require.Contains(t, page, "comme partout")
	require.Equal(t, c.syrup.Price, costs(c.north.ID))
	_, page, _ = v.get(panel)
	require.NotContains(t, page, " 9,99\u00a0$")
	_, page, _ = v.get("/catalogue")
	require.NotContains(t, page, "autre dans")
}

func TestPagesSayWhichTillsSellAtWhichPrices(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	code, err := w.desk.NewCode(t.Context(), c.north.ID, 2)
	require.NoError(t, err)
	w.enrol(code)
	tills, err := w.desk.List(t.Context())
	require.NoError(t, err)
	v := w.as(retail.RoleManager)
	_, page, _ := v.get("/catalogue")
	require.NotContains(t, page, "caisse vend", "it has not said")
	w.tx(func(tx *db.Tx) error { return registry.Runs(t.Context(), tx, c.north.ID, tills[0].ID, 1, sunday) })
	_, page, _ = v.get("/catalogue")
	require.Contains(t, page, "1 caisse vend à la version 1")
	_, page, _ = v.get("/tills")
	require.Contains(t, page, "version 1")

	// Of prices to come it says how many tills have them, connected or not.
	v.post("/catalogue/prices", "product", "204310", "price", "9,49", "from", "2026-11-30T08:00")
	_, page, _ = v.get("/catalogue")
	require.Contains(t, page, "0 sur 1 l’ont")
	session, err := w.desk.Open(t.Context(), wire.Hello{Till: tills[0].ID}, time.Now())
	require.NoError(t, err)
	var gen, seq uint64
	require.NoError(t, w.db.QueryRow(t.Context(), `SELECT gen, seq FROM feed.head WHERE feed = 'global'`).Scan(&gen, &seq))
	shows := func(seq uint64) {
		require.NoError(t, w.desk.Seen(t.Context(), tills[0].ID, session.ID, sunday, []wire.Cursor{{Feed: "global", Gen: gen, Seq: seq}}))
	}
	shows(seq - 1)
	_, page, _ = v.get("/catalogue")
	require.Contains(t, page, "0 sur 1 l’ont")
	shows(seq)
	_, page, _ = v.get("/catalogue")
	require.Contains(t, page, "1 sur 1 l’ont")
	_, page, _ = v.get("/tills")
	require.Contains(t, page, "depuis le 22\u00a0nov. 14:32")
}
