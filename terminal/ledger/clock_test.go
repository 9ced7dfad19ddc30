package ledger

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// machine is a computer with a clock that somebody can set, beside the true time.
type machine struct {
	// true is headquarters' time; wall is what the machine says of it.
	now, wall time.Time
	boots     int
	up        time.Duration
}

func newMachine() *machine { return &machine{now: day, wall: day, boots: 1, up: time.Hour} }

func (m *machine) pass(d time.Duration) {
	m.now, m.wall, m.up = m.now.Add(d), m.wall.Add(d), m.up+d
}

// reboot takes a while; its clock may be somewhere else afterwards.
func (m *machine) reboot(off, moved time.Duration) {
	m.now, m.wall = m.now.Add(off), m.wall.Add(off+moved)
	m.boots, m.up = m.boots+1, 5*time.Second
}

func (m *machine) open(t testing.TB, f folder) *Ledger {
	t.Helper()
	c := f.config(t)
	c.Now = func() time.Time { return m.wall }
	c.Uptime = func() (string, time.Duration) { return fmt.Sprint("boot ", m.boots), m.up }
	l, err := Open(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// entries are those of every epoch, in order.
func entries(t require.TestingT, l *Ledger) (all []journal.Link, read []journal.Entry) {
	all, err := list(context.Background(), l.ledger.read, scanLink, `SELECT epoch, seq, prev, hash, bytes FROM entry ORDER BY epoch, seq`)
	require.NoError(t, err)
	for _, k := range all {
		e, err := journal.Decode(k.Bytes)
		require.NoError(t, err)
		read = append(read, e)
	}
	return all, read
}

// newest is the entry written last.
func newest(t testing.TB, l *Ledger) journal.Entry {
	_, read := entries(t, l)
	return read[len(read)-1]
}

// clocks are the bodies of the clock entries.
func clocks(t require.TestingT, l *Ledger) (bodies []retail.Clock) {
	_, read := entries(t, l)
	for _, e := range read {
		if e.Kind == journal.KindClock {
			b, err := journal.DecodeBody[retail.Clock](e)
			require.NoError(t, err)
			bodies = append(bodies, b)
		}
	}
	return bodies
}

func TestTheEstimateIsCarriedThroughABoot(t *testing.T) {
	f, m := newFolder(t), newMachine()
	m.wall = m.wall.Add(-4 * time.Minute)
	l := m.open(t, f)
	require.False(t, l.Certain())
	require.NoError(t, l.Measured(t.Context(), m.now, 20*time.Millisecond))
	require.True(t, l.Certain())
	m.pass(10_000 * time.Second)
	offset, bound := l.Offset()
	require.Equal(t, 4*time.Minute, offset)
	require.Equal(t, 20*time.Millisecond+time.Second, bound, "100 ppm")

	// The program starts again in the same boot, and somebody sets the clock meanwhile.
	shut(t, l)
	m.pass(time.Minute)
	m.wall = m.wall.Add(3 * time.Hour)
	l = m.open(t, f)
	sell(t, l)
	e := newest(t, l)
	require.Equal(t, m.now, e.At())
	require.Equal(t, int64(20+1006), e.Error)
	require.True(t, l.Certain())
	require.Empty(t, clocks(t, l), "nothing was sold before the measurement")
}

func TestAcrossABootTheEstimateIsAGuess(t *testing.T) {
	f, m := newFolder(t), newMachine()
	m.wall = m.wall.Add(-4 * time.Minute)
	l := m.open(t, f)
	require.NoError(t, l.Measured(t.Context(), m.now, 20*time.Millisecond))
	shut(t, l)
	m.reboot(8*time.Hour, 0)
	l = m.open(t, f)
	sell(t, l)
	e := newest(t, l)
	require.Equal(t, m.now, e.At(), "what was measured is still the best guess")
	require.Zero(t, e.Error, "and nothing bounds its error")
	require.False(t, l.Certain())
	was := len(clocks(t, l))
	require.NoError(t, l.Measured(t.Context(), m.now.Add(guessed-20*time.Millisecond), 20*time.Millisecond))
	require.Len(t, clocks(t, l), was, "near enough, wherever in its bound the measurement is")
	require.True(t, l.Certain())
}

// A clock that is set while the program runs changes what entries say of the till's clock, and not when they were written.
func TestTheClockIsSetMeanwhile(t *testing.T) {
	for name, measured := range map[string]bool{"measured": true, "guessed": false} {
		t.Run(name, func(t *testing.T) {
			f, m := newFolder(t), newMachine()
			l := m.open(t, f)
			if measured {
				require.NoError(t, l.Measured(t.Context(), m.now, 20*time.Millisecond))
			}
			sell(t, l)
			m.pass(time.Minute)
			m.wall = m.wall.Add(365 * 24 * time.Hour)
			sell(t, l)
			e := newest(t, l)
			require.Equal(t, m.now, e.At())
			require.Equal(t, m.wall.UnixMilli(), e.Time)
			require.Equal(t, measured, e.Error > 0)

			m.pass(time.Minute)
			m.wall = m.wall.Add(-time.Hour)
			require.NoError(t, l.LookAtClock(t.Context()), "no entry, but a look")
			shut(t, l)
			m.reboot(time.Minute, 0)
			l = m.open(t, f)
			sell(t, l)
			require.Equal(t, m.now, newest(t, l).At(), "the next boot knows of it")
			require.Empty(t, clocks(t, l))
		})
	}
}

func TestAWrongClockIsJournaled(t *testing.T) {
	f, m := newFolder(t), newMachine()
	l := m.open(t, f)
	require.NoError(t, l.Measured(t.Context(), m.now, 20*time.Millisecond))
	sell(t, l) // 2
	shut(t, l)
	m.reboot(time.Hour, 24*time.Hour) // the battery of its clock is old
	l = m.open(t, f)
	sell(t, l) // 3
	sell(t, l) // 4
	shut(t, l)
	m.reboot(time.Hour, time.Hour)
	l = m.open(t, f)
	sell(t, l) // 5
	shut(t, l)
	m.pass(time.Hour)
	l = m.open(t, f)
	require.NoError(t, l.OpenEpoch(t.Context(), 105))
	sell(t, l) // 105: 2
	require.NoError(t, l.Measured(t.Context(), m.now, 20*time.Millisecond))
	off := (-25 * time.Hour).Milliseconds()
	require.Equal(t, []retail.Clock{
		{Epoch: 100, From: 5, To: 5, Correction: off, Error: 20},
		{Epoch: 105, From: 1, To: 2, Correction: off, Error: 20},
		{Epoch: 100, From: 3, To: 4},
	}, clocks(t, l), "this boot is corrected, the one before is unknown, and the one that was measured is right")
	require.Equal(t, m.now, newest(t, l).At(), "the entries that say so are dated rightly")

	// Outside what was stated, though it was measured: the oscillator is bad.
	m.pass(time.Hour)
	sell(t, l)
	m.now = m.now.Add(500 * time.Millisecond)
	require.NoError(t, l.Measured(t.Context(), m.now, 20*time.Millisecond))
	all := clocks(t, l)
	require.Equal(t, retail.Clock{Epoch: 105, From: 6, To: 6, Correction: 500, Error: 20}, all[len(all)-1])
	m.pass(time.Hour)
	sell(t, l)
	m.now = m.now.Add(300 * time.Millisecond)
	require.NoError(t, l.Measured(t.Context(), m.now, 20*time.Millisecond))
	require.Len(t, clocks(t, l), len(all), "within what was stated")
	requireSound(t, l)
}

func TestAConfirmedDateCountsUntilTheMachineStops(t *testing.T) {
	f, m := newFolder(t), newMachine()
	l := m.open(t, f)
	open := func(date retail.Date) {
		_, err := l.Commit(t.Context(), till.Draft{Kind: journal.KindShiftOpen, Body: func(uint64) any {
			return retail.ShiftOpen{Shift: uint64(date), BusinessDate: date, Confirmed: true}
		}})
		require.NoError(t, err)
	}
	open(20261121)
	require.False(t, l.Certain(), "the person says that the clock is wrong")
	open(20261122)
	require.True(t, l.Certain())
	shut(t, l)
	l = m.open(t, f)
	require.True(t, l.Certain(), "the program started again")
	shut(t, l)
	m.reboot(time.Minute, 0)
	l = m.open(t, f)
	require.False(t, l.Certain())
}

// Whatever happens to the machine: once headquarters was heard, every entry is dated within what it states, or within what
// is no matter, or is said to be uncertain. One that states nothing, because headquarters was not heard in its boot, may be
// anywhere when the clock was moved while the till could not see it, to where it is right: what it said before, nobody knows.
func TestEveryEntryIsDatedOrUncertain(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f, m := newFolder(t), newMachine()
		l := m.open(t, f)
		defer func() { require.NoError(r, l.Close()) }()
		span := func(name string, from, to time.Duration) time.Duration {
			return time.Duration(rapid.Int64Range(int64(from/time.Second), int64(to/time.Second)).Draw(r, name)) * time.Second
		}
		var written []time.Time // by entry
		heard := 0              // entries when headquarters was last heard
		lost := map[int]bool{}  // entries before a move that nobody saw
		note := func() {
			for all, _ := entries(r, l); len(written) < len(all); {
				written = append(written, m.now)
			}
		}
		note()
		listen := func() {
			if offset, _ := l.Offset(); m.wall.Add(offset).Sub(m.now).Abs() > guessed+worstBound {
				maps.DeleteFunc(lost, func(i int, _ bool) bool { return i >= heard }) // the clock is seen to be wrong, and what it said before is in doubt
			}
			hear(r, t, l, m)
			note()
			heard = len(written)
		}
		r.Repeat(map[string]func(*rapid.T){
			"sell":  func(*rapid.T) { sell(t, l) },
			"pass":  func(*rapid.T) { m.pass(span("pass", 0, 40*time.Hour)) },
			"set":   func(*rapid.T) { m.wall = m.wall.Add(span("by", -100*time.Hour, 100*time.Hour)) },
			"epoch": func(*rapid.T) { require.NoError(r, l.OpenEpoch(t.Context(), l.head.epoch+1)) },
			"restart": func(*rapid.T) {
				require.NoError(r, l.Close())
				m.pass(span("closed", 0, time.Hour))
				l = m.open(t, f)
			},
			"reboot": func(*rapid.T) {
				require.NoError(r, l.Close())
				moved := time.Duration(0)
				if rapid.Bool().Draw(r, "clock stops") {
					moved = span("moved", -1000*time.Hour, 1000*time.Hour)
				}
				if moved != 0 || l.clock.Load().moved(m.wall, m.up) != 0 {
					for i := heard; i < len(written); i++ {
						lost[i] = true
					}
				}
				m.reboot(span("off", 0, 100*time.Hour), moved)
				l = m.open(t, f)
			},
			"hear": func(*rapid.T) { listen() },
			"":     func(*rapid.T) { note() },
		})
		listen()
		all, read := entries(r, l)
		said := clocks(r, l)
		for i, e := range read {
			at, bound := e.At(), time.Duration(e.Error)*time.Millisecond
			uncertain := false
			for _, c := range said {
				if c.Covers(all[i].Epoch, all[i].Seq) {
					at, bound = e.At().Add(time.Duration(c.Correction)*time.Millisecond), time.Duration(c.Error)*time.Millisecond
					uncertain = c.Error == 0
				}
			}
			if bound == 0 && lost[i] {
				continue
			}
			if bound == 0 {
				bound = guessed
			}
			off := at.Sub(written[i]).Abs()
			if off > bound+time.Millisecond && !uncertain {
				r.Fatalf("entry %d.%d of %s is dated %s, %s off and stated within %s", all[i].Epoch, all[i].Seq, written[i], at, off, bound)
			}
		}
	})
}

// worstBound is how far headquarters may be misheard.
const worstBound = 300 * time.Millisecond

func hear(r *rapid.T, t *testing.T, l *Ledger, m *machine) {
	bound := time.Duration(rapid.Int64Range(1, worstBound.Milliseconds()).Draw(r, "bound")) * time.Millisecond
	off := time.Duration(rapid.Int64Range(-int64(bound), int64(bound)).Draw(r, "within")).Truncate(time.Millisecond)
	require.NoError(r, l.Measured(t.Context(), m.now.Add(off), bound))
}
