package till

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/shared/secret"

	"github.com/google/uuid"
)

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
	control, err := t.Control(ctx)
	if err != nil {
		return err
	}
	if control.Locked() {
		return fail(retail.Forbidden, KeySignInLocked, "reason", control.Reason)
	}
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
	if err := t.mayTry(user); err != nil {
		return retail.Staff{}, err
	}
	person, err := t.person(ctx, user)
	if err != nil {
		return retail.Staff{}, err
	}
	t.countTry(ctx, user)
	right, err := secret.Verify(person.PIN, pin)
	if err != nil {
		return retail.Staff{}, fmt.Errorf("PIN of %s: %w", user, err)
	}
	if !right {
		return retail.Staff{}, fail(retail.Forbidden, KeySignInWrong)
	}
	t.setTry(ctx, user, Try{})
	return person, t.readRules(ctx)
}

// readRules reads what headquarters decides and a person works by.
func (t *Till) readRules(ctx context.Context) error {
	decided, err := t.catalogue.Rights(ctx)
	if err != nil {
		return fmt.Errorf("read rights: %w", err)
	}
	t.rights = retail.DefaultRights().With(decided)
	return t.readCurrency(ctx)
}

// ByBadge is whose badge it is. The person must still prove it with the PIN. It takes as long for a badge nobody has.
func (t *Till) ByBadge(ctx context.Context, code string) (retail.Staff, error) {
	staff, err := t.Staff(ctx)
	if err != nil {
		return retail.Staff{}, err
	}
	badge := secret.Badge(code)
	for _, s := range staff {
		if len(s.Badge) > 0 && bytes.Equal(s.Badge, badge) {
			return s, nil
		}
	}
	return retail.Staff{}, fail(retail.NotFound, KeySignInBadge)
}

// Badges says that somebody here has a badge.
func (t *Till) Badges(ctx context.Context) bool {
	staff, err := t.Staff(ctx)
	return err == nil && slices.ContainsFunc(staff, func(s retail.Staff) bool { return len(s.Badge) > 0 })
}

// Control is what headquarters wants of this till.
func (t *Till) Control(ctx context.Context) (retail.Control, error) {
	c, err := t.catalogue.Control(ctx)
	if err != nil {
		return c, fmt.Errorf("read what headquarters wants: %w", err)
	}
	return c, nil
}

// Recheck asks the catalogue again about who is signed in, after headquarters said something new: another role counts at once, and
// somebody who may not work here any more is signed out as by Lock; then here is false. So it is where headquarters has locked the
// till.
func (t *Till) Recheck(ctx context.Context) (here bool, err error) {
	if t.user == nil {
		return true, nil
	}
	control, err := t.Control(ctx)
	if err != nil {
		return true, err
	}
	if control.Locked() {
		t.Lock()
		return false, nil
	}
	person, err := t.person(ctx, t.user.ID)
	if gone := (*retail.Error)(nil); errors.As(err, &gone) {
		t.Lock()
		return false, nil
	}
	if err != nil {
		return true, err
	}
	t.user = &person
	return true, t.readRules(ctx)
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

// signedIn is asked by every verb that changes or shows the shop's business.
func (t *Till) signedIn() error {
	if t.user == nil {
		return fail(retail.Forbidden, KeySignInNeeded)
	}
	return nil
}

// commit writes an entry, and makes a failure something a person can act on. The journal may know better what that is.
func (t *Till) commit(ctx context.Context, d Draft) (Written, error) {
	if !endsTheDay[d.Kind] {
		if err := t.room(); err != nil {
			return Written{}, err
		}
	}
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
