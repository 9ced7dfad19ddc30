package link

import (
	"bytes"
	"crypto/ed25519"
	"testing"

	"comptant/sync/wire"

	"github.com/stretchr/testify/require"
)

// newLoadingPlay is a play in a session of a link that can load snapshots.
func newLoadingPlay(t *testing.T) *play {
	p := newPlay(t, &file{epochs: []wire.EpochState{{Epoch: 1, Last: 3}}})
	p.snapshots = true
	p.open(wire.Welcome{Feeds: []string{"global"}, Epochs: []wire.EpochHave{{Epoch: 1, Have: 3}}})
	require.True(t, p.hello.Snapshots)
	return p
}

// offered is a reset with a snapshot up to 40.
func offered(key ed25519.PrivateKey) wire.Reset {
	return wire.SignSnapshot(wire.Reset{Feed: "global", Gen: 7, Seq: 40, Snapshot: "name", SHA256: bytes.Repeat([]byte{1}, 32)}, key)
}

func TestSnapshotIsLoadedBesideEverythingElse(t *testing.T) {
	p := newLoadingPlay(t)
	reset := offered(hqKey)
	require.Empty(t, p.hear(reset))
	require.Equal(t, []wire.Reset{reset}, p.last.Load)
	p.file.epochs[0].Last = 4
	require.Equal(t, [][3]uint64{{1, 4, 1}}, batches(t, p.notify()), "sales go up meanwhile")
	require.Empty(t, p.hear(page(40, 45, false)), "what comes of the feed waits")
	require.Empty(t, p.last.Load, "it is asked for once")
	require.Empty(t, p.file.pages)

	p.Loaded(t.Context(), p.now, reset, nil)
	require.Equal(t, []wire.Message{
		wire.Applied{Feed: "global", Gen: 7, Upto: 40}, wire.Applied{Feed: "global", Gen: 7, Upto: 45},
	}, p.said())
	require.Empty(t, p.file.resets, "what is shown stays until the snapshot takes its place")
}

func TestSnapshotThatCannotBeLoaded(t *testing.T) {
	p := newLoadingPlay(t)
	reset := offered(hqKey)
	p.hear(reset)
	p.Loaded(t.Context(), p.now, reset, errDisk)
	refusal := []wire.Message{wire.Applied{Feed: "global", Gen: 7, Upto: 40, Code: wire.DigestDiffers}}
	require.Equal(t, refusal, p.said(), "pages are asked for")
	require.Empty(t, p.hear(page(40, 45, false)), "pages are dropped until then")
	require.Empty(t, p.hear(wire.Reset{Feed: "global", Gen: 7}))
	require.Len(t, p.hear(page(0, 45, false)), 1)
}

func TestSnapshotThatHeadquartersDidNotSign(t *testing.T) {
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize))
	changed := offered(hqKey)
	changed.Seq++
	unsigned := offered(hqKey)
	unsigned.Sig = nil
	for name, reset := range map[string]wire.Reset{"another key": offered(other), "changed": changed, "no signature": unsigned} {
		t.Run(name, func(t *testing.T) {
			p := newLoadingPlay(t)
			require.Equal(t, []wire.Message{wire.Applied{Feed: "global", Gen: 7, Upto: reset.Seq, Code: wire.DigestDiffers}}, p.hear(reset))
			require.Empty(t, p.last.Load)
		})
	}
}

func TestSnapshotOfAnEarlierSession(t *testing.T) {
	p := newLoadingPlay(t)
	reset := offered(hqKey)
	p.hear(reset)
	p.Lost(p.now, errDisk)
	p.Loaded(t.Context(), p.now, reset, nil)
	require.Empty(t, p.said())
	p.open(wire.Welcome{Feeds: []string{"global"}, Epochs: []wire.EpochHave{{Epoch: 1, Have: 3}}})
	p.Loaded(t.Context(), p.now, reset, nil)
	require.Empty(t, p.said(), "the next hello says how far the feed is")
}
