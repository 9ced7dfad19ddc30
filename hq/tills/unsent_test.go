package tills_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"comptant/hq/tills"
	"comptant/sync/wire"
)

// A till says how old what it has not sent is, by its clock; what a store sold since then is not known, also while the till is connected.
func TestTheOldestThatATillHasNotSent(t *testing.T) {
	o := newOffice(t)
	store := uuid.New()
	till := o.enrol(store, 1)
	only := func() tills.Till {
		all, err := o.List(ctx)
		require.NoError(t, err)
		require.Len(t, all, 1)
		return all[0]
	}
	heard := func() time.Duration {
		var batch pgx.Batch
		at := tills.Heard(&batch, []uuid.UUID{store}, o.now)
		require.NoError(t, o.db.SendBatch(ctx, &batch).Close())
		return o.now.Sub(at[store])
	}
	seen := func() { require.NoError(t, o.Seen(ctx, till.ID, *till.Session, o.now, nil)) }
	require.Nil(t, only().Oldest(o.now), "it does not say")

	// Its clock is an hour ahead, and it sold something two hours ago.
	ahead := func(at time.Time) int64 { return at.Add(time.Hour).UnixMilli() }
	sold := o.now.Add(-2 * time.Hour)
	till = o.start(till, wire.Hello{Wall: ahead(o.now), Unsent: &wire.Unsent{Count: 37, Oldest: ahead(sold)}})
	seen()
	require.True(t, sold.Equal(*only().Oldest(o.now)))
	require.EqualValues(t, 37, only().Unsent)
	require.Equal(t, 2*time.Hour, heard())

	say := func(u wire.Unsent) { require.NoError(t, o.Unsent(ctx, till.ID, *till.Session, u)) }
	say(wire.Unsent{})
	require.Nil(t, only().Oldest(o.now))
	require.Zero(t, heard())
	say(wire.Unsent{Count: 1, Oldest: ahead(o.now.Add(-time.Second))})
	require.Nil(t, only().Oldest(o.now), "that is on its way")
	require.Zero(t, heard())
	require.NoError(t, o.Unsent(ctx, till.ID, uuid.New(), wire.Unsent{Count: 9, Oldest: 1}))
	require.EqualValues(t, 1, only().Unsent, "another session's word counts nothing")

	// It goes away with that: the older of the two counts.
	o.now = o.now.Add(3 * time.Hour)
	require.Equal(t, 3*time.Hour+time.Second, heard())
	require.Equal(t, 3*time.Hour+time.Second, o.now.Sub(*only().Oldest(o.now)))

	// A till of before does not say.
	till = o.start(till, wire.Hello{Wall: o.now.UnixMilli()})
	seen()
	require.Nil(t, only().Oldest(o.now))
	require.Zero(t, heard())
}
