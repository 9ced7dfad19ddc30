package till_test

import (
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
	"comptant/terminal/till/tilltest"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestStockShowsAgeLevelAndSuggestion(t *testing.T) {
	w := signedIn(t)
	w.goods.Stock[syrup.ID] = till.Stock{
		Known: true, Here: 16 * money.One, HereAt: w.clock.Add(-3 * time.Minute), InTransit: 12 * money.One,
		Depot: 640 * money.One, DepotAt: w.clock.Add(-12 * time.Minute),
		RestockBelow: 25 * money.One, OutBelow: 15 * money.One, OverAbove: 65 * money.One, PerDay: 6200,
	}
	s, err := w.Stock(t.Context(), syrup.ID)
	require.NoError(t, err)
	require.Equal(t, till.LevelLow, s.Level)
	require.True(t, s.Restock)
	require.Equal(t, 36*money.One, s.Suggestion.Quantity)
	require.Equal(t, 3*time.Minute, s.HereAge)
	require.Equal(t, 12*time.Minute, s.DepotAge)
	require.Equal(t, "Grocery", s.Category.Name.EN)

	s, err = w.Stock(t.Context(), pen.ID)
	require.NoError(t, err)
	require.False(t, s.Restock, "nothing is offered for what nothing is known about")
	require.Zero(t, s.HereAge)
	_, err = w.Stock(t.Context(), id(77))
	refused(t, till.KeyNoProduct, err)
}

func TestWhatOtherStoresHave(t *testing.T) {
	w := signedIn(t)
	north := retail.Location{ID: id(81), Kind: retail.LocationStore, Code: "NO", Name: "Magasin Nord"}
	south := retail.Location{ID: id(82), Kind: retail.LocationStore, Code: "SU", Name: "Magasin Sud"}
	w.goods.Locations = []retail.Location{{ID: id(83), Kind: retail.LocationWarehouse}, north, w.goods.Identity.Store, south}
	s, err := w.Stock(t.Context(), syrup.ID)
	require.NoError(t, err)
	require.Equal(t, []till.OtherStock{{Store: north}, {Store: south}}, s.Others, "nothing is known yet")
	w.goods.Elsewhere = map[uuid.UUID]retail.Elsewhere{syrup.ID: {Stores: []retail.StoreStock{
		{Store: w.goods.Identity.Store.ID, OnHand: 16 * money.One},
		{Store: south.ID, OnHand: 4 * money.One, InTransit: 12 * money.One, At: w.clock.Add(-5 * time.Minute).UnixMilli(), OutBelow: 5 * money.One},
		{Store: id(99), OnHand: 7 * money.One}, // closed since
	}}}
	s, err = w.Stock(t.Context(), syrup.ID)
	require.NoError(t, err)
	require.Equal(t, []till.OtherStock{{Store: north}, {
		Store: south, Known: true, Here: 4 * money.One, InTransit: 12 * money.One, Age: 5 * time.Minute, Level: till.LevelOut,
	}}, s.Others)
	s, err = w.Stock(t.Context(), coffee.ID)
	require.NoError(t, err)
	require.Empty(t, s.Others, "what is made here has no stock anywhere")
}

func TestLevels(t *testing.T) {
	level := func(here money.Quantity) till.Level {
		return till.LevelOf(syrup, till.Stock{
			Known: true, Here: here * money.One,
			RestockBelow: 25 * money.One, OutBelow: 15 * money.One, OverAbove: 65 * money.One,
		})
	}
	for here, want := range map[money.Quantity]till.Level{
		-1: till.LevelNegative, 0: till.LevelOut, 14: till.LevelOut, 15: till.LevelLow, 24: till.LevelLow,
		25: till.LevelGood, 65: till.LevelGood, 66: till.LevelOver,
	} {
		require.Equal(t, want, level(here), "%d", here)
	}
	require.Equal(t, till.LevelNone, till.LevelOf(coffee, till.Stock{Known: true}))
	require.Equal(t, till.LevelNone, till.LevelOf(syrup, till.Stock{}))
}

func TestRequestRestock(t *testing.T) {
	w := signedIn(t)
	_, err := w.RequestRestock(t.Context(), nil)
	refused(t, till.KeyRestockEmpty, err)
	_, err = w.RequestRestock(t.Context(), []retail.StockLine{{Product: coffee.ID, Quantity: money.One}})
	refused(t, till.KeyMadeHere, err)
	_, err = w.RequestRestock(t.Context(), []retail.StockLine{{Product: syrup.ID}})
	refused(t, till.KeyQuantity, err)
	_, err = w.RequestRestock(t.Context(), []retail.StockLine{{Product: pen.ID, Quantity: 5}})
	refused(t, till.KeyWhole, err)

	r, err := w.RequestRestock(t.Context(), []retail.StockLine{
		{Product: syrup.ID, Quantity: 24 * money.One},
		{Product: pen.ID, Quantity: 10 * money.One},
		{Product: syrup.ID, Quantity: 12 * money.One},
	})
	require.NoError(t, err)
	last := w.journal.Drafts[len(w.journal.Drafts)-1]
	require.Equal(t, journal.KindRestockRequest, last.Kind)
	require.False(t, last.Numbered)
	require.Equal(t, retail.RestockRequest{ID: r.ID, Lines: []retail.StockLine{
		{Product: syrup.ID, Quantity: 36 * money.One}, {Product: pen.ID, Quantity: 10 * money.One},
	}}, last.Body)

	older := retail.Restock{ID: id(50), State: retail.RestockShipped, At: r.At - 1000}
	w.goods.Restocks = []retail.Restock{older}
	all, err := w.Restocks(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, []uuid.UUID{r.ID, older.ID}, []uuid.UUID{all[0].ID, all[1].ID})
	published := r
	published.State = retail.RestockApproved
	w.goods.Restocks = []retail.Restock{older, published}
	all, err = w.Restocks(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, retail.RestockApproved, all[0].State, "what headquarters says of it counts")
	all, err = w.Restocks(t.Context(), 1)
	require.NoError(t, err)
	require.Len(t, all, 1)
}

func TestReceiveByScanning(t *testing.T) {
	w := signedIn(t)
	w.goods.Shipments = []retail.Shipment{{
		ID: id(60), Code: "EXP-0311",
		Lines: []retail.StockLine{{Product: syrup.ID, Quantity: 12 * money.One}, {Product: id(78), Quantity: 5 * money.One}},
	}}
	_, err := w.Receive(t.Context(), id(61))
	refused(t, till.KeyNoShipment, err)
	r, err := w.Receive(t.Context(), id(60))
	require.NoError(t, err)
	refused(t, till.KeyNothing, r.Commit(t.Context()))

	for _, code := range []string{syrup.Barcodes[0], "10*" + syrup.Barcodes[0], pen.Barcodes[0]} {
		s, err := r.Scan(t.Context(), code)
		require.NoError(t, err)
		require.True(t, s.Known)
	}
	s, err := r.Scan(t.Context(), "4001009910461")
	require.NoError(t, err)
	require.False(t, s.Known)
	require.NoError(t, r.Set(1, 5*money.One))
	refused(t, till.KeyNoLine, r.Set(3, money.One))
	refused(t, till.KeyWhole, r.Set(0, 500))
	lines := r.Lines()
	require.Equal(t, -money.One, lines[0].Difference(), "one short")
	require.Zero(t, lines[1].Difference(), "no longer in the catalogue, and here all the same")
	require.Equal(t, money.One, lines[2].Difference(), "one that nobody announced")
	require.Empty(t, w.Ticket().Lines, "receiving is not selling")

	require.NoError(t, r.Commit(t.Context()))
	require.NoError(t, r.Commit(t.Context()), "a second press does nothing")
	require.Equal(t, journal.KindReceive, w.journal.Kinds()[2])
	require.Len(t, w.journal.Drafts, 3)
	require.Equal(t, retail.Receive{Shipment: id(60), Lines: []retail.StockLine{
		{Product: syrup.ID, Quantity: 11 * money.One},
		{Product: id(78), Quantity: 5 * money.One},
		{Product: pen.ID, Quantity: money.One},
	}}, w.journal.Drafts[2].Body)

	w.goods.Shipments[0].Received = true
	_, err = w.Receive(t.Context(), id(60))
	e := refused(t, till.KeyReceived, err)
	require.Equal(t, "EXP-0311", e.Args["code"])
}

func TestReceiveAllAsShipped(t *testing.T) {
	w := signedIn(t)
	w.goods.Shipments = []retail.Shipment{{
		ID: id(60), Lines: []retail.StockLine{{Product: syrup.ID, Quantity: 12 * money.One}},
	}}
	r, err := w.Receive(t.Context(), id(60))
	require.NoError(t, err)
	require.Equal(t, id(60), r.Shipment().ID)
	r.AllFound()
	require.NoError(t, r.Set(0, 0))
	r.AllFound()
	require.NoError(t, r.Commit(t.Context()))
	require.Equal(t, 12*money.One, w.journal.Drafts[2].Body.(retail.Receive).Lines[0].Quantity)
}

func TestStatus(t *testing.T) {
	w := signedIn(t)
	w.network = till.Network{Since: w.clock.Add(-2 * time.Hour), Offset: 200 * time.Millisecond, Error: 20 * time.Millisecond}
	w.journal.Unsent = till.Waiting{Count: 37, Oldest: w.clock.Add(-2 * time.Hour)}
	w.goods.Next = till.NextPrices{Version: 1285, From: w.clock.Add(time.Hour)}
	s, err := w.Status(t.Context())
	require.NoError(t, err)
	require.False(t, s.Online)
	require.Equal(t, 37, s.Count)
	require.Equal(t, 2*time.Hour, s.OldestAge)
	require.Equal(t, uint64(1284), s.Prices)
	require.Equal(t, w.goods.Next, s.NextPrices)
	require.Equal(t, "1.0", s.App)
	require.Equal(t, 200*time.Millisecond, s.Offset)
	w.journal.Unsent = till.Waiting{}
	s, err = w.Status(t.Context())
	require.NoError(t, err)
	require.Zero(t, s.OldestAge)
}

// Selling never asks whether there is a network: the same presses write the same bodies.
func TestOfflineIsTheSameSale(t *testing.T) {
	sell := func(online bool) []retail.Sale {
		w := signedIn(t)
		w.network.Online = online
		w.scan("2*"+pen.SKU, syrup.SKU)
		p := w.pay()
		_, err := w.TenderCash(t.Context(), p.Turn, 2000)
		require.NoError(t, err)
		return tilltest.Bodies[retail.Sale](w.journal)
	}
	require.Equal(t, sell(true), sell(false))
}
