package hub_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"comptant/sync/hub"
	"comptant/sync/wire"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"
)

func TestTooManyTillsComeBackLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t)
		defer b.close()
		b.hub.Limit(2, 2, 1, 1)
		first, second := b.till(), b.till()
		defer second.stop()
		synctest.Wait()
		require.Len(t, b.hub.Sessions(), 2)
		third := b.till()
		defer third.stop()
		synctest.Wait()
		require.ErrorContains(t, third.link.Status().Err, "503")
		require.EqualValues(t, 1, b.hub.Stats().TurnedAway)

		// It comes back when it was told, not sooner.
		time.Sleep(1900 * time.Millisecond)
		synctest.Wait()
		require.EqualValues(t, 1, b.hub.Stats().TurnedAway)
		first.stop()
		time.Sleep(15 * time.Second)
		synctest.Wait()
		require.True(t, third.link.Status().Online)
		require.True(t, second.link.Status().Online)
	})
}

// TestHandshakesAtOnce has strangers connect and say nothing.
func TestHandshakesAtOnce(t *testing.T) {
	c := newCorridor(t)
	c.hub.Limit(100, 3, 1, 1)
	lane := c.start(c.enrol())
	lane.until(t, "online", func() bool { return lane.link.Status().Online })
	d := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}}
	address := "ws" + strings.TrimPrefix(c.url, "http") + wire.SyncPath
	for range 3 {
		ws, _, err := d.Dial(address, nil)
		require.NoError(t, err)
		defer func() { _ = ws.Close() }()
	}
	_, resp, err := d.Dial(address, nil)
	require.ErrorIs(t, err, websocket.ErrBadHandshake)
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	after, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, after, 2)
	require.LessOrEqual(t, after, 15)
	require.True(t, lane.link.Status().Online, "who has a session keeps it")
}

// TestBatchesWaitTheirTurn has many tills drain at once into a storage that takes two batches at a time.
func TestBatchesWaitTheirTurn(t *testing.T) {
	c := newCorridor(t)
	c.hub.Limit(100, 100, 2, 8)
	var now, most atomic.Int64
	full, release := make(chan struct{}), make(chan struct{})
	var fill sync.Once
	c.hq.onStore = func(hub.Batch) error {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		if n == 2 {
			fill.Do(func() { close(full) })
		}
		<-release
		return nil
	}
	var lanes []*till
	for range 30 {
		lane := c.enrol()
		lane.sell(1200)
		lanes = append(lanes, c.start(lane))
	}
	// Two are being stored and eight wait; the others are told to come later, and keep their sessions.
	<-full
	for _, lane := range lanes {
		lane.until(t, "online", func() bool { return lane.link.Status().Online })
	}
	c.hq.publish("global", products(5, "meanwhile"))
	for _, lane := range lanes {
		c.untilEqual(lane, "global")
	}
	close(release)
	for _, lane := range lanes {
		c.untilAcked(lane, 1, 1200)
		require.Len(t, c.hq.has(lane.id, 1), 1200)
		require.EqualValues(t, 1, lane.n, "one session")
	}
	require.EqualValues(t, 2, most.Load())
	require.NotZero(t, c.hub.Stats().Nacks)
}

func TestIntakeErrorLeavesTheWayDownOpen(t *testing.T) {
	c := newCorridor(t)
	c.hq.storeErr = errNoDatabase
	lane := c.enrol()
	lane.sell(700)
	c.start(lane)
	lane.until(t, "refusal", func() bool { return lane.link.Status().Nack.Code == wire.Overloaded })
	c.hq.publish("global", products(57, "while storing fails"))
	c.untilEqual(lane, "global")
	require.Zero(t, lane.acked[1])
	require.EqualValues(t, 1, lane.n, "the session stayed open")
	c.hq.mu.Lock()
	c.hq.storeErr = nil
	c.hq.mu.Unlock()
	c.untilAcked(lane, 1, 700)
	require.Len(t, c.hq.has(lane.id, 1), 700)
	require.EqualValues(t, 2, lane.n, "a failover is followed by a comparison")
}

// TestOneDeafAmongFifty has a till read nothing while fifty get a catalogue, and sell.
func TestOneDeafAmongFifty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t)
		defer b.close()
		deaf := b.till()
		defer deaf.stop()
		synctest.Wait()
		deaf.deaf.Store(true)
		var others []*bubbleTill
		for range 50 {
			lane := b.till()
			defer lane.stop()
			others = append(others, lane)
		}
		b.hq.publish("global", products(300, "a price"))
		for _, lane := range others {
			lane.sell(3)
			lane.link.Notify()
		}
		synctest.Wait()
		for _, lane := range others {
			require.Equal(t, b.hq.feeds["global"].head, lane.feeds["global"].Seq, "at once, without any time passing")
			require.EqualValues(t, 3, lane.acked[1])
		}
		time.Sleep(31 * time.Second)
		synctest.Wait()
		require.Len(t, b.hub.Sessions(), 50, "the deaf one is cut off")
	})
}

// TestDrainedTillsComeBackOneByOne restarts headquarters under 200 tills.
func TestDrainedTillsComeBackOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const tills = 200
		b := newBubble(t)
		defer b.close()
		var lanes []*bubbleTill
		for range tills {
			lane := b.till()
			defer lane.stop()
			lanes = append(lanes, lane)
		}
		synctest.Wait()
		require.Len(t, b.hub.Sessions(), tills)

		old := b.hub
		began := time.Now()
		b.hub = hub.New(hub.Config{Tills: b.hq, Intake: b.hq, Feeds: b.hq, Log: slog.New(slog.DiscardHandler)})
		b.srv.Handler.(*front).Store(b.hub)
		require.NoError(t, old.Drain(t.Context()))
		time.Sleep(3 * time.Second)
		synctest.Wait()
		require.Len(t, b.hub.Sessions(), tills)
		at := map[time.Time]bool{}
		for _, s := range b.hub.Sessions() {
			require.GreaterOrEqual(t, s.Since.Sub(began), time.Second)
			require.Less(t, s.Since.Sub(began), 2*time.Second)
			require.False(t, at[s.Since], "two at one instant")
			at[s.Since] = true
		}
		for _, lane := range lanes {
			require.EqualValues(t, 2, lane.n)
		}
	})
}

// watched tells of every batch it was given.
type watched struct {
	*headquarters
	results chan error
}

func (w watched) Store(ctx context.Context, b hub.Batch) (hub.Stored, error) {
	stored, err := w.headquarters.Store(ctx, b)
	w.results <- err
	return stored, err
}

// TestTillMovesBetweenProcesses has a batch of a till's old session arrive after the till went on at another process.
func TestTillMovesBetweenProcesses(t *testing.T) {
	c := newCorridor(t)
	results := make(chan error, 100)
	process := func() (*hub.Hub, *http.Server, string) {
		h := hub.New(hub.Config{Tills: c.hq, Intake: watched{c.hq, results}, Feeds: c.hq, Log: slog.New(slog.DiscardHandler)})
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		srv := &http.Server{Handler: h}
		go func() { _ = srv.Serve(l) }()
		t.Cleanup(func() { _ = srv.Close() })
		return h, srv, l.Addr().String()
	}
	_, _, one := process()
	two, _, other := process()

	lane := c.enrol()
	entries := lane.sell(700)
	arrived, late := make(chan struct{}), make(chan struct{})
	var first sync.Once
	c.hq.onStore = func(hub.Batch) error {
		wait := false
		first.Do(func() { wait = true })
		if wait {
			close(arrived)
			<-late
		}
		return nil
	}
	var at atomic.Value
	at.Store(one)
	lane.via = func() string { return at.Load().(string) }
	c.start(lane)
	<-arrived
	at.Store(other)
	lane.cut()
	c.untilAcked(lane, 1, 700)
	require.Len(t, two.Sessions(), 1)
	require.NoError(t, <-results)
	require.NoError(t, <-results)
	close(late)
	require.ErrorIs(t, <-results, wire.Fenced)

	entries = append(entries, lane.sell(5)...)
	lane.link.Notify()
	c.untilAcked(lane, 1, 705)
	require.Equal(t, entries, c.hq.has(lane.id, 1), "nothing is lost, nothing is there twice")
	require.EqualValues(t, 2, lane.n)
}

// TestOldProgramStillSells has a till meet a headquarters that wants a newer one, and then be upgraded.
func TestOldProgramStillSells(t *testing.T) {
	c := newCorridor(t)
	c.hq.publish("global", products(20, "before"))
	lane := c.start(c.enrol())
	c.untilEqual(lane, "global")
	lane.stop()
	seq := lane.feeds["global"].Seq

	newer := hub.New(hub.Config{Tills: c.hq, Intake: c.hq, Feeds: c.hq, MinApp: "1.4", Log: slog.New(slog.DiscardHandler)})
	c.front.Store(newer)
	c.hq.publish("global", products(20, "of a later kind"))
	lane.app = "1.3"
	lane.sell(600)
	c.start(lane)
	c.untilAcked(lane, 1, 600)
	require.True(t, lane.link.Status().TooOld)
	require.Zero(t, newer.Stats().PagesSent)
	require.Equal(t, seq, lane.feeds["global"].Seq, "what it shows stays")
	lane.stop()

	lane.app = "1.4"
	c.start(lane)
	c.untilEqual(lane, "global")
	require.False(t, lane.link.Status().TooOld)
}

// front is what tills dial: the hub behind it may change.
type front struct{ atomic.Pointer[hub.Hub] }

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.Load().ServeHTTP(w, r) }
