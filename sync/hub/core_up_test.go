package hub

import (
	"errors"
	"testing"

	"comptant/shared/journal"
	"comptant/sync/wire"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestTheTillLooksForItsPlace(t *testing.T) {
	p := newPlay(t)
	p.open()
	p.hear(entries(11, 3, 10))
	p.Stored(p.now, *p.last.Store, Stored{Upto: 4}, wire.UnknownParent)
	require.Equal(t, []any{wire.Nack{Code: wire.UnknownParent, Epoch: 1, Expect: 5}}, p.said())
	require.False(t, p.last.End)

	// What was on the way is passed over; other paths are not.
	p.hear(entries(14, 3, 10))
	require.Nil(t, p.last.Store)
	other := entries(1, 1, 1)
	other.Branch = 2
	p.hear(other)
	require.Equal(t, wire.Path{Epoch: 1, Branch: 2}, p.last.Store.Path)

	prove := wire.Prove{Epoch: 1, Points: []wire.Point{{Seq: 9}, {Seq: 8}}}
	require.Empty(t, p.hear(prove))
	require.Equal(t, &prove, p.last.Prove)
	p.Proved(prove, 8, nil)
	require.Equal(t, []any{wire.Proof{Epoch: 1, Seq: 8}}, p.said())
	require.Empty(t, p.hear(prove), "it may ask again")
	p.Proved(prove, 8, nil)
	p.said()

	p.hear(entries(9, 3, 10))
	require.NotNil(t, p.last.Store)
	p.Stored(p.now, *p.last.Store, Stored{Upto: 11, Forked: true}, nil)
	said := p.said()
	require.IsType(t, wire.Ack{}, said[0], "stored is stored")
	require.Equal(t, wire.Bye{Code: wire.Fork}, said[1], "and the next hello compares")
}

func TestPointsBeforeAHole(t *testing.T) {
	p := newPlay(t)
	p.open()
	prove := wire.Prove{Epoch: 1, Points: []wire.Point{{Seq: 6}, {Seq: 5}}}
	require.Empty(t, p.hear(prove), "a till asks before it says that there is a hole")
	p.Proved(prove, 6, nil)
	require.Equal(t, []any{wire.Proof{Epoch: 1, Seq: 6}}, p.said())
	e := entries(8, 2, 10)
	e.Hole = true
	p.hear(e)
	require.NotNil(t, p.last.Store)
}

func TestTooFewOrTooManyPoints(t *testing.T) {
	for name, m := range map[string]wire.Prove{
		"none":     {Epoch: 2},
		"too many": {Epoch: 2, Points: make([]wire.Point, wire.ProvePoints+1)},
	} {
		p := newPlay(t)
		p.open()
		e := entries(11, 3, 10)
		e.Epoch = 2
		p.hear(e)
		p.Stored(p.now, *p.last.Store, Stored{}, wire.UnknownParent)
		p.said()
		require.Equal(t, []any{wire.Bye{Code: wire.ProtocolError}}, p.hear(m), name)
	}
}

func TestATillThatNeverFindsItsPlace(t *testing.T) {
	p := newPlay(t)
	p.open()
	for range nacksMost {
		p.hear(entries(11, 3, 10))
		p.Stored(p.now, *p.last.Store, Stored{}, wire.UnknownParent)
		require.Len(t, p.said(), 1)
		p.hear(wire.Prove{Epoch: 1, Points: []wire.Point{{Seq: 1}}})
		p.Proved(*p.last.Prove, 0, nil)
		p.said()
	}
	p.hear(entries(11, 3, 10))
	p.Stored(p.now, *p.last.Store, Stored{}, wire.UnknownParent)
	p.said()
	require.True(t, p.last.End)
}

// openWithGaps opens a session of a till that has lost what gaps say, and gives the gap the core asks for.
func (p *play) openWithGaps(gaps ...Gap) *Gap {
	p.hear(p.signed(wire.Hello{}))
	p.Known(lane, nil)
	p.said()
	p.Opened(p.now, Session{ID: uuid.UUID{9}, N: 5, Store: lane.Store, Gaps: gaps}, nil)
	require.IsType(p, wire.Welcome{}, p.said()[0])
	return p.last.Refill
}

func TestEntriesAreGivenBackOnePartAfterTheOther(t *testing.T) {
	p := newPlay(t)
	gap := p.openWithGaps(Gap{Epoch: 1, After: 10}, Gap{Epoch: 2})
	require.Equal(t, &Gap{Epoch: 1, After: 10}, gap)
	part := wire.Refill{Epoch: 1, First: 11, Entries: [][]byte{{1}, {2}}, Head: journal.Hash{12}}
	p.Refilled(part, nil)
	require.Equal(t, []any{part}, p.said())
	require.Nil(t, p.last.Refill, "not before the till has it")
	p.hear(wire.Ack{Epoch: 1, Upto: 12})
	require.Equal(t, &Gap{Epoch: 1, After: 12, Hash: journal.Hash{12}}, p.last.Refill)
	p.Refilled(wire.Refill{}, nil)
	require.Empty(t, p.said())
	require.Equal(t, &Gap{Epoch: 2}, p.last.Refill)
	p.Refilled(wire.Refill{}, errors.New("no connection"))
	require.Empty(t, p.said())
	require.Nil(t, p.last.Refill)
	p.hear(entries(1, 1, 1))
	require.NotNil(t, p.last.Store, "the way up was open all the time")
}

func TestAcknowledgementOfNothingGiven(t *testing.T) {
	p := newPlay(t)
	p.openWithGaps()
	require.Equal(t, []any{wire.Bye{Code: wire.ProtocolError}}, p.hear(wire.Ack{Epoch: 1, Upto: 1}))
}

func TestAUsedSessionIsSaidAtOnce(t *testing.T) {
	p := newPlay(t)
	p.open()
	require.False(t, p.last.Seen, "the till may never have had the welcome")
	p.hear(wire.Ping{})
	require.True(t, p.last.Seen)
}

// A search can have nothing to ask for: the entry before the batch was the path's first, or the first the till still has.
func TestATillWithoutAPointToOfferGoesOn(t *testing.T) {
	for name, next := range map[string]wire.Entries{
		"from the beginning": entries(1, 4, 10),
		"after a hole":       entries(2, 3, 10),
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlay(t)
			p.open()
			p.hear(entries(2, 1, 10))
			p.Stored(p.now, *p.last.Store, Stored{Upto: 1}, wire.UnknownParent)
			p.said()
			p.hear(entries(3, 2, 10))
			require.Nil(t, p.last.Store, "it was on the way")
			p.hear(next)
			require.NotNil(t, p.last.Store)
		})
	}
}
