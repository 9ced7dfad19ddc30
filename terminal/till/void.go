package till

import (
	"context"
	"errors"
	"fmt"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// Voided is a void that has been committed.
type Voided struct {
	Written
	Void retail.Void
	// Code is the number printed on it.
	Code string
	// Printed is as Sold's.
	Printed <-chan error
}

// Voidable says that a receipt is the last sale of this shift and nothing of it was given back: it may be taken back whole.
func (t *Till) Voidable(ctx context.Context, r Receipt) (bool, error) {
	err := t.voidable(ctx, r)
	if known := (*retail.Error)(nil); errors.As(err, &known) {
		return false, nil
	}
	return err == nil, err
}

func (t *Till) voidable(ctx context.Context, r Receipt) error {
	newest, err := t.journal.Receipts(ctx, ReceiptFilter{Limit: 1})
	if err != nil {
		return fmt.Errorf("find the last sale: %w", err)
	}
	if len(newest) == 0 || newest[0].Hash != r.Hash || r.Shift != t.shift.Number {
		return fail(retail.Conflict, KeyVoidLast)
	}
	if r.Sale.Order != uuid.Nil {
		return fail(retail.Conflict, KeyVoidOrder)
	}
	gone, err := t.book.GivenBack(ctx, r.Epoch, r.Number)
	if err != nil {
		return fmt.Errorf("refunds of receipt %d-%d: %w", r.Epoch, r.Number, err)
	}
	if len(gone) > 0 {
		return fail(retail.Conflict, KeyVoidGone)
	}
	return nil
}

// VoidSale takes the last sale of the shift back, goods and money, each tender the way it came. The sale keeps its number,
// and the void takes the next.
func (t *Till) VoidSale(ctx context.Context, r Receipt, reason string, a Approval) (Voided, error) {
	if err := t.open(); err != nil {
		return Voided{}, err
	}
	if err := t.voidable(ctx, r); err != nil {
		return Voided{}, err
	}
	by, err := t.allow(retail.Need{Deed: retail.DeedVoidSale, Amount: r.Sale.Total}, a)
	if err != nil {
		return Voided{}, err
	}
	if reason, err = why(reason, a); err != nil {
		return Voided{}, err
	}
	void, err := retail.NewVoid(r.Sale, retail.ReceiptID{Till: t.Identity().Till, Epoch: r.Epoch, Number: r.Number})
	if err != nil {
		return Voided{}, err
	}
	void.BusinessDate, void.Reason, void.Approver = t.shift.BusinessDate, reason, by
	w, err := t.commit(ctx, Draft{
		Kind: journal.KindVoid, User: t.user.ID, Shift: t.shift.Number, Numbered: true,
		Check: func(ctx context.Context) error { return t.voidable(ctx, r) },
		Body: func(number uint64) any {
			void.Number = number
			return void
		},
	})
	if err != nil {
		return Voided{}, err
	}
	t.last = nil
	t.kickForCash(void.Tenders)
	slip := t.voidSlip(ctx, Void{Written: w, Body: void}, r, t.user.Name, false)
	return Voided{Written: w, Void: void, Code: slip.Code(), Printed: t.print(ctx, slip)}, nil
}

// voidSlip is what is printed of a void: with r, the sale it took back, came the customer's name.
func (t *Till) voidSlip(ctx context.Context, v Void, r Receipt, cashier string, duplicate bool) retail.Receipt {
	slip := t.printable(ctx, Receipt{Written: v.Written, Sale: retail.Sale{Customer: r.Sale.Customer}}, cashier, duplicate)
	refund := retail.Refund(v.Body)
	slip.Refund, slip.Void, slip.Of = &refund, true, t.Code(r)
	return slip
}

// ReprintVoid prints the void of a receipt again, marked as a duplicate. The channel gives one value, as Sold.Printed does.
func (t *Till) ReprintVoid(ctx context.Context, r Receipt) (<-chan error, error) {
	if err := t.signedIn(); err != nil {
		return nil, err
	}
	v, ok, err := t.journal.Void(ctx, r.Epoch, r.Number)
	if err != nil {
		return nil, fmt.Errorf("void of receipt %d-%d: %w", r.Epoch, r.Number, err)
	}
	if !ok {
		return nil, fail(retail.NotFound, KeyVoidNone)
	}
	name, err := t.nameOf(ctx, v.User)
	if err != nil {
		return nil, err
	}
	return t.print(ctx, t.voidSlip(ctx, v, r, name, true)), nil
}

// takeOff journals what is taken off the ticket after a payment had begun: the customer had heard the total. Before that
// a ticket is nobody's business.
func (t *Till) takeOff(d retail.Deed, l *ticketLine, q money.Quantity, amount money.Amount) error {
	if !t.ticket.totalled {
		return nil
	}
	o := retail.Override{Deed: d, BusinessDate: t.shift.BusinessDate, Amount: amount, Quantity: q}
	if l != nil {
		o.Product = l.product.ID
	}
	_, err := t.commit(context.Background(), Draft{
		Kind: journal.KindOverride, User: t.user.ID, Shift: t.shift.Number, Body: func(uint64) any { return o },
	})
	return err
}
