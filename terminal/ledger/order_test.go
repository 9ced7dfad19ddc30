package ledger

import (
	"testing"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/wire"
	"comptant/terminal/till"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// webOrder is an order of the shop of three timbits, which was paid there.
var webOrder = retail.Order{
	ID: uuid.MustParse("0192aaaa-0000-7000-8000-0000000000cc"), Code: "W-000042", Attempt: 1, State: retail.OrderConfirmed,
	At: day.UnixMilli(), Name: "Ann", Currency: "CAD", Prices: 7, Lines: []retail.Line{line(timbit, 3, 25)}, Total: 75,
}

// hand hands an order over.
func hand(t testing.TB, l *Ledger, o retail.Order) till.Written {
	t.Helper()
	w, err := l.Commit(t.Context(), till.Draft{
		Kind: journal.KindSale, Shift: 1, Numbered: true, Body: func(number uint64) any { return o.Sale(number, 20261122) },
	})
	require.NoError(t, err)
	return w
}

func deedsOf(t testing.TB, l *Ledger, orders ...uuid.UUID) (deeds []till.OrderDeed) {
	t.Helper()
	deeds, err := l.OrderDeeds(t.Context(), orders)
	require.NoError(t, err)
	return deeds
}

func TestOrderDeeds(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	h := newHQ(t, l, "store")
	require.NoError(t, l.Publish(t.Context(), h.page(0, h.row(retail.RowOrder, webOrder.ID, webOrder))))
	other := uuid.Must(uuid.NewV7())
	commit(t, l, journal.KindOrderAccept, retail.OrderAnswer{Order: webOrder.ID, Attempt: 1})
	commit(t, l, journal.KindOrderShort, retail.OrderMissing{Order: other, Attempt: 2, Lines: []retail.StockLine{{Product: timbit, Quantity: 1000}}})
	sell(t, l)
	commit(t, l, journal.KindOrderReady, retail.OrderAnswer{Order: webOrder.ID, Attempt: 1})
	hand(t, l, webOrder)
	all := []till.OrderDeed{
		{Order: webOrder.ID, Kind: journal.KindOrderAccept, Attempt: 1},
		{Order: other, Kind: journal.KindOrderShort, Attempt: 2},
		{Order: webOrder.ID, Kind: journal.KindOrderReady, Attempt: 1},
		{Order: webOrder.ID, Kind: journal.KindSale, Epoch: 100, Number: 2},
	}
	for i := range all[:3] {
		all[i].Epoch = 100
	}
	check := func() {
		t.Helper()
		require.Equal(t, all, deedsOf(t, l, webOrder.ID, other))
		require.Equal(t, all[1:2], deedsOf(t, l, other))
		require.Empty(t, deedsOf(t, l, timbit))
		orders, err := l.Orders(t.Context())
		require.NoError(t, err)
		require.Equal(t, []retail.Order{webOrder}, orders)
		requireSound(t, l)
	}
	check()
	shut(t, l)
	l = f.open(t)
	check()

	// From a backup, with what the sentinel gives back; the catalogue is as it was.
	shut(t, l)
	db := backup(t, f.database())
	l = f.open(t)
	commit(t, l, journal.KindOrderShort, retail.OrderMissing{Order: other, Attempt: 3})
	all = append(all, till.OrderDeed{Order: other, Kind: journal.KindOrderShort, Attempt: 3, Epoch: 100})
	shut(t, l)
	db.put(t)
	l = f.open(t)
	require.Greater(t, l.head.epoch, uint64(100))
	require.Equal(t, all, deedsOf(t, l, webOrder.ID, other))
}

// An order that another life of this till handed over is gone, though nothing else of that life counts here.
func TestAnOrderOfABranchIsHandedOver(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	sell(t, l)
	shut(t, l)
	db, sentinel := backup(t, f.database()), backup(t, f.sentinel())
	l = f.open(t)
	hand(t, l, webOrder)
	shut(t, l)
	other := backup(t, f.sentinel())
	db.put(t)
	sentinel.put(t)
	l = f.open(t)
	sell(t, l)
	require.Empty(t, deedsOf(t, l, webOrder.ID))
	shut(t, l)
	other.put(t)
	l = f.open(t)
	states, err := l.Epochs(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, states[1].Branch)
	require.Equal(t, []till.OrderDeed{{Order: webOrder.ID, Kind: journal.KindSale, Epoch: 100, Number: 2}}, deedsOf(t, l, webOrder.ID))
	stock, err := l.StockOf(t.Context(), timbit)
	require.NoError(t, err)
	require.EqualValues(t, -6000, stock.Here, "headquarters takes it off")
}

// What was handed over stays known for as long as a row could ask for it; answers go with their entries.
func TestWhatWasHandedOverOutlivesItsEntry(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "store")
	commit(t, l, journal.KindOrderReady, retail.OrderAnswer{Order: webOrder.ID, Attempt: 1})
	hand(t, l, webOrder)
	sell(t, l)
	require.NoError(t, l.Acknowledge(t.Context(), wire.Path{Epoch: 100}, l.head.seq, days(0)))
	include(t, l, h, retail.Mark{Ends: []retail.ChainEnd{end(l)}})
	pruneAt(l, 40)
	requireCount(t, l, 0, `SELECT count(*) FROM sale WHERE number = 1`)
	deeds := deedsOf(t, l, webOrder.ID)
	require.Equal(t, []till.OrderDeed{{Order: webOrder.ID, Kind: journal.KindSale, Epoch: 100, Number: 1}}, deeds)
}

// What was promised to an order and was handed over is no part of the stock any more, whichever of the two headquarters has told
// of: neither is taken off twice.
func TestPromisedStock(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "store")
	level := func(here, promised money.Quantity, rows ...retail.ChainEnd) {
		t.Helper()
		from := h.seq
		require.NoError(t, l.Publish(t.Context(), h.page(from, h.row(retail.RowStock, timbit, retail.Stock{OnHand: here, Promised: promised}),
			h.row(retail.RowDepot, timbit, retail.Depot{OnHand: 50_000, Promised: 7000}),
			h.row(retail.RowMark, l.identity.Till, retail.Mark{Ends: rows}))))
	}
	is := func(here, promised money.Quantity) {
		t.Helper()
		s, err := l.StockOf(t.Context(), timbit)
		require.NoError(t, err)
		require.Equal(t, []money.Quantity{here, promised, 50_000, 7000}, []money.Quantity{s.Here, s.Promised, s.Depot, s.DepotPromised})
	}
	level(20_000, 5000)
	is(20_000, 5000)
	sell(t, l) // three to somebody else
	is(17_000, 5000)
	hand(t, l, webOrder)
	is(14_000, 2000)
	level(14_000, 2000, end(l))
	is(14_000, 2000)
	hand(t, l, webOrder)
	is(11_000, 0) // headquarters had promised less than that
}

func TestWhatIsPickedIsKept(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	body, err := l.KeptPicks(t.Context())
	require.NoError(t, err)
	require.Empty(t, body)
	require.NoError(t, l.KeepPicks([]byte("two of five")))
	shut(t, l)
	l = f.open(t)
	body, err = l.KeptPicks(t.Context())
	require.NoError(t, err)
	require.Equal(t, "two of five", string(body))
}
