package link

import (
	"context"
	"time"

	"comptant/sync/wire"
)

// Back-off: full jitter under a bound that doubles from 1 s to 60 s.
const (
	firstBound = time.Second
	lastBound  = time.Minute
)

// backoff counts the attempts since the link last worked.
type backoff struct{ bound time.Duration }

// next draws the pause before the next attempt.
func (b *backoff) next(rand func() float64) time.Duration {
	b.bound = min(max(2*b.bound, firstBound), lastBound)
	return time.Duration(rand() * float64(b.bound))
}

// reset says that the link works. A welcome alone does not: HQ may refuse the first batch of every session.
func (b *backoff) reset() { b.bound = 0 }

// longestFence bounds the pause of a till that is sent away by a newer session of itself; a session that lasts longer says that
// the till is alone again.
const longestFence = 10 * time.Minute

// fence counts how often in a row that happened. Two machines with one disk and one key send each other away, and every visit
// costs a new epoch: an acknowledgement or an answer to a ping, which both get, must not make them come back sooner.
type fence struct{ pause time.Duration }

// next is the pause before the next attempt: from 1 s, doubled each time.
func (f *fence) next() time.Duration {
	f.pause = min(max(2*f.pause, firstBound), longestFence)
	return f.pause
}

// lasted says how long a session was open.
func (f *fence) lasted(d time.Duration) {
	if d > longestFence {
		f.pause = 0
	}
}

// ping asks for HQ's time and sets the next time to ask.
func (c *Core) ping(ctx context.Context, now time.Time) {
	c.pingSent, c.pingT0 = now, now.UnixMilli()
	c.pingAt = now.Add(time.Duration((0.8 + 0.4*c.rand()) * float64(heartbeat)))
	c.send(wire.Ping{T0: c.pingT0, Unsent: c.unsent(ctx)})
}

// unsent is what HQ is told of what waits here; nil where it is not, or that cannot be read.
func (c *Core) unsent(ctx context.Context) *wire.Unsent {
	if c.unsaid == nil {
		return nil
	}
	u, err := c.unsaid(ctx)
	if err != nil {
		c.log.Error("what waits is not told", "error", err)
		return nil
	}
	return &u
}

// ponged measures HQ's clock. An answer to anything but the last ping tells nothing.
func (c *Core) ponged(now time.Time, m wire.Pong) {
	if c.pingSent.IsZero() || m.T0 != c.pingT0 {
		return
	}
	c.status.Clock = c.status.Clock.measure(c.pingSent, now, m)
	c.pingSent = time.Time{}
	if len(c.up.inflight) == 0 && c.resendAt.IsZero() {
		c.backoff.reset()
	}
}
