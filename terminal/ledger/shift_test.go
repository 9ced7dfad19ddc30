package ledger

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/wire"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

// openShift opens the shift after the newest.
func openShift(t testing.TB, l *Ledger, float money.Amount) till.Written {
	t.Helper()
	newest, err := l.Shift(t.Context())
	require.NoError(t, err)
	w, err := l.Commit(t.Context(), till.Draft{Kind: journal.KindShiftOpen, Shift: newest.Number + 1, Body: func(uint64) any {
		return retail.ShiftOpen{Shift: newest.Number + 1, BusinessDate: 20261122, Float: float}
	}})
	require.NoError(t, err)
	return w
}

// closing is the draft of a close that counts what is expected, as the till makes it.
func closing(l *Ledger) till.Draft {
	var z retail.ShiftClose
	return till.Draft{
		Kind: journal.KindShiftClose, Final: true,
		Check: func(ctx context.Context) error {
			shift, err := l.Shift(ctx)
			if err != nil {
				return err
			}
			totals, err := l.Totals(ctx, shift)
			if err != nil {
				return err
			}
			before, err := l.Perpetual(ctx)
			z = retail.ShiftClose{
				Shift: shift.Number, BusinessDate: shift.BusinessDate, Currency: "CAD", Opened: shift.Opened, Float: shift.Float,
				Totals: totals, Expected: totals.Expect(shift.Float), Perpetual: before + totals.Net(),
			}
			z.Difference = -z.Expected
			return err
		},
		Body: func(number uint64) any {
			z.Number = number
			return z
		},
	}
}

func closeShift(t testing.TB, l *Ledger) till.Close {
	t.Helper()
	_, err := l.Commit(t.Context(), closing(l))
	require.NoError(t, err)
	all, err := l.Closes(t.Context(), 1)
	require.NoError(t, err)
	require.Len(t, all, 1)
	return all[0]
}

// bodyAt decodes an entry of the head's epoch.
func bodyAt[T any](t testing.TB, l *Ledger, seq uint64) T {
	t.Helper()
	k, ok, err := l.entryAt(t.Context(), l.head.epoch, seq)
	require.NoError(t, err)
	require.True(t, ok)
	e, err := journal.Decode(k.Bytes)
	require.NoError(t, err)
	body, err := journal.DecodeBody[T](e)
	require.NoError(t, err)
	return body
}

func TestAZClosesTheShiftAndTheChainIsSigned(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	openShift(t, l, 20000)
	sell(t, l)
	_, err := l.Commit(t.Context(), till.Draft{Kind: journal.KindCashMove, Shift: 1, Body: func(uint64) any {
		return retail.CashMove{BusinessDate: 20261122, Currency: "CAD", Amount: -5000, Reason: retail.CashSafe}
	}})
	require.NoError(t, err)
	mistake := sell(t, l)
	r, err := l.Receipt(t.Context(), mistake.Epoch, mistake.Number)
	require.NoError(t, err)
	void, err := retail.NewVoid(r.Sale, retail.ReceiptID{Till: f.till, Epoch: mistake.Epoch, Number: mistake.Number})
	require.NoError(t, err)
	_, err = l.Commit(t.Context(), till.Draft{Kind: journal.KindVoid, Shift: 1, Numbered: true, Body: func(number uint64) any {
		void.Number, void.BusinessDate, void.Reason = number, 20261122, "mistake"
		return void
	}})
	require.NoError(t, err)
	sold := sell(t, l)
	z := closeShift(t, l)
	require.NoError(t, z.Z.Check())
	require.Equal(t, uint64(1), z.Number)
	require.Equal(t, uint64(2), z.Z.Totals.Tickets)
	require.Equal(t, uint64(1), z.Z.Totals.Voids)
	require.Equal(t, money.Amount(548), z.Z.Totals.Sold)
	require.Equal(t, money.Amount(15000), z.Z.Expected, "what was sold was paid by card")
	require.Equal(t, sold.Number, z.Z.Totals.Last.Number)
	require.Equal(t, money.Amount(548), z.Z.Perpetual)
	shift, err := l.Shift(t.Context())
	require.NoError(t, err)
	require.True(t, shift.Closed)

	head := bodyAt[retail.ChainHead](t, l, z.Seq+1)
	require.Equal(t, chainEnd(z.Epoch, z.Seq, z.Hash), head.Head)
	key := l.identity.Key.Public().(ed25519.PublicKey)
	require.True(t, head.SignedBy(f.till, key))
	require.False(t, head.SignedBy(l.identity.Store.ID, key))
	head.Head.Seq++
	require.False(t, head.SignedBy(f.till, key))
	requireSound(t, l)
	shut(t, l)

	l = f.open(t)
	require.Equal(t, z.Seq+1, l.head.seq, "it is not signed again")
	openShift(t, l, 10000)
	second := closeShift(t, l)
	require.Equal(t, uint64(2), second.Number)
	require.Zero(t, second.Z.Totals.Tickets)
	require.Equal(t, money.Amount(548), second.Z.Perpetual)
	requireSound(t, l)
}

// A failure in any statement of a close leaves nothing behind, the shift open, and the number to be given again. What
// comes after the Z does not undo it.
func TestAbortAtEachStepOfACloseLeavesNothing(t *testing.T) {
	for table, events := range map[string][]string{
		"entry": {"INSERT"}, "epoch": {"INSERT", "UPDATE"}, "shift_close": {"INSERT", "UPDATE"},
	} {
		for _, event := range events {
			t.Run(table+" "+event, func(t *testing.T) {
				f := newFolder(t)
				l := f.open(t)
				openShift(t, l, 20000)
				sell(t, l)
				before := l.head
				trigger(t, l, fmt.Sprintf(`CREATE TRIGGER fault BEFORE %s ON %s BEGIN SELECT RAISE(ABORT, 'fault'); END`, event, table))
				_, err := l.Commit(t.Context(), closing(l))
				trigger(t, l, `DROP TRIGGER fault`)
				requireSound(t, l)
				if table == "shift_close" && event == "UPDATE" {
					require.NoError(t, err, "the Z stands")
					require.Equal(t, before.seq+1, l.head.seq, "not signed yet")
					shut(t, l)
					l = f.open(t)
					require.Equal(t, before.seq+2, l.head.seq)
					require.Equal(t, before.seq+1, bodyAt[retail.ChainHead](t, l, l.head.seq).Head.Seq)
					requireSound(t, l)
					return
				}
				require.Error(t, err)
				require.Equal(t, before, l.head)
				shift, err := l.Shift(t.Context())
				require.NoError(t, err)
				require.False(t, shift.Closed)
				sell(t, l)
				z := closeShift(t, l)
				require.Equal(t, uint64(1), z.Number)
				require.Equal(t, uint64(2), z.Z.Totals.Tickets)
				shut(t, l)
				requireSound(t, f.open(t))
			})
		}
	}
}

// Whatever is sold at the same time, no sale is between what a Z sums up and the Z.
func TestNoSaleSlipsIntoAClose(t *testing.T) {
	l := newFolder(t).open(t)
	openShift(t, l, 0)
	var selling sync.WaitGroup
	for range 4 {
		selling.Go(func() {
			for range 15 {
				sell(t, l)
			}
		})
	}
	for range 5 {
		closeShift(t, l)
		openShift(t, l, 0)
	}
	selling.Wait()
	closeShift(t, l)
	requireSound(t, l)
	closes, err := l.Closes(t.Context(), 100)
	require.NoError(t, err)
	require.Len(t, closes, 6)
	var tickets uint64
	for _, c := range closes {
		requireCount(t, l, int(c.Z.Totals.Tickets), `SELECT count(*) FROM sale WHERE seq > ? AND seq < ?`, c.Z.Opened.Seq, c.Seq)
		tickets += c.Z.Totals.Tickets
	}
	between := 60 - int(tickets)
	requireCount(t, l, between, `SELECT count(*) FROM sale s WHERE NOT EXISTS (SELECT 1 FROM shift_close c WHERE c.opened_seq < s.seq AND s.seq < c.seq)`)
}

// The sentinel brings back Zs, their numbers and the shift that was open; in the epoch that begins, numbers begin too.
func TestARestoredTillKnowsItsZs(t *testing.T) {
	for name, lose := range map[string]func(f folder, copy []byte){
		"the database is gone": func(f folder, _ []byte) {
			require.NoError(t, os.Remove(filepath.Join(f.dir, ledgerFile)))
			f.enrol(t, 100)
		},
		"the database is an old copy": func(f folder, copy []byte) {
			require.NoError(t, os.WriteFile(filepath.Join(f.dir, ledgerFile), copy, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t)
			l := f.open(t)
			openShift(t, l, 20000)
			sell(t, l)
			shut(t, l)
			old, err := os.ReadFile(filepath.Join(f.dir, ledgerFile))
			require.NoError(t, err)
			l = f.open(t)
			z := closeShift(t, l)
			openShift(t, l, 15000)
			sell(t, l)
			shut(t, l)
			lose(f, old)

			l = f.open(t)
			require.Greater(t, l.head.epoch, uint64(100))
			all, err := l.Closes(t.Context(), 10)
			require.NoError(t, err)
			require.Equal(t, []till.Close{z}, all)
			shift, err := l.Shift(t.Context())
			require.NoError(t, err)
			require.True(t, shift.Open())
			require.Equal(t, money.Amount(15000), shift.Float)
			sell(t, l)
			second := closeShift(t, l)
			require.Equal(t, uint64(1), second.Number, "of its epoch")
			require.Equal(t, uint64(2), second.Z.Totals.Tickets, "in both epochs")
			require.Equal(t, uint64(100), second.Z.Totals.First.Epoch)
			require.Equal(t, l.head.epoch, second.Z.Totals.Last.Epoch)
			require.Equal(t, 3*z.Z.Perpetual, second.Z.Perpetual)
			requireSound(t, l)
			shut(t, l)
			requireSound(t, f.open(t))
		})
	}
}

// What a Z will have to sum up is not deleted, however long ago headquarters had it.
func TestAnOpenShiftKeepsItsEntries(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "store")
	path := wire.Path{Epoch: 100}
	openShift(t, l, 20000)
	sell(t, l)
	first := closeShift(t, l)
	opened := openShift(t, l, 20000)
	sell(t, l)
	sell(t, l)
	require.NoError(t, l.Acknowledge(t.Context(), path, l.head.seq, days(0)))
	include(t, l, h, retail.Mark{Ends: []retail.ChainEnd{end(l)}})
	pruneAt(l, 99)
	require.Equal(t, opened.Seq-1, floorOf(t, l, path))
	requireSound(t, l)
	z := closeShift(t, l)
	require.Equal(t, uint64(2), z.Z.Totals.Tickets)
	require.Equal(t, 3*first.Z.Perpetual, z.Z.Perpetual, "the first Z is deleted, not what it says")
	all, err := l.Closes(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, all, 1)

	require.NoError(t, l.Acknowledge(t.Context(), path, l.head.seq, days(100)))
	include(t, l, h, retail.Mark{Ends: []retail.ChainEnd{end(l)}})
	pruneAt(l, 200)
	require.Equal(t, l.head.seq-1, floorOf(t, l, path))
	openShift(t, l, 0)
	require.Equal(t, uint64(3), closeShift(t, l).Number)
	requireSound(t, l)
}
