package till

import (
	"context"
	"fmt"

	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// Sold is a sale that has been committed.
type Sold struct {
	Receipt Receipt
	// Code is the number printed on it.
	Code   string
	Change money.Amount
	// HandOver is the change in notes and coins, largest first.
	HandOver []Piece
	// Printed gives one value when the printer has finished: nil, or why there is no paper. The sale stands either way.
	Printed <-chan error

	payment payment
}

// Payment is the settled payment, as it is shown.
func (s *Sold) Payment() Payment {
	p := s.payment.show()
	p.Sold = s
	return p
}

// Last is the sale to show until the next item is added; nil when there is none.
func (t *Till) Last() *Sold { return t.last }

// Receipts lists sales, and refunds where they are asked for, newest first.
func (t *Till) Receipts(ctx context.Context, filter ReceiptFilter) ([]Receipt, error) {
	if err := t.signedIn(); err != nil {
		return nil, err
	}
	r, err := t.journal.Receipts(ctx, filter)
	if err != nil {
		return nil, fmt.Errorf("list receipts: %w", err)
	}
	return r, nil
}

// Code is the printed number of a receipt of this till.
func (t *Till) Code(r Receipt) string {
	id := t.Identity()
	return retail.ReceiptCode(id.Store.Code, id.Number, r.Epoch, r.Number)
}

// Printable is a receipt with all that is printed on it, in the language of the screen.
func (t *Till) Printable(ctx context.Context, r Receipt) (retail.Receipt, error) {
	name, err := t.nameOf(ctx, r.User)
	if err != nil {
		return retail.Receipt{}, err
	}
	if r.Refund != nil {
		return t.refundSlip(ctx, r.Written, *r.Refund, name, true), nil
	}
	return t.printable(ctx, r, name, true), nil
}

// Reprint prints a receipt again, marked as a duplicate. The channel gives one value, as Sold.Printed does.
func (t *Till) Reprint(ctx context.Context, r Receipt) (<-chan error, error) {
	if err := t.signedIn(); err != nil {
		return nil, err
	}
	p, err := t.Printable(ctx, r)
	if err != nil {
		return nil, err
	}
	return t.print(ctx, p), nil
}

func (t *Till) printable(ctx context.Context, r Receipt, cashier string, duplicate bool) retail.Receipt {
	id := t.Identity()
	return retail.Receipt{
		Store: id.Store, Till: id.Number, Epoch: r.Epoch, Sale: r.Sale, At: r.At.In(t.location()),
		Cashier: cashier, Proof: r.Hash.Short(), Lang: t.lang, Symbol: t.currency.Symbol, Copy: duplicate, Training: t.Training(),
		Customer: t.customerName(ctx, r.Sale.Customer),
	}
}

// nameOf is empty for somebody who no longer works here.
func (t *Till) nameOf(ctx context.Context, user uuid.UUID) (string, error) {
	staff, err := t.Staff(ctx)
	if err != nil {
		return "", err
	}
	for _, s := range staff {
		if s.ID == user {
			return s.Name, nil
		}
	}
	return "", nil
}

// print hands the receipt to the printer without waiting: a printer that hangs must not hold the queue of customers.
func (t *Till) print(ctx context.Context, r retail.Receipt) <-chan error {
	return t.onPaper(ctx, r.Code(), func(ctx context.Context) error {
		err := t.printer.Print(ctx, r)
		if !r.Training {
			t.missing.note(r, err)
		}
		return err
	})
}

// onPaper prints in a goroutine of its own; code is what the log calls it. The printer says when it gives up.
func (t *Till) onPaper(ctx context.Context, code string, print func(ctx context.Context) error) <-chan error {
	printed := make(chan error, 1)
	t.printing.Go(func() {
		err := print(context.WithoutCancel(ctx))
		if err != nil {
			t.log.Error("print", "document", code, "err", err)
		}
		printed <- err
	})
	return printed
}
