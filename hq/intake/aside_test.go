package intake_test

import (
	"crypto/ed25519"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/intake"
	"comptant/shared/journal"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

// device is the till as it is known at the door.
func (l *lane) device() hub.Device {
	l.w.t.Helper()
	d, err := l.w.desk.Key(ctx, l.id)
	require.NoError(l.w.t, err)
	return d
}

func (w *world) aside() []intake.Aside {
	w.t.Helper()
	kept, err := w.desk.KeptAside(ctx)
	require.NoError(w.t, err)
	for i := range kept {
		kept[i].Newest = kept[i].Newest.UTC()
	}
	return kept
}

// What a revoked key still sends is here, and counts nowhere: a person sees how much it is. Once the machine has a good key
// its entries come as ever, and nothing is kept aside any more.
func TestWhatARevokedKeySendsIsKeptAside(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	l.sale(0, 1000)
	l.push(1)
	require.NoError(t, w.desk.Revoke(ctx, l.id))
	device := l.device()
	require.Nil(t, device.Key)
	key := device.Old[0]

	sold := l.ticket(0, 2000)
	l.add(journal.KindSale, sold)
	l.sale(0, 2000)
	hello := wire.Hello{Till: l.id, N: 1, Epochs: []wire.EpochState{l.state(2)}}
	device.Key = key
	session, err := w.desk.OpenAside(ctx, device, hello)
	require.NoError(t, err)
	require.Equal(t, []wire.EpochHave{{Epoch: l.epoch, Have: 2}}, session.Epochs)
	require.Equal(t, l.epoch, session.MinEpoch)
	for range 2 { // the answer to the first was lost
		stored, err := w.desk.KeepAside(ctx, key, l.batch(2, 4))
		require.NoError(t, err)
		require.Equal(t, hub.Stored{Upto: 4}, stored)
	}
	broken := l.batch(2, 4)
	broken.Head[0] ^= 1
	_, err = w.desk.KeepAside(ctx, key, broken)
	require.ErrorIs(t, err, wire.BadHead)

	require.Equal(t, []intake.Aside{{
		Store: w.store.ID, Till: l.id, Key: key, Entries: 2, Documents: 2, Total: 2 * sold.Total, Newest: opened,
	}}, w.aside())
	require.EqualValues(t, -1000, w.onHand(1), "counted nowhere")
	require.EqualValues(t, 2, w.count(`SELECT count(*) FROM journal.entry WHERE till_id = $1`, l.id))
	w.sound()
	flags, err := w.desk.Flags(ctx)
	require.NoError(t, err)
	require.Len(t, flags, 1)
	require.Equal(t, intake.FlagAside, flags[0].Code)
	require.Equal(t, fmt.Sprintf("key %x", key[:8]), flags[0].Detail)

	// Acknowledged as they were, they are sent on from there; headquarters on a backup without them asks for them again.
	hello.Epochs[0].Acked = 4
	session, err = w.desk.OpenAside(ctx, device, hello)
	require.NoError(t, err)
	require.EqualValues(t, 4, session.Epochs[0].Have)

	code, err := w.desk.NewCode(ctx, w.store.ID, 1)
	require.NoError(t, err)
	fresh, _, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	_, err = w.desk.Enrol(ctx, wire.EnrolRequest{Code: code, Key: fresh}, "192.0.2.1")
	require.NoError(t, err)
	require.Equal(t, []ed25519.PublicKey{key}, l.device().Old)
	l.open(hello)
	require.EqualValues(t, 2, l.session.Epochs[0].Have, "the tree does not have them")
	l.push(3)
	require.Empty(t, w.aside())
	require.EqualValues(t, -5000, w.onHand(1))
	w.sound()
	flags, err = w.desk.Flags(ctx)
	require.NoError(t, err)
	require.Len(t, flags, 1, "headquarters was not rolled back")
}

func TestAnOldKeySaysWhatNoTillSays(t *testing.T) {
	w := newWorld(t)
	_, err := w.desk.OpenAside(ctx, hub.Device{Till: uuid.New()}, wire.Hello{Epochs: []wire.EpochState{{Epoch: 1 << 40}}})
	require.ErrorIs(t, err, wire.ProtocolError)
}
