package intake_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/intake"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

func TestSalesReachTheDomains(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	l.sale(2000, 3000) // product 0 is made here
	l.sale(0, 1000, 500)
	stored := l.push(1)
	require.Equal(t, hub.Stored{Upto: 3}, stored)

	require.EqualValues(t, 0, w.onHand(0))
	require.EqualValues(t, -4000, w.onHand(1))
	require.EqualValues(t, -500, w.onHand(2))
	require.EqualValues(t, 2, w.count(`SELECT count(*) FROM sales.document`))
	require.EqualValues(t, 4, w.count(`SELECT count(*) FROM sales.line`))
	// 2 x 1.00 + 3 x 1.01, then 1.01 + half of 1.02
	require.EqualValues(t, 503+152, w.count(`SELECT revenue FROM sales.hourly WHERE business_date = $1 AND hour = 14 AND tickets = 2`, today))
	require.EqualValues(t, 25+8, w.count(`SELECT amount FROM sales.daily_tax WHERE code = 'TPS'`))
	w.sound()
}

func TestRefundIsTheMirrorOfItsSale(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	sale := l.ticket(0, 2000)
	l.add(journal.KindSale, sale)
	refund, err := retail.NewRefund(sale, nil, []retail.RefundPart{{Of: 0, Quantity: 2000}})
	require.NoError(t, err)
	refund.Number, refund.BusinessDate, refund.Tenders, refund.Rounding = 2, today, sale.Tenders, sale.Rounding
	refund.Receipt = retail.ReceiptID{Till: l.id, Epoch: l.epoch, Number: sale.Number}
	l.add(journal.KindRefund, refund)
	require.Empty(t, l.push(1).Notes)
	require.Zero(t, w.onHand(1))
	require.Zero(t, w.count(`SELECT sum(revenue + total + cash + cost + abs(rounding) * 0)::bigint FROM sales.document`))
	require.EqualValues(t, 1, w.count(`SELECT refunds FROM sales.hourly`))
	require.Zero(t, w.count(`SELECT amount FROM sales.daily_tax WHERE code = 'TVQ'`))
	w.sound()
}

func TestEntriesMayComeAgain(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	l.sale(0, 1000)
	l.push(1)
	l.push(1)
	l.sale(0, 1000)
	require.EqualValues(t, 3, l.push(2).Upto, "one known, one new")
	_, err := w.desk.Store(ctx, l.batch(2, 2))
	require.NoError(t, err)
	require.EqualValues(t, -2000, w.onHand(1))
	require.EqualValues(t, 3, w.count(`SELECT count(*) FROM journal.entry`))
	w.sound()
}

func TestBatchesThatCannotBePlaced(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	for range 5 {
		l.sale(0, 1000)
	}
	_, err := w.desk.Store(ctx, l.batch(1, 3))
	require.NoError(t, err)
	good := l.batch(4, 5)
	for name, c := range map[string]struct {
		change func(*hub.Batch)
		code   wire.Code
	}{
		"gap":            {func(b *hub.Batch) { *b = l.batch(5, 6) }, wire.UnknownParent},
		"other parent":   {func(b *hub.Batch) { *b = l.after(4, 5, journal.Hash{1}) }, wire.UnknownParent},
		"other past":     {func(b *hub.Batch) { *b = l.after(2, 3, journal.Hash{1}) }, wire.UnknownParent},
		"head":           {func(b *hub.Batch) { b.Head[0]++ }, wire.BadHead},
		"bytes":          {func(b *hub.Batch) { b.Entries = [][]byte{b.Entries[1], b.Entries[0]} }, wire.BadHead},
		"empty":          {func(b *hub.Batch) { b.Entries = nil }, wire.BadFrame},
		"too many":       {func(b *hub.Batch) { b.Entries = make([][]byte, wire.BatchEntries+1) }, wire.TooLarge},
		"too large":      {func(b *hub.Batch) { b.Entries = [][]byte{make([]byte, journal.MaxEntry+1)} }, wire.TooLarge},
		"older session":  {func(b *hub.Batch) { b.Session = uuid.New() }, wire.Fenced},
		"unknown device": {func(b *hub.Batch) { b.Till = uuid.New(); b.Head = chainHead(*b) }, wire.UnknownTill},
	} {
		bad := good
		c.change(&bad)
		stored, err := w.desk.Store(ctx, bad)
		require.ErrorIs(t, err, c.code, name)
		if c.code == wire.UnknownParent {
			require.EqualValues(t, 3, stored.Upto, name)
		}
	}
	require.EqualValues(t, 3, w.count(`SELECT count(*) FROM journal.entry`))
	_, err = w.desk.Store(ctx, good)
	require.NoError(t, err)
	w.sound()
}

// after is a batch of the same entries after another past.
func (l *lane) after(first, last uint64, prev journal.Hash) hub.Batch {
	b := l.batch(first, last)
	b.Prev = prev
	b.Head = chainHead(b)
	return b
}

func chainHead(b hub.Batch) journal.Hash {
	links := journal.Chain(b.Till, b.Path.Epoch, b.First, b.Prev, b.Entries)
	return links[len(links)-1].Hash
}

// What one entry does wrong never keeps another from being applied.
func TestPoisonIsDeferred(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	l.sale(0, 1000)
	l.raw([]byte("not an entry"))
	unknown := l.add(journal.Kind(99), map[int]int{1: 2})
	huge := l.ticket(0, 1000)
	huge.Lines[0].Quantity = money.Quantity(1<<63 - 1) // two of them do not fit in an integer
	l.add(journal.KindSale, huge)
	l.add(journal.KindSale, huge)
	l.sale(0, 1000)
	stored := l.push(1)
	require.EqualValues(t, 7, stored.Upto)
	require.Equal(t, []wire.Note{
		{Seq: 3, Code: wire.Deferred}, {Seq: unknown, Code: wire.Deferred}, {Seq: 5, Code: wire.Deferred}, {Seq: 6, Code: wire.Deferred},
	}, stored.Notes)
	require.EqualValues(t, -2000, w.onHand(1))
	require.EqualValues(t, 2, w.count(`SELECT count(*) FROM sales.document`))
	require.EqualValues(t, 4, w.count(`SELECT count(*) FROM journal.deferred WHERE reason <> ''`))

	again, err := w.desk.RetryDeferred(ctx)
	require.NoError(t, err)
	require.Zero(t, again)
	require.EqualValues(t, 4, w.count(`SELECT count(*) FROM journal.deferred WHERE tries = 2`))
}

// A deferred entry is applied once what was in its way is gone.
func TestDeferredIsAppliedLater(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	_, err := w.db.Exec(ctx, `ALTER TABLE sales.document ADD CONSTRAINT broken CHECK (number <> 2)`)
	require.NoError(t, err)
	l.sale(0, 1000)
	l.sale(0, 1000)
	require.Equal(t, []wire.Note{{Seq: 3, Code: wire.Deferred}}, l.push(1).Notes)
	w.sound()
	_, err = w.db.Exec(ctx, `ALTER TABLE sales.document DROP CONSTRAINT broken`)
	require.NoError(t, err)
	n, err := w.desk.RetryDeferred(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.EqualValues(t, -2000, w.onHand(1))
	n, err = w.desk.RetryDeferred(ctx)
	require.NoError(t, err)
	require.Zero(t, n)
	w.sound()
}

func TestInvalidIsAppliedAndFlagged(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	wrong := l.ticket(0, 1000)
	wrong.Total += 5
	seq := l.add(journal.KindSale, wrong)
	require.Equal(t, []wire.Note{{Seq: seq, Code: wire.Invalid}}, l.push(1).Notes)
	require.EqualValues(t, -1000, w.onHand(1))
	flags, err := w.desk.Flags(ctx)
	require.NoError(t, err)
	require.Len(t, flags, 1)
	require.Equal(t, intake.FlagInvalid, flags[0].Code)
	require.Equal(t, seq, flags[0].Seq)
	w.sound()
}

// What a till sells at is that of its newest sale, and the moment is when it changed.
func TestATillSaysItsVersionOfPrices(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	said := func() int64 {
		return w.count(`SELECT prices FROM tills.till WHERE prices_since IS NOT NULL OR prices = 0`)
	}
	require.Zero(t, said())
	for _, version := range []uint64{11, 11, 12} {
		sale := l.ticket(0, 1000)
		sale.Prices = version
		l.add(journal.KindSale, sale)
	}
	l.push(1)
	require.EqualValues(t, 12, said())
	first := len(l.entries) + 1
	l.add(journal.KindSignIn, retail.SignIn{})
	l.push(uint64(first))
	require.EqualValues(t, 12, said(), "entries that say nothing change nothing")
	l.push(1)
	require.EqualValues(t, 12, said(), "nor do those that come again")
}
