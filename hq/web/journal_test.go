package web_test

import (
	"compress/gzip"
	"crypto/ed25519"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/intake"
	"comptant/shared/audit"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

// lane is a till that writes a journal.
type lane struct {
	w       *world
	store   retail.Location
	id      uuid.UUID
	session hub.Session
	entries [][]byte
	pushed  int
	number  uint64
}

// writes enrols a till of a store and opens its session.
func (w *world) writes(store retail.Location, number int) *lane {
	w.t.Helper()
	code, err := w.desk.NewCode(w.t.Context(), store.ID, number)
	require.NoError(w.t, err)
	key, _, err := ed25519.GenerateKey(nil)
	require.NoError(w.t, err)
	reply, err := w.desk.Enrol(w.t.Context(), wire.EnrolRequest{Code: code, Key: key}, "127.0.0.1")
	require.NoError(w.t, err)
	l := &lane{w: w, store: store, id: reply.Till}
	l.session, err = w.desk.Open(w.t.Context(), wire.Hello{Till: reply.Till}, sunday)
	require.NoError(w.t, err)
	l.add(journal.KindEpochOpen, retail.EpochOpen{Nonce: []byte{1}, Store: store.ID, Reason: retail.EpochEnrolled})
	return l
}

func (l *lane) add(kind journal.Kind, body any) {
	l.w.t.Helper()
	b, err := journal.Encode(journal.Entry{Kind: kind, Time: sunday.UnixMilli(), User: uuid.UUID{7}}, body)
	require.NoError(l.w.t, err)
	l.entries = append(l.entries, b)
}

// ticket is a sale of a quantity of a product on a day, paid cash.
func (l *lane) ticket(day retail.Date, p retail.Product, quantity money.Quantity) retail.Sale {
	lines := []retail.Line{retail.NewLine(p, quantity, "fr")}
	totals := retail.Total(lines, retail.TaxTable{{ID: uuid.UUID{5}, Code: "TPS", Rate: 5000, Classes: []retail.TaxClass{retail.Taxable}, From: 20080101, Order: 1}})
	due, rounding := totals.Cash(0)
	l.number++
	return retail.Sale{
		Number: l.number, BusinessDate: day, Currency: "CAD", Lines: lines, Taxes: totals.Taxes, Total: totals.Total,
		Rounding: rounding, Tenders: []retail.Tender{{Kind: retail.TenderCash, Amount: due, Given: due}},
	}
}

// push sends what was not sent.
func (l *lane) push() {
	l.w.t.Helper()
	links := journal.Chain(l.id, 1, 1, journal.Genesis(l.id, 1), l.entries)
	first, last := l.pushed, len(l.entries)-1
	_, err := l.w.desk.Store(l.w.t.Context(), hub.Batch{
		Till: l.id, Store: l.store.ID, Session: l.session.ID, Path: wire.Path{Epoch: 1}, First: uint64(first + 1),
		Prev: links[first].Prev, Head: links[last].Hash, Entries: l.entries[first:],
	})
	require.NoError(l.w.t, err)
	l.pushed = len(l.entries)
}

// inEnglish is how the program writes; a French page has none of it outside of what is marked as English.
var inEnglish = regexp.MustCompile(`\b(entry|entries|missing|disk|till|receipt|hold|opened|order|supervisor|instead|journals|product of|movements|sums|hash|bytes)\b`)

// said is what a page says, without what is marked as English and without its markup.
func said(page string) string {
	_, page, _ = strings.Cut(page, `<main`)
	page = regexp.MustCompile(`(?s)<code lang="en">.*?</code>`).ReplaceAllString(page, "")
	return regexp.MustCompile(`(?s)<[^>]*>`).ReplaceAllString(page, " ")
}

// Every flag says in French what it is about and with which numbers, those of earlier versions too; what only the program can say is marked.
func TestFlagsSpeakFrench(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	l := w.writes(c.north, 1)
	wrong := l.ticket(20261122, c.syrup.Product, money.One)
	wrong.Lines[0].Amount, wrong.Total, wrong.Currency = 1100, 9999, ""
	unknown := uuid.New()
	v := w.as(retail.RoleManager)
	for code, f := range map[string]struct{ detail, shown string }{
		intake.FlagHole:           {"entries 7 to 12345 are missing", "Les écritures 7 à 12345 manquent."},
		intake.FlagFork:           {"two entries come after entry 9", "Deux écritures suivent l’écriture 9."},
		intake.FlagPrintedTwice:   {"receipt number 118 of epoch 3", "Reçu n° 118 de l’époque 3"},
		intake.FlagNeverReceived:  {"the till wrote up to entry 40 of epoch 2; 31 is the last here", "jusqu’à l’écriture 40 de l’époque 2\u00a0; la dernière reçue est la 31."},
		intake.FlagRolledBack:     {"session 8 of the till, 5 here; 12 acknowledged entries are missing here", "session 8, le siège à la 5\u00a0; écritures confirmées qui manquent ici\u00a0: 12."},
		intake.FlagDiskImage:      {"the disk knows of session 4, 6 was used", "session 4\u00a0; la 6 a déjà servi"},
		intake.FlagTwoMachines:    {"the disk knows of session 41, 61 was used", "session 41\u00a0; la 61 a déjà servi"},
		intake.FlagUnknownReceipt: {"receipt 77 of epoch 1", "Reçu n° 77 de l’époque 1"},
		intake.FlagOverRefunded:   {"receipt 78 of epoch 1", "Reçu n° 78 de l’époque 1"},
		intake.FlagSignature:      {"of entry 20 of epoch 1", "Écriture 20 de l’époque 1"},
		intake.FlagClock:          {"entries 3 to 5 of epoch 1", "Écritures 3 à 5 de l’époque 1"},
		intake.FlagNoHold:         {"hold " + uuid.NewString() + " does not allow it", "n’avait pas permis ce remboursement"},
		intake.FlagNoReceipt:      {"a supervisor went on without a receipt", "Un superviseur a passé outre."},
		intake.FlagDoubt:          {"the till lacked entries; a supervisor went on", "Un superviseur a passé outre."},
		intake.FlagOrder:          {"order " + uuid.NewString(), "Voir la commande"},
		intake.FlagOtherStore:     {"opened for store " + c.south.ID.String(), "Ouverte pour Sud"},
		intake.FlagUnknownProduct: {unknown.String(), "Le catalogue n’a pas ce produit."},
		intake.FlagAside:          {"key 0a1b2c3d", "Clé 0a1b2c3d…"},
		intake.FlagInvalid:        {wrong.Check().Error(), "Ligne 1, Montant\u00a0: 11,00 au lieu de 11,49"},
	} {
		_, err := w.db.Exec(t.Context(), `DELETE FROM journal.flag`)
		require.NoError(t, err)
		_, err = w.db.Exec(t.Context(), `INSERT INTO journal.flag (store_id, till_id, epoch, seq, hash, code, detail, at) VALUES ($1, $2, 1, 1, '', $3, $4, $5)`,
			c.north.ID, l.id, code, f.detail, sunday)
		require.NoError(t, err)
		_, page, _ := v.get("/exceptions")
		text := said(page)
		require.Contains(t, text, f.shown, code)
		require.Empty(t, inEnglish.FindAllString(text, -1), code)
		if code == intake.FlagInvalid {
			require.Contains(t, page, `<code lang="en">no currency</code>`, "what has no words is there all the same, marked")
			require.Contains(t, text, "Total\u00a0: 99,99 au lieu de")
		}
	}
}

// A product that a flag calls unknown, and that somebody has imported since, is named.
func TestFlagOfAProductThatIsKnownNow(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	_, err := w.db.Exec(t.Context(), `INSERT INTO journal.flag (store_id, till_id, epoch, seq, hash, code, detail, at) VALUES ($1, $2, 1, 1, '', $3, $4, $5)`,
		c.north.ID, uuid.New(), intake.FlagUnknownProduct, c.soap.ID.String(), sunday)
	require.NoError(t, err)
	_, page, _ := w.as(retail.RoleManager).get("/exceptions")
	require.Contains(t, page, "Savon à mains est maintenant au catalogue")
	require.NotContains(t, said(page), c.soap.ID.String())
}

// What a verification finds is said in French with its figures, and with what to do.
func TestFindingsSpeakFrench(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	l := w.writes(c.north, 1)
	l.add(journal.KindSale, l.ticket(20261122, c.syrup.Product, 2*money.One))
	l.push()
	other := w.writes(c.south, 1)
	other.add(journal.KindSale, other.ticket(20261122, c.syrup.Product, money.One))
	other.push()
	for _, sql := range []string{
		`UPDATE sales.hourly SET revenue = revenue + 1 WHERE store_id = $1`,
		`UPDATE sales.daily_product SET units = 0 WHERE store_id = $1`,
		`UPDATE sales.daily_tax SET amount = 1 WHERE store_id = $1`,
		`UPDATE sales.document SET at = at - interval '1 hour' WHERE store_id = $1`,
		`UPDATE journal.entry SET bytes = set_byte(bytes, 0, 255) WHERE seq = 1 AND store_id = $1`,
		`DELETE FROM journal.entry WHERE seq = 2 AND store_id <> $1`,
		`UPDATE stock.level SET on_hand = 5000 WHERE product_id = (SELECT id FROM catalog.product WHERE sku = '310412') AND location_id = $1`,
	} {
		done, err := w.db.Exec(t.Context(), sql, c.north.ID)
		require.NoError(t, err)
		require.Positive(t, done.RowsAffected(), sql)
	}
	v := w.as(retail.RoleManager)
	status, _, location := v.post("/journal/verify", "back", "//elsewhere.example")
	require.Equal(t, http.StatusSeeOther, status)
	require.Equal(t, "/journal", location, "back is a page of ours")
	w.verifier.Wait()
	_, page, _ := v.get("/journal")
	text := strings.ReplaceAll(said(page), "\u00a0", " ")
	for _, shown := range []string{
		"Sommes par heure, 22 nov. 2026 : Revenu 22,99, d’après le journal 22,98",
		"Sommes par produit, 22 nov. 2026 : Unités (Sirop d’érable) 0, d’après le journal 2",
		"(TPS) 0,01, d’après le journal 1,15",
		"leurs heures ne sont pas celles du journal",
		"Le contenu de l’écriture a changé",
		"Une écriture manque",
		"Stock de Savon à mains : 5, la somme de ses mouvements est 3",
		"appelez qui tient le serveur",
	} {
		require.Contains(t, text, shown)
	}
	require.Empty(t, inEnglish.FindAllString(text, -1))
}

// The report says whether it equals the journals of its stores, since when, over how many entries, and how many came since; what is wrong
// on other days is not about it.
func TestTheReportEqualsTheJournal(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	l := w.writes(c.north, 1)
	l.add(journal.KindSale, l.ticket(20261121, c.syrup.Product, money.One))
	l.add(journal.KindSale, l.ticket(20261122, c.syrup.Product, 2*money.One))
	l.push()
	v := w.as(retail.RoleManager)
	report := func(query string) string {
		_, page, _ := v.get("/reports?compare=none&" + query)
		return strings.ReplaceAll(said(page), "\u00a0", " ")
	}
	verify := func(pairs ...string) {
		status, _, location := v.post("/journal/verify", append(pairs, "back", "/reports?period=today")...)
		require.Equal(t, http.StatusSeeOther, status)
		require.Equal(t, "/reports?period=today", location)
		w.verifier.Wait()
	}
	require.Contains(t, report("period=today"), "Pas encore comparé")
	verify("store", c.north.ID.String()+","+c.south.ID.String())
	require.Contains(t, report("period=today"), "Égal au journal, au cent. 3 écritures vérifiées le 22 nov.")
	require.NotContains(t, report("period=today"), "depuis.")
	l.add(journal.KindSale, l.ticket(20261122, c.syrup.Product, money.One))
	l.push()
	require.Contains(t, report("period=today"), "1 écriture reçue depuis.")

	_, err := w.db.Exec(t.Context(), `UPDATE sales.hourly SET card = 1 WHERE business_date = 20261121`)
	require.NoError(t, err)
	verify("store", c.north.ID.String())
	require.Contains(t, report("period=today"), "Égal au journal, au cent. 4 écritures")
	require.Contains(t, report("period=7"), "1 faute : ce rapport n’est pas égal au journal")
	require.Contains(t, report("period=7&store="+c.south.ID.String()), "Égal au journal, au cent. 0 écritures")
	_, err = w.db.Exec(t.Context(), `UPDATE journal.entry SET bytes = set_byte(bytes, 0, 255) WHERE seq = 1`)
	require.NoError(t, err)
	verify("store", c.north.ID.String())
	require.Contains(t, report("period=today"), "n’est pas égal", "a chain that is broken says nothing of any day")

	// while it lasts the page moves, and says how far it is
	_, err = w.db.Exec(t.Context(), `UPDATE journal.verification SET ended_at = NULL, beat_at = now(), done = 2`)
	require.NoError(t, err)
	_, page, _ := v.get("/reports?period=today")
	require.Contains(t, page, `hx-trigger="sse:journal"`)
	require.Contains(t, said(page), "de 4 écritures")
	_, err = w.db.Exec(t.Context(), `UPDATE journal.verification SET done = 0`)
	require.NoError(t, err)
	_, page, _ = v.get("/journal")
	require.NotContains(t, page, "Comparaison des chiffres")
	_, err = w.db.Exec(t.Context(), `UPDATE journal.verification SET done = total`)
	require.NoError(t, err)
	_, page, _ = v.get("/journal")
	require.Contains(t, page, "Comparaison des chiffres avec les écritures")
}

// Who has one store has it verified and exported, or one of its tills, and nothing of others.
func TestAManagerVerifiesAndExportsOneStore(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	here, there := w.writes(c.north, 1), w.writes(c.south, 1)
	for _, l := range []*lane{here, there} {
		l.add(journal.KindSale, l.ticket(20261122, c.syrup.Product, money.One))
		l.push()
	}
	v := w.managerOf(c.north)
	v.post("/journal/verify")
	v.post("/journal/verify", "till", here.id.String(), "back", "/journal/"+here.id.String())
	w.verifier.Wait()
	all, err := w.desk.Verifications(t.Context())
	require.NoError(t, err)
	var scopes []intake.Scope
	for _, one := range all {
		scopes = append(scopes, one.Scope)
		require.EqualValues(t, 2, one.Done)
	}
	require.ElementsMatch(t, []intake.Scope{{Store: c.north.ID}, {Store: c.north.ID, Till: here.id}}, scopes)
	_, page, _ := v.get("/journal/" + here.id.String())
	require.Contains(t, said(page), "2 écritures vérifiées le")
	_, page, _ = v.get("/journal")
	require.Contains(t, said(page), "au cent")
	require.NotContains(t, page, there.id.String())

	// export gives how many entries the file has.
	export := func(pairs ...string) (status, entries int) {
		status, body, _ := v.post("/journal/export", append(pairs, "from", "2026-11-22", "to", "2026-11-22")...)
		if status != http.StatusOK {
			return status, 0
		}
		packed, err := gzip.NewReader(strings.NewReader(body))
		require.NoError(t, err)
		report, err := audit.Check(packed)
		require.NoError(t, err)
		require.Empty(t, report.Faults)
		for _, till := range report.Tills {
			entries += till.Entries
		}
		return status, entries
	}
	for _, of := range [][]string{{"store", c.north.ID.String()}, {"till", here.id.String()}} {
		_, entries := export(of...)
		require.Equal(t, 2, entries, of[0])
	}
	for _, of := range [][]string{{"store", c.south.ID.String()}, {"till", there.id.String()}, nil} {
		status, _ := export(of...)
		require.NotEqual(t, http.StatusOK, status, of)
	}
	for _, of := range [][]string{{"store", c.south.ID.String()}, {"till", there.id.String()}} {
		v.post("/journal/verify", of...)
	}
	w.verifier.Wait()
	all, err = w.desk.Verifications(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 2, "nothing of the other store was verified")
	v = w.as(retail.RoleManager)
	_, entries := export()
	require.Equal(t, 4, entries, "of every store, for who sees them all")
	_, page, _ = w.as(retail.RoleAdministrator).get("/audit")
	require.Contains(t, page, "Journal exporté")
	require.Contains(t, page, "Nord, caisse 1")
}
