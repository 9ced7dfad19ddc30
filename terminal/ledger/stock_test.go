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

// end is the newest entry as headquarters names it in a mark.
func end(l *Ledger) retail.ChainEnd { return chainEnd(l.head.epoch, l.head.seq, l.head.hash) }

func TestStockCountsEachOwnEntryOnce(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "store")
	here := func() money.Quantity {
		s, err := l.StockOf(t.Context(), timbit)
		require.NoError(t, err)
		return s.Here
	}
	s, err := l.StockOf(t.Context(), timbit)
	require.NoError(t, err)
	require.False(t, s.Known)

	// Headquarters knows nothing of this till yet: all its entries count.
	sell(t, l)
	level := retail.Stock{OnHand: 40000, At: day.UnixMilli(), InTransit: 12000, RestockBelow: 25000}
	require.NoError(t, l.Publish(t.Context(), h.page(0, h.row(retail.RowStock, timbit, level))))
	require.Equal(t, money.Quantity(37000), here())

	// It has applied the first sale, and says so with the level; the second sale comes on top.
	from := h.seq
	level.OnHand = 37000
	mark := retail.Mark{Ends: []retail.ChainEnd{end(l)}}
	rows := h.page(from, h.row(retail.RowStock, timbit, level), h.row(retail.RowMark, l.identity.Till, mark))
	rows = h.page(from, rows.Rows...)
	require.NoError(t, l.Publish(t.Context(), rows))
	require.Equal(t, money.Quantity(37000), here())
	sell(t, l)
	require.Equal(t, money.Quantity(34000), here())

	// A later epoch the mark does not name counts whole.
	require.NoError(t, l.OpenEpoch(t.Context(), 200))
	sell(t, l)
	require.Equal(t, money.Quantity(31000), here())

	// Another till's mark changes nothing.
	from = h.seq
	other := h.row(retail.RowMark, coffee, retail.Mark{Ends: []retail.ChainEnd{{Epoch: 200, Seq: 99}}})
	require.NoError(t, l.Publish(t.Context(), h.page(from, other)))
	require.Equal(t, money.Quantity(31000), here())
	many, err := l.StockOfMany(t.Context(), []uuid.UUID{timbit, coffee})
	require.NoError(t, err)
	require.Equal(t, money.Quantity(31000), many[timbit].Here)
	require.True(t, many[timbit].HereAt.Equal(day))
	require.Equal(t, money.Quantity(-2000), many[coffee].Here, "the first coffee is in the mark")
	require.False(t, many[coffee].Known)
}

// What of the till's own path the mark includes, when headquarters has more than one branch of it.
func TestStockUnderAMarkWithBranches(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "store")
	var sold []till.Written
	for range 6 {
		sold = append(sold, sell(t, l)) // three timbits each
	}
	at := func(i int) retail.ChainEnd { return chainEnd(100, sold[i].Seq, sold[i].Hash) }
	other := func(seq uint64) retail.ChainEnd { return chainEnd(100, seq, journal.Hash{1, byte(seq)}) }
	for name, c := range map[string]struct {
		mark  retail.Mark
		acked uint64
		own   int64 // sales that come on top
	}{
		"no mark":                          {own: 6},
		"an end on the path":               {mark: retail.Mark{Ends: []retail.ChainEnd{at(2)}}, own: 3},
		"the highest counts":               {mark: retail.Mark{Ends: []retail.ChainEnd{at(4), at(1)}}, own: 1},
		"a fork where the path leaves":     {mark: retail.Mark{Ends: []retail.ChainEnd{other(40)}, Forks: []retail.ChainEnd{at(3)}}, own: 2},
		"given back past a fork":           {mark: retail.Mark{Ends: []retail.ChainEnd{other(40)}, Forks: []retail.ChainEnd{at(1)}}, acked: 5, own: 2},
		"a fork before the end":            {mark: retail.Mark{Ends: []retail.ChainEnd{at(5), other(9)}, Forks: []retail.ChainEnd{at(0)}}, own: 0},
		"deferred inside":                  {mark: retail.Mark{Ends: []retail.ChainEnd{at(3)}, Deferred: []retail.ChainEnd{at(0), at(2)}}, own: 4},
		"deferred past the end":            {mark: retail.Mark{Ends: []retail.ChainEnd{at(3)}, Deferred: []retail.ChainEnd{at(5)}}, own: 2},
		"deferred of another branch":       {mark: retail.Mark{Ends: []retail.ChainEnd{at(3)}, Deferred: []retail.ChainEnd{other(3)}}, own: 2},
		"only another life":                {mark: retail.Mark{Ends: []retail.ChainEnd{other(30)}}, own: 6},
		"another life, shared so far":      {mark: retail.Mark{Ends: []retail.ChainEnd{other(30)}}, acked: 4, own: 3},
		"another life, as long as this":    {mark: retail.Mark{Ends: []retail.ChainEnd{other(7)}}, acked: 3, own: 4},
		"another life, shorter than acked": {mark: retail.Mark{Ends: []retail.ChainEnd{other(3)}}, acked: 6, own: 4},
		"another epoch's end":              {mark: retail.Mark{Ends: []retail.ChainEnd{{Epoch: 99, Seq: 30, Hash: at(5).Hash}}}, acked: 6, own: 6},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, l.Acknowledge(t.Context(), wire.Path{Epoch: 100}, c.acked, day))
			include(t, l, h, c.mark)
			s, err := l.StockOf(t.Context(), timbit)
			require.NoError(t, err)
			require.EqualValues(t, -3000*c.own, s.Here)
		})
	}
}

func TestReceivingMovesStockFromTransitAtOnce(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "store")
	id, request := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	rows := h.page(0,
		h.row(retail.RowStock, timbit, retail.Stock{OnHand: 5000, InTransit: 12000}),
		h.row(retail.RowRestock, request, retail.Restock{ID: request, State: retail.RestockShipped}),
		h.row(retail.RowShipment, id, retail.Shipment{ID: id, Lines: []retail.StockLine{{Product: timbit, Quantity: 12000}}}))
	rows = h.page(0, rows.Rows...)
	require.NoError(t, l.Publish(t.Context(), rows))
	_, err := l.Commit(t.Context(), till.Draft{Kind: journal.KindReceive, Body: func(uint64) any {
		return retail.Receive{Shipment: id, Lines: []retail.StockLine{{Product: timbit, Quantity: 11000}}}
	}})
	require.NoError(t, err)
	s, err := l.StockOf(t.Context(), timbit)
	require.NoError(t, err)
	require.Equal(t, money.Quantity(16000), s.Here)
	require.Zero(t, s.InTransit)
	shipments, err := l.Shipments(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, shipments, 1)
	require.True(t, shipments[0].Received)
	restocks, err := l.Restocks(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, restocks, 1)
}

// What is sent to another store has left at once, and once.
func TestSendingTakesStockAtOnce(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	h := newHQ(t, l, "store")
	require.NoError(t, l.Publish(t.Context(), h.page(0, h.row(retail.RowStock, timbit, retail.Stock{OnHand: 40000}))))
	draft := till.Draft{Kind: journal.KindTransferOut, Body: func(uint64) any {
		return retail.TransferOut{ID: uuid.Must(uuid.NewV7()), To: coffee, Lines: []retail.StockLine{
			{Product: timbit, Quantity: 7000}, {Product: coffee, Quantity: 1000}, {Product: timbit, Quantity: 5000},
		}}
	}}
	for _, table := range []string{"entry", "movement"} {
		trigger(t, l, `CREATE TRIGGER fault BEFORE INSERT ON `+table+` BEGIN SELECT RAISE(ABORT, 'fault'); END`)
		_, err := l.Commit(t.Context(), draft)
		require.Error(t, err)
		trigger(t, l, `DROP TRIGGER fault`)
		requireHere(t, l, 40, "nothing has left")
		requireSound(t, l)
	}
	w, err := l.Commit(t.Context(), draft)
	require.NoError(t, err)
	shut(t, l)
	l = f.open(t)
	requireHere(t, l, 28, "twelve are on their way")
	from := h.seq
	mark := h.row(retail.RowMark, l.identity.Till, retail.Mark{Ends: []retail.ChainEnd{chainEnd(w.Epoch, w.Seq, w.Hash)}})
	level := h.row(retail.RowStock, timbit, retail.Stock{OnHand: 28000})
	require.NoError(t, l.Publish(t.Context(), h.page(from, mark, level)))
	requireHere(t, l, 28, "headquarters has taken them off")
}

func TestElsewhereIsWhatTheFeedTells(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "global")
	none, err := l.Elsewhere(t.Context(), timbit)
	require.NoError(t, err)
	require.Zero(t, none)
	told := retail.Elsewhere{Stores: []retail.StoreStock{{Store: coffee, OnHand: -2000, InTransit: 5000, At: day.UnixMilli(), OverAbove: 65000}}}
	require.NoError(t, l.Publish(t.Context(), h.page(0, h.row(retail.RowElsewhere, timbit, told))))
	got, err := l.Elsewhere(t.Context(), timbit)
	require.NoError(t, err)
	require.Equal(t, told, got)
	s, err := l.StockOf(t.Context(), timbit)
	require.NoError(t, err)
	require.False(t, s.Known, "what others have says nothing of what is here")
}

func TestLocationsAreByName(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "global")
	a, b := retail.Location{ID: timbit, Name: "Sud"}, retail.Location{ID: coffee, Name: "Est"}
	require.NoError(t, l.Publish(t.Context(), h.page(0, h.row(retail.RowLocation, a.ID, a), h.row(retail.RowLocation, b.ID, b))))
	all, err := l.Locations(t.Context())
	require.NoError(t, err)
	require.Equal(t, []retail.Location{b, a}, all)
}

func TestOwnRequestsUntilAFeedShowsThem(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "store")
	ids := []uuid.UUID{uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())}
	for _, id := range ids {
		_, err := l.Commit(t.Context(), till.Draft{Kind: journal.KindRestockRequest, Body: func(uint64) any {
			return retail.RestockRequest{ID: id, Lines: []retail.StockLine{{Product: timbit, Quantity: 24000}}}
		}})
		require.NoError(t, err)
	}
	own := func() (found []uuid.UUID) {
		all, err := l.OwnRequests(t.Context())
		require.NoError(t, err)
		for _, r := range all {
			found = append(found, r.ID)
		}
		return found
	}
	require.Equal(t, ids, own())
	require.NoError(t, l.Publish(t.Context(), h.page(0, h.row(retail.RowRestock, ids[0], retail.Restock{ID: ids[0]}))))
	require.Equal(t, ids[1:], own())

	// Headquarters has both and shows neither any more: they are over.
	from := h.seq
	mark := retail.Mark{Ends: []retail.ChainEnd{end(l)}}
	rows := h.page(from, h.row(retail.RowRestock, ids[0], nil), h.row(retail.RowMark, l.identity.Till, mark))
	require.NoError(t, l.Publish(t.Context(), h.page(from, rows.Rows...)))
	require.Empty(t, own())
}

func TestWaitingAndAcknowledging(t *testing.T) {
	l := newFolder(t).open(t)
	sell(t, l)
	last := sell(t, l)
	w, err := l.Waiting(t.Context())
	require.NoError(t, err)
	require.Equal(t, till.Waiting{Count: 3, Oldest: day}, w)
	require.True(t, l.LastAck().IsZero())
	require.NoError(t, l.Acknowledge(t.Context(), wire.Path{Epoch: 100}, 2, day))
	require.Equal(t, day, l.LastAck())
	r, err := l.Receipt(t.Context(), 100, last.Number)
	require.NoError(t, err)
	require.False(t, r.Acked)
	require.NoError(t, l.Acknowledge(t.Context(), wire.Path{Epoch: 100}, 3, day))
	w, err = l.Waiting(t.Context())
	require.NoError(t, err)
	require.Equal(t, till.Waiting{}, w)
	r, err = l.Receipt(t.Context(), 100, last.Number)
	require.NoError(t, err)
	require.True(t, r.Acked)
	// Headquarters was rolled back.
	require.NoError(t, l.Acknowledge(t.Context(), wire.Path{Epoch: 100}, 1, day))
	w, err = l.Waiting(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, w.Count)
}

func TestReadInBoundedBatches(t *testing.T) {
	l := newFolder(t).open(t)
	for range 9 {
		sell(t, l)
	}
	v := journal.NewVerifier(l.identity.Till, 100)
	var sizes []int
	for after := uint64(0); ; {
		b, err := l.Read(t.Context(), wire.Path{Epoch: 100}, after, 4, 1<<20)
		require.NoError(t, err)
		if len(b.Entries) == 0 {
			break
		}
		links := journal.Chain(l.identity.Till, 100, b.First, b.Prev, b.Entries)
		for _, k := range links {
			require.NoError(t, v.Add(k))
		}
		require.Equal(t, b.Head, links[len(links)-1].Hash)
		at, err := l.HashAt(t.Context(), wire.Path{Epoch: 100}, after)
		require.NoError(t, err)
		require.Equal(t, b.Prev, at)
		sizes = append(sizes, len(b.Entries))
		after += uint64(len(b.Entries))
	}
	require.Equal(t, []int{4, 4, 2}, sizes)
	b, err := l.Read(t.Context(), wire.Path{Epoch: 100}, 1, 4, 1)
	require.NoError(t, err)
	require.Len(t, b.Entries, 1, "one entry is given however large it is")
	_, err = l.HashAt(t.Context(), wire.Path{Epoch: 100}, 99)
	require.Error(t, err)
}
