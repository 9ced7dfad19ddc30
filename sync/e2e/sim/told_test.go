package sim

import (
	"testing"
	"time"

	"comptant/shared/journal"

	"github.com/stretchr/testify/require"
)

// told plays a history that a test tells of one machine, without faults, and then looks at everything as after any other. It
// gives the cases it had.
func told(t *testing.T, history func(w *world, m *machine)) map[string]int {
	t.Helper()
	w := newWorld(1, Options{})
	w.calm = true
	require.NoError(t, w.play(func() {
		w.headquarters()
		w.machines[0].start()
		w.run(20 * time.Second) // to have the feeds
		history(w, w.machines[0])
		w.rest()
	}))
	return w.hits
}

// offline keeps a machine from headquarters while something happens, and then lets it connect.
func (w *world) offline(m *machine, what func()) {
	if m.conn != nil {
		m.conn.cut()
	}
	w.partitioned[m] = true
	what()
	delete(w.partitioned, m)
	w.run(2 * time.Minute)
}

func (m *machine) sells(times int) {
	for range times {
		m.sell()
		m.w.run(time.Second)
	}
}

// Three lives of one disk go on after the same entry. The third has that entry acknowledged as little as the image had, and
// no branch of headquarters is its path: only the fork says that the level includes what all three have in common.
func TestAThirdLifeShowsWhatTheForkSays(t *testing.T) {
	hits := told(t, func(w *world, m *machine) {
		w.offline(m, func() {
			m.sells(5)
			m.images = append(m.images, m.copyOf(m.disk))
			m.sells(2)
		})
		for range 2 {
			w.offline(m, func() {
				w.setBack(m, true, true)
				w.run(30 * time.Second) // to start
				m.sells(3)
			})
		}
	})
	require.Positive(t, hits["case: fork"])
	require.Positive(t, hits["case: a path leaves the tree at a fork"])
}

// Two machines with one disk and one key sell all day. Each gets a new epoch on every visit, so their visits are few; what they
// sell arrives all the same.
func TestTwoMachinesWithOneKeyComeToFewVisits(t *testing.T) {
	const hours, visitsAnHour, atFirst = 8, 12, 24
	told(t, func(w *world, m *machine) {
		m.images = append(m.images, m.copyOf(m.disk))
		c := w.clone(m)
		c.start()
		for range hours {
			for range 60 {
				m.sells(1)
				c.sells(1)
				w.run(58 * time.Second)
			}
		}
		epochs := w.db.epochs(m.lane.id)
		require.Greater(t, len(epochs), hours, "they meet")
		require.Less(t, len(epochs), atFirst+hours*visitsAnHour)
		var of []flag
		for f := range w.db.flags {
			if f.code == flagTwo {
				of = append(of, f)
			}
		}
		require.Equal(t, []flag{{till: m.lane.id, code: flagTwo}}, of, "a person is told")
	})
}

// A machine cannot give entries any more, and headquarters has a hole. An image of its disk that still has them is put back:
// headquarters knows the end of its path, and asks for them all the same.
func TestACopyGivesWhatTheMachineCouldNot(t *testing.T) {
	hits := told(t, func(w *world, m *machine) {
		w.offline(m, func() {
			m.sells(6)
			m.images = append(m.images, m.copyOf(m.disk))
			own := &m.disk.file.paths[0].links
			for _, i := range []int{2, 3} {
				bad := (*own)[i]
				w.spoiled[bad.Hash] = true
				(*own)[i].Bytes = []byte{0}
				w.spoil(m, func(c journal.Link) bool { return c.Hash == bad.Hash })
			}
		})
		require.Len(t, w.db.asked, 1)
		require.True(t, w.inHole(w.entries[m.disk.file.head().Hash]))
		w.setBack(m, true, true)
		w.run(2 * time.Minute)
		require.False(t, w.inHole(w.entries[m.disk.file.paths[0].last().Hash]))
	})
	require.Positive(t, hits["case: asked for what another could not give"])
	require.Positive(t, hits["case: hole filled"])
}
