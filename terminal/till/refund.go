package till

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// Book is what refunds need besides the journal: what was given back, and the rights tills have given each other.
type Book interface {
	// GivenBack is what this till gave back of one of its own receipts, or gave another till the right to.
	GivenBack(ctx context.Context, epoch, number uint64) ([]retail.RefundPart, error)
	// InDoubt says that this till lacks entries that were written after one of its own receipts, or may have been: what it
	// gave back of it is not known for sure.
	InDoubt(ctx context.Context, epoch, number uint64) (bool, error)
	// Hold is what this till's journal says of a hold.
	Hold(ctx context.Context, id uuid.UUID) (Hold, error)
	// Found is headquarters' newest answer about a receipt that this till asked for; ok is false when there is none.
	Found(ctx context.Context) (f retail.ReceiptFound, ok bool, err error)
	// HoldsAsked are the rights headquarters asks this till to give or take back, HoldsGiven those this till asked for.
	HoldsAsked(ctx context.Context) ([]retail.HoldAsked, error)
	HoldsGiven(ctx context.Context) ([]retail.HoldGiven, error)
}

// Hold is what a till's own journal says of a hold: that it answered, gave it up or took it back, or used it.
type Hold struct {
	Answered, Released, Used bool
	// Entry is the newest refund-hold entry about it.
	Entry retail.RefundHold
}

// Refundable is a receipt with what is left of it to give back.
type Refundable struct {
	Receipt retail.ReceiptID
	Sale    retail.Sale
	// Code is the number printed on it, At when it was sold.
	Code string
	At   time.Time
	// Told says that headquarters told of it, and Place of which store it is: this till does not have it.
	Told  bool
	Place string
	// Before is what was given back or promised to others.
	Before []retail.RefundPart
	// Hold is the right to another till's receipt: exactly its Parts may be given back, once.
	Hold  uuid.UUID
	Parts []retail.RefundPart
	// Granted is false for another till's receipt while the till that sold has not answered, or cannot tell: only a supervisor
	// may go on.
	Granted bool
	// Doubt says that the till that sold it, this one or another, lacks entries: here too only a supervisor may go on.
	Doubt bool
}

// Left is how much of each line is left to give back.
func (r Refundable) Left() []money.Quantity {
	left := make([]money.Quantity, len(r.Sale.Lines))
	for i, l := range r.Sale.Lines {
		left[i] = l.Quantity
	}
	for _, p := range r.Before {
		if p.Of >= 0 && p.Of < len(left) {
			left[p.Of] = max(left[p.Of]-p.Quantity, 0)
		}
	}
	return left
}

// Payback is how a refund is paid: the way its receipt was when Kind is 0, else all in cash, rounded as a sale is, or all to a
// card. What the card terminal printed goes with a card.
type Payback struct {
	Kind               retail.TenderKind
	Approval, LastFour string
	// WriteOff says that the goods are not put on the shelf again.
	WriteOff bool
}

// Refunded is a refund that has been committed.
type Refunded struct {
	Written
	Refund retail.Refund
	// Code is the number printed on it.
	Code string
	// Printed is as Sold's.
	Printed <-chan error
}

// Refundable finds a receipt of this till.
func (t *Till) Refundable(ctx context.Context, epoch, number uint64) (Refundable, error) {
	if err := t.signedIn(); err != nil {
		return Refundable{}, err
	}
	receipt, err := t.journal.Receipt(ctx, epoch, number)
	if err != nil {
		return Refundable{}, err
	}
	before, err := t.book.GivenBack(ctx, epoch, number)
	if err != nil {
		return Refundable{}, fmt.Errorf("refunds of receipt %d-%d: %w", epoch, number, err)
	}
	doubt, err := t.inDoubt(ctx, epoch, number)
	if err != nil {
		return Refundable{}, err
	}
	id := retail.ReceiptID{Till: t.Identity().Till, Epoch: epoch, Number: number}
	return Refundable{
		Receipt: id, Sale: receipt.Sale, Code: t.Code(receipt), At: receipt.At, Before: before, Granted: true, Doubt: doubt,
	}, nil
}

func (t *Till) inDoubt(ctx context.Context, epoch, number uint64) (bool, error) {
	doubt, err := t.book.InDoubt(ctx, epoch, number)
	if err != nil {
		return false, fmt.Errorf("what is known of receipt %d-%d: %w", epoch, number, err)
	}
	return doubt, nil
}

// AskHold asks, through headquarters, for the right to refund parts of a receipt of another till. HeldFor gives the answer
// once it has come.
func (t *Till) AskHold(ctx context.Context, receipt retail.ReceiptID, parts []retail.RefundPart) (hold uuid.UUID, err error) {
	if err := t.signedIn(); err != nil {
		return uuid.Nil, err
	}
	if t.training != nil {
		return uuid.Nil, fail(retail.Conflict, KeyTrainingOnly)
	}
	if !t.network().Online {
		return uuid.Nil, fail(retail.Failed, KeyRefundOffline)
	}
	ask := retail.HoldAsked{ID: uuid.Must(uuid.NewV7()), Receipt: receipt, For: t.Identity().Till, Parts: parts}
	if err := t.ask(ctx, ask); err != nil {
		t.log.Warn("ask for a hold", "err", err)
		return uuid.Nil, fail(retail.Failed, KeyRefundOffline)
	}
	return ask.ID, nil
}

// HeldFor is what became of a hold this till asked for; ok is false until headquarters has found the receipt. The error
// says that the till that sold refused, because no more is left.
func (t *Till) HeldFor(ctx context.Context, hold uuid.UUID) (r Refundable, ok bool, err error) {
	given, err := t.book.HoldsGiven(ctx)
	if err != nil {
		return Refundable{}, false, fmt.Errorf("holds: %w", err)
	}
	for _, g := range given {
		if g.Hold.ID != hold {
			continue
		}
		if g.State == retail.HoldRefused {
			return Refundable{}, true, fail(retail.Conflict, KeyRefundRefused)
		}
		return Refundable{
			Receipt: g.Hold.Receipt, Sale: g.Sale, Before: g.Hold.Before, Hold: hold, Parts: g.Hold.Parts,
			Granted: g.State == retail.HoldGranted, Doubt: g.State == retail.HoldInDoubt,
		}, true, nil
	}
	return Refundable{}, false, nil
}

// ReleaseHold gives a hold up for good, so that the till that sold can refund its receipt again.
func (t *Till) ReleaseHold(ctx context.Context, r Refundable) error {
	if err := t.signedIn(); err != nil {
		return err
	}
	_, err := t.commit(ctx, Draft{
		Kind: journal.KindRefundHold, User: t.user.ID, Shift: t.shift.Number,
		Check: func(ctx context.Context) error { return t.unspent(ctx, r.Hold) },
		Body: func(uint64) any {
			return retail.RefundHold{
				ID: r.Hold, Receipt: r.Receipt, For: t.Identity().Till, Parts: r.Parts, Before: r.Before, Released: true,
			}
		},
	})
	return err
}

// unspent says that a hold of this till was neither used nor given up.
func (t *Till) unspent(ctx context.Context, hold uuid.UUID) error {
	h, err := t.book.Hold(ctx, hold)
	if err != nil {
		return fmt.Errorf("hold %s: %w", hold, err)
	}
	if h.Used || h.Released {
		return fail(retail.Conflict, KeyRefundSpent)
	}
	return nil
}

// Refund gives back parts of a receipt: what was charged for them that day, the way it was paid. Above what the person may give
// back alone, or in another way, it needs an approval. A receipt of another till needs a granted hold, or an approval, and is then flagged at headquarters; so is
// one of its own when this till lacks entries.
// When it returns, the entry is durable; the same right cannot be used again, whatever happens next.
func (t *Till) Refund(
	ctx context.Context, r Refundable, parts []retail.RefundPart, pay Payback, reason string, a Approval,
) (Refunded, error) {
	refund, err := t.refund(ctx, r, parts, pay, reason, a)
	if err != nil {
		return Refunded{}, err
	}
	own := r.Receipt.Till == t.Identity().Till
	done, err := t.commitRefund(ctx, refund, func(ctx context.Context) error { return t.stillLeft(ctx, r, refund, own && !r.Told) })
	if err != nil {
		return Refunded{}, err
	}
	if !own && !r.Granted && r.Hold != uuid.Nil {
		// The till that sold may still answer: it shall have its receipt again.
		if err := t.ReleaseHold(ctx, r); err != nil {
			t.log.Warn("a hold that is not needed any more", "hold", r.Hold, "err", err)
		}
	}
	return done, nil
}

// MayRefund says what Refund would refuse, and does nothing: before a card is given money back.
func (t *Till) MayRefund(
	ctx context.Context, r Refundable, parts []retail.RefundPart, pay Payback, reason string, a Approval,
) error {
	_, err := t.refund(ctx, r, parts, pay, reason, a)
	return err
}

// refund is what would be journaled.
func (t *Till) refund(
	ctx context.Context, r Refundable, parts []retail.RefundPart, pay Payback, reason string, a Approval,
) (retail.Refund, error) {
	if err := t.working(); err != nil {
		return retail.Refund{}, err
	}
	own := r.Receipt.Till == t.Identity().Till
	if reason == "" {
		return retail.Refund{}, fail(retail.Invalid, KeyRefundReason)
	}
	if !own && r.Granted {
		parts = r.Parts
	}
	refund, other, err := t.Worth(r, parts, pay)
	if err != nil {
		return refund, err
	}
	if own {
		if refund.Doubt, err = t.inDoubt(ctx, r.Receipt.Epoch, r.Receipt.Number); err != nil {
			return refund, err
		}
	}
	key := ""
	switch {
	case refund.Doubt:
		key = KeyRefundDoubt
	case !own && !r.Granted:
		key = KeyRefundHold
	}
	approver, err := t.allowRefund(refund.Total, key, retail.DeedUnheld, other, a)
	if err != nil {
		return refund, err
	}
	refund.BusinessDate, refund.Receipt, refund.Reason, refund.Approver = t.shift.BusinessDate, r.Receipt, reason, approver
	if !own && r.Granted {
		refund.Hold = r.Hold
	}
	return refund, nil
}

// commitRefund journals a refund; the drawer and the printer come after.
func (t *Till) commitRefund(ctx context.Context, refund retail.Refund, check func(ctx context.Context) error) (Refunded, error) {
	w, err := t.commit(ctx, Draft{
		Kind: journal.KindRefund, User: t.user.ID, Shift: t.shift.Number, Numbered: true, Check: check,
		Body: func(number uint64) any {
			refund.Number = number
			return refund
		},
	})
	if err != nil {
		return Refunded{}, err
	}
	refund.Number = w.Number
	slip := t.refundSlip(ctx, w, refund, t.user.Name, false)
	t.kickForCash(refund.Tenders)
	return Refunded{Written: w, Refund: refund, Code: slip.Code(), Printed: t.print(ctx, slip)}, nil
}

// refundSlip is what the customer takes away.
func (t *Till) refundSlip(ctx context.Context, w Written, refund retail.Refund, cashier string, duplicate bool) retail.Receipt {
	slip := t.printable(ctx, Receipt{Written: w}, cashier, duplicate)
	slip.Refund = &refund
	if of := refund.Receipt; of.Till == t.Identity().Till {
		slip.Of = retail.ReceiptCode(slip.Store.Code, slip.Till, of.Epoch, of.Number)
	}
	return slip
}

// allowRefund asks for the rights a refund needs. Without the till that sold, or when that does not know, which key says,
// somebody has to answer for it whoever is signed in: headquarters shows it to a person. other says that it is not paid the
// way its receipt was.
func (t *Till) allowRefund(
	total money.Amount, key string, deed retail.Deed, other bool, a Approval,
) (approver uuid.UUID, err error) {
	if key == "" {
		approver, err = t.allow(retail.Need{Deed: retail.DeedRefund, Amount: total}, a)
		if err != nil || !other {
			return approver, err
		}
		by, err := t.allow(retail.Need{Deed: retail.DeedTender, Amount: total}, a)
		return cmp.Or(approver, by), err
	}
	n := retail.Need{Deed: deed, Amount: total}
	switch {
	case a.by.ID == uuid.Nil:
		return uuid.Nil, fail(retail.Forbidden, key, "need", n)
	case !t.rights.Of(a.by.Role).May(n):
		return uuid.Nil, fail(retail.Forbidden, KeyApprovalRole, "name", a.by.Name)
	}
	return a.by.ID, nil
}

// stillLeft says, under the journal's lock, that nothing was given back or promised since the refund was worked out.
func (t *Till) stillLeft(ctx context.Context, r Refundable, refund retail.Refund, own bool) error {
	if refund.Hold != uuid.Nil {
		return t.unspent(ctx, refund.Hold)
	}
	if !own {
		return nil
	}
	before, err := t.book.GivenBack(ctx, r.Receipt.Epoch, r.Receipt.Number)
	if err != nil {
		return fmt.Errorf("refunds of receipt %d-%d: %w", r.Receipt.Epoch, r.Receipt.Number, err)
	}
	if quantity(before) != quantity(r.Before) {
		return fail(retail.Conflict, KeyRefundChanged)
	}
	doubt, err := t.inDoubt(ctx, r.Receipt.Epoch, r.Receipt.Number)
	if err == nil && doubt && !refund.Doubt {
		err = fail(retail.Conflict, KeyRefundChanged) // headquarters has just told
	}
	return err
}

// quantity is the sum of the parts: it only grows, or falls when a hold is released, and any change is worth another look.
func quantity(parts []retail.RefundPart) money.Quantity {
	var sum money.Quantity
	for _, p := range parts {
		sum += p.Quantity
	}
	return sum
}

// Worth works out what parts of a receipt give back, and how, and does nothing. other says that it is not the way the receipt
// was paid.
func (t *Till) Worth(r Refundable, parts []retail.RefundPart, pay Payback) (refund retail.Refund, other bool, err error) {
	if refund, err = retail.NewRefund(r.Sale, r.Before, parts); err != nil {
		return refund, false, err
	}
	settled, err := retail.PayBack(r.Sale, r.Before, refund.Total)
	if err != nil {
		return refund, false, err
	}
	if kinds := settled.Kinds(); pay.Kind != 0 && !slices.Equal(kinds, []retail.TenderKind{pay.Kind}) {
		other = true
		if settled, err = payBack(refund.CashStep, refund.Total, pay); err != nil {
			return refund, false, err
		}
	}
	for i, t := range settled.Tenders {
		if t.Kind == retail.TenderCard {
			settled.Tenders[i].Approval, settled.Tenders[i].LastFour = pay.Approval, cmp.Or(pay.LastFour, t.LastFour)
		}
	}
	refund.Tenders, refund.Rounding, refund.WriteOff = settled.Tenders, settled.Rounding, pay.WriteOff
	return refund, other, nil
}

func payBack(step, total money.Amount, pay Payback) (retail.Settlement, error) {
	s := retail.SettleIn(step, total)
	if pay.Kind == retail.TenderCard && total > 0 {
		return s.Card(total, pay.Approval, pay.LastFour)
	}
	due, _ := s.LeftInCash()
	return s.Cash(due)
}
