package hub

import (
	"bytes"
	"crypto/ed25519"
	"testing"

	"comptant/sync/wire"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

var stored = Snapshot{Name: "name", Gen: 7, Seq: 40, SHA256: bytes.Repeat([]byte{1}, 32)}

// openWhole opens a session of a till that can load snapshots.
func (p *play) openWhole(cursors ...wire.Cursor) {
	p.Helper()
	p.hear(p.signed(wire.Hello{Cursors: cursors, Snapshots: true}))
	p.Known(lane, nil)
	p.Opened(p.now, Session{ID: uuid.UUID{9}, N: 5, Store: lane.Store, Feeds: []string{"global"}}, nil)
	p.said()
}

func TestFeedThatBeginsIsOfferedWhole(t *testing.T) {
	p := newPlay(t)
	p.openWhole()
	require.Equal(t, []string{"global"}, p.last.Snapshots)
	require.Empty(t, p.last.Pages)
	p.Offered(p.now, "global", stored, true)
	reset := p.said()[0].(wire.Reset)
	require.Equal(t, wire.Reset{Feed: "global", Gen: 7, Seq: 40, Snapshot: "name", SHA256: stored.SHA256, Sig: reset.Sig}, reset)
	require.NoError(t, wire.VerifySnapshot(reset, hqKey.Public().(ed25519.PublicKey)))

	p.Woken(p.now, "global")
	p.said()
	require.Empty(t, p.last.Pages, "nothing of the feed is sent until the till shows the snapshot")
	p.hear(entries(11, 1, 1))
	require.NotNil(t, p.last.Store, "the way up is open")
	p.hear(wire.Applied{Feed: "global", Gen: 7, Upto: 40})
	require.Equal(t, []wire.Cursor{{Feed: "global", Gen: 7, Seq: 40}}, p.last.Pages)
	require.Equal(t, []any{"40-45"}, p.answer(p.last.Pages[0], 45, false))
}

func TestFeedWithoutASnapshotComesInPages(t *testing.T) {
	p := newPlay(t)
	p.openWhole()
	p.Offered(p.now, "global", Snapshot{}, false)
	require.Empty(t, p.said())
	require.Equal(t, []wire.Cursor{{Feed: "global"}}, p.last.Pages)
}

func TestFeedThatWentOnIsNotOfferedWhole(t *testing.T) {
	p := newPlay(t)
	p.openWhole(wire.Cursor{Feed: "global", Gen: 7, Seq: 3})
	require.Empty(t, p.last.Snapshots)
	require.Len(t, p.last.Pages, 1)
	p.Paged(p.now, p.last.Pages[0], Page{Reset: &wire.Reset{Feed: "global", Gen: 8, Code: wire.GenerationChanged}})
	require.Len(t, p.said(), 1)
	require.Equal(t, []string{"global"}, p.last.Snapshots, "until it begins again")
}

func TestTillThatCannotLoadTheSnapshotGetsPages(t *testing.T) {
	p := newPlay(t)
	p.openWhole()
	p.Offered(p.now, "global", stored, true)
	p.said()
	require.Equal(t, []any{wire.Reset{Feed: "global", Gen: 7, Code: wire.DigestDiffers}},
		p.hear(wire.Applied{Feed: "global", Gen: 7, Upto: 40, Code: wire.DigestDiffers}))
	require.Empty(t, p.last.Snapshots, "not the same again in this session")
	require.Equal(t, []wire.Cursor{{Feed: "global", Gen: 7}}, p.last.Pages)
}

// How far a till shows its feeds is what it said last, not what it was sent.
func TestSeenSaysWhatTheTillShows(t *testing.T) {
	p := newPlay(t)
	at := wire.Cursor{Feed: "global", Gen: 7, Seq: 3}
	ask := p.open(at)
	seen := func(m wire.Message) []wire.Cursor {
		p.now = p.now.Add(seenEvery)
		p.hear(m)
		require.True(t, p.last.Seen)
		return p.last.Shown
	}
	require.Equal(t, []wire.Cursor{at}, seen(wire.Ping{}))
	p.answer(ask, 10, false)
	require.Equal(t, []wire.Cursor{at}, seen(wire.Ping{}), "it is on its way")
	seen(wire.Applied{Feed: "global", Gen: 7, Upto: 10})
	require.Equal(t, []wire.Cursor{{Feed: "global", Gen: 7, Seq: 10}}, seen(wire.Ping{}))
	p.Woken(p.now, "global")
	p.said()
	p.answer(p.feeds[0].cursor, 15, true)
	p.hear(wire.Applied{Feed: "global", Gen: 7, Upto: 15})
	require.Equal(t, []wire.Cursor{{Feed: "global", Gen: 7, Seq: 10}}, seen(wire.Ping{}), "a page that others follow shows nothing")
}
