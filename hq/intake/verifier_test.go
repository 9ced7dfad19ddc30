package intake_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/intake"
)

// A verification is done in the background and kept with what it found, for the scope that was asked for alone; asking again while
// it lasts begins no other, and one that its process left looks failed.
func TestVerificationsAreKept(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	for range 2500 {
		l.sale(0, 1000)
	}
	for first := uint64(1); first <= uint64(len(l.entries)); first += 400 {
		_, err := w.desk.Store(ctx, l.batch(first, min(first+399, uint64(len(l.entries)))))
		require.NoError(t, err)
	}
	var heard []int64
	_, err := w.desk.VerifyScope(ctx, intake.Scope{Store: w.store.ID}, func(read int64) { heard = append(heard, read) })
	require.NoError(t, err)
	require.Equal(t, []int64{1000, 2000, 2501, 2501}, heard[:4])
	require.Greater(t, len(heard), 10, "after each table of figures too")

	_, err = w.db.Exec(ctx, `UPDATE sales.hourly SET cash = cash + 1`)
	require.NoError(t, err)
	by := uuid.New()
	ask := func(scopes ...intake.Scope) map[intake.Scope]intake.Verification {
		v := intake.NewVerifier(w.desk)
		require.NoError(t, v.Ask(ctx, scopes, by))
		v.Wait()
		v.Close()
		kept := map[intake.Scope]intake.Verification{}
		all, err := w.desk.Verifications(ctx)
		require.NoError(t, err)
		for _, v := range all {
			kept[v.Scope] = v
		}
		return kept
	}
	store, depot, till := intake.Scope{Store: w.store.ID}, intake.Scope{Store: w.depot.ID}, intake.Scope{Store: w.store.ID, Till: l.id}
	kept := ask(store, depot, till)
	require.Len(t, kept, 3)
	require.Equal(t, []int64{2501, 2501}, []int64{kept[store].Total, kept[store].Done})
	require.Equal(t, by, kept[store].By)
	require.Len(t, kept[store].Findings, 1)
	require.Equal(t, intake.FoundSums, kept[store].Findings[0].Code)
	require.Equal(t, "cash", kept[store].Findings[0].Sums.What)
	require.Empty(t, kept[depot].Findings)
	require.Zero(t, kept[depot].Total)
	require.Empty(t, kept[till].Findings, "the chain itself is sound")
	require.EqualValues(t, 2501, kept[till].Done)

	_, err = w.db.Exec(ctx, `UPDATE journal.verification SET ended_at = NULL, beat_at = now() - interval '1 minute', done = 7`)
	require.NoError(t, err)
	kept = ask(store)
	require.True(t, kept[store].Running(), "somebody is still at it")
	require.EqualValues(t, 7, kept[store].Done)
	_, err = w.db.Exec(ctx, `UPDATE journal.verification SET beat_at = now() - interval '3 minutes'`)
	require.NoError(t, err)
	all, err := w.desk.Verifications(ctx)
	require.NoError(t, err)
	require.True(t, all[0].Failed)
	kept = ask(store)
	require.NotNil(t, kept[store].EndedAt)
	require.Len(t, kept[store].Findings, 1)
}
