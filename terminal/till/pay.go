package till

import (
	"context"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// Turn names the next tender of a payment. A press carries the turn of the screen it was made on, so the second press
// of a pair names a turn that is taken, and does nothing.
type Turn struct {
	payment uuid.UUID
	tenders int
}

// payment is a ticket being paid. The lines and totals are those of the moment it began, so that a price that changes
// while the customer looks for coins changes nothing.
type payment struct {
	id         uuid.UUID
	lines      []retail.Line
	totals     retail.Totals
	prices     uint64
	settlement retail.Settlement
}

// Payment is a payment as it is shown.
type Payment struct {
	Turn Turn
	retail.Totals
	Tenders []retail.Tender
	Paid    money.Amount
	// Left is exact, what a card would pay; LeftInCash is rounded, and Rounding the difference.
	Left, LeftInCash, Rounding money.Amount
	// Sold is the sale once it is committed; nil before.
	Sold *Sold
}

// StartPayment freezes the ticket. When a payment has begun already, that one is given.
func (t *Till) StartPayment() (Payment, error) {
	if err := t.working(); err != nil {
		return Payment{}, err
	}
	if t.payment == nil {
		if len(t.ticket.lines) == 0 {
			return Payment{}, fail(retail.Invalid, KeyEmpty)
		}
		lines := t.ticket.documentLines(t.lang)
		totals := retail.Total(lines, t.ticket.rates)
		t.payment = &payment{
			id: uuid.Must(uuid.NewV7()), lines: lines, totals: totals, prices: t.ticket.prices,
			settlement: retail.SettleIn(t.currency.Step(), totals.Total),
		}
		t.ticket.totalled = true
		t.keep()
	}
	return t.payment.show(), nil
}

// Payment is the one that has begun; ok is false when none has.
func (t *Till) Payment() (p Payment, ok bool) {
	if t.payment == nil {
		return Payment{}, false
	}
	return t.payment.show(), true
}

// CancelPayment goes back to the ticket. It is refused once something was tendered: that money has moved.
func (t *Till) CancelPayment() error {
	if t.payment == nil {
		return nil
	}
	if paid := t.payment.settlement.Paid(); len(t.payment.settlement.Tenders) > 0 {
		return fail(retail.Conflict, KeyPayTaken, "amount", paid)
	}
	t.payment = nil
	t.keep()
	return nil
}

// QuickCash are the amounts a customer is likely to hand over: exact, the next whole unit, and the next multiples of the small
// notes, each once.
func (t *Till) QuickCash() []QuickCash {
	if t.payment == nil {
		return nil
	}
	due, _ := t.payment.settlement.LeftInCash()
	return quickCash(t.currency, due)
}

// TenderCash takes notes and coins: a part of what is left, or all of it with change to give back. The tender that
// settles the sale commits it. A turn that is taken already does nothing and shows how things stand.
//
// After an error nothing was taken and the same turn may be pressed again.
func (t *Till) TenderCash(ctx context.Context, turn Turn, given money.Amount) (Payment, error) {
	return t.tender(ctx, turn, func(s retail.Settlement) (retail.Settlement, error) { return s.Cash(given) })
}

// TenderCard takes what the card terminal approved, with its approval code and the card's last four digits. Otherwise
// it is like TenderCash.
func (t *Till) TenderCard(ctx context.Context, turn Turn, amount money.Amount, approval, lastFour string) (Payment, error) {
	return t.tender(ctx, turn, func(s retail.Settlement) (retail.Settlement, error) {
		return s.Card(amount, approval, lastFour)
	})
}

func (t *Till) tender(
	ctx context.Context, turn Turn, take func(retail.Settlement) (retail.Settlement, error),
) (Payment, error) {
	if err := t.signedIn(); err != nil {
		return Payment{}, err
	}
	if t.last != nil && turn.payment == t.last.payment.id {
		return t.last.Payment(), nil
	}
	if err := t.working(); err != nil {
		return Payment{}, err
	}
	if t.payment == nil {
		return Payment{}, fail(retail.Conflict, KeyPayNone)
	}
	if turn != t.payment.turn() {
		return t.payment.show(), nil
	}
	settled, err := take(t.payment.settlement)
	if err != nil {
		return t.payment.show(), err
	}
	if !settled.Done() {
		t.payment.settlement = settled
		t.keep()
		return t.payment.show(), nil
	}
	if err := t.sell(ctx, settled); err != nil {
		return t.payment.show(), err
	}
	return t.last.Payment(), nil
}

// sell commits the sale. From here on it has happened.
func (t *Till) sell(ctx context.Context, settled retail.Settlement) error {
	p := *t.payment
	p.settlement = settled
	sale := retail.Sale{
		BusinessDate: t.shift.BusinessDate, Currency: t.Identity().Currency, CashStep: settled.Step, Prices: p.prices,
		Lines: p.lines, Taxes: p.totals.Taxes, Tenders: settled.Tenders,
		Total: p.totals.Total, Rounding: settled.Rounding,
		Off: t.ticket.off, Approvals: t.ticket.approvals, Note: t.ticket.note, Customer: t.ticket.customer,
	}
	w, err := t.commit(ctx, Draft{
		Kind: journal.KindSale, User: t.user.ID, Shift: t.shift.Number, Numbered: true,
		Body: func(number uint64) any {
			sale.Number = number
			return sale
		},
	})
	if err != nil {
		return err
	}
	sale.Number = w.Number
	t.ticket, t.payment = newTicket(), nil
	t.keep()
	receipt := Receipt{Written: w, User: t.user.ID, Shift: t.shift.Number, Sale: sale}
	t.last = &Sold{
		Receipt: receipt, Code: t.Code(receipt), Change: sale.Change(), HandOver: HandOver(t.currency, sale.Change()), payment: p,
	}
	t.kickForCash(sale.Tenders)
	t.last.Printed = t.print(ctx, t.printable(ctx, receipt, t.user.Name, false))
	return nil
}

func (p *payment) turn() Turn { return Turn{payment: p.id, tenders: len(p.settlement.Tenders)} }

func (p *payment) show() Payment {
	v := Payment{
		Turn: p.turn(), Totals: p.totals, Tenders: slices.Clone(p.settlement.Tenders),
		Paid: p.settlement.Paid(), Left: p.settlement.Left(),
	}
	v.LeftInCash, v.Rounding = p.settlement.LeftInCash()
	return v
}
