package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestCommitAndReopen(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	var notified int
	l.OnCommit(func() { notified++ })
	first, second := sell(t, l), sell(t, l)
	require.Equal(t, uint64(100), first.Epoch)
	require.Equal(t, uint64(2), first.Seq, "entry 1 opens the epoch")
	require.Equal(t, uint64(1), first.Number)
	require.Equal(t, uint64(2), second.Number)
	require.Equal(t, 2, notified)
	requireSound(t, l)
	shut(t, l)

	l = f.open(t)
	third := sell(t, l)
	require.Equal(t, uint64(3), third.Number)
	require.Equal(t, uint64(4), third.Seq)
	requireSound(t, l)
	receipts, err := l.Receipts(t.Context(), till.ReceiptFilter{Limit: 2})
	require.NoError(t, err)
	require.Len(t, receipts, 2)
	require.Equal(t, third, receipts[0].Written)
}

func TestCommitFinishesWhenItsContextEnds(t *testing.T) {
	l := newFolder(t).open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := l.Commit(ctx, saleDraft(line(timbit, 1, 25)))
	require.NoError(t, err)
	requireSound(t, l)
}

func TestCommitsOfManyGoroutinesKeepOneOrder(t *testing.T) {
	l := newFolder(t).open(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				_, err := l.Commit(t.Context(), saleDraft(line(timbit, 1, 25)))
				require.NoError(t, err)
			}
		})
	}
	wg.Wait()
	requireSound(t, l)
	require.Equal(t, uint64(80), l.head.receipt)
}

func TestTooLargeEntryIsRefused(t *testing.T) {
	l := newFolder(t).open(t)
	lines := make([]retail.Line, 2500)
	for i := range lines {
		lines[i] = line(timbit, 1, 25)
	}
	_, err := l.Commit(t.Context(), saleDraft(lines...))
	require.ErrorIs(t, err, journal.ErrTooLarge)
	require.Equal(t, uint64(1), sell(t, l).Number)
	requireSound(t, l)
}

// A failure in any statement of the transaction leaves nothing behind, and the number is given again.
func TestAbortAtEachStepLeavesNothing(t *testing.T) {
	for _, table := range []string{"entry", "epoch", "sale", "sale_line", "sale_tender", "movement"} {
		for _, event := range []string{"INSERT", "UPDATE"} {
			t.Run(table+" "+event, func(t *testing.T) {
				f := newFolder(t)
				l := f.open(t)
				sell(t, l)
				trigger(t, l, fmt.Sprintf(`CREATE TRIGGER fault BEFORE %s ON %s BEGIN SELECT RAISE(ABORT, 'fault'); END`, event, table))
				_, err := l.Commit(t.Context(), saleDraft(line(timbit, 3, 25), line(coffee, 1, 199)))
				var shown *retail.Error
				if event == "INSERT" || table == "epoch" {
					require.ErrorAs(t, err, &shown)
					require.Equal(t, retail.Failed, shown.Code)
				} else {
					require.NoError(t, err, "a sale updates nothing but the counters")
				}
				trigger(t, l, `DROP TRIGGER fault`)
				requireSound(t, l)
				sell(t, l)
				requireSound(t, l)
				shut(t, l)
				requireSound(t, f.open(t))
			})
		}
	}
}

func trigger(t *testing.T, l *Ledger, statement string) {
	t.Helper()
	require.NoError(t, l.ledger.write.tx(t.Context(), func() error {
		_, err := l.ledger.write.exec(t.Context(), statement)
		return err
	}))
}

func TestBodyWithAnotherNumberIsRefused(t *testing.T) {
	l := newFolder(t).open(t)
	d := saleDraft(line(timbit, 1, 25))
	d.Numbered = false
	_, err := l.Commit(t.Context(), till.Draft{Kind: d.Kind, Body: func(uint64) any { return d.Body(9) }})
	require.Error(t, err)
	requireSound(t, l)
}

func TestReceiptsAreFound(t *testing.T) {
	l := newFolder(t).open(t)
	for i := range 12 {
		_, err := l.Commit(t.Context(), saleDraft(line(timbit, int64(i+1), 125)))
		require.NoError(t, err)
	}
	for text, want := range map[string][]uint64{
		"": {12, 11, 10}, "CV-01-100-000004": {4}, "000012": {12}, "cv-01-100-000012": {12}, "cv-1-100-4": {4}, "cv-2-100-4": nil, "no-1-100-4": nil, "12,50": {10}, "$6.25": {5},
		"4242": {12, 11, 10}, "9999": nil, "_": nil,
	} {
		found, err := l.Receipts(t.Context(), till.ReceiptFilter{Day: 20261122, Text: text, Limit: 3})
		require.NoError(t, err)
		var numbers []uint64
		for _, r := range found {
			numbers = append(numbers, r.Number)
		}
		require.Equal(t, want, numbers, text)
	}
	none, err := l.Receipts(t.Context(), till.ReceiptFilter{Day: 20261121, Limit: 3})
	require.NoError(t, err)
	require.Empty(t, none)
	_, err = l.Receipt(t.Context(), 100, 99)
	var shown *retail.Error
	require.True(t, errors.As(err, &shown) && shown.Code == retail.NotFound)
}

func TestShiftAndRequestsAreDerived(t *testing.T) {
	l := newFolder(t).open(t)
	none, err := l.Shift(t.Context())
	require.NoError(t, err)
	require.Zero(t, none.Number)
	commit := func(kind journal.Kind, body any) {
		_, err := l.Commit(t.Context(), till.Draft{Kind: kind, Body: func(uint64) any { return body }})
		require.NoError(t, err)
	}
	commit(journal.KindShiftOpen, retail.ShiftOpen{Shift: 1, BusinessDate: 20261121, Float: 10000})
	commit(journal.KindShiftOpen, retail.ShiftOpen{Shift: 2, BusinessDate: 20261122, Float: 20000})
	s, err := l.Shift(t.Context())
	require.NoError(t, err)
	opening, ok, err := l.entryAt(t.Context(), 100, 3)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, till.Shift{
		Number: 2, BusinessDate: 20261122, Float: 20000, OpenedAt: day,
		Opened: retail.ChainEnd{Epoch: 100, Seq: 3, Hash: opening.Hash[:]},
	}, s)

	id := uuid.Must(uuid.NewV7())
	commit(journal.KindRestockRequest, retail.RestockRequest{ID: id, Lines: []retail.StockLine{{Product: timbit, Quantity: 24000}}})
	own, err := l.OwnRequests(t.Context())
	require.NoError(t, err)
	require.Len(t, own, 1)
	require.Equal(t, id, own[0].ID)
	require.Equal(t, []retail.RestockLine{{Product: timbit, Asked: 24000}}, own[0].Lines)
	requireSound(t, l)
}
