package printer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"comptant/terminal/till"
)

// The waits between two tries: each is twice the one before, up to the longest. Whoever asks for another receipt has the
// printer tried at once.
const (
	firstWait   = time.Second
	longestWait = 15 * time.Second
)

// run prints until ctx is done; once the queue is closed, until nothing waits or the printer does not print.
func (q *Queue) run(ctx context.Context) {
	wait := firstWait
	for ctx.Err() == nil {
		q.openDrawer(ctx)
		j := q.first()
		if j == nil {
			if q.closing() {
				return
			}
			q.pause(ctx, -1)
			continue
		}
		err := q.try(ctx, j)
		switch {
		case err == nil:
			wait = firstWait
			q.finish(j, nil)
		case ctx.Err() != nil || q.closing():
			return
		case time.Since(j.asked) >= keepFor:
			q.finish(j, fmt.Errorf("print %s: %w: %w", j.Name, ErrExpired, err))
		default:
			q.log.Warn("printer", "document", j.Name, "err", err)
			if q.pause(ctx, min(wait, keepFor-time.Since(j.asked))) {
				wait = min(2*wait, longestWait)
			} else {
				wait = firstWait
			}
			if time.Since(j.asked) >= keepFor {
				q.finish(j, fmt.Errorf("print %s: %w: %w", j.Name, ErrExpired, err))
			}
		}
	}
}

// try prints a job once.
func (q *Queue) try(ctx context.Context, j *job) error {
	ctx, cancel := context.WithDeadline(ctx, j.asked.Add(keepFor))
	defer cancel()
	err := q.press.print(ctx, j, q)
	if err != nil {
		is := till.PrinterFault
		if t := new(trouble); errors.As(err, &t) {
			is = t.is
		}
		q.is(is, false)
	}
	return err
}

// pause waits for something to do, at most so long; negative for as long as it takes. It says whether the time passed.
func (q *Queue) pause(ctx context.Context, most time.Duration) bool {
	var end <-chan time.Time
	if most >= 0 {
		timer := time.NewTimer(most)
		defer timer.Stop()
		end = timer.C
	}
	for {
		select {
		case <-ctx.Done():
			return false
		case <-q.wake:
			return false
		case at := <-q.drawer:
			q.openAt(ctx, at)
		case <-end:
			return true
		}
	}
}

// openDrawer opens it when somebody wants that.
func (q *Queue) openDrawer(ctx context.Context) {
	select {
	case at := <-q.drawer:
		q.openAt(ctx, at)
	default:
	}
}

// openAt opens the drawer unless that was wanted too long ago: it must not open by itself.
func (q *Queue) openAt(ctx context.Context, at time.Time) {
	ctx, cancel := context.WithDeadline(ctx, at.Add(openWithin))
	defer cancel()
	err := ctx.Err()
	if err == nil {
		err = q.press.open(ctx)
	}
	if err != nil && !errors.Is(err, errors.ErrUnsupported) {
		q.log.Warn("the drawer stays shut", "err", err)
	}
}
