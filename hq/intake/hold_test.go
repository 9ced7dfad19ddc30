package intake_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/intake"
	"comptant/hq/pgtest"
	"comptant/hq/stock"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

// row reads a row of a till's feed; ok is false when it is gone.
func row[T any](w *world, till uuid.UUID, t retail.RowType, id uuid.UUID) (v T, ok bool) {
	w.t.Helper()
	var body []byte
	err := w.db.QueryRow(ctx, `SELECT coalesce((SELECT body FROM feed.item WHERE feed = $1 AND type = $2 AND id = $3), '')`,
		feed.Till(till), int(t), id).Scan(&body)
	require.NoError(w.t, err)
	if len(body) == 0 {
		return v, false
	}
	require.NoError(w.t, cbor.Unmarshal(body, &v))
	return v, true
}

func (l *lane) ask(hold uuid.UUID, receipt retail.ReceiptID, parts ...retail.RefundPart) error {
	args, err := cbor.Marshal(retail.HoldAsked{ID: hold, Receipt: receipt, Parts: parts})
	require.NoError(l.w.t, err)
	return l.w.desk.Command(ctx, l.w.store.ID, l.id, wire.Command{ID: hold, Name: wire.CommandHold, Args: args})
}

// refundOf is a refund of parts of a receipt under a hold.
func (l *lane) refundOf(sale retail.Sale, receipt retail.ReceiptID, hold uuid.UUID, before []retail.RefundPart, parts ...retail.RefundPart) retail.Refund {
	r, err := retail.NewRefund(sale, before, parts)
	require.NoError(l.w.t, err)
	back := retail.Settle(r.Total)
	due, _ := back.LeftInCash()
	back, err = back.Cash(due)
	require.NoError(l.w.t, err)
	l.number++
	r.Number, r.BusinessDate, r.Receipt, r.Reason, r.Hold = l.number, today, receipt, "broken", hold
	r.Tenders, r.Rounding = back.Tenders, back.Rounding
	return r
}

// flagged are the seqs of a till's entries with an open no-hold flag.
func (l *lane) flagged() []uint64 {
	flags, err := l.w.desk.Flags(ctx)
	require.NoError(l.w.t, err)
	var seqs []uint64
	for _, f := range flags {
		if f.Till == l.id && f.Code == intake.FlagNoHold {
			seqs = append(seqs, f.Seq)
		}
	}
	slices.Sort(seqs)
	return seqs
}

func part(of int, q money.Quantity) retail.RefundPart { return retail.RefundPart{Of: of, Quantity: q} }

func TestAHoldGoesToTheTillThatSoldAndBack(t *testing.T) {
	w := newWorld(t)
	seller, asker := w.enrol(1), w.enrol(2)
	seller.sale(0, 3000)
	seller.push(1)
	asker.push(1)
	receipt := retail.ReceiptID{Till: seller.id, Epoch: seller.epoch, Number: 1}
	hold := uuid.New()
	require.NoError(t, asker.ask(hold, receipt, part(0, 1000)))
	require.NoError(t, asker.ask(hold, receipt, part(0, 1000)), "asked again after a lost answer")

	asked, ok := row[retail.HoldAsked](w, seller.id, retail.RowHoldAsked, hold)
	require.True(t, ok)
	require.Equal(t, retail.HoldAsked{ID: hold, Receipt: receipt, For: asker.id, Parts: []retail.RefundPart{part(0, 1000)}}, asked)
	given, ok := row[retail.HoldGiven](w, asker.id, retail.RowHoldGiven, hold)
	require.True(t, ok)
	require.Equal(t, retail.HoldWaits, given.State)
	require.EqualValues(t, 1, given.Sale.Number)

	seller.add(journal.KindRefundHold, retail.RefundHold{ID: hold, Receipt: receipt, For: asker.id, Parts: asked.Parts})
	seller.push(3)
	_, ok = row[retail.HoldAsked](w, seller.id, retail.RowHoldAsked, hold)
	require.False(t, ok, "answered")
	given, _ = row[retail.HoldGiven](w, asker.id, retail.RowHoldGiven, hold)
	require.Equal(t, retail.HoldGranted, given.State)

	asker.add(journal.KindRefund, asker.refundOf(given.Sale, receipt, hold, given.Hold.Before, given.Hold.Parts...))
	asker.push(2)
	require.Empty(t, asker.flagged())
	_, ok = row[retail.HoldGiven](w, asker.id, retail.RowHoldGiven, hold)
	require.False(t, ok, "used")

	// The same right a second time, as a disk image would.
	asker.add(journal.KindRefund, asker.refundOf(given.Sale, receipt, hold, given.Hold.Before, given.Hold.Parts...))
	asker.push(3)
	require.Equal(t, []uint64{2, 3}, asker.flagged(), "which of the two was right is for a person to say")
	w.sound()
}

func TestRefundsWithoutAHoldAreFlagged(t *testing.T) {
	w := newWorld(t)
	seller, asker := w.enrol(1), w.enrol(2)
	seller.sale(0, 3000)
	seller.push(1)
	sale := seller.ticket(0, 3000)
	receipt := retail.ReceiptID{Till: seller.id, Epoch: seller.epoch, Number: 1}
	asker.add(journal.KindRefund, asker.refundOf(sale, receipt, uuid.Nil, nil, part(0, 1000)))
	asker.add(journal.KindRefund, asker.refundOf(sale, receipt, uuid.New(), nil, part(0, 1000)))
	asker.push(1)
	require.Equal(t, []uint64{2, 3}, asker.flagged())
	own := retail.ReceiptID{Till: seller.id, Epoch: seller.epoch, Number: 1}
	seller.add(journal.KindRefund, seller.refundOf(sale, own, uuid.Nil, nil, part(0, 1000)))
	seller.push(3)
	require.Empty(t, seller.flagged(), "its own receipt")
	w.sound()
}

// Goods without a receipt are flagged as such, and compared with no receipt; money and stock move.
func TestGoodsWithoutAReceiptAreFlagged(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	sale := l.ticket(0, 2000)
	r, err := retail.NewReturn(retail.Currencies()[0], sale.Lines, w.taxes)
	require.NoError(t, err)
	r.Number, r.BusinessDate, r.Reason, r.Approver = 1, today, "returned", uuid.UUID{6}
	r.Tenders = []retail.Tender{{Kind: retail.TenderCard, Amount: r.Total}}
	at := l.add(journal.KindRefund, r)
	l.push(1)
	require.Equal(t, map[string][]uint64{intake.FlagNoReceipt: {at}}, l.codes())
	require.EqualValues(t, 2000, w.onHand(1))
	require.Zero(t, w.count(`SELECT count(*) FROM sales.refund`))
	w.sound()
}

// Goods that are written off are in no stock, and their cost is lost.
func TestWhatIsWrittenOffIsInNoStock(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	sale := l.ticket(0, 3000)
	l.add(journal.KindSale, sale)
	receipt := retail.ReceiptID{Till: l.id, Epoch: l.epoch, Number: sale.Number}
	for i, off := range []bool{true, false} {
		r := l.refundOf(sale, receipt, uuid.Nil, []retail.RefundPart{part(0, money.Quantity(i)*1000)}, part(0, 1000))
		r.WriteOff = off
		l.add(journal.KindRefund, r)
	}
	l.push(1)
	require.EqualValues(t, -2000, w.onHand(1))
	cost := int64(w.products[1].Price / 2)
	require.EqualValues(t, 3*cost-cost, w.count(`SELECT sum(cost)::bigint FROM sales.line WHERE till_id = $1`, l.id))
	w.sound()
}

func TestAHoldThatIsRefusedOrGivenUp(t *testing.T) {
	w := newWorld(t)
	seller, asker := w.enrol(1), w.enrol(2)
	seller.sale(0, 3000)
	seller.push(1)
	asker.push(1)
	receipt := retail.ReceiptID{Till: seller.id, Epoch: seller.epoch, Number: 1}
	refused, granted := uuid.New(), uuid.New()
	require.NoError(t, asker.ask(refused, receipt, part(0, 3000)))
	require.NoError(t, asker.ask(granted, receipt, part(0, 1000)))
	seller.add(journal.KindRefundHold, retail.RefundHold{ID: refused, Receipt: receipt, For: asker.id})
	grant := retail.RefundHold{ID: granted, Receipt: receipt, For: asker.id, Parts: []retail.RefundPart{part(0, 1000)}}
	seller.add(journal.KindRefundHold, grant)
	seller.push(3)
	given, ok := row[retail.HoldGiven](w, asker.id, retail.RowHoldGiven, refused)
	require.True(t, ok)
	require.Equal(t, retail.HoldRefused, given.State)

	grant.Released = true
	asker.add(journal.KindRefundHold, grant)
	asker.push(2)
	_, ok = row[retail.HoldGiven](w, asker.id, retail.RowHoldGiven, granted)
	require.False(t, ok)
	asked, ok := row[retail.HoldAsked](w, seller.id, retail.RowHoldAsked, granted)
	require.True(t, ok)
	require.True(t, asked.Released)
	seller.add(journal.KindRefundHold, grant)
	seller.push(5)
	_, ok = row[retail.HoldAsked](w, seller.id, retail.RowHoldAsked, granted)
	require.False(t, ok, "taken back")
	w.sound()
}

// Headquarters was rolled back to before the sale, and hears of it and of the hold at once: the till that asked gets both.
func TestAHoldComesWithItsSale(t *testing.T) {
	w := newWorld(t)
	seller, asker := w.enrol(1), w.enrol(2)
	seller.sale(0, 3000)
	receipt, hold := retail.ReceiptID{Till: seller.id, Epoch: seller.epoch, Number: 1}, uuid.New()
	seller.add(journal.KindRefundHold, retail.RefundHold{ID: hold, Receipt: receipt, For: asker.id, Parts: []retail.RefundPart{part(0, 1000)}})
	seller.push(1)
	given, ok := row[retail.HoldGiven](w, asker.id, retail.RowHoldGiven, hold)
	require.True(t, ok)
	require.Equal(t, retail.HoldGranted, given.State)
	require.EqualValues(t, 1, given.Sale.Number)
	w.sound()
}

// The sale was put off, and the hold was not: the till that asked hears of what was sold when it is applied.
func TestAHoldComesBeforeItsSale(t *testing.T) {
	w := newWorld(t)
	refuse, forgive := w.refusing()
	seller, asker := w.enrol(1), w.enrol(2)
	refuse(seller.epoch, seller.sale(0, 3000))
	receipt, hold := retail.ReceiptID{Till: seller.id, Epoch: seller.epoch, Number: 1}, uuid.New()
	seller.add(journal.KindRefundHold, retail.RefundHold{ID: hold, Receipt: receipt, For: asker.id, Parts: []retail.RefundPart{part(0, 1000)}})
	seller.push(1)
	given, ok := row[retail.HoldGiven](w, asker.id, retail.RowHoldGiven, hold)
	require.True(t, ok)
	require.Equal(t, retail.HoldGranted, given.State)
	require.Zero(t, given.Sale.Number)
	forgive()
	applied, err := w.desk.RetryDeferred(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, applied)
	given, _ = row[retail.HoldGiven](w, asker.id, retail.RowHoldGiven, hold)
	require.EqualValues(t, 1, given.Sale.Number)
	w.sound()
}

// Copies of a till's disk answer differently. What one granted may be used already: that counts, whichever came first.
func TestWhatACopyRefusesStaysGranted(t *testing.T) {
	for _, grantFirst := range []bool{true, false} {
		w := newWorld(t)
		seller, asker := w.enrol(1), w.enrol(2)
		sale := seller.ticket(0, 3000)
		seller.add(journal.KindSale, sale)
		receipt, hold := retail.ReceiptID{Till: seller.id, Epoch: seller.epoch, Number: sale.Number}, uuid.New()
		answers := []retail.RefundHold{{ID: hold, Receipt: receipt, For: asker.id, Parts: []retail.RefundPart{part(0, 1000)}}, {ID: hold, Receipt: receipt, For: asker.id}}
		if !grantFirst {
			slices.Reverse(answers)
		}
		for _, a := range answers {
			seller.add(journal.KindRefundHold, a)
		}
		seller.push(1)
		asker.add(journal.KindRefund, asker.refundOf(sale, receipt, hold, nil, part(0, 1000)))
		asker.push(1)
		require.Empty(t, asker.flagged())
	}
}

func TestHoldsNobodyCanGive(t *testing.T) {
	w := newWorld(t)
	seller, asker := w.enrol(1), w.enrol(2)
	seller.push(1)
	receipt := retail.ReceiptID{Till: seller.id, Epoch: seller.epoch, Number: 9}
	require.ErrorIs(t, asker.ask(uuid.New(), receipt, part(0, 1)), wire.UnknownRef)
	receipt.Till = uuid.New()
	require.ErrorIs(t, asker.ask(uuid.New(), receipt, part(0, 1)), wire.UnknownRef)
	receipt.Till = asker.id
	require.ErrorIs(t, asker.ask(uuid.New(), receipt, part(0, 1)), wire.Invalid)
	require.ErrorIs(t, asker.ask(uuid.New(), receipt), wire.Invalid)
	err := w.desk.Command(ctx, w.store.ID, asker.id, wire.Command{Name: wire.CommandHold, Args: cbor.RawMessage{0xff}})
	require.ErrorIs(t, err, wire.Invalid)
	require.ErrorIs(t, w.desk.Command(ctx, w.store.ID, asker.id, wire.Command{Name: "dance"}), wire.UnknownRef)
}

// another is a world with another store over the same database.
func (w *world) another(n int) *world {
	next := *w
	next.store.ID, next.store.Code, next.store.Name = uuid.New(), fmt.Sprintf("%04X", n), fmt.Sprintf("Magasin %d", n)
	require.NoError(w.t, w.db.InTx(ctx, func(tx *db.Tx) error { return stock.PutLocations(ctx, tx, next.store) }))
	return &next
}

// Whatever the order in which the two journals arrive, the same refunds are flagged.
func TestFlagsOfHoldsAreOfTheSetOfEntries(t *testing.T) {
	base := worldOn(t, pgtest.New(t), 3)
	stores := 0
	rapid.Check(t, func(rt *rapid.T) {
		stores++
		w := base.another(stores)
		seller, asker := w.enrol(1), w.enrol(2)
		sale := seller.ticket(0, 3000)
		seller.add(journal.KindSale, sale)
		receipt := retail.ReceiptID{Till: seller.id, Epoch: seller.epoch, Number: sale.Number}
		granted, refused := uuid.New(), uuid.New()
		seller.add(journal.KindRefundHold, retail.RefundHold{ID: granted, Receipt: receipt, For: asker.id, Parts: []retail.RefundPart{part(0, 1000)}})
		seller.add(journal.KindRefundHold, retail.RefundHold{ID: refused, Receipt: receipt, For: asker.id})
		asker.add(journal.KindRefund, asker.refundOf(sale, receipt, granted, nil, part(0, 1000)))
		asker.add(journal.KindRefund, asker.refundOf(sale, receipt, refused, nil, part(0, 1000)))
		want := []uint64{3}
		if rapid.Bool().Draw(rt, "twice") {
			asker.add(journal.KindRefund, asker.refundOf(sale, receipt, granted, nil, part(0, 1000)))
			want = []uint64{2, 3, 4}
		}
		// Each journal in order, the two interleaved.
		from := map[*lane]uint64{seller: 1, asker: 1}
		for {
			var ready []*lane
			for _, l := range []*lane{seller, asker} {
				if from[l] <= uint64(len(l.entries)) {
					ready = append(ready, l)
				}
			}
			if len(ready) == 0 {
				break
			}
			l := rapid.SampledFrom(ready).Draw(rt, "journal")
			upto := rapid.Uint64Range(from[l], uint64(len(l.entries))).Draw(rt, "upto")
			_, err := w.desk.Store(ctx, l.batch(from[l], upto))
			require.NoError(rt, err)
			from[l] = upto + 1
		}
		_, err := w.desk.RetryDeferred(ctx)
		require.NoError(rt, err)
		require.Equal(rt, want, asker.flagged())
	})
}
