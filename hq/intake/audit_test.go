package intake_test

import (
	"bytes"
	"testing"
	"time"

	"comptant/hq/intake"
	"comptant/shared/audit"
	"comptant/shared/journal"
	"comptant/shared/money"

	"github.com/stretchr/testify/require"
)

// audited is what an auditor finds in the file of a period.
func (w *world) audited(from, until time.Time) audit.Report {
	w.t.Helper()
	var file bytes.Buffer
	_, err := w.desk.Audit(ctx, &file, intake.Scope{}, from, until, opened)
	require.NoError(w.t, err)
	report, err := audit.Check(&file)
	require.NoError(w.t, err)
	return report
}

// The file of a day has what the tills wrote that day, with their signatures, and agrees; a branch of a copied disk too.
func TestAnAuditorChecksADay(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	shift := l.openShift(1)
	l.sale(1000)
	l.sale(0, 2000)
	l.closeShift(1, shift)
	l.at(journal.KindSale, opened.Add(24*time.Hour), 0, time.Second, l.ticket(1000)) // the next day
	l.push(1)
	other := w.enrol(2)
	other.sale(0, 1000)
	other.sale(0, 1000)
	other.push(1)
	c := other.copyAt(2)
	c.sale(3000)
	c.push(3)

	day := w.audited(opened.Add(-12*time.Hour), opened.Add(12*time.Hour))
	require.Empty(t, day.Faults)
	require.Len(t, day.Tills, 2)
	found := day.Tills[0]
	if found.Till.ID != l.id {
		found = day.Tills[1]
	}
	require.Equal(t, "CV", found.Till.Store)
	require.Equal(t, 2, found.Sales)
	require.Equal(t, 1, found.Signed)
	require.Zero(t, found.After)
	var sold money.Amount
	require.NoError(t, w.db.QueryRow(ctx, `SELECT sum(total) FROM sales.document WHERE till_id = $1 AND number <= 2`, l.id).Scan(&sold))
	require.Equal(t, sold, found.SalesAmount)

	next := w.audited(opened.Add(12*time.Hour), opened.Add(36*time.Hour))
	require.Empty(t, next.Faults)
	require.Len(t, next.Tills, 1)
	require.Equal(t, 1, next.Tills[0].Sales)
	require.Empty(t, w.audited(opened.Add(48*time.Hour), opened.Add(72*time.Hour)).Tills)

	// What headquarters' own database was made to say shows.
	_, err := w.db.Exec(ctx, `UPDATE journal.entry SET bytes = set_byte(bytes, 30, get_byte(bytes, 30) # 1) WHERE till_id = $1 AND seq = 3`, l.id)
	require.NoError(t, err)
	day = w.audited(opened.Add(-12*time.Hour), opened.Add(12*time.Hour))
	require.Len(t, day.Faults, 1)
	require.ErrorIs(t, day.Faults[0], journal.ErrBytes)
	_, err = w.db.Exec(ctx, `DELETE FROM journal.entry WHERE till_id = $1 AND seq = 3`, l.id)
	require.NoError(t, err)
	day = w.audited(opened.Add(-12*time.Hour), opened.Add(12*time.Hour))
	require.ErrorIs(t, day.Faults[0], journal.ErrGap)
}
