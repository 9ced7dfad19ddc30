package sim

import (
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"

	"github.com/google/uuid"
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

// Some lives of one disk go on after the same entry. From the third on, each has that entry acknowledged as little as the image had,
// and no branch of headquarters is its path: only the fork says that the level includes what all have in common. Now and then one
// hears so before it has sent its own.
func TestAThirdLifeShowsWhatTheForkSays(t *testing.T) {
	hits := told(t, func(w *world, m *machine) {
		w.offline(m, func() {
			m.sells(5)
			m.images = append(m.images, m.copyOf(m.disk))
			m.sells(2)
		})
		for range 8 {
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

// A refund is on a branch, because an entry before it became unreadable and the database was restored. What it gave back is
// gone: law 11 looks at every refund that follows.
func TestABranchTellsWhatWasGivenBack(t *testing.T) {
	hits := told(t, func(w *world, m *machine) {
		w.offline(m, func() {
			m.sells(1)
			m.images = append(m.images, m.copyOf(m.disk))
			m.sells(1)
			unreadable := m.disk.file.head().Hash
			for range 20 {
				m.refundsOwn()
			}
			w.spoil(m, func(c journal.Link) bool { return c.Hash == unreadable })
			w.setBack(m, true, false)
			w.run(30 * time.Second) // to start
			for range 20 {
				m.refundsOwn()
			}
		})
	})
	require.Positive(t, hits["case: stray branch"])
	require.Zero(t, hits["case: refunded beyond what was sold"])
}

// A till's own feed has no row any more when headquarters is rolled back, and then comes to the same number with one.
func TestATillThatShowsNothingHearsOfARollback(t *testing.T) {
	told(t, func(w *world, m *machine) {
		notice := row(retail.RowNotice, uuid.UUID{1}, retail.Notice{})
		w.db.tell(w, m.lane.id, notice)
		backup := w.db.copy()
		notice.Body = nil
		w.db.tell(w, m.lane.id, notice)
		w.run(10 * time.Second)
		shows := m.disk.catalog[tillFeed(m.lane.id)]
		require.Empty(t, shows.rows)
		for _, p := range w.processes {
			p.kill()
		}
		w.db = backup
		w.db.tell(w, m.lane.id, row(retail.RowNotice, uuid.UUID{2}, retail.Notice{}))
		require.Equal(t, shows.cursor.Seq, w.db.feed(tillFeed(m.lane.id)).seq)
	})
}

// A till shows a row of its own feed when headquarters is rolled back to before there was any. Now and then it is given the
// feed in a file, which says so anyway: here it is rolled back some times.
func TestAFeedWithoutRowsIsShown(t *testing.T) {
	told(t, func(w *world, m *machine) {
		backup := w.db.copy()
		w.rolledBack = true
		for range 5 {
			w.db.tell(w, m.lane.id, row(retail.RowNotice, uuid.UUID{1}, retail.Notice{}))
			w.run(10 * time.Second)
			require.Len(t, m.disk.catalog[tillFeed(m.lane.id)].rows, 1)
			for _, p := range w.processes {
				p.kill()
				p.start()
			}
			w.db = backup.copy()
			w.run(2 * time.Minute)
			require.Empty(t, m.disk.catalog[tillFeed(m.lane.id)].rows)
		}
	})
}
