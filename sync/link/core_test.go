package link

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"testing"
	"time"

	"comptant/sync/wire"

	"github.com/stretchr/testify/require"
)

var (
	tillKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	hqKey   = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize))
	nonce   = bytes.Repeat([]byte{3}, 32)
	begin   = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	errDisk = errors.New("disk is full")
)

func TestWindow(t *testing.T) {
	p := newPlay(t, &file{epochs: []wire.EpochState{{Epoch: 1, Last: 600}, {Epoch: 2, Last: 2000}}})
	require.Equal(t, [][3]uint64{{1, 1, 500}, {1, 501, 100}, {2, 1, 500}, {2, 501, 500}}, batches(t, p.open(wire.Welcome{})),
		"the oldest epoch first, four batches")
	require.Empty(t, p.notify(), "no more than the window")

	// One acknowledgement for two batches makes room for two.
	require.Equal(t, [][3]uint64{{2, 1001, 500}, {2, 1501, 500}}, batches(t, p.hear(wire.Ack{Epoch: 1, Upto: 600, Credit: 4})))
	require.EqualValues(t, 600, p.file.epoch(1).Acked)
	// Less credit makes less room.
	require.Empty(t, p.hear(wire.Ack{Epoch: 2, Upto: 500, Credit: 1}))
	require.Empty(t, p.hear(wire.Ack{Epoch: 2, Upto: 2000, Credit: 1}))
	require.Equal(t, p.now, p.status.LastAck)

	// One entry a frame when live.
	p.file.epoch(2).Last++
	require.Equal(t, [][3]uint64{{2, 2001, 1}}, batches(t, p.notify()))
}

func TestAcknowledgementOfNothing(t *testing.T) {
	for name, ack := range map[string]wire.Ack{
		"not sent":        {Epoch: 1, Upto: 601},
		"part of a batch": {Epoch: 1, Upto: 499},
		"out of order":    {Epoch: 2, Upto: 5},
		"unknown epoch":   {Epoch: 9, Upto: 1},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlay(t, &file{epochs: []wire.EpochState{{Epoch: 1, Last: 600}, {Epoch: 2, Last: 5}}})
			p.open(wire.Welcome{})
			require.Equal(t, []wire.Message{wire.Bye{Code: wire.ProtocolError}}, p.hear(ack))
			require.True(t, p.last.Hang)
			require.ErrorIs(t, p.status.Err, wire.ProtocolError)
			require.Zero(t, p.file.epoch(1).Acked)
		})
	}
}

func TestResumeAfterWhatHQHas(t *testing.T) {
	p := newPlay(t, &file{epochs: []wire.EpochState{{Epoch: 1, Last: 10, Acked: 10}, {Epoch: 2, Last: 9, Acked: 3}}})
	said := p.open(wire.Welcome{Epochs: []wire.EpochHave{{Epoch: 1, Have: 7}, {Epoch: 2, Have: 5}}})
	require.Equal(t, [][3]uint64{{1, 8, 3}, {2, 6, 4}}, batches(t, said))
	require.EqualValues(t, 7, p.file.epoch(1).Acked, "HQ was rolled back")
	require.EqualValues(t, 3, p.file.epoch(2).Acked, "an estimate acknowledges nothing")
	p.hear(wire.Ack{Epoch: 1, Upto: 10})
	p.hear(wire.Ack{Epoch: 2, Upto: 9})
	require.EqualValues(t, 9, p.file.epoch(2).Acked)
}

func TestHole(t *testing.T) {
	p := newPlay(t, &file{epochs: []wire.EpochState{{Epoch: 1, Floor: 20, Last: 25}}})
	said := p.open(wire.Welcome{Epochs: []wire.EpochHave{{Epoch: 1, Have: 10}}})
	require.Equal(t, [][3]uint64{{1, 21, 5}}, batches(t, said))
	require.True(t, said[0].(wire.Entries).Hole)
}

func TestAcknowledgementWasLost(t *testing.T) {
	p := newPlay(t, &file{epochs: []wire.EpochState{{Epoch: 1, Last: 10, Acked: 3}}})
	require.Empty(t, p.open(wire.Welcome{Epochs: []wire.EpochHave{{Epoch: 1, Have: 10}}}))
	require.EqualValues(t, 10, p.file.epoch(1).Acked, "headquarters has the last entry, hence all")
}

func TestMinEpoch(t *testing.T) {
	p := newPlay(t, &file{epochs: []wire.EpochState{{Epoch: 1, Last: 2}}})
	require.Equal(t, [][3]uint64{{1, 1, 2}}, batches(t, p.open(wire.Welcome{MinEpoch: 100})))
	require.Equal(t, []uint64{100}, p.file.opened)
	p.file.epoch(100).Last = 1
	require.Equal(t, [][3]uint64{{100, 1, 1}}, batches(t, p.notify()))
}

func TestNackEndsTheSession(t *testing.T) {
	p := newPlay(t, &file{epochs: []wire.EpochState{{Epoch: 1, Last: 2}}})
	p.open(wire.Welcome{})
	nack := wire.Nack{Code: wire.BadHead, Epoch: 1, Expect: 1}
	require.Empty(t, p.hear(nack))
	require.True(t, p.last.Hang)
	require.Equal(t, nack, p.status.Nack)
	require.Equal(t, p.now.Add(500*time.Millisecond), p.Next())
	// HQ refuses each session's first batch: the pauses grow although every session opened.
	p.open(wire.Welcome{})
	p.hear(nack)
	require.Equal(t, p.now.Add(time.Second), p.Next())
}

func TestWelcomeOfAnother(t *testing.T) {
	p := newPlay(t, &file{})
	p.after(0)
	p.Connected(p.now)
	hello := p.hear(wire.Challenge{Nonce: nonce, HQ: p.hqKey, Min: 1, Max: 1})[0].(wire.Hello)
	forged, err := wire.SignWelcome(wire.Welcome{N: 1}, nonce, hello, tillKey)
	require.NoError(t, err)
	require.Equal(t, []wire.Message{wire.Bye{Code: wire.BadSignature}}, p.hear(forged))
	require.False(t, p.status.Online)
}

func TestChallengeRefused(t *testing.T) {
	for name, test := range map[string]struct {
		challenge wire.Challenge
		want      wire.Code
	}{
		"another key": {wire.Challenge{Nonce: nonce, HQ: []byte("x"), Min: 1, Max: 1}, wire.BadSignature},
		"short nonce": {wire.Challenge{Nonce: nonce[:8], HQ: hqKey.Public().(ed25519.PublicKey), Min: 1, Max: 1}, wire.ProtocolError},
		"no version":  {wire.Challenge{Nonce: nonce, HQ: hqKey.Public().(ed25519.PublicKey)}, wire.ProtocolError},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlay(t, &file{})
			p.after(0)
			p.Connected(p.now)
			require.Equal(t, []wire.Message{wire.Bye{Code: test.want}}, p.hear(test.challenge))
		})
	}
}

// Headquarters is told what waits here when a session opens, and every half a minute after.
func TestWhatWaitsIsTold(t *testing.T) {
	p := newPlay(t, &file{})
	waits, broken := wire.Unsent{Count: 37, Oldest: 5}, error(nil)
	p.unsaid = func(context.Context) (wire.Unsent, error) { return waits, broken }
	p.open(wire.Welcome{})
	require.Equal(t, &wire.Unsent{Count: 37, Oldest: 5}, p.hello.Unsent)
	waits = wire.Unsent{}
	require.Equal(t, &wire.Unsent{}, p.after(heartbeat)[0].(wire.Ping).Unsent, "nothing does any more")
	p.hear(wire.Pong{})
	broken = errors.New("the disk")
	require.Nil(t, p.after(heartbeat)[0].(wire.Ping).Unsent, "nobody knows, and the session goes on")
}

func TestHeartbeat(t *testing.T) {
	p := newPlay(t, &file{})
	p.open(wire.Welcome{})
	require.Equal(t, p.now.Add(heartbeat), p.Next(), "the middle of the jitter")
	ping := p.after(heartbeat)[0].(wire.Ping)
	// HQ's clock is one hour ahead; the way there and back takes 80 ms, of which HQ takes 20.
	sent := p.now
	p.now = p.now.Add(80 * time.Millisecond)
	hq := sent.Add(time.Hour + 30*time.Millisecond)
	p.hear(wire.Pong{T0: ping.T0, T1: hq.UnixMilli(), T2: hq.Add(20 * time.Millisecond).UnixMilli()})
	offset, bound, ok := p.status.Clock.Offset(p.now)
	require.True(t, ok)
	require.Equal(t, time.Hour, offset)
	require.Equal(t, 31*time.Millisecond, bound)
	_, later, _ := p.status.Clock.Offset(p.now.Add(10_000 * time.Second))
	require.Equal(t, bound+time.Second, later, "the error grows with age")

	// A better measurement stays, unless the two exclude each other: then a clock was set, or the machine slept.
	c := p.status.Clock
	pong := func(off time.Duration) wire.Pong {
		t := p.now.Add(time.Hour + off).UnixMilli()
		return wire.Pong{T1: t, T2: t}
	}
	require.Equal(t, c, c.measure(p.now.Add(-time.Second), p.now, pong(0)))
	fresh, _, _ := c.measure(p.now.Add(-time.Second), p.now, pong(time.Minute)).Offset(p.now)
	require.Equal(t, time.Hour+time.Minute+500*time.Millisecond, fresh)

	p.after(heartbeat)
	require.True(t, p.status.Online)
	p.after(silence - heartbeat - time.Millisecond)
	require.True(t, p.status.Online)
	p.after(time.Millisecond)
	require.False(t, p.status.Online, "HQ fell silent")
	require.True(t, p.last.Hang)
}

func TestBackOff(t *testing.T) {
	p := newPlay(t, &file{})
	want := []time.Duration{500, 1000, 2000, 4000, 8000, 16000, 30000, 30000}
	for _, ms := range want {
		p.after(p.Next().Sub(p.now))
		require.True(t, p.last.Dial)
		p.Lost(p.now, errors.New("refused"))
		require.Equal(t, p.now.Add(ms*time.Millisecond), p.Next())
	}
	// An answer to a ping shows that the link works.
	p.open(wire.Welcome{})
	p.hear(wire.Pong{T0: p.pingT0})
	p.Lost(p.now, errors.New("cut"))
	require.Equal(t, p.now.Add(500*time.Millisecond), p.Next())
}

// Two machines with one key send each other away. That both are acknowledged and answered does not bring them back sooner.
func TestFencedAgainAndAgain(t *testing.T) {
	p := newPlay(t, &file{epochs: []wire.EpochState{{Epoch: 1}}})
	visit := func(lasts time.Duration) time.Duration {
		p.file.epoch(1).Last++
		require.Len(t, p.open(wire.Welcome{}), 1, "each visit drains what there is")
		p.hear(wire.Ack{Epoch: 1, Upto: p.file.epoch(1).Last, Credit: 4})
		p.hear(wire.Pong{T0: p.pingT0})
		p.now = p.now.Add(lasts)
		p.hear(wire.Bye{Code: wire.Fenced})
		require.True(t, p.last.Hang)
		return p.Next().Sub(p.now)
	}
	for _, s := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600} {
		require.Equal(t, s*time.Second, visit(5*time.Second))
	}
	require.Equal(t, longestFence, visit(longestFence), "the other stays away as long")
	require.Equal(t, time.Second, visit(longestFence+1), "it was alone for longer than any pause")
	require.Equal(t, 2*time.Second, visit(time.Second))

	// Whatever ended such a session.
	p.open(wire.Welcome{})
	p.now = p.now.Add(longestFence + 1)
	p.Lost(p.now, errors.New("cut"))
	require.Equal(t, time.Second, visit(time.Second))

	// A session that was refused because a newer one had opened did not last at all.
	p.after(p.Next().Sub(p.now))
	p.Connected(p.now)
	p.hear(wire.Challenge{Nonce: nonce, HQ: p.hqKey, Min: 1, Max: 1})
	p.hear(wire.Bye{Code: wire.Fenced})
	require.Equal(t, p.now.Add(2*time.Second), p.Next())
}

func TestByeGivesASlot(t *testing.T) {
	p := newPlay(t, &file{})
	p.open(wire.Welcome{})
	p.hear(wire.Bye{Code: wire.Draining, AfterMS: 12_000})
	require.True(t, p.last.Hang)
	require.Equal(t, p.now.Add(12*time.Second), p.Next())
	require.ErrorIs(t, p.status.Err, wire.Draining)
	require.Equal(t, p.now, p.status.Since)
}

func page(from, upto uint64, more bool) wire.Changes {
	return wire.Changes{Feed: "global", Gen: 7, From: from, Upto: upto, More: more}
}

func TestPagesAreAnswered(t *testing.T) {
	p := newPlay(t, &file{cursors: []wire.Cursor{{Feed: "global", Gen: 7, Seq: 10}}})
	p.open(wire.Welcome{Feeds: []string{"global"}})
	require.Equal(t, []wire.Message{wire.Applied{Feed: "global", Gen: 7, Upto: 20}}, p.hear(page(10, 20, true)))
	require.Equal(t, []wire.Message{wire.Applied{Feed: "global", Gen: 7, Upto: 30}}, p.hear(page(20, 30, false)))
	require.Len(t, p.file.pages, 2)
	require.Empty(t, p.hear(wire.Changes{Feed: "store:x"}), "not followed")

	// A page that does not continue is refused, and what follows is dropped until the reset.
	refusal := wire.Applied{Feed: "global", Gen: 7, Upto: 50, Code: wire.DigestDiffers}
	require.Equal(t, []wire.Message{refusal}, p.hear(page(40, 50, true)))
	require.Empty(t, p.hear(page(50, 60, false)))
	require.Len(t, p.file.pages, 2)
	require.Empty(t, p.hear(wire.Reset{Feed: "global", Gen: 7, Code: wire.DigestDiffers}))
	require.Len(t, p.hear(page(0, 60, false)), 1)
	require.Len(t, p.file.pages, 3)
}

func TestReplicaRefuses(t *testing.T) {
	for _, code := range []wire.Code{wire.DigestDiffers, wire.GenerationChanged, wire.CursorAhead} {
		p := newPlay(t, &file{feedErr: fmt.Errorf("publish: %w", code)})
		p.open(wire.Welcome{Feeds: []string{"global"}})
		refusal := wire.Applied{Feed: "global", Gen: 7, Upto: 10, Code: wire.DigestDiffers}
		require.Equal(t, []wire.Message{refusal}, p.hear(page(0, 10, false)))
	}
}

func TestFeedFailureLeavesTheWayUpOpen(t *testing.T) {
	p := newPlay(t, &file{feedErr: errDisk, epochs: []wire.EpochState{{Epoch: 1, Last: 1}}})
	require.Len(t, p.open(wire.Welcome{Feeds: []string{"global"}}), 1, "the entry")
	require.Empty(t, p.hear(page(0, 10, true)))
	require.Empty(t, p.hear(page(10, 20, false)))
	p.hear(wire.Ack{Epoch: 1, Upto: 1})
	require.EqualValues(t, 1, p.file.epoch(1).Acked)
	require.True(t, p.status.Online)

	require.Empty(t, p.after(holdPage), "still full")
	p.file.feedErr = nil
	require.Equal(t, []wire.Message{
		wire.Applied{Feed: "global", Gen: 7, Upto: 10}, wire.Applied{Feed: "global", Gen: 7, Upto: 20},
	}, p.after(holdPage))
}

func TestJournalFailureEndsTheSession(t *testing.T) {
	p := newPlay(t, &file{epochs: []wire.EpochState{{Epoch: 1, Last: 1}}})
	p.open(wire.Welcome{})
	p.file.err = errDisk
	p.hear(wire.Ack{Epoch: 1, Upto: 1})
	require.True(t, p.last.Hang)
	require.ErrorIs(t, p.status.Err, errDisk)
}
