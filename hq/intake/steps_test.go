package intake_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/shared/journal"
	"comptant/shared/retail"
)

// Every answer is given in each state of a hold: it counts, and leads where HoldSteps says, or changes nothing.
func TestHoldStepsAreWhatIsDone(t *testing.T) {
	w := newWorld(t)
	seller, asker := w.enrol(1), w.enrol(2)
	seller.sale(0, 3000)
	seller.push(1)
	asker.push(1)
	receipt := retail.ReceiptID{Till: seller.id, Epoch: seller.epoch, Number: 1}
	answer := func(hold uuid.UUID, s retail.HoldState) {
		b := retail.RefundHold{ID: hold, Receipt: receipt, For: asker.id}
		switch s {
		case retail.HoldGranted:
			b.Parts = []retail.RefundPart{part(0, 1000)}
		case retail.HoldInDoubt:
			b.Doubt = true
		}
		seller.add(journal.KindRefundHold, b)
		seller.push(uint64(len(seller.entries)))
	}
	state := func(hold uuid.UUID) retail.HoldState {
		given, _ := row[retail.HoldGiven](w, asker.id, retail.RowHoldGiven, hold)
		return given.State
	}
	answers := []retail.HoldState{retail.HoldGranted, retail.HoldRefused, retail.HoldInDoubt}
	for _, from := range append([]retail.HoldState{retail.HoldWaits}, answers...) {
		for _, to := range answers {
			hold := uuid.New()
			require.Zero(t, state(hold))
			require.NoError(t, asker.ask(hold, receipt, part(0, 1000)))
			require.True(t, retail.HoldSteps.Lead(0, state(hold)))
			if from != retail.HoldWaits {
				answer(hold, from)
			}
			require.Equal(t, from, state(hold))
			answer(hold, to)
			want := from
			if retail.HoldSteps.Lead(from, to) {
				want = to
			}
			require.Equal(t, want, state(hold), "%d answered with %d", from, to)
		}
	}
	w.sound()
}
