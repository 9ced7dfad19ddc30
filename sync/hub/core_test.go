package hub

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/sync/wire"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

var (
	hqKey   = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	tillKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize))
	begin   = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	lane    = Device{Till: uuid.UUID{1}, Store: uuid.UUID{2}, Key: tillKey.Public().(ed25519.PublicKey)}
)

// play drives a core by hand.
type play struct {
	*testing.T
	*Core
	now  time.Time
	last Effects
}

func newPlay(t *testing.T) *play {
	p := &play{T: t, now: begin, Core: NewCore(hqKey, bytes.Repeat([]byte{3}, 32), func() float64 { return 1 })}
	p.Begin(p.now)
	challenge := p.said()[0].(wire.Challenge)
	require.Equal(t, p.nonce, challenge.Nonce)
	return p
}

// said is what the core sends; a page is shown as the text of its frame.
func (p *play) said() []any {
	p.last = p.Take()
	var said []any
	for _, o := range p.last.Send {
		if o.Message != nil {
			said = append(said, o.Message)
		} else {
			said = append(said, string(o.Frame))
		}
	}
	return said
}

func (p *play) hear(m wire.Message) []any {
	p.Received(p.now, m)
	return p.said()
}

func (p *play) signed(h wire.Hello) wire.Hello {
	h.Till, h.Proto = lane.Till, wire.Protocol
	signed, err := wire.SignHello(h, p.nonce, tillKey)
	require.NoError(p, err)
	return signed
}

// open opens a session with one feed, and gives the page the core asks for.
func (p *play) open(cursors ...wire.Cursor) wire.Cursor {
	p.Helper()
	require.Empty(p, p.hear(p.signed(wire.Hello{Cursors: cursors})))
	require.NotNil(p, p.last.Know)
	p.Known(lane, nil)
	require.Empty(p, p.said())
	require.NotNil(p, p.last.Open)
	p.Opened(p.now, Session{ID: uuid.UUID{9}, N: 5, Store: lane.Store, Feeds: []string{"global"}}, nil)
	welcome := p.said()[0].(wire.Welcome)
	require.NoError(p, wire.VerifyWelcome(welcome, p.nonce, p.hello, hqKey.Public().(ed25519.PublicKey)))
	require.Len(p, p.last.Pages, 1)
	return p.last.Pages[0]
}

// answer gives the core the page it asked for.
func (p *play) answer(cursor wire.Cursor, upto uint64, more bool) []any {
	p.Paged(p.now, cursor, Page{Gen: 7, Upto: upto, More: more, Frame: fmt.Appendf(nil, "%d-%d", cursor.Seq, upto)})
	return p.said()
}

func entries(first uint64, n, size int) wire.Entries {
	e := wire.Entries{Epoch: 1, First: first}
	for range n {
		e.Entries = append(e.Entries, make([]byte, size))
	}
	return e
}

func TestAcknowledgedOnlyWhenStored(t *testing.T) {
	p := newPlay(t)
	p.open()
	require.Empty(t, p.hear(entries(11, 3, 10)))
	b := *p.last.Store
	require.Equal(t, lane.Till, b.Till)
	require.Equal(t, uuid.UUID{9}, b.Session)
	notes := []wire.Note{{Seq: 12, Code: wire.Deferred}}
	p.Stored(p.now, b, Stored{Upto: 20, Notes: notes}, nil)
	require.Equal(t, []any{wire.Ack{
		Epoch: 1, Upto: 13, Time: p.now.UnixMilli(), Credit: wire.Window, Notes: notes,
	}}, p.said(), "what was sent, although HQ has more")
}

func TestBatchNotStored(t *testing.T) {
	for name, test := range map[string]struct {
		stored Stored
		err    error
		want   []any
	}{
		"cannot be placed": {
			Stored{Upto: 4},
			fmt.Errorf("place: %w", wire.BadHead),
			[]any{wire.Nack{Code: wire.BadHead, Epoch: 1, Expect: 5}, wire.Bye{Code: wire.BadHead}},
		},
		"fenced": {Stored{}, wire.Fenced, []any{wire.Bye{Code: wire.Fenced}}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlay(t)
			p.open()
			p.hear(entries(11, 3, 10))
			p.Stored(p.now, *p.last.Store, test.stored, test.err)
			require.Equal(t, test.want, p.said())
			require.True(t, p.last.End)
			p.hear(entries(14, 1, 1))
			require.Nil(t, p.last.Store, "nothing counts after the end")
		})
	}
}

func TestBatchTooLarge(t *testing.T) {
	for name, e := range map[string]wire.Entries{
		"entries": entries(1, wire.BatchEntries+1, 1),
		"entry":   entries(1, 1, journal.MaxEntry+1),
		"bytes":   entries(1, 20, journal.MaxEntry),
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlay(t)
			p.open()
			require.Equal(t, []any{
				wire.Nack{Code: wire.TooLarge, Epoch: 1, Expect: 1}, wire.Bye{Code: wire.TooLarge},
			}, p.hear(e))
			require.Nil(t, p.last.Store)
		})
	}
}

func TestProtocolErrors(t *testing.T) {
	refused := []any{wire.Bye{Code: wire.ProtocolError}}
	require.Equal(t, refused, newPlay(t).hear(entries(1, 1, 1)), "before the hello")
	for name, m := range map[string]wire.Message{
		"second hello": wire.Hello{Proto: 1}, "no entries": wire.Entries{First: 1}, "entry 0": entries(0, 1, 1),
		"past the last number": entries(1<<64-1, 2, 1),
	} {
		p := newPlay(t)
		p.open()
		require.Equal(t, refused, p.hear(m), name)
		require.Nil(t, p.last.Store, name)
	}
}

func TestHelloOfAnother(t *testing.T) {
	p := newPlay(t)
	p.hear(p.signed(wire.Hello{}))
	other := lane
	other.Key = hqKey.Public().(ed25519.PublicKey)
	p.Known(other, nil)
	require.Equal(t, []any{wire.Bye{Code: wire.BadSignature}}, p.said())
	require.Nil(t, p.last.Open)
}

func TestPagesGoACoupleAhead(t *testing.T) {
	p := newPlay(t)
	ask := p.open()
	require.Equal(t, wire.Cursor{Feed: "global"}, ask)
	require.Equal(t, []any{"0-10"}, p.answer(ask, 10, true))
	ask = p.last.Pages[0]
	require.Equal(t, wire.Cursor{Feed: "global", Gen: 7, Seq: 10}, ask)
	require.Equal(t, []any{"10-20"}, p.answer(ask, 20, true))
	require.Empty(t, p.last.Pages, "two are not applied")

	require.Empty(t, p.hear(wire.Applied{Feed: "global", Gen: 7, Upto: 10}))
	require.Len(t, p.last.Pages, 1)
	require.Equal(t, []any{"20-30"}, p.answer(p.last.Pages[0], 30, false))
	require.Empty(t, p.last.Pages)
	p.hear(wire.Applied{Feed: "global", Gen: 7, Upto: 20})
	p.hear(wire.Applied{Feed: "global", Gen: 7, Upto: 30})
	require.Empty(t, p.last.Pages, "the till has everything")

	// Many changes while a page is read are one dirty bit.
	p.Woken(p.now, "global")
	ask = p.Take().Pages[0]
	p.Woken(p.now, "global")
	p.Woken(p.now, "global")
	require.Empty(t, p.Take().Pages)
	p.answer(ask, 31, false)
	require.Len(t, p.last.Pages, 1)
	p.Paged(p.now, p.last.Pages[0], Page{})
	require.Empty(t, p.Take().Pages)
}

func TestFeedReset(t *testing.T) {
	p := newPlay(t)
	ask := p.open(wire.Cursor{Feed: "global", Gen: 6, Seq: 99})
	reset := wire.Reset{Feed: "global", Gen: 7, Code: wire.GenerationChanged}
	p.Paged(p.now, ask, Page{Reset: &reset})
	require.Equal(t, []any{reset}, p.said())
	require.Equal(t, []wire.Cursor{{Feed: "global", Gen: 7}}, p.last.Pages)
	// The till's answer to a page of the old generation changes nothing.
	require.Empty(t, p.hear(wire.Applied{Feed: "global", Gen: 6, Upto: 99, Code: wire.DigestDiffers}))
}

// A till that shows no row of a feed says so with a digest of 0, which could as well be none. After a rollback the feed may
// have come to the same number with rows.
func TestATillThatShowsNothingIsCompared(t *testing.T) {
	for _, c := range []struct {
		name   string
		cursor wire.Cursor
		digest uint64
		reset  bool
	}{
		{"both have nothing", wire.Cursor{Feed: "global", Gen: 7, Seq: 6}, 0, false},
		{"only the till has nothing", wire.Cursor{Feed: "global", Gen: 7, Seq: 6}, 5, true},
		{"the till said what it shows", wire.Cursor{Feed: "global", Gen: 7, Seq: 6, Digest: 5}, 5, false},
		{"a feed that begins", wire.Cursor{Feed: "global"}, 5, false},
	} {
		p := newPlay(t)
		p.Paged(p.now, p.open(c.cursor), Page{Digest: c.digest})
		if c.reset {
			require.Equal(t, []any{wire.Reset{Feed: "global", Gen: 7, Code: wire.DigestDiffers}}, p.said(), c.name)
			require.Equal(t, []wire.Cursor{{Feed: "global", Gen: 7}}, p.last.Pages, c.name)
		} else {
			require.Empty(t, p.said(), c.name)
		}
	}
	// What was sent since is another matter: the till compares that itself.
	p := newPlay(t)
	p.answer(p.open(wire.Cursor{Feed: "global", Gen: 7, Seq: 6}), 8, false)
	p.hear(wire.Applied{Feed: "global", Gen: 7, Upto: 8})
	p.Woken(p.now, "global")
	p.Paged(p.now, p.Take().Pages[0], Page{Digest: 5})
	require.Empty(t, p.said())
}

func TestReloadAfterADifference(t *testing.T) {
	p := newPlay(t)
	p.answer(p.open(), 10, false)
	differs := wire.Applied{Feed: "global", Gen: 7, Upto: 10, Code: wire.DigestDiffers}
	reset := wire.Reset{Feed: "global", Gen: 7, Code: wire.DigestDiffers}
	require.Equal(t, []any{reset}, p.hear(differs))
	require.Equal(t, []wire.Cursor{{Feed: "global", Gen: 7}}, p.last.Pages)
	// It differs again: the reload waits, so that a fault does not become a flood.
	p.answer(p.last.Pages[0], 10, false)
	require.Equal(t, []any{reset}, p.hear(differs))
	require.Empty(t, p.last.Pages)
	require.Equal(t, p.now.Add(reloadFirst), p.Next())
	p.now = p.Next()
	p.Tick(p.now)
	require.Len(t, p.Take().Pages, 1)
}

func TestResetWhileAPageIsRead(t *testing.T) {
	p := newPlay(t)
	p.answer(p.open(), 10, true)
	asked := p.last.Pages[0]
	p.hear(wire.Applied{Feed: "global", Gen: 7, Upto: 10, Code: wire.DigestDiffers})
	require.Empty(t, p.last.Pages)
	require.Empty(t, p.answer(asked, 20, true), "a page after the old cursor is not sent")
	require.Equal(t, []wire.Cursor{{Feed: "global", Gen: 7}}, p.last.Pages)
}

func TestFeedErrorIsTriedAgain(t *testing.T) {
	p := newPlay(t)
	ask := p.open()
	for _, pause := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
		p.Paged(p.now, ask, Page{Err: errors.New("no connection")})
		require.Empty(t, p.Take().Pages)
		require.Equal(t, p.now.Add(pause), p.Next())
		p.now = p.Next()
		p.Tick(p.now)
		require.Equal(t, []wire.Cursor{ask}, p.Take().Pages)
	}
	// The way up was open all the time.
	p.hear(entries(1, 1, 1))
	require.NotNil(t, p.last.Store)
	require.Equal(t, []any{"0-10"}, p.answer(ask, 10, false))
	require.True(t, p.Next().IsZero())
}

// What waits at a till is noted when it says something new. One that does not say is left alone.
func TestWhatWaitsAtATillIsNoted(t *testing.T) {
	p := newPlay(t)
	p.open()
	noted := func(u *wire.Unsent) *wire.Unsent {
		p.hear(wire.Ping{Unsent: u})
		return p.last.Unsent
	}
	require.Nil(t, noted(nil))
	require.Equal(t, &wire.Unsent{}, noted(&wire.Unsent{}))
	require.Nil(t, noted(&wire.Unsent{}))
	require.Equal(t, &wire.Unsent{Count: 2, Oldest: 9}, noted(&wire.Unsent{Count: 2, Oldest: 9}))
	require.Nil(t, noted(&wire.Unsent{Count: 2, Oldest: 9}))
	require.Equal(t, &wire.Unsent{}, noted(&wire.Unsent{}))
}

func TestSeenOnceAMinute(t *testing.T) {
	p := newPlay(t)
	p.open()
	seen := 0
	for range 6 {
		p.now = p.now.Add(30 * time.Second)
		said := p.hear(wire.Ping{T0: 5})
		require.Equal(t, []any{wire.Pong{T0: 5, T1: p.now.UnixMilli(), T2: p.now.UnixMilli()}}, said)
		if p.last.Seen {
			seen++
		}
	}
	require.Equal(t, 3, seen)
}
