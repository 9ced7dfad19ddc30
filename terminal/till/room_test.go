package till_test

import (
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

// disk is one that is full when it is told to be.
type disk struct{ full bool }

func (d *disk) Full() bool { return d.full }

func (*disk) LastBackup() time.Time { return time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC) }

// On a full disk what has begun is finished and the shift closed, also after a restart; nothing new begins.
func TestTheDayEndsOnAFullDisk(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	require.NoError(t, w.OpenShift(t.Context(), 20000))
	w.scan("100212")
	require.NoError(t, w.Hold(t.Context(), "Marie"))
	w.scan("100212")
	w.disk.full = true
	status, err := w.Status(t.Context())
	require.NoError(t, err)
	require.True(t, status.Full)
	require.Equal(t, w.disk.LastBackup(), status.Backup)

	w.scan("100211") // this customer's sale goes on
	p := w.pay()
	p, err = w.TenderCash(t.Context(), p.Turn, 5000)
	require.NoError(t, err)
	require.NotNil(t, p.Sold)
	receipt := p.Sold.Receipt

	_, err = w.Scan(t.Context(), "100211")
	refused(t, till.KeyNoRoom, err)
	require.Empty(t, w.Ticket().Lines)
	held, err := w.Held(t.Context())
	require.NoError(t, err)
	refused(t, till.KeyNoRoom, w.Recall(t.Context(), held[0].ID))
	r, err := w.Refundable(t.Context(), receipt.Epoch, receipt.Number)
	require.NoError(t, err)
	_, err = w.Refund(t.Context(), r, []retail.RefundPart{{Of: 0, Quantity: 1000}}, till.Payback{Kind: retail.TenderCash}, "changed_mind", w.approval(retail.Need{Deed: retail.DeedRefund}))
	refused(t, till.KeyNoRoom, err)

	w.Lock()
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"), "who closes must sign in")
	require.NoError(t, w.CashMove(t.Context(), -5000, retail.CashSafe, ""))
	c := w.close(15000)
	require.EqualValues(t, 1, c.Number)
	require.Equal(t, journal.KindShiftClose, w.journal.Drafts[len(w.journal.Drafts)-1].Kind)
	refused(t, till.KeyNoRoom, w.OpenShift(t.Context(), 20000))

	w.disk.full = false
	require.NoError(t, w.OpenShift(t.Context(), 20000), "by itself")
	w.scan("100211")
}
