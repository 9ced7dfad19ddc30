package intake_test

import (
	"bytes"
	"crypto/ed25519"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/intake"
	"comptant/shared/journal"
	"comptant/sync/wire"
)

// export is a file with the entries first to last of the epoch, signed with a key.
func (l *lane) export(key ed25519.PrivateKey, first, last uint64) []byte {
	l.w.t.Helper()
	identity, err := l.w.desk.Identity(ctx)
	require.NoError(l.w.t, err)
	var file bytes.Buffer
	w, err := wire.NewExport(&file, wire.ExportHead{
		Till: l.id, Key: key.Public().(ed25519.PublicKey), HQ: identity.Public().(ed25519.PublicKey), Time: opened.UnixMilli(), App: "1.0",
	}, key)
	require.NoError(l.w.t, err)
	for ; first <= last; first += 2 { // as more than one batch
		b := l.batch(first, min(first+1, last))
		require.NoError(l.w.t, w.Add(wire.Entries{Epoch: l.epoch, First: b.First, Prev: b.Prev, Head: b.Head, Entries: b.Entries}))
	}
	require.NoError(l.w.t, w.Close())
	return file.Bytes()
}

func (w *world) carry(file []byte) (intake.Carried, error) {
	return w.desk.Import(ctx, bytes.NewReader(file))
}

// What was carried here counts once, whatever came before it, comes twice, or is sent afterwards.
func TestWhatIsCarriedCountsOnce(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	l.sale(0, 1000)
	l.push(1)
	for range 5 {
		l.sale(0, 1000)
	}
	file := l.export(l.key, 3, 7)
	done, err := w.carry(file)
	require.NoError(t, err)
	require.Equal(t, intake.Carried{Store: w.store.ID, Till: l.id, Made: opened, Entries: 5, New: 5}, done)
	require.EqualValues(t, -6000, w.onHand(1))
	done, err = w.carry(file)
	require.NoError(t, err)
	require.Zero(t, done.New, "the same file again")

	l.sale(0, 1000)
	done, err = w.carry(l.export(l.key, 3, 8))
	require.NoError(t, err)
	require.Equal(t, []int{6, 1}, []int{done.Entries, done.New})

	// The till comes back, and hears that all of it is here; sent all the same it changes nothing.
	l.open(wire.Hello{Till: l.id, N: 1, Epochs: []wire.EpochState{l.state(2)}})
	require.EqualValues(t, 8, l.session.Epochs[0].Have)
	require.Equal(t, l.epoch, l.session.MinEpoch)
	require.EqualValues(t, 8, l.push(3).Upto)
	require.EqualValues(t, 8, w.count(`SELECT count(*) FROM journal.entry WHERE till_id = $1`, l.id))
	require.EqualValues(t, -7000, w.onHand(1))
	flags, err := w.desk.Flags(ctx)
	require.NoError(t, err)
	require.Empty(t, flags)
	w.sound()
}

// A file that is not right in all of its parts leaves nothing here.
func TestWhatIsNotRightIsNotTaken(t *testing.T) {
	w := newWorld(t)
	l, other := w.enrol(1), w.enrol(2)
	for range 4 {
		l.sale(0, 1000)
	}
	good := l.export(l.key, 1, 5)
	_, stranger, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	nobody := &lane{w: w, id: uuid.New(), key: stranger, epoch: 1, entries: l.entries}
	forHQ := func(hq byte) []byte {
		bad := bytes.Clone(good)
		identity, err := w.desk.Identity(ctx)
		require.NoError(t, err)
		i := bytes.Index(bad, identity.Public().(ed25519.PublicKey))
		bad[i] ^= hq
		return bad
	}
	flipped := bytes.Clone(good)
	flipped[len(flipped)-80] ^= 1
	_, unknown := w.carry(nobody.export(stranger, 1, 2))
	require.ErrorIs(t, unknown, wire.UnknownTill)
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"cut off":              {good[:len(good)-100], wire.ErrCutOff},
		"flipped":              {flipped, intake.ErrNotSigned},
		"something else":       {[]byte("SKU;price\n"), wire.ErrNotExport},
		"another headquarters": {forHQ(1), intake.ErrOtherHeadquarters},
		"another's key":        {l.export(other.key, 1, 5), intake.ErrOtherMachine},
		"a stranger's key":     {l.export(stranger, 1, 5), intake.ErrOtherMachine},
		"after something":      {l.export(l.key, 3, 5), intake.ErrComesAfter},
	} {
		_, err := w.carry(c.file)
		require.ErrorIs(t, err, c.want, name)
	}
	// The first batch is right, the second comes after nothing that is here: neither is taken.
	identity, err := w.desk.Identity(ctx)
	require.NoError(t, err)
	var file bytes.Buffer
	out, err := wire.NewExport(&file, wire.ExportHead{
		Till: l.id, Key: l.key.Public().(ed25519.PublicKey), HQ: identity.Public().(ed25519.PublicKey),
	}, l.key)
	require.NoError(t, err)
	b := l.batch(1, 5)
	require.NoError(t, out.Add(wire.Entries{Epoch: l.epoch, First: 1, Prev: b.Prev, Head: b.Head, Entries: b.Entries}))
	lost := journal.Chain(l.id, l.epoch+1, 4, journal.Hash{1}, l.entries[1:2])[0]
	require.NoError(t, out.Add(wire.Entries{Epoch: l.epoch + 1, First: 4, Prev: lost.Prev, Head: lost.Hash, Entries: [][]byte{lost.Bytes}}))
	require.NoError(t, out.Close())
	_, err = w.carry(file.Bytes())
	require.ErrorIs(t, err, intake.ErrComesAfter)
	require.Zero(t, w.count(`SELECT count(*) FROM journal.entry`))
	require.Zero(t, w.onHand(1))
	_, err = w.carry(good)
	require.NoError(t, err)
	require.EqualValues(t, 5, w.count(`SELECT count(*) FROM journal.entry`))
	w.sound()
}

// What a revoked machine signed is kept aside, as what it sends is.
func TestWhatARevokedKeySignedIsKeptAside(t *testing.T) {
	w := newWorld(t)
	l := w.enrol(1)
	l.sale(0, 1000)
	require.NoError(t, w.desk.Revoke(ctx, l.id))
	for range 2 {
		done, err := w.carry(l.export(l.key, 1, 2))
		require.NoError(t, err)
		require.True(t, done.Aside)
		require.Zero(t, done.New)
	}
	require.Len(t, w.aside(), 1)
	require.Zero(t, w.onHand(1))
	require.Zero(t, w.count(`SELECT count(*) FROM journal.entry`))
}
