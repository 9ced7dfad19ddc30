package intake_test

import (
	"crypto/ed25519"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"comptant/hq/feed"
	"comptant/hq/intake"
	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

func TestSessionResumesAfterWhatIsThere(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	require.EqualValues(t, 1, l.epoch)
	require.EqualValues(t, 1, l.session.N)
	require.Equal(t, []string{feed.Global, feed.Store(w.store.ID), feed.Till(l.id)}, l.session.Feeds)
	l.sale(0, 1000)
	l.push(1)
	l.sale(0, 1000)
	first := l.session.ID
	l.open(wire.Hello{Till: l.id, N: 1, Epochs: []wire.EpochState{l.state(2)}})
	require.NotEqual(t, first, l.session.ID)
	require.EqualValues(t, 2, l.session.N)
	require.EqualValues(t, 1, l.session.MinEpoch)
	require.Equal(t, []wire.EpochHave{{Epoch: 1, Have: 2}}, l.session.Epochs)
	require.EqualValues(t, 3, l.push(3).Upto)
	flags, err := w.desk.Flags(ctx)
	require.NoError(t, err)
	require.Empty(t, flags)

	states, err := w.desk.Tills(ctx)
	require.NoError(t, err)
	require.Len(t, states, 1)
	require.EqualValues(t, 3, states[0].Entries)
	require.Zero(t, states[0].Waiting)
	l.sale(0, 1000)
	l.open(wire.Hello{Till: l.id, N: 2, Epochs: []wire.EpochState{l.state(3)}})
	states, err = w.desk.Tills(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 1, states[0].Waiting)
}

// After headquarters was restored from a backup the till sends again what it had sent.
func TestHeadquartersWasRolledBack(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	l.sale(0, 1000)
	l.push(1)
	l.sale(0, 1000) // acknowledged by a headquarters that is gone
	l.open(wire.Hello{Till: l.id, N: 9, Epochs: []wire.EpochState{l.state(3)}})
	require.Equal(t, []wire.EpochHave{{Epoch: 1, Have: 2}}, l.session.Epochs)
	require.EqualValues(t, 10, l.session.N, "later than any the till has used")
	require.EqualValues(t, 1, l.session.MinEpoch)
	flags, err := w.desk.Flags(ctx)
	require.NoError(t, err)
	require.Len(t, flags, 1)
	require.Equal(t, intake.FlagRolledBack, flags[0].Code)
	l.push(3)
	w.sound()
}

// A file older than what it sent must not give its numbers again.
func TestRestoredFileGetsAnotherEpoch(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	l.sale(0, 1000)
	l.sale(0, 1000)
	l.push(1)
	l.entries = l.entries[:2]
	l.open(wire.Hello{Till: l.id, N: 1, Epochs: []wire.EpochState{l.state(2)}})
	require.Equal(t, []wire.EpochHave{{Epoch: 1, Have: 2}}, l.session.Epochs)
	require.EqualValues(t, 101, l.session.MinEpoch)
	require.Equal(t, []hub.Gap{{Epoch: 1, After: 2, Hash: l.batch(2, 2).Head}}, l.session.Gaps)
	l.open(wire.Hello{Till: l.id, N: 1, Epochs: []wire.EpochState{l.state(2)}})
	require.EqualValues(t, 201, l.session.MinEpoch, "another machine may have been told the grant this one never heard of")
	old := l.state(2)
	l.epoch = 200
	l.next()
	l.push(1)
	l.open(wire.Hello{Till: l.id, N: 2, Epochs: []wire.EpochState{old, l.state(1)}})
	require.EqualValues(t, 201, l.session.MinEpoch)
	require.Len(t, l.session.Gaps, 1, "and still lacks what it lost")
}

// A restored file that has sold since holds other entries under the same numbers: it must stop adding to them.
func TestForkedFileGetsAnotherEpoch(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	l.sale(0, 1000)
	l.push(1)
	l.entries = l.entries[:1]
	l.sale(0, 3000)
	l.open(wire.Hello{Till: l.id, N: 1, Epochs: []wire.EpochState{l.state(1)}})
	require.EqualValues(t, 101, l.session.MinEpoch)
	require.Equal(t, []wire.EpochHave{{Epoch: 1, Have: 1}}, l.session.Epochs, "what it acknowledged, and the till looks further")
	l.epoch = 100
	l.next()
	l.sale(0, 1000)
	l.push(1)
	w.sound()
}

func TestNumbersNoTillReachesAreRefused(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	for _, e := range []wire.EpochState{{}, {Epoch: 1 << 63}, {Epoch: 1, Last: 1 << 40}, {Epoch: 1, Acked: 1 << 63}} {
		_, err := w.desk.Open(ctx, wire.Hello{Till: l.id, Epochs: []wire.EpochState{e}}, now())
		require.ErrorIs(t, err, wire.ProtocolError)
	}
	b := l.batch(1, 1)
	b.Path.Epoch = 1 << 63
	_, err := w.desk.Store(ctx, b)
	require.ErrorIs(t, err, wire.BadFrame)
}

func TestWrongCodesAreCounted(t *testing.T) {
	w := newWorld(t)
	key, _, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	refused := func() string {
		_, err := w.desk.Enrol(ctx, wire.EnrolRequest{Code: "00000-00000", Key: key}, "192.0.2.1")
		var shown *retail.Error
		require.ErrorAs(t, err, &shown)
		return shown.Key
	}
	for range 5 {
		require.Equal(t, "enrol.code", refused())
	}
	require.Equal(t, "enrol.wait", refused())
}

// A whole store may be enrolled at once.
func TestManyEnrolAtOnce(t *testing.T) {
	w := newWorld(t)
	var group sync.WaitGroup
	for number := range 20 {
		group.Go(func() { w.enrol(number + 1) })
	}
	group.Wait()
	states, err := w.desk.Tills(ctx)
	require.NoError(t, err)
	require.Len(t, states, 20)
}

func TestEnrolledAgain(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	l.next() // epochs the till opened by itself
	l.push(1)
	require.NoError(t, w.desk.Seen(ctx, l.id, l.session.ID, opened, nil))
	code, err := w.desk.NewCode(ctx, w.store.ID, 1)
	require.NoError(t, err)
	key, _, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	reply, err := w.desk.Enrol(ctx, wire.EnrolRequest{Code: code, Key: key}, "192.0.2.1")
	require.NoError(t, err)
	require.Equal(t, l.id, reply.Till, "a till id is the lane's for ever")
	require.EqualValues(t, 101, reply.Epoch)
	require.Equal(t, "CV", reply.Code)
	again, err := w.desk.Enrol(ctx, wire.EnrolRequest{Code: code, Key: key}, "192.0.2.1")
	require.NoError(t, err, "the answer may have been lost")
	require.Equal(t, reply, again)
	old := l.session
	l.epoch = 100
	l.next()
	l.sale(0, 1000)
	l.open(wire.Hello{Till: l.id, Epochs: []wire.EpochState{l.state(0)}})
	require.Empty(t, l.codes(), "a new disk is no older copy of the one before")
	states, err := w.desk.Tills(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 2, states[0].Waiting, "what the machine before sent does not count")
	l.session = old
	l.add(journal.KindSignIn, map[int]string{1: "x"})
	_, err = w.desk.Store(ctx, l.batch(2, 2))
	require.ErrorIs(t, err, wire.Fenced, "the machine before")
}

// A hello that waited, while its machine was restarted and welcomed over another connection, is no older copy of its disk.
func TestALateHelloIsNoCopyOfTheDisk(t *testing.T) {
	w := newWorld(t)
	l := w.sells(1)
	asked := now().Add(-time.Second)
	hello := wire.Hello{Till: l.id, N: 1, Epochs: []wire.EpochState{l.state(2)}}
	l.open(hello)
	require.NoError(t, w.desk.Seen(ctx, l.id, l.session.ID, now(), nil))
	_, err := w.desk.Open(ctx, hello, asked)
	require.ErrorIs(t, err, wire.Wait)
	require.Empty(t, l.codes())
	l.sale(0, 1000)
	l.push(3)

	// The same of a machine that is asked now is a copy.
	l.open(hello)
	require.Contains(t, l.codes(), intake.FlagDiskImage)
	// A clock of headquarters that was set back keeps nobody away for long.
	l.open(wire.Hello{Till: l.id, N: l.session.N, Epochs: []wire.EpochState{l.state(3)}})
	_, err = w.desk.Open(ctx, wire.Hello{Till: l.id, N: l.session.N}, now().Add(-time.Hour))
	require.NoError(t, err)
}
