package tills_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/tills"
	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

var ctx = context.Background()

// office is a registry with a clock that the test moves.
type office struct {
	*tills.Registry
	t   *testing.T
	db  *db.DB
	now time.Time
}

func newOffice(t *testing.T) *office {
	o := &office{t: t, db: pgtest.New(t), now: time.Date(2026, 11, 22, 19, 30, 0, 0, time.UTC)}
	o.Registry = tills.New(o.db, func() time.Time { return o.now })
	return o
}

func (o *office) redeem(code string, key []byte) (till tills.Till, again bool, err error) {
	err = o.db.InTx(ctx, func(tx *db.Tx) error {
		till, again, err = o.Redeem(ctx, tx, wire.EnrolRequest{Code: code, Key: key, App: "1", Host: "caisse"})
		return err
	})
	return till, again, err
}

// enrol makes a till and opens its session.
func (o *office) enrol(store uuid.UUID, number int) tills.Till {
	o.t.Helper()
	code, err := o.NewCode(ctx, store, number)
	require.NoError(o.t, err)
	till, _, err := o.redeem(code, machine(o.t))
	require.NoError(o.t, err)
	return o.start(till, wire.Hello{})
}

func (o *office) start(till tills.Till, hello wire.Hello) tills.Till {
	o.t.Helper()
	require.NoError(o.t, o.db.InTx(ctx, func(tx *db.Tx) error { return o.Start(ctx, tx, &till, hello, 0) }))
	return till
}

func (o *office) lock(till tills.Till, session uuid.UUID) error {
	return o.db.InTx(ctx, func(tx *db.Tx) error { return tills.Lock(ctx, tx, till.Store, till.ID, session) })
}

func machine(t *testing.T) []byte {
	t.Helper()
	key, _, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	return key
}

func TestIdentityIsMadeOnce(t *testing.T) {
	o := newOffice(t)
	first, err := o.Identity(ctx)
	require.NoError(t, err)
	again, err := o.Identity(ctx)
	require.NoError(t, err)
	require.Equal(t, first, again)
}

func TestACodeWorksOnceAndNotForLong(t *testing.T) {
	o := newOffice(t)
	store, key := uuid.New(), machine(t)
	code, err := o.NewCode(ctx, store, 3)
	require.NoError(t, err)
	till, again, err := o.redeem(code, key)
	require.NoError(t, err)
	require.False(t, again)
	require.Equal(t, 3, till.Number)

	device, err := o.Key(ctx, till.ID)
	require.NoError(t, err)
	require.Equal(t, store, device.Store)
	require.EqualValues(t, key, device.Key)

	same, again, err := o.redeem(code, key)
	require.NoError(t, err, "the answer may have been lost")
	require.True(t, again)
	require.Equal(t, till.ID, same.ID)
	for name, c := range map[string]struct {
		code string
		key  []byte
	}{
		"used": {code, machine(t)}, "wrong": {"00000-00000", key}, "not a code": {"?", key}, "not a key": {code, []byte{1}},
	} {
		_, _, err := o.redeem(c.code, c.key)
		requireKey(t, "enrol.code", err, name)
	}

	late, err := o.NewCode(ctx, store, 4)
	require.NoError(t, err)
	o.now = o.now.Add(15 * time.Minute)
	_, _, err = o.redeem(late, key)
	requireKey(t, "enrol.code", err, "late")
}

func requireKey(t *testing.T, key string, err error, name string) {
	t.Helper()
	var shown *retail.Error
	require.True(t, errors.As(err, &shown), "%s: %v", name, err)
	require.Equal(t, key, shown.Key, name)
}

func TestFiveWrongCodesThenWait(t *testing.T) {
	o := newOffice(t)
	_, _, wrong := o.redeem("00000-00000", machine(t))
	for range 5 {
		require.NoError(t, o.Admit(ctx, "10.0.0.1"))
		require.Equal(t, wrong, o.Refused(ctx, "10.0.0.1", wrong))
		o.now = o.now.Add(time.Minute)
	}
	requireKey(t, "enrol.wait", o.Admit(ctx, "10.0.0.1"), "the sixth")
	require.NoError(t, o.Admit(ctx, "10.0.0.2"), "another address")
	o.now = o.now.Add(13 * time.Minute)
	requireKey(t, "enrol.wait", o.Admit(ctx, "10.0.0.1"), "14 minutes after the fifth")
	o.now = o.now.Add(time.Minute)
	for range 4 {
		require.NoError(t, o.Admit(ctx, "10.0.0.1"))
		require.Equal(t, wrong, o.Refused(ctx, "10.0.0.1", wrong))
	}
	lost := errors.New("connection lost")
	require.Equal(t, lost, o.Refused(ctx, "10.0.0.1", lost))
	require.NoError(t, o.Admit(ctx, "10.0.0.1"), "our own failures do not count")
}

func TestGrantsAreHundreds(t *testing.T) {
	o := newOffice(t)
	till := o.enrol(uuid.New(), 1)
	for _, c := range []struct{ above, epoch uint64 }{{0, 1}, {0, 101}, {150, 201}, {700, 701}, {701, 801}, {900, 901}} {
		var epoch uint64
		require.NoError(t, o.db.InTx(ctx, func(tx *db.Tx) (err error) {
			epoch, err = tills.Grant(ctx, tx, &till, c.above)
			return err
		}))
		require.Equal(t, c.epoch, epoch, "above %d", c.above)
		require.Equal(t, c.epoch, till.Epoch())
	}
}

func TestANewerSessionFencesTheOlder(t *testing.T) {
	o := newOffice(t)
	till := o.enrol(uuid.New(), 1)
	older := *till.Session
	require.NoError(t, o.lock(till, older))
	till = o.start(till, wire.Hello{N: 1})
	require.ErrorIs(t, o.lock(till, older), wire.Fenced)
	require.NoError(t, o.lock(till, *till.Session))

	require.NoError(t, o.Seen(ctx, till.ID, *till.Session, o.now, nil))
	require.NoError(t, o.Closed(ctx, till.ID, older, o.now))
	require.True(t, o.only().Online, "the older session's end means nothing")
}

func (o *office) only() tills.Till {
	o.t.Helper()
	list, err := o.List(ctx)
	require.NoError(o.t, err)
	require.Len(o.t, list, 1)
	return list[0]
}

func TestWhoIsOnline(t *testing.T) {
	o := newOffice(t)
	till := o.enrol(uuid.New(), 1)
	require.False(t, o.only().Online)
	came := o.now
	require.NoError(t, o.Seen(ctx, till.ID, *till.Session, came, nil))
	o.now = o.now.Add(time.Minute)
	require.NoError(t, o.Seen(ctx, till.ID, *till.Session, o.now, nil))
	now := o.only()
	require.True(t, now.Online)
	require.WithinDuration(t, came, *now.Since, 0)
	require.WithinDuration(t, o.now, *now.SeenAt, 0)

	seen := o.now
	o.now = o.now.Add(76 * time.Second)
	now = o.only()
	require.False(t, now.Online, "headquarters may have died without writing it down")
	require.WithinDuration(t, seen, *now.Since, 0)

	require.NoError(t, o.Seen(ctx, till.ID, *till.Session, o.now, nil))
	require.NoError(t, o.Closed(ctx, till.ID, *till.Session, o.now))
	require.False(t, o.only().Online)
}

func TestKeysThatCountNoMore(t *testing.T) {
	o := newOffice(t)
	store := uuid.New()
	till := o.enrol(store, 1)
	old := []ed25519.PublicKey{till.Key}
	require.NoError(t, o.Revoke(ctx, till.ID))
	require.NoError(t, o.Revoke(ctx, till.ID))
	device, err := o.Key(ctx, till.ID)
	require.NoError(t, err)
	require.Equal(t, hub.Device{Till: till.ID, Store: store, Old: old}, device)
	require.ErrorIs(t, o.lock(till, *till.Session), wire.Revoked)
	require.ErrorIs(t, o.Revoke(ctx, uuid.New()), wire.UnknownTill)
	_, err = o.Key(ctx, uuid.New())
	require.ErrorIs(t, err, wire.UnknownTill)
	second := o.enrol(store, 1)
	require.Equal(t, till.ID, second.ID)
	device, err = o.Key(ctx, till.ID)
	require.NoError(t, err)
	require.Equal(t, hub.Device{Till: till.ID, Store: store, Key: second.Key, Old: old}, device)

	// A key that is replaced counts no more either.
	o.now = o.now.Add(time.Hour)
	third := o.enrol(store, 1)
	device, err = o.Key(ctx, till.ID)
	require.NoError(t, err)
	require.EqualValues(t, third.Key, device.Key)
	require.Equal(t, append([]ed25519.PublicKey{second.Key}, old...), device.Old)
}
