package till

import (
	"context"
	"math"
	"time"

	"comptant/shared/retail"

	"github.com/google/uuid"
)

// After freeTries wrong PINs in a row a person waits firstDelay, and twice as long after each one more, up to maxDelay:
// 10,000 PINs would take a month.
const (
	freeTries  = 3
	firstDelay = 5 * time.Second
	maxDelay   = 5 * time.Minute
)

// Tries keeps who typed wrong PINs: starting the till again forgives none.
type Tries interface {
	// Tries are those of everybody who has any.
	Tries(ctx context.Context) (map[uuid.UUID]Try, error)
	// KeepTry is durable on return. The zero value forgets the person.
	KeepTry(ctx context.Context, user uuid.UUID, t Try) error
}

// Try is how many wrong PINs a person typed in a row, and when the next may be tried.
type Try struct {
	Wrong int
	Until time.Time
}

// mayTry refuses while the person has to wait. A clock that was set back does not make the wait longer.
func (t *Till) mayTry(user uuid.UUID) error {
	until := t.tries[user].Until
	wait := min(until.Sub(t.now()), maxDelay)
	if wait <= 0 {
		return nil
	}
	return fail(retail.Forbidden, KeySignInWait, "seconds", int(math.Ceil(wait.Seconds())), "until", t.now().Add(wait).In(t.location()))
}

// countTry counts a PIN as wrong before it is looked at: who pulls the plug meanwhile has guessed all the same.
func (t *Till) countTry(ctx context.Context, user uuid.UUID) {
	try := t.tries[user]
	try.Wrong++
	if over := try.Wrong - freeTries; over >= 0 {
		delay := maxDelay
		if over < 6 {
			delay = min(firstDelay<<over, maxDelay)
		}
		try.Until = t.now().Add(delay)
	}
	t.setTry(ctx, user, try)
}

// setTry keeps it on disk too. A disk that refuses keeps nobody out: the till still knows while it runs.
func (t *Till) setTry(ctx context.Context, user uuid.UUID, try Try) {
	if try == (Try{}) {
		delete(t.tries, user)
	} else {
		t.tries[user] = try
	}
	if err := t.keptTries.KeepTry(context.WithoutCancel(ctx), user, try); err != nil {
		t.log.Error("wrong PINs are not kept", "err", err)
	}
}
