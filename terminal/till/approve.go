package till

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// Approval is the word of a person with more rights than who is signed in, for one deed. Only Approve gives one; the zero
// value is that nobody was asked.
type Approval struct {
	by     retail.Staff
	reason string
}

// Reason is why the approver allowed it.
func (a Approval) Reason() string { return a.reason }

// NeedOf reads what an error asks an approval for; ok is false when an approval would not help.
func NeedOf(err error) (n retail.Need, ok bool) {
	seen := (*retail.Error)(nil)
	if !errors.As(err, &seen) {
		return n, false
	}
	n, ok = seen.Args["need"].(retail.Need)
	return n, ok
}

// Approvers may approve, by name.
func (t *Till) Approvers(ctx context.Context, n retail.Need) ([]retail.Staff, error) {
	staff, err := t.Staff(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(staff), func(s retail.Staff) bool { return !t.rights.Of(s.Role).May(n) }), nil
}

// Approve takes a person's word for what somebody else is about to do, who stays signed in. It costs the same as a sign-in,
// and wrong PINs count with those of the sign-in.
func (t *Till) Approve(ctx context.Context, n retail.Need, user uuid.UUID, pin, reason string) (Approval, error) {
	if err := t.signedIn(); err != nil {
		return Approval{}, err
	}
	if reason == "" {
		return Approval{}, fail(retail.Invalid, KeyReason)
	}
	person, err := t.proven(ctx, user, pin)
	if err != nil {
		return Approval{}, err
	}
	if !t.rights.Of(person.Role).May(n) {
		return Approval{}, fail(retail.Forbidden, KeyApprovalRole, "name", person.Name)
	}
	return Approval{by: person, reason: reason}, nil
}

// allow is asked by every deed that not everybody may do. The error names the need, so that it can be approved. It gives
// who approved: the zero UUID when that was not needed.
func (t *Till) allow(n retail.Need, a Approval) (by uuid.UUID, err error) {
	switch {
	case t.rights.Of(t.user.Role).May(n):
		return uuid.Nil, nil
	case a.by.ID == uuid.Nil:
		return uuid.Nil, fail(retail.Forbidden, KeyApproval, "need", n)
	case !t.rights.Of(a.by.Role).May(n):
		return uuid.Nil, fail(retail.Forbidden, KeyApprovalRole, "name", a.by.Name)
	}
	return a.by.ID, nil
}

// why is the reason a deed was given, or that of its approval.
func why(reason string, a Approval) (string, error) {
	if reason == "" {
		reason = a.reason
	}
	if reason == "" {
		return "", fail(retail.Invalid, KeyReason)
	}
	return reason, nil
}

// OpenDrawer opens the drawer without a sale. When it returns, the entry is durable; only then may it open.
func (t *Till) OpenDrawer(ctx context.Context, reason string, a Approval) error {
	if err := t.working(); err != nil {
		return err
	}
	by, err := t.allow(retail.Need{Deed: retail.DeedDrawer}, a)
	if err != nil {
		return err
	}
	if reason, err = why(reason, a); err != nil {
		return err
	}
	_, err = t.commit(ctx, Draft{
		Kind: journal.KindDrawerOpen, User: t.user.ID, Shift: t.shift.Number,
		Body: func(uint64) any {
			return retail.DrawerOpen{BusinessDate: t.shift.BusinessDate, Reason: reason, Approver: by}
		},
	})
	if err != nil {
		return fmt.Errorf("open the drawer: %w", err)
	}
	t.kick()
	return nil
}
