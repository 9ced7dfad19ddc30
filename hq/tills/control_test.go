package tills_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/tills"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

func (o *office) lockOut(till uuid.UUID, reason, by string) error {
	return o.db.InTx(ctx, func(tx *db.Tx) error { return o.LockOut(ctx, tx, till, reason, by) })
}

func (o *office) letIn(till uuid.UUID) error {
	return o.db.InTx(ctx, func(tx *db.Tx) error { return o.LetIn(ctx, tx, till) })
}

// told is what a till's own feed says is wanted of it.
func (o *office) told(till uuid.UUID) (c retail.Control) {
	o.t.Helper()
	var bodies [][]byte
	require.NoError(o.t, o.db.QueryRow(ctx, `SELECT array_agg(body) FROM feed.item WHERE feed = $1 AND type = $2 AND id = $3 AND body IS NOT NULL`,
		feed.Till(till), int16(retail.RowControl), till).Scan(&bodies))
	for _, body := range bodies {
		require.NoError(o.t, cbor.Unmarshal(body, &c))
	}
	return c
}

// A lock is told in the till's own feed, and counts as heard once the till shows that: a till comes and goes meanwhile.
func TestALockIsHeard(t *testing.T) {
	o := newOffice(t)
	till := o.enrol(uuid.New(), 1)
	other := o.enrol(till.Store, 2)
	shows := func(seq uint64, name string) {
		require.NoError(t, o.Seen(ctx, till.ID, *till.Session, o.now, []wire.Cursor{{Feed: name, Gen: 1, Seq: seq}}))
	}
	first := func() tills.Till {
		all, err := o.List(ctx)
		require.NoError(t, err)
		require.Nil(t, all[1].LockedAt)
		return all[0]
	}
	head := func() (seq uint64) {
		require.NoError(t, o.db.QueryRow(ctx, `SELECT seq FROM feed.head WHERE feed = $1`, feed.Till(till.ID)).Scan(&seq))
		return seq
	}
	require.NoError(t, o.lockOut(till.ID, " being\nrepaired ", "Ann"))
	require.Equal(t, retail.Control{LockedAt: o.now.UnixMilli(), Reason: "being repaired", By: "Ann"}, o.told(till.ID))
	require.Zero(t, o.told(other.ID))
	require.False(t, first().LockHeard)
	shows(head()+7, feed.Global)
	shows(head()-1, feed.Till(till.ID))
	require.False(t, first().LockHeard, "another feed, or not so far")
	shows(head(), feed.Till(till.ID))
	now := first()
	require.True(t, now.LockHeard)
	require.Equal(t, tills.Online, now.State())
	require.WithinDuration(t, o.now, *now.LockedAt, 0)
	require.Equal(t, []string{"being repaired", "Ann"}, []string{now.LockReason, now.LockedBy})
	require.NoError(t, o.Closed(ctx, till.ID, *till.Session, o.now))
	require.True(t, first().LockHeard, "it is the till that remembers")

	require.NoError(t, o.letIn(till.ID))
	require.NoError(t, o.letIn(till.ID), "again")
	require.Nil(t, first().LockedAt)
	require.Zero(t, o.told(till.ID))
}

// A machine that is enrolled in the place of another has heard nothing yet; a till that is revoked is not locked any more.
func TestALockIsOfTheLane(t *testing.T) {
	o := newOffice(t)
	till := o.enrol(uuid.New(), 1)
	require.NoError(t, o.lockOut(till.ID, "audit", ""))
	require.NoError(t, o.Seen(ctx, till.ID, *till.Session, o.now, []wire.Cursor{{Feed: feed.Till(till.ID), Gen: 1, Seq: 1000}}))
	require.True(t, o.only().LockHeard)
	o.enrol(till.Store, 1)
	require.NotNil(t, o.only().LockedAt)
	require.False(t, o.only().LockHeard)
	require.NoError(t, o.Revoke(ctx, till.ID))
	require.Nil(t, o.only().LockedAt)
	require.Zero(t, o.told(till.ID))
	requireKey(t, "tills.is_revoked", o.lockOut(till.ID, "audit", ""), "revoked")
	requireKey(t, "tills.is_revoked", o.letIn(till.ID), "revoked")
	requireKey(t, "tills.unknown", o.lockOut(uuid.New(), "audit", ""), "unknown")
	for _, wrong := range []string{" ", strings.Repeat("é", 201)} {
		requireKey(t, "tills.lock_reason", o.lockOut(till.ID, wrong, ""), wrong)
	}
}

// A log is taken once for each asking, and asking leaves it heard that the till is locked.
func TestALogIsTakenOnceForEachAsking(t *testing.T) {
	o := newOffice(t)
	till := o.enrol(uuid.New(), 1)
	ask := func() int64 {
		o.now = o.now.Add(time.Minute)
		require.NoError(t, o.db.InTx(ctx, func(tx *db.Tx) error { return o.AskLog(ctx, tx, till.ID) }))
		return o.now.UnixMilli()
	}
	requireKey(t, "tills.log_unasked", o.TakeLog(ctx, till.ID, 0, nil), "never asked")
	_, err := o.Log(ctx, till.ID)
	requireKey(t, "tills.no_log", err, "none")
	require.NoError(t, o.lockOut(till.ID, "audit", ""))
	var seq uint64
	require.NoError(t, o.db.QueryRow(ctx, `SELECT seq FROM feed.head WHERE feed = $1`, feed.Till(till.ID)).Scan(&seq))
	require.NoError(t, o.Seen(ctx, till.ID, *till.Session, o.now, []wire.Cursor{{Feed: feed.Till(till.ID), Gen: 1, Seq: seq}}))

	first := ask()
	second := ask()
	require.True(t, o.only().LockHeard)
	requireKey(t, "tills.log_unasked", o.TakeLog(ctx, till.ID, first, []byte("old")), "asked again since")
	require.NotNil(t, o.only().LogAskedAt)
	require.NoError(t, o.TakeLog(ctx, till.ID, second, []byte("one")))
	requireKey(t, "tills.log_unasked", o.TakeLog(ctx, till.ID, second, []byte("two")), "again")
	now := o.only()
	require.Nil(t, now.LogAskedAt)
	require.WithinDuration(t, o.now, *now.LogAt, 0)
	require.NotNil(t, now.LockedAt)
	require.NoError(t, o.TakeLog(ctx, till.ID, ask(), []byte("three")))
	text, err := o.Log(ctx, till.ID)
	require.NoError(t, err)
	require.Equal(t, "three", string(text))
	ask()
	require.NoError(t, o.Revoke(ctx, till.ID))
	require.Nil(t, o.only().LogAskedAt)
}
