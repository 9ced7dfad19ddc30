package intake_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/sales"
	"comptant/shared/journal"
	"comptant/shared/retail"
)

// A void takes the sale back from every figure, whichever of the two comes first, and a second one is flagged.
func TestAVoidIsTakenOffWhateverComesFirst(t *testing.T) {
	for _, late := range []bool{false, true} {
		w := newWorld(t)
		l := w.enrol(1)
		l.sale(0, 2000)
		before := l.everything()
		seq := l.sale(0, 0, 3000)
		sold := soldAt(t, l, seq)
		of := retail.ReceiptID{Till: l.id, Epoch: l.epoch, Number: sold.Number}
		l.add(journal.KindVoid, retail.Void(l.refundOf(sold, of, uuid.Nil, nil, part(0, 3000))))
		if late {
			b := l.batch(seq+1, seq+1)
			b.Hole = true
			_, err := w.desk.Store(ctx, b)
			require.NoError(t, err)
		}
		_, err := w.desk.Store(ctx, l.batch(1, uint64(len(l.entries))))
		require.NoError(t, err)
		after := l.everything()
		require.Empty(t, after["flags"])
		require.Empty(t, before["documents"], "nothing was sent yet")
		require.EqualValues(t, 1, w.count(`SELECT sum(tickets)::bigint FROM sales.hourly`))
		require.EqualValues(t, 1, w.count(`SELECT sum(voids)::bigint FROM sales.hourly`))
		require.Zero(t, w.count(`SELECT sum(refunds)::bigint FROM sales.hourly`))
		require.EqualValues(t, w.count(`SELECT total FROM sales.document WHERE number = 1`), w.count(`SELECT sum(total)::bigint FROM sales.hourly`))
		require.Zero(t, w.onHand(2), "the goods are back")
		faults, err := w.desk.Verify(ctx, uuid.Nil)
		require.NoError(t, err)
		require.Empty(t, faults)

		l.add(journal.KindVoid, retail.Void(l.refundOf(sold, of, uuid.Nil, nil, part(0, 3000))))
		_, err = w.desk.Store(ctx, l.batch(uint64(len(l.entries)), uint64(len(l.entries))))
		require.NoError(t, err)
		require.Len(t, l.everything()["flags"], 2, "both voids of one sale: over-refunded")
	}
}

func soldAt(t *testing.T, l *lane, seq uint64) retail.Sale {
	e, err := journal.Decode(l.entries[seq-1])
	require.NoError(t, err)
	s, err := journal.DecodeBody[retail.Sale](e)
	require.NoError(t, err)
	return s
}

func TestDeedsAreCounted(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	l.add(journal.KindOverride, retail.Override{
		Deed: retail.DeedDiscount, BusinessDate: today, Reason: "damaged", Approver: w.products[0].ID, Amount: 250,
	})
	l.add(journal.KindOverride, retail.Override{Deed: retail.DeedDiscount, BusinessDate: today, Reason: "damaged", Amount: 50})
	l.add(journal.KindDrawerOpen, retail.DrawerOpen{BusinessDate: today, Reason: "change"})
	for range 2 {
		_, err := w.desk.Store(ctx, l.batch(1, uint64(len(l.entries))))
		require.NoError(t, err)
	}
	require.Empty(t, l.everything()["deferred"])
	counts, err := sales.Deeds(ctx, w.db, []uuid.UUID{w.store.ID}, sales.Period{From: today, To: today})
	require.NoError(t, err)
	require.Equal(t, []sales.DeedCount{
		{Store: w.store.ID, Deed: retail.DeedDiscount, Reason: "damaged", Count: 2, Approved: 1, Amount: 300},
		{Store: w.store.ID, Deed: retail.DeedDrawer, Reason: "change", Count: 1},
	}, counts)
	require.Zero(t, w.count(`SELECT count(*) FROM sales.document`), "no money moved")
}
