package till

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/shared/secret"

	"github.com/google/uuid"
)

// After freeTries wrong PINs in a row a person waits firstDelay, and twice as long after each one more, up to maxDelay:
// 10,000 PINs would take a month.
const (
	freeTries  = 3
	firstDelay = 5 * time.Second
	maxDelay   = 5 * time.Minute
)

// tries counts one person's wrong PINs.
type tries struct {
	wrong int
	until time.Time
}

// Staff may sign in here, by name.
func (t *Till) Staff(ctx context.Context) ([]retail.Staff, error) {
	staff, err := t.catalogue.Staff(ctx)
	if err != nil {
		return nil, fmt.Errorf("list staff: %w", err)
	}
	return staff, nil
}

// User is who is signed in; ok is false when the till is locked.
func (t *Till) User() (u retail.Staff, ok bool) {
	if t.user == nil {
		return retail.Staff{}, false
	}
	return *t.user, true
}

// SignIn lets a person work at the till: one argon2id check, and the person's language. A ticket that was open stays, and so
// does the shift. The PIN costs the same time whether it is right or wrong.
func (t *Till) SignIn(ctx context.Context, user uuid.UUID, pin string) error {
	person, err := t.proven(ctx, user, pin)
	if err != nil {
		return err
	}
	t.stopTraining()
	t.asked = nil
	shift, err := t.openedShift(ctx)
	if err != nil {
		return err
	}
	if _, err := t.commit(ctx, Draft{
		Kind: journal.KindSignIn, User: person.ID, Shift: shift.Number,
		Body: func(uint64) any { return retail.SignIn{Name: person.Name} },
	}); err != nil {
		return err
	}
	t.user, t.shift = &person, shift
	t.SetLang(person.Lang)
	return nil
}

// proven is the person, when the PIN shows it.
func (t *Till) proven(ctx context.Context, user uuid.UUID, pin string) (retail.Staff, error) {
	now := t.now()
	if tr := t.tries[user]; now.Before(tr.until) {
		seconds := int(math.Ceil(tr.until.Sub(now).Seconds()))
		return retail.Staff{}, fail(retail.Forbidden, KeySignInWait, "seconds", seconds, "until", tr.until.In(t.location()))
	}
	person, err := t.person(ctx, user)
	if err != nil {
		return retail.Staff{}, err
	}
	right, err := secret.Verify(person.PIN, pin)
	if err != nil {
		return retail.Staff{}, fmt.Errorf("PIN of %s: %w", user, err)
	}
	if !right {
		return retail.Staff{}, t.wrongPIN(user, now)
	}
	delete(t.tries, user)
	decided, err := t.catalogue.Rights(ctx)
	if err != nil {
		return retail.Staff{}, fmt.Errorf("read rights: %w", err)
	}
	t.rights = retail.DefaultRights().With(decided)
	return person, nil
}

// Lock signs the person out. The ticket and a payment that has begun stay for whoever signs in next; a training ends.
func (t *Till) Lock() {
	t.user = nil
	t.stopTraining()
}

func (t *Till) person(ctx context.Context, id uuid.UUID) (retail.Staff, error) {
	staff, err := t.Staff(ctx)
	if err != nil {
		return retail.Staff{}, err
	}
	for _, s := range staff {
		if s.ID == id {
			return s, nil
		}
	}
	return retail.Staff{}, fail(retail.NotFound, KeySignInUnknown)
}

func (t *Till) wrongPIN(user uuid.UUID, now time.Time) error {
	tr := t.tries[user]
	tr.wrong++
	if over := tr.wrong - freeTries; over >= 0 {
		delay := maxDelay
		if over < 6 {
			delay = min(firstDelay<<over, maxDelay)
		}
		tr.until = now.Add(delay)
	}
	t.tries[user] = tr
	return fail(retail.Forbidden, KeySignInWrong)
}

// signedIn is asked by every verb that changes or shows the shop's business.
func (t *Till) signedIn() error {
	if t.user == nil {
		return fail(retail.Forbidden, KeySignInNeeded)
	}
	return nil
}

// commit writes an entry, and makes a failure something a person can act on. The journal may know better what that is.
func (t *Till) commit(ctx context.Context, d Draft) (Written, error) {
	var body any
	build := d.Body
	d.Body = func(number uint64) any {
		body = build(number)
		return body
	}
	w, err := t.journal.Commit(ctx, d)
	if err != nil {
		t.log.Error("commit", "kind", d.Kind, "err", err)
		if known := (*retail.Error)(nil); errors.As(err, &known) {
			return w, known
		}
		return w, &retail.Error{Code: retail.Failed, Key: KeyJournal, Err: fmt.Errorf("commit %s: %w", d.Kind, err)}
	}
	t.shelf.moved(body)
	return w, nil
}
