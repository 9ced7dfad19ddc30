package link

import (
	"testing"

	"comptant/sync/wire"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// fork plays HQ, which has the path up to common and other entries after it, and gives what the till sends once it has
// found that out.
func (p *play) fork(path wire.Path, common uint64, said []wire.Message) []wire.Message {
	p.Helper()
	for range 64 {
		require.NotEmpty(p, said)
		prove, ok := said[0].(wire.Prove)
		if !ok {
			return said
		}
		require.Equal(p, path, prove.Path())
		require.LessOrEqual(p, len(prove.Points), wire.ProvePoints)
		var has uint64
		for _, point := range prove.Points {
			require.Equal(p, byte(point.Seq), point.Hash[0])
			if point.Seq <= common {
				has = max(has, point.Seq)
			}
		}
		said = p.hear(wire.Proof{Epoch: path.Epoch, Branch: path.Branch, Seq: has})
	}
	p.Fatal("never found")
	return nil
}

func TestForkIsFound(t *testing.T) {
	p := newPlay(t, &file{epochs: []wire.EpochState{{Epoch: 3, Last: 1700, Acked: 1600}}})
	said := p.open(wire.Welcome{Credit: 2, Epochs: []wire.EpochHave{{Epoch: 3, Have: 1100}}})
	require.Equal(t, [][3]uint64{{3, 1101, 500}, {3, 1601, 100}}, batches(t, said))
	said = p.fork(wire.Path{Epoch: 3}, 1037, p.hear(wire.Nack{Code: wire.UnknownParent, Epoch: 3, Expect: 1101}))
	require.Equal(t, [3]uint64{3, 1038, 500}, batches(t, said)[0], "both batches are given up, and the path goes on at the fork")
	require.EqualValues(t, 1037, p.file.epoch(3).Acked)
	require.True(t, p.status.Online)
}

func TestOtherPathsGoOnMeanwhile(t *testing.T) {
	p := newPlay(t, &file{epochs: []wire.EpochState{{Epoch: 1, Last: 9}, {Epoch: 2, Last: 600}}})
	said := p.open(wire.Welcome{Epochs: []wire.EpochHave{{Epoch: 1, Have: 8}}})
	require.Equal(t, [][3]uint64{{1, 9, 1}, {2, 1, 500}, {2, 501, 100}}, batches(t, said))
	require.IsType(t, wire.Prove{}, p.hear(wire.Nack{Code: wire.UnknownParent, Epoch: 1, Expect: 9})[0])
	p.hear(wire.Ack{Epoch: 2, Upto: 600, Credit: 4})
	require.EqualValues(t, 600, p.file.epoch(2).Acked)
	p.file.epoch(2).Last++
	require.Equal(t, [][3]uint64{{2, 601, 1}}, batches(t, p.notify()))
}

func TestNothingInCommonIsAHole(t *testing.T) {
	p := newPlay(t, &file{epochs: []wire.EpochState{{Epoch: 1, Branch: 2, Floor: 20, Last: 25, Acked: 22}}})
	said := p.open(wire.Welcome{Epochs: []wire.EpochHave{{Epoch: 1, Branch: 2, Have: 22}}})
	require.False(t, said[0].(wire.Entries).Hole)
	said = p.fork(wire.Path{Epoch: 1, Branch: 2}, 0, p.hear(wire.Nack{Code: wire.UnknownParent, Epoch: 1, Branch: 2}))
	e := said[0].(wire.Entries)
	require.True(t, e.Hole)
	require.Equal(t, wire.Path{Epoch: 1, Branch: 2}, e.Path())
	require.EqualValues(t, 21, e.First)
	require.Len(t, e.Entries, 5)
}

// No parent shows that headquarters has another path when the next entry cannot be read: what stands before it is proved.
func TestBeforeAHoleTheEntryBeforeIsProved(t *testing.T) {
	for name, common := range map[string]uint64{"the same path": 6, "another path": 2} {
		t.Run(name, func(t *testing.T) {
			p := newPlay(t, &file{epochs: []wire.EpochState{{Epoch: 1, Last: 9}}, unreadable: 7})
			said := p.open(wire.Welcome{Epochs: []wire.EpochHave{{Epoch: 1, Have: 6}}})
			require.IsType(t, wire.Prove{}, said[0])
			said = p.fork(wire.Path{Epoch: 1}, common, said)
			require.EqualValues(t, common, p.file.epoch(1).Acked)
			if common < 6 {
				require.Equal(t, [3]uint64{1, 3, 4}, batches(t, said)[0])
				require.False(t, said[0].(wire.Entries).Hole)
				said = said[1:]
			}
			require.Equal(t, [][3]uint64{{1, 8, 2}}, batches(t, said))
			require.True(t, said[0].(wire.Entries).Hole)
		})
	}
}

func TestNotFoundAgainAndAgainEndsTheSession(t *testing.T) {
	p := newPlay(t, &file{epochs: []wire.EpochState{{Epoch: 1, Last: 5}}})
	p.open(wire.Welcome{Epochs: []wire.EpochHave{{Epoch: 1, Have: 4}}})
	nack := wire.Nack{Code: wire.UnknownParent, Epoch: 1}
	for range searches {
		p.fork(wire.Path{Epoch: 1}, 2, p.hear(nack))
	}
	p.hear(nack)
	require.True(t, p.last.Hang)
}

func TestEntriesAreGivenBack(t *testing.T) {
	p := newPlay(t, &file{epochs: []wire.EpochState{{Epoch: 1, Last: 5, Acked: 5}}})
	require.Empty(t, p.open(wire.Welcome{MinEpoch: 100, Epochs: []wire.EpochHave{{Epoch: 1, Have: 5}}}))
	require.Equal(t, []uint64{100}, p.file.opened, "before anything is given back")
	said := p.hear(wire.Refill{Epoch: 1, First: 6, Entries: [][]byte{{6}, {7}}})
	require.Equal(t, []wire.Message{wire.Ack{Epoch: 1, Upto: 7}}, said)
	require.EqualValues(t, 7, p.file.epoch(1).Last)
	require.Empty(t, p.notify(), "headquarters has them")

	p.file.err = errDisk
	require.Empty(t, p.hear(wire.Refill{Epoch: 1, First: 8, Entries: [][]byte{{8}}}), "not acknowledged before it is on disk")
	require.True(t, p.status.Online)
}

// What HQ gives back overtakes the acknowledgement of what was sent before: the path would look unsent until the next session.
func TestAnAcknowledgementTakesNothingBack(t *testing.T) {
	p := newPlay(t, &file{epochs: []wire.EpochState{{Epoch: 1, Last: 5, Acked: 3}, {Epoch: 2, Last: 1}}})
	said := p.open(wire.Welcome{Epochs: []wire.EpochHave{{Epoch: 1, Have: 3}}})
	require.Equal(t, [][3]uint64{{1, 4, 2}, {2, 1, 1}}, batches(t, said))
	p.hear(wire.Refill{Epoch: 1, First: 6, Entries: [][]byte{{6}, {7}}})
	require.Empty(t, p.notify())
	require.Empty(t, p.hear(wire.Ack{Epoch: 1, Upto: 5, Credit: wire.Window}))
	require.EqualValues(t, 7, p.file.epoch(1).Acked)
}

// TestSearchFindsTheLastCommonEntry: wherever the paths part, the till goes on right after it, after a number of questions
// that grows with the logarithm of the distance.
func TestSearchFindsTheLastCommonEntry(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		last := rapid.Uint64Range(2, 1<<40).Draw(rt, "last")
		have := rapid.Uint64Range(1, last-1).Draw(rt, "have")
		common := rapid.Uint64Range(0, have-1).Draw(rt, "common")
		s := search{high: have}
		questions := 0
		for offered := s.offer(); len(offered) > 0; offered = s.offer() {
			var has uint64
			for _, seq := range offered {
				if seq <= common {
					has = seq
					break
				}
			}
			s.take(has)
			if questions++; questions > 41 {
				rt.Fatalf("still between %d and %d", s.low, s.high)
			}
		}
		if s.low != common || s.high != common+1 {
			rt.Fatalf("between %d and %d, want %d", s.low, s.high, common)
		}
	})
}
