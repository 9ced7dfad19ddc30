package chaos

import (
	"os/exec"
	"sync/atomic"
	"syscall"
	"testing"

	"comptant/sync/e2e/proxy"
	"comptant/sync/wire"

	"github.com/stretchr/testify/require"
)

func newTestLine(t *testing.T) *line {
	t.Helper()
	l, err := newLine(t.Context(), []string{"127.0.0.1:1"}, source(1, "faults", 0), newTallies(), new(atomic.Bool))
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.close() })
	l.watch = func(proxy.Message) (proxy.Verdict, bool) { return proxy.Verdict{}, false }
	return l
}

var (
	conn    = &proxy.Conn{HQ: &route{}} // without toxics
	entries = proxy.Message{Direction: proxy.Up, Conn: conn, Message: wire.Entries{Epoch: 1, First: 1, Entries: [][]byte{{1}, {2}}}}
	ack     = proxy.Message{Direction: proxy.Down, Conn: conn, Message: wire.Ack{Epoch: 1, Upto: 2}}
	ping    = proxy.Message{Direction: proxy.Up, Message: wire.Ping{}}
	welcome = proxy.Message{Direction: proxy.Down, Message: wire.Welcome{Epochs: []wire.EpochHave{{Epoch: 1, Have: 1}}}}
)

// A fault counts when it hits a message that matters, once for each thing that was really done to it.
func TestWhatAFaultCountsFor(t *testing.T) {
	l := newTestLine(t)
	done := 0
	for range 1000 {
		v := l.judge(entries)
		if v.Hold > 0 {
			done++
		}
		if v.Fault != proxy.None {
			done++
		}
		require.Equal(t, proxy.Verdict{}, without(l.judge(ping)), "a ping carries nothing to lose")
	}
	total := func() int { return l.tally.breaks.Total() + l.tally.strains.Total() }
	require.Greater(t, done, 200)
	require.Equal(t, done, total())
	require.Equal(t, total(), l.tally.breaks.of("entries")+l.tally.strains.of("entries"))

	l.calm.Store(true)
	require.Equal(t, proxy.Verdict{}, without(l.judge(entries)))
	require.Equal(t, done, total(), "nothing is hit when all is calm")
}

// A toxic counts when the message goes through it.
func TestWhatAToxicCountsFor(t *testing.T) {
	l := newTestLine(t)
	r := &route{plan: plan{breaker: toxic{kind: "timeout"}}}
	r.strains[proxy.Up] = []toxic{{kind: "slicer", over: 299}, {kind: "latency"}}
	through := func(m proxy.Message, size int) {
		m.Conn, m.Size = &proxy.Conn{HQ: r}, size
		l.poisoned(m, counted[m.Type()])
	}
	through(ack, 300)
	require.Empty(t, l.tally.strains, "it goes the other way")
	through(entries, 300)
	require.Equal(t, Tally{"slicer entries": 1, "latency entries": 1}, l.tally.strains)
	through(entries, 299)
	require.Equal(t, Tally{"slicer entries": 1, "latency entries": 2}, l.tally.strains, "it is too small to slice")
	r.breaks[proxy.Up].Store(true)
	through(entries, 300)
	require.Equal(t, Tally{"timeout entries": 1}, l.tally.breaks, "it is lost")
	require.Equal(t, 3, l.tally.strains.Total())
}

// without leaves out of a verdict what cannot be compared.
func without(v proxy.Verdict) proxy.Verdict {
	v.Then = nil
	return v
}

// Kills beyond the first wait until there are faults for them.
func TestKillsWaitForFaults(t *testing.T) {
	n := newTallies()
	n.kills["till"] = firstKills
	require.False(t, n.tooMany())
	n.kills["till"]++
	require.True(t, n.tooMany())
	n.strains["delay ack"], n.breaks["twice ack"] = faultsPerKill-1, 1
	require.False(t, n.tooMany())
}

// What a till was told is what has gone on to it: an acknowledgement that was cut off tells nothing.
func TestWhatATillWasTold(t *testing.T) {
	l := newTestLine(t)
	l.calm.Store(true)
	require.True(t, l.owes(1, 1))
	l.judge(welcome).Then()
	require.False(t, l.owes(1, 1))
	require.True(t, l.owes(1, 2))

	for _, f := range []proxy.Fault{proxy.CutBefore, proxy.CutInside, proxy.Deaf} {
		l.watch = func(proxy.Message) (proxy.Verdict, bool) { return proxy.Verdict{Fault: f}, true }
		require.Nil(t, l.judge(ack).Then)
		require.True(t, l.owes(1, 2))
	}
	l.watch = func(proxy.Message) (proxy.Verdict, bool) { return proxy.Verdict{Fault: proxy.CutAfter}, true }
	l.judge(ack).Then()
	require.False(t, l.owes(1, 2))
}

// Killing Postgres means killing what it started as well.
func TestChildren(t *testing.T) {
	cmd := exec.Command("sh", "-c", "sleep 1000 & echo started; wait")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = out.Read(make([]byte, 10))
	require.NoError(t, err)
	pids := children(cmd.Process.Pid)
	require.Len(t, pids, 1)
	require.NoError(t, syscall.Kill(pids[0], syscall.SIGKILL))
	require.NoError(t, cmd.Wait(), "it ends when its child does")
	require.Empty(t, children(cmd.Process.Pid))
}

func TestReceipts(t *testing.T) {
	r, err := readReceipt("1 42 7 abc 12 3 12 1 5 2")
	require.NoError(t, err)
	require.Equal(t, receipt{epoch: 1, seq: 42, number: 7, hash: "abc", goods: []string{"12", "3", "12", "1", "5", "2"}}, r)
	require.Equal(t, []string{"12", "4", "5", "2"}, merged(r.goods))
	_, err = readReceipt("1 42")
	require.Error(t, err)
}
