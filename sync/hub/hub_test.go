package hub_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"net/http"
	"testing"
	"time"

	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/link"
	"comptant/sync/wire"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"
)

func TestEntriesArriveInOrder(t *testing.T) {
	c := newCorridor(t)
	lane := c.enrol()
	entries := lane.sell(2000)
	c.start(lane)
	c.untilAcked(lane, 1, 2000)
	require.Equal(t, entries, c.hq.has(lane.id, 1))

	entries = append(entries, lane.sell(1)...)
	lane.link.Notify()
	c.untilAcked(lane, 1, 2001)
	require.Equal(t, entries, c.hq.has(lane.id, 1))
	require.EqualValues(t, 2001, c.hub.Stats().Entries)

	lane.until(t, "clock measured", func() bool {
		_, bound, ok := lane.link.Status().Clock.Offset(time.Now())
		return ok && bound < time.Second
	})
	require.True(t, lane.link.Status().Online)
	require.Len(t, c.hub.Sessions(), 1)
}

func TestEnrolmentRefused(t *testing.T) {
	c := newCorridor(t)
	_, err := link.Enrol(t.Context(), c.url, wire.EnrolRequest{Code: "guess"})
	var refusal *retail.Error
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, retail.Forbidden, refusal.Code)
	require.Equal(t, "enrol.code", refusal.Key)
}

func TestCutMidBatch(t *testing.T) {
	c := newCorridor(t)
	lane := c.enrol()
	entries := lane.sell(5000)
	batches := 0
	c.hq.onStore = func(hub.Batch) error {
		// Cut before the batch is stored and its acknowledgement sent: HQ has it, the till does not know.
		if batches++; batches == 2 || batches == 5 || batches == 9 {
			lane.cut()
		}
		return nil
	}
	c.start(lane)
	c.untilAcked(lane, 1, 5000)
	require.Equal(t, entries, c.hq.has(lane.id, 1))
	require.Greater(t, lane.n, uint64(1))
}

func TestHeadquartersRolledBack(t *testing.T) {
	c := newCorridor(t)
	lane := c.start(c.enrol())
	entries := lane.sell(900)
	lane.link.Notify()
	c.untilAcked(lane, 1, 900)
	c.hq.forget(lane.id, 1, 250)
	lane.cut()
	lane.until(t, "the way back and up again", func() bool { return lane.lowest == 650 && lane.acked[1] == 900 })
	require.Equal(t, entries, c.hq.has(lane.id, 1))
}

func TestEpochOpenedAtOnce(t *testing.T) {
	c := newCorridor(t)
	lane := c.enrol()
	c.hq.min = 100
	old := lane.sell(600)
	c.start(lane)
	lane.until(t, "epoch 100", func() bool { _, ok := lane.epochs[100]; return ok })
	entries := lane.sell(3)
	lane.link.Notify()
	c.untilAcked(lane, 100, 3)
	c.untilAcked(lane, 1, 600)
	require.Equal(t, old, c.hq.has(lane.id, 1))
	require.Equal(t, entries, c.hq.has(lane.id, 100))
}

func TestBatchRefused(t *testing.T) {
	c := newCorridor(t)
	lane := c.enrol()
	entries := lane.sell(3)
	refused := false
	c.hq.onStore = func(hub.Batch) error {
		if !refused {
			refused = true
			return fmt.Errorf("place batch: %w", wire.UnknownParent)
		}
		return nil
	}
	c.start(lane)
	c.untilAcked(lane, 1, 3)
	require.Equal(t, wire.Nack{Code: wire.UnknownParent, Epoch: 1, Expect: 1}, lane.link.Status().Nack)
	require.Equal(t, entries, c.hq.has(lane.id, 1))
}

func products(n int, body string) map[uuid.UUID][]byte {
	rows := map[uuid.UUID][]byte{}
	for range n {
		rows[uuid.Must(uuid.NewV7())] = []byte(body)
	}
	return rows
}

func TestFeedComesDown(t *testing.T) {
	c := newCorridor(t)
	rows := products(57, "first")
	c.hq.publish("global", rows)
	lane := c.start(c.enrol())
	c.untilEqual(lane, "global")

	// A change, then deletes that empty part of it.
	for id := range rows {
		c.hq.publish("global", map[uuid.UUID][]byte{id: []byte("second")})
		break
	}
	c.untilEqual(lane, "global")
	for id := range rows {
		c.hq.publish("global", map[uuid.UUID][]byte{id: nil})
	}
	c.untilEqual(lane, "global")

	// Another generation starts the feed again.
	c.hq.publish("global", products(31, "third"))
	c.untilEqual(lane, "global")
	require.Zero(t, lane.resets)
	c.hq.restart("global")
	c.untilEqual(lane, "global")
	require.NotZero(t, lane.resets)
}

func TestDigestDiffers(t *testing.T) {
	c := newCorridor(t)
	c.hq.publish("global", products(35, "as published"))
	lane := c.start(c.enrol())
	c.untilEqual(lane, "global")

	lane.ledger.mu.Lock()
	for id, r := range lane.rows["global"] {
		r.Body = []byte("changed by nobody")
		lane.rows["global"][id] = r
		break
	}
	lane.ledger.mu.Unlock()
	c.hq.publish("global", products(1, "one more"))
	c.untilEqual(lane, "global")
	require.Equal(t, 1, lane.resets)
}

func TestFeedErrorLeavesTheWayUpOpen(t *testing.T) {
	c := newCorridor(t)
	c.hq.publish("global", products(5, "here"))
	c.hq.failFeeds(errNoDatabase)
	lane := c.start(c.enrol())
	lane.sell(700)
	lane.link.Notify()
	c.untilAcked(lane, 1, 700)
	// The two ways know nothing of each other: which is seen first is chance.
	require.Eventually(t, func() bool { return c.hub.Stats().FeedErrors > 0 }, time.Minute, time.Millisecond)
	c.hq.failFeeds(nil)
	c.untilEqual(lane, "global")
	require.EqualValues(t, 1, lane.n, "the session stayed open")
}

func TestOneChangeIsEncodedOnce(t *testing.T) {
	c := newCorridor(t)
	c.hq.publish("global", products(3, "before"))
	var lanes []*till
	for range 40 {
		lanes = append(lanes, c.start(c.enrol()))
	}
	for _, lane := range lanes {
		c.untilEqual(lane, "global")
	}
	before := c.hub.Stats()
	c.hq.publish("global", products(1, "a new price"))
	for _, lane := range lanes {
		c.untilEqual(lane, "global")
	}
	after := c.hub.Stats()
	require.EqualValues(t, 40, after.PagesSent-before.PagesSent)
	require.EqualValues(t, 1, after.PagesEncoded-before.PagesEncoded)
}

func TestSlowIntakeHoldsNobodyElse(t *testing.T) {
	c := newCorridor(t)
	slow, quick := c.enrol(), c.enrol()
	release := make(chan struct{})
	c.hq.onStore = func(b hub.Batch) error {
		if b.Till == slow.id {
			<-release
		}
		return nil
	}
	slow.sell(10)
	c.start(slow)
	quick.sell(10)
	c.start(quick)
	c.untilAcked(quick, 1, 10)
	// Its own feed comes down too, as far as pages go ahead of their answers.
	c.hq.publish("global", products(15, "while storing"))
	c.untilEqual(slow, "global")
	c.untilEqual(quick, "global")
	close(release)
	c.untilAcked(slow, 1, 10)
}

func TestRefused(t *testing.T) {
	other := func(c *corridor) ed25519.PrivateKey {
		_, key, err := ed25519.GenerateKey(nil)
		require.NoError(c.t, err)
		return key
	}
	for name, test := range map[string]struct {
		spoil func(*corridor, *till)
		want  wire.Code
	}{
		"another device's key": {func(c *corridor, l *till) { l.key = other(c) }, wire.BadSignature},
		"unknown till":         {func(_ *corridor, l *till) { l.id = uuid.Must(uuid.NewV7()) }, wire.UnknownTill},
		"another headquarters": {func(c *corridor, l *till) { l.hq = other(c).Public().(ed25519.PublicKey) }, wire.BadSignature},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCorridor(t)
			lane := c.enrol()
			lane.sell(1)
			test.spoil(c, lane)
			c.start(lane)
			lane.until(t, "refusal", func() bool { return lane.link.Status().Err != nil })
			require.ErrorIs(t, lane.link.Status().Err, test.want)
			require.False(t, lane.link.Status().Online)
			require.Empty(t, c.hq.has(lane.id, 1))
		})
	}
}

// A machine whose key counts no more drains to where a person looks. It is sent nothing, and does not disturb the machine that
// is the till now.
func TestARevokedKeyDrainsAside(t *testing.T) {
	c := newCorridor(t)
	thief, lane := c.enrol(), c.enrol()
	c.hq.publish("global", map[uuid.UUID][]byte{{1}: []byte("row")})
	now := hub.Device{Till: thief.id, Store: c.hq.devices[thief.id].Store, Key: lane.key.Public().(ed25519.PublicKey)}
	now.Old = []ed25519.PublicKey{thief.key.Public().(ed25519.PublicKey)}
	c.hq.devices[thief.id] = now
	lane.id = thief.id
	lane.ledger = newLedger(lane.id)
	c.start(lane)
	lane.until(t, "online", func() bool { return lane.link.Status().Online })

	thief.sell(3)
	c.start(thief)
	thief.until(t, "kept aside", func() bool { return thief.acked[1] == 3 })
	require.ErrorIs(t, thief.link.Status().Err, wire.Revoked)
	require.False(t, thief.link.Status().Online)
	require.Empty(t, thief.rows["global"])
	require.Empty(t, c.hq.has(thief.id, 1))
	require.Len(t, c.hq.aside[thief.id], 3)
	require.True(t, lane.link.Status().Online, "not fenced")
	require.NoError(t, thief.link.Ask(t.Context(), wire.Command{ID: uuid.New(), Name: "x"}))
	thief.sell(1)
	thief.link.Notify()
	thief.until(t, "still drains", func() bool { return thief.acked[1] == 4 })
	require.Len(t, c.hub.Sessions(), 2)
}

func TestNewerSessionFencesTheOlder(t *testing.T) {
	c := newCorridor(t)
	lane := c.start(c.enrol())
	lane.until(t, "first session", func() bool { return lane.link.Status().Online })
	ended := make(chan error, 100)
	lane.link.OnStatus(func(s link.Status) {
		if s.Err != nil {
			ended <- s.Err
		}
	})
	c.start(&till{ledger: newLedger(lane.id), id: lane.id, key: lane.key, hq: lane.hq})
	require.ErrorIs(t, <-ended, wire.Fenced)
	require.NotZero(t, c.hub.Stats().Fenced)
	lane.stop()
}

func TestDrain(t *testing.T) {
	c := newCorridor(t)
	var lanes []*till
	for range 5 {
		lane := c.start(c.enrol())
		lane.until(t, "online", func() bool { return lane.link.Status().Online })
		lanes = append(lanes, lane)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.NoError(t, c.hub.Drain(ctx))
	require.Empty(t, c.hub.Sessions())
	for _, lane := range lanes {
		lane.until(t, "sent away", func() bool { return !lane.link.Status().Online })
		require.ErrorIs(t, lane.link.Status().Err, wire.Draining)
		require.Equal(t, 1, c.hq.closed[lane.id])
	}
	d := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}}
	_, resp, err := d.Dial("ws"+c.url[len("http"):]+wire.SyncPath, nil)
	require.ErrorIs(t, err, websocket.ErrBadHandshake)
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
}

func TestBrowsersAreTurnedAway(t *testing.T) {
	c := newCorridor(t)
	d := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}}
	_, resp, err := d.Dial("ws"+c.url[len("http"):]+wire.SyncPath, http.Header{"Origin": {c.url}})
	require.ErrorIs(t, err, websocket.ErrBadHandshake)
	require.Equal(t, http.StatusForbidden, resp.StatusCode)
}
