package ledger

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
)

const (
	// drift is how much worse than headquarters' the till's oscillator is assumed to run: one part in this many (100 ppm).
	drift = 10_000
	// guessed is how far a time that was never measured may be off without a word.
	guessed = 2 * time.Second
	// jump is how far the machine's clock must move by itself to have been set, and not only steered.
	jump = 500 * time.Millisecond
	// keepEvery is how old the measurement on disk may become: 60 ms of drift.
	keepEvery = 10 * time.Minute
)

// clock is the till's estimate of headquarters' time. Within a boot of the machine it is carried on by the time since the
// boot, which nobody can set. Across a boot only the machine's clock is left: what was measured before becomes a guess,
// with no bound, until headquarters is heard again.
type clock struct {
	boot string
	// up, wall and hq are one moment: the time since the boot, the machine's clock, and the estimate.
	up       time.Duration
	wall, hq time.Time
	// bound is the error at that moment; 0 for a guess.
	bound time.Duration
	// since is the newest entry when the estimate began: those after it were dated by it.
	since place
	// doubt is the newest entry before those of earlier boots that were dated by a guess; zero when there are none.
	doubt place
	// confirmed says that a person confirmed the date in this boot.
	confirmed bool
}

// at is headquarters' time at a moment of the boot.
func (c clock) at(up time.Duration) time.Time { return c.hq.Add(up - c.up) }

// errorAt is the bound at a moment of the boot, which grows with age; 0 for a guess.
func (c clock) errorAt(up time.Duration) time.Duration {
	if c.bound == 0 {
		return 0
	}
	return c.bound + (up-c.up).Abs()/drift
}

// moved says by how much the machine's clock was set since.
func (c clock) moved(wall time.Time, up time.Duration) time.Duration {
	return wall.Sub(c.wall) - (up - c.up)
}

// rebased is the same estimate as of another moment.
func (c clock) rebased(wall time.Time, up time.Duration) clock {
	c.hq, c.bound, c.wall, c.up = c.at(up), c.errorAt(up), wall, up
	return c
}

// next is what is left of the estimate after a boot that began at up: the difference to the machine's clock.
func (c clock) next(boot string, wall time.Time, up time.Duration) clock {
	return clock{boot: boot, up: up, wall: wall, hq: wall.Add(c.hq.Sub(c.wall)), since: c.since, doubt: c.doubt}
}

// process is the Uptime of a machine that does not tell when it booted: each run of the program counts as a boot.
func process(now func() time.Time) func() (string, time.Duration) {
	boot, began := rand.Text(), now()
	return func() (string, time.Duration) { return boot, now().Sub(began) }
}

// moment reads the machine's clock and the time since its boot.
func (l *Ledger) moment() (wall time.Time, up time.Duration) {
	_, up = l.cfg.Uptime()
	return l.cfg.Now().Round(0), up
}

// Offset is the estimate of headquarters' time minus the machine's clock, and the bound of its error: 0 when headquarters
// was not heard since the machine started.
func (l *Ledger) Offset() (offset, bound time.Duration) {
	wall, up := l.moment()
	c := l.clock.Load()
	return c.at(up).Sub(wall), c.errorAt(up)
}

// Certain says whether the estimate may be acted on: it was measured, or a person confirmed the date, since the machine
// started.
func (l *Ledger) Certain() bool {
	c := l.clock.Load()
	return c.bound > 0 || c.confirmed
}

// Passed is the latest moment that is known to have passed: that of the newest entry, or what headquarters last told;
// zero when there is neither.
func (l *Ledger) Passed() time.Time {
	if ms := l.passed.Load(); ms != 0 {
		return time.UnixMilli(ms).UTC()
	}
	return time.Time{}
}

// passes notes that a moment has passed.
func (l *Ledger) passes(ms int64) {
	for was := l.passed.Load(); was < ms && !l.passed.CompareAndSwap(was, ms); was = l.passed.Load() {
	}
}

// stamped dates an entry.
func (c clock) stamped(e journal.Entry, wall time.Time, up time.Duration) journal.Entry {
	e.Time, e.Offset, e.Error = wall.UnixMilli(), c.at(up).Sub(wall).Milliseconds(), ceilMillis(c.errorAt(up))
	return e
}

// stamp dates an entry that is about to be written. Callers hold mu.
func (l *Ledger) stamp(ctx context.Context, e journal.Entry) journal.Entry {
	if err := l.lookAtClock(ctx); err != nil {
		l.cfg.Log.Error("the clock was not kept", "error", err) // a sale does not wait for that
	}
	wall, up := l.moment()
	return l.clock.Load().stamped(e, wall, up)
}

// ceilMillis keeps a bound that is known from looking like one that is not (0).
func ceilMillis(d time.Duration) int64 { return (d + time.Millisecond - 1).Milliseconds() }

// LookAtClock notices that the machine's clock was set, so that what is on disk carries over the next boot.
func (l *Ledger) LookAtClock(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lookAtClock(ctx)
}

func (l *Ledger) lookAtClock(ctx context.Context) error {
	wall, up := l.moment()
	c := l.clock.Load()
	moved := c.moved(wall, up)
	if moved.Abs() < jump {
		return nil
	}
	l.cfg.Log.Warn("the machine's clock was set", "by", moved)
	return l.keepClock(ctx, c.rebased(wall, up))
}

// Measured takes what headquarters' clock says now, within bound. When that shows that entries were dated wrongly, it is
// journaled.
func (l *Ledger) Measured(ctx context.Context, hq time.Time, bound time.Duration) error {
	wrote, err := l.measured(context.WithoutCancel(ctx), hq, max(bound, time.Millisecond))
	if wrote {
		l.call(&l.onCommit)
	}
	if err != nil {
		return fmt.Errorf("take headquarters' time: %w", err)
	}
	return nil
}

func (l *Ledger) measured(ctx context.Context, hq time.Time, bound time.Duration) (wrote bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	wall, up := l.moment()
	old := *l.clock.Load()
	l.passed.Store(hq.UnixMilli())
	off := hq.Sub(old.at(up))
	allowed := max(guessed-bound, 0) // a guess is right when it surely is: nothing states more than it
	if old.bound > 0 {
		allowed = old.errorAt(up) + bound
	}
	right := off.Abs() <= allowed
	if right && old.bound > 0 && old.errorAt(up) <= bound {
		return false, nil
	}
	c := clock{boot: old.boot, up: up, wall: wall, hq: hq, bound: bound}
	if !right {
		wrong := retail.Clock{Correction: off.Milliseconds(), Error: ceilMillis(bound)}
		unknown := place{l.head.epoch, l.head.seq}
		if wrote, err = l.correct(ctx, c, old.since, unknown, wrong); err != nil {
			return wrote, err
		}
		if old.doubt != (place{}) {
			more, err := l.correct(ctx, c, old.doubt, old.since, retail.Clock{})
			wrote = wrote || more
			if err != nil {
				return wrote, err
			}
		}
	}
	c.since = place{l.head.epoch, l.head.seq}
	if right && old.bound > 0 && old.moved(wall, up).Abs() < jump && up-l.keptAt < keepEvery {
		l.clock.Store(&c)
		return wrote, nil
	}
	return wrote, l.keepClock(ctx, c)
}

// correct journals what is wrong with the entries after one up to another, with one entry for each epoch that has some.
// Callers hold mu.
func (l *Ledger) correct(ctx context.Context, c clock, after, upto place, body retail.Clock) (wrote bool, err error) {
	epochs, err := l.Epochs(ctx)
	if err != nil {
		return false, err
	}
	for _, e := range epochs {
		if e.Epoch < after.epoch || e.Epoch > upto.epoch {
			continue
		}
		body.Epoch, body.From, body.To = e.Epoch, 1, e.Last
		if e.Epoch == after.epoch {
			body.From = after.seq + 1
		}
		if e.Epoch == upto.epoch {
			body.To = upto.seq
		}
		if body.From > body.To {
			continue
		}
		wall, up := l.moment()
		if _, err := l.write(ctx, l.head.epoch, c.stamped(journal.Entry{Kind: journal.KindClock}, wall, up), body, numbers{}); err != nil {
			return wrote, err
		}
		wrote = true
		l.cfg.Log.Warn("entries were dated wrongly", "epoch", body.Epoch, "from", body.From, "to", body.To,
			"correction_ms", body.Correction, "error_ms", body.Error)
	}
	return wrote, nil
}

// loadClock goes on with the estimate of this boot, or makes a guess from that of an earlier one: fresh says so. It comes
// before the journal is reconciled, whose entries it dates.
func (l *Ledger) loadClock(ctx context.Context) (fresh bool, err error) {
	c, known, err := one(ctx, l.ledger.read, scanClock, `SELECT boot, up, wall, hq, bound, since_epoch, since_seq,
		doubt_epoch, doubt_seq, confirmed FROM clock`)
	if err != nil {
		return false, fmt.Errorf("read the clock: %w", err)
	}
	if err := l.loadPassed(ctx); err != nil {
		return false, err
	}
	boot, up := l.cfg.Uptime()
	wall := l.cfg.Now().Round(0)
	switch {
	case !known:
		fresh, c = true, clock{boot: boot, up: up, wall: wall, hq: wall}
	case c.boot != boot:
		head, err := l.readHead(ctx)
		if err != nil {
			return false, err
		}
		fresh, c = true, c.doubting(head).next(boot, wall, up)
	}
	l.keptAt = c.up
	l.clock.Store(&c)
	return fresh, nil
}

// doubting remembers which entries were dated by a guess that nothing will confirm any more.
func (c clock) doubting(newest head) clock {
	if c.bound == 0 && c.doubt == (place{}) && c.since != (place{newest.epoch, newest.seq}) {
		c.doubt = c.since
	}
	return c
}

// beginClock keeps a fresh estimate once the journal is as it should be: entries after those are dated by it. Entries that
// came back from the sentinel were dated by nobody knows which.
func (l *Ledger) beginClock(ctx context.Context, fresh bool, before head) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !fresh && l.head.epoch == before.epoch {
		return nil
	}
	c := *l.clock.Load()
	if !fresh {
		c = c.doubting(before)
	}
	c.since = place{l.head.epoch, l.head.seq}
	return l.keepClock(ctx, c)
}

// confirmClock notes that the person who opened a shift was asked for the date, and that it is the estimate's. Callers hold
// mu.
func (l *Ledger) confirmClock(ctx context.Context, e journal.Entry, shift retail.ShiftOpen) error {
	zone, err := time.LoadLocation(l.store.Load().Zone)
	if err != nil || !shift.Confirmed || retail.DateOf(e.At().In(zone)) != shift.BusinessDate {
		return err
	}
	c := *l.clock.Load()
	c.confirmed = true
	return l.keepClock(ctx, c)
}

// keepClock makes an estimate the one that counts, and writes it down. Callers hold mu.
func (l *Ledger) keepClock(ctx context.Context, c clock) error {
	l.clock.Store(&c)
	w := l.ledger.write
	err := w.tx(ctx, func() error {
		_, err := w.exec(ctx, `INSERT OR REPLACE INTO clock
				(one, boot, up, wall, hq, bound, since_epoch, since_seq, doubt_epoch, doubt_seq, confirmed)
			VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			c.boot, c.up.Microseconds(), c.wall.UnixMicro(), c.hq.UnixMicro(), c.bound.Microseconds(),
			c.since.epoch, c.since.seq, c.doubt.epoch, c.doubt.seq, c.confirmed)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the clock: %w", err)
	}
	l.keptAt = c.up
	return nil
}

func scanClock(r *sql.Rows) (c clock, err error) {
	var up, wall, hq, bound int64
	err = r.Scan(&c.boot, &up, &wall, &hq, &bound, &c.since.epoch, &c.since.seq, &c.doubt.epoch, &c.doubt.seq, &c.confirmed)
	c.up, c.bound = time.Duration(up)*time.Microsecond, time.Duration(bound)*time.Microsecond
	c.wall, c.hq = time.UnixMicro(wall).UTC(), time.UnixMicro(hq).UTC()
	return c, err
}

// loadPassed reads what is known to have passed.
func (l *Ledger) loadPassed(ctx context.Context) error {
	told, _, err := one(ctx, l.ledger.read, value[int64], `SELECT max(ack_at, session_at) FROM identity`)
	if err != nil {
		return err
	}
	l.passes(told)
	bytes, ok, err := one(ctx, l.ledger.read, value[[]byte], `SELECT bytes FROM entry ORDER BY epoch DESC, seq DESC LIMIT 1`)
	if err != nil || !ok {
		return err
	}
	if e, err := journal.Decode(bytes); err == nil {
		l.passes(e.At().UnixMilli())
	}
	return nil
}
