package till

import (
	"context"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// AcceptOrder says that the store prepares an order. A second press does nothing.
func (t *Till) AcceptOrder(ctx context.Context, id uuid.UUID) error {
	return t.answer(ctx, id, journal.KindOrderAccept, func(o Order) (any, error) {
		return retail.OrderAnswer{Order: o.ID, Attempt: o.Attempt}, nil
	})
}

// ShortOrder says what the store does not have of an order: headquarters asks another one. A second press does nothing.
func (t *Till) ShortOrder(ctx context.Context, id uuid.UUID, missing []retail.StockLine) error {
	return t.answer(ctx, id, journal.KindOrderShort, func(o Order) (any, error) {
		body := retail.OrderMissing{Order: o.ID, Attempt: o.Attempt}
		for _, m := range missing {
			if m.Quantity <= 0 {
				continue
			}
			if m.Quantity > quantityOf(o.Lines, m.Product) {
				return nil, fail(retail.Invalid, KeyOrderMissing)
			}
			body.Lines = append(body.Lines, m)
		}
		if len(body.Lines) == 0 {
			return nil, fail(retail.Invalid, KeyOrderMissing)
		}
		return body, nil
	})
}

// quantityOf is how much of a product lines have.
func quantityOf(lines []retail.Line, product uuid.UUID) (q money.Quantity) {
	for _, l := range lines {
		if l.Product == product {
			q += l.Quantity
		}
	}
	return q
}

// answer journals what the store says of an order, if that can still be said of it.
func (t *Till) answer(ctx context.Context, id uuid.UUID, kind journal.Kind, body func(Order) (any, error)) error {
	if err := t.mayPrepare(); err != nil {
		return err
	}
	o, err := t.Order(ctx, id)
	if err != nil {
		return err
	}
	if o.State == becomes[kind] {
		return nil
	}
	if err := may(o, becomes[kind]); err != nil {
		return err
	}
	said, err := body(o)
	if err != nil {
		return err
	}
	_, err = t.commit(ctx, Draft{
		Kind: kind, User: t.user.ID, Shift: t.shift.Number,
		Check: func(ctx context.Context) error { return t.stillMay(ctx, o, becomes[kind]) },
		Body:  func(uint64) any { return said },
	})
	if err == nil && kind != journal.KindOrderAccept {
		t.drop(o.ID)
	}
	return err
}

// mayPrepare is asked by what prepares an order. Everybody hands over.
func (t *Till) mayPrepare() error {
	if err := t.signedIn(); err != nil {
		return err
	}
	if !t.rights.Of(t.user.Role).May(retail.Need{Deed: retail.DeedOrder}) {
		return fail(retail.Forbidden, KeyOrderRights)
	}
	return nil
}

// may says whether an order may become something.
func may(o Order, to retail.OrderState) error {
	switch {
	case o.State == retail.OrderCollected:
		return fail(retail.Conflict, KeyOrderDone, "code", o.Code, "receipt", o.Receipt)
	case !retail.OrderSteps.Lead(o.State, to):
		return fail(retail.Conflict, KeyOrderState, "code", o.Code)
	}
	return nil
}

// stillMay says, under the journal's lock, that the order is asked for as it was looked at.
func (t *Till) stillMay(ctx context.Context, o Order, to retail.OrderState) error {
	now, err := t.Order(ctx, o.ID)
	if err != nil {
		return err
	}
	if now.Attempt != o.Attempt || !slices.EqualFunc(now.Lines, o.Lines, func(a, b retail.Line) bool {
		return a.Product == b.Product && a.Quantity == b.Quantity
	}) {
		return fail(retail.Conflict, KeyOrderState, "code", o.Code)
	}
	return may(now, to)
}

// HandOver gives an order to who bought it: a sale with a receipt, paid online, by which the goods leave. The drawer stays
// shut. One that nobody here has said to be ready is handed over when anyway says so: another till may have.
//
// When it returns, the entry is durable; this till hands the order over to nobody else, whatever its row says. The tills of a store
// that are offline do not know of each other.
func (t *Till) HandOver(ctx context.Context, id uuid.UUID, anyway bool) (*Sold, error) {
	if err := t.working(); err != nil {
		return nil, err
	}
	if t.openTickets() > 0 {
		return nil, fail(retail.Conflict, KeyOrderTicket)
	}
	if err := t.room(); err != nil {
		return nil, err
	}
	o, err := t.Order(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := may(o, retail.OrderCollected); err != nil {
		return nil, err
	}
	if o.State != retail.OrderReady && !anyway {
		return nil, fail(retail.Conflict, KeyOrderNotReady, "code", o.Code)
	}
	sale := o.Sale(0, t.shift.BusinessDate)
	if wrong := sale.Check(); wrong != nil {
		t.log.Error("the figures of the order do not agree", "order", o.Code, "error", wrong) // it is paid; headquarters says so too
	}
	w, err := t.commit(ctx, Draft{
		Kind: journal.KindSale, User: t.user.ID, Shift: t.shift.Number, Numbered: true,
		Check: func(ctx context.Context) error { return t.stillMay(ctx, o, retail.OrderCollected) },
		Body: func(number uint64) any {
			sale.Number = number
			return sale
		},
	})
	if err != nil {
		return nil, err
	}
	sale.Number = w.Number
	t.last = nil
	t.drop(o.ID)
	receipt := Receipt{Written: w, User: t.user.ID, Shift: t.shift.Number, Sale: sale}
	return &Sold{
		Receipt: receipt, Code: t.Code(receipt), Printed: t.print(ctx, t.printable(ctx, receipt, t.user.Name, false)),
	}, nil
}
