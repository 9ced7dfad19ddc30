package link

import (
	"time"

	"comptant/sync/wire"

	"github.com/google/uuid"
)

// Status is where the link stands. Times are the till's clock.
type Status struct {
	// Online is true from a verified welcome to the end of its session, and Since is when that last changed.
	Online bool
	Since  time.Time
	// Session is the session that is open, or was last.
	Session uuid.UUID
	// TooOld says that HQ wants a newer program here and sends no changes to this one; entries go up all the same.
	TooOld bool
	// LastAck is when HQ last acknowledged entries; zero if it has not since the program started.
	LastAck time.Time
	// Clock is the estimate of HQ's time.
	Clock Clock
	// Nack is HQ's last refusal of a batch, kept for diagnosis; its Code is 0 when there was none.
	Nack wire.Nack
	// Err is why the last session or attempt ended; nil while online. In a session of a revoked key, which drains and is not
	// online, it is wire.Revoked.
	Err error
}

// Clock is an estimate of HQ's time, carried on by the till's monotonic clock. The zero Clock knows nothing.
type Clock struct {
	at    time.Time
	hq    time.Time
	bound time.Duration
}

// drift is how much worse than the other a clock is assumed to run: one part in this many (100 ppm).
const drift = 10_000

// Offset is HQ's time minus the till's wall clock at now, and the bound of its error, which grows with the age of the
// measurement. ok is false when HQ's time was never measured.
func (c Clock) Offset(now time.Time) (offset, bound time.Duration, ok bool) {
	if c.at.IsZero() {
		return 0, 0, false
	}
	age := now.Sub(c.at)
	return c.hq.Add(age).Sub(now.Round(0)), c.bound + age.Abs()/drift, true
}

// measure takes the answer to a ping sent at sent and received at now. It keeps the better of the old estimate and the
// new one: the error of a measurement is half the time that neither side can account for, and a millisecond of rounding.
// Where the two exclude each other one of the clocks was set, or the machine slept, and only the new one counts.
func (c Clock) measure(sent, now time.Time, pong wire.Pong) Clock {
	trip := max(now.Sub(sent)-time.Duration(pong.T2-pong.T1)*time.Millisecond, 0)
	measured := Clock{at: now, hq: time.UnixMilli(pong.T2).UTC().Add(trip / 2), bound: trip/2 + time.Millisecond}
	if old, bound, ok := c.Offset(now); ok && bound < measured.bound {
		fresh, _, _ := measured.Offset(now)
		if (old - fresh).Abs() <= bound+measured.bound {
			return c
		}
	}
	return measured
}
