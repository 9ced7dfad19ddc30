package api_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/api"
	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

func TestTaxesAndCharges(t *testing.T) {
	w := newWorld(t)
	rates := retail.Quebec("119000000 RT 0001", "12")
	ended := rates[1]
	ended.ID, ended.Rate, ended.From, ended.To = uuid.New(), 9_500, 20110101, rates[1].From
	w.tx(func(tx *db.Tx) error {
		if err := catalog.PutTaxRates(t.Context(), tx, append(rates, ended)...); err != nil {
			return err
		}
		return catalog.PutCharges(t.Context(), tx, retail.Charge{Code: "CONS-05", Name: retail.Text{FR: "Consigne"}, Unit: 5, Class: retail.Exempt})
	})
	all := read[api.Page[api.TaxRate]](w.get("/tax-rates").is(http.StatusOK)).Items
	require.Len(t, all, 3)
	today := read[api.Page[api.TaxRate]](w.get("/tax-rates?on=2026-11-22").is(http.StatusOK)).Items
	require.Len(t, today, 2)
	require.Equal(t, "TPS", today[0].Code)
	require.EqualValues(t, 9_975, today[1].Rate)
	require.Empty(t, today[1].To)
	before := read[api.Page[api.TaxRate]](w.get("/tax-rates?on=2011-06-01").is(http.StatusOK)).Items
	i := slices.IndexFunc(before, func(r api.TaxRate) bool { return r.Code == "TVQ" })
	require.EqualValues(t, 9_500, before[i].Rate)
	require.Equal(t, rates[1].From.String(), before[i].To)
	require.Equal(t, []api.Charge{{Code: "CONS-05", ChargeBody: api.ChargeBody{Name: api.Text{FR: "Consigne"}, Amount: api.Money{Amount: 5, Currency: "CAD"}, TaxClass: retail.Exempt}}},
		read[api.Page[api.Charge]](w.get("/charges").is(http.StatusOK)).Items)
}

// What a store lacks is counted, and what is suggested follows from what it sold.
func TestAlertsAndCover(t *testing.T) {
	w := newWorld(t)
	till := uuid.New()
	for week := range 4 {
		w.now = sunday.AddDate(0, 0, -1-7*week)
		w.sell(till, uint64(week+1), w.south, w.soap, 14*money.One)
	}
	w.now = sunday
	alerts := read[api.Page[api.AlertCount]](w.get("/warehouse/alerts?location=" + w.south.ID.String()).is(http.StatusOK)).Items
	require.Equal(t, []api.AlertCount{
		{Location: w.south.ID, Alert: stock.Negative, Levels: 1, Worst: w.syrup.ID, OnHand: -2 * money.One},
		{Location: w.south.ID, Alert: stock.Over, Levels: 1, Worst: w.soap.ID, OnHand: 90 * money.One},
	}, alerts)
	first := read[api.Page[api.AlertCount]](w.get("/warehouse/alerts?limit=1").is(http.StatusOK))
	require.NotEmpty(t, first.Next)
	require.NotEqual(t, first.Items, read[api.Page[api.AlertCount]](w.get("/warehouse/alerts?limit=1&cursor="+first.Next).is(http.StatusOK)).Items)

	of := func(product uuid.UUID, query string) *api.Cover {
		all := read[api.Page[api.Cover]](w.get("/warehouse/cover/" + w.south.ID.String() + query).is(http.StatusOK)).Items
		if i := slices.IndexFunc(all, func(c api.Cover) bool { return c.Product == product }); i >= 0 {
			return &all[i]
		}
		return nil
	}
	soap, syrup := of(w.soap.ID, ""), of(w.syrup.ID, "")
	require.Equal(t, 2*money.One, soap.PerDay)
	require.EqualValues(t, 45, *soap.Days)
	require.Zero(t, soap.Suggested)
	require.Nil(t, syrup.Days, "nobody buys it")
	require.Equal(t, 12*money.One, syrup.Suggested, "one pack, for what was sold below zero")
	require.Nil(t, of(w.soap.ID, "?alert=negative"))
	w.get("/warehouse/cover/"+w.depot.ID.String()).problem(http.StatusNotFound, "location.unknown")
}

// A count is read with how far it was off, and page by page; an exception of a journal is read and settled once.
func TestCountsAndExceptions(t *testing.T) {
	w := newWorld(t)
	at := sunday.Add(-time.Hour)
	till := w.counts(at, w.syrup.ID, w.soap.ID)
	all := read[api.Page[api.Count]](w.get("/warehouse/counts?store=" + w.north.ID.String()).is(http.StatusOK)).Items
	require.Len(t, all, 2)
	for _, c := range all {
		require.Equal(t, till, c.Till)
		require.True(t, c.Final && c.Latest)
		if c.Product == w.syrup.ID {
			require.Equal(t, 24*money.One, c.Counted)
			require.Equal(t, -7*money.One, c.Variance)
		}
	}
	first := read[api.Page[api.Count]](w.get("/warehouse/counts?limit=1").is(http.StatusOK))
	require.Equal(t, all[:1], first.Items)
	second := read[api.Page[api.Count]](w.get("/warehouse/counts?limit=1&cursor=" + first.Next).is(http.StatusOK))
	require.Equal(t, all[1:], second.Items)
	require.Empty(t, second.Next)
	w.get("/warehouse/counts?cursor=x").problem(http.StatusUnprocessableEntity, "page.unknown")
	require.Empty(t, read[api.Page[api.Count]](w.get("/warehouse/counts?store="+w.south.ID.String()).is(http.StatusOK)).Items)

	_, err := w.db.Exec(t.Context(), `
		INSERT INTO journal.flag (store_id, till_id, epoch, seq, hash, code, detail, at) VALUES ($1, $2, 1, 2, sha256('a'), 'printed-twice', 'CV-1', $3)`,
		w.north.ID, till, at)
	require.NoError(t, err)
	found := read[api.Page[api.Exception]](w.get("/journal/exceptions").is(http.StatusOK)).Items
	require.Len(t, found, 1)
	require.Equal(t, "printed-twice", found[0].Code)
	require.EqualValues(t, 2, found[0].Seq)
	require.Empty(t, read[api.Page[api.Exception]](w.get("/journal/exceptions?store="+w.south.ID.String()).is(http.StatusOK)).Items)
	settle := "/journal/exceptions/" + found[0].ID + "/settle"
	w.post(settle, map[string]any{"note": " "}).problem(http.StatusUnprocessableEntity, "flag.note_missing")
	w.post(settle, map[string]any{"note": "the customer was called"}).is(http.StatusNoContent)
	w.post(settle, map[string]any{"note": "again"}).problem(http.StatusConflict, "flag.gone")
	require.Empty(t, read[api.Page[api.Exception]](w.get("/journal/exceptions").is(http.StatusOK)).Items)
}

// counts has a till of the north count products: 24 units of the first, one less of each other.
func (w *world) counts(at time.Time, products ...uuid.UUID) (till uuid.UUID) {
	w.t.Helper()
	ctx := w.t.Context()
	code, err := w.desk.NewCode(ctx, w.north.ID, 8)
	require.NoError(w.t, err)
	reply := w.enrol(code)
	session, err := w.desk.Open(ctx, wire.Hello{Till: reply.Till}, w.now)
	require.NoError(w.t, err)
	var entries [][]byte
	add := func(kind journal.Kind, body any) {
		b, err := journal.Encode(journal.Entry{Kind: kind, Time: at.UnixMilli() + int64(len(entries)), Error: 1000, User: uuid.UUID{7}}, body)
		require.NoError(w.t, err)
		entries = append(entries, b)
	}
	add(journal.KindEpochOpen, retail.EpochOpen{Nonce: []byte{1}, Store: w.north.ID, Reason: retail.EpochEnrolled})
	for i, p := range products {
		add(journal.KindCount, retail.Count{Session: uuid.UUID{5}, Product: p, Quantity: money.Quantity(24-i) * money.One})
	}
	links := journal.Chain(reply.Till, reply.Epoch, 1, journal.Genesis(reply.Till, reply.Epoch), entries)
	_, err = w.desk.Store(ctx, hub.Batch{
		Till: reply.Till, Store: w.north.ID, Session: session.ID, Path: wire.Path{Epoch: reply.Epoch}, First: 1,
		Prev: links[0].Prev, Head: links[len(links)-1].Hash, Entries: entries,
	})
	require.NoError(w.t, err)
	return reply.Till
}
