package link

import (
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

// ping asks for HQ's time and sets the next time to ask.
func (c *Core) ping(now time.Time) {
	c.pingSent, c.pingT0 = now, now.UnixMilli()
	c.pingAt = now.Add(time.Duration((0.8 + 0.4*c.rand()) * float64(heartbeat)))
	c.send(wire.Ping{T0: c.pingT0})
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
