package till

import (
	"context"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// practiceFloat is what a training's drawer begins with.
const practiceFloat money.Amount = 20_000

// training is what waits while somebody practises: the real journal, and the shift as it was.
type training struct {
	journal Journal
	book    Book
	tickets Tickets
	counts  Counts
	people  Customers
	shift   Shift
	shelf   *StockCount
	picks   picks
}

// Training says that nothing of what is done now is written, counted or sold.
func (t *Till) Training() bool { return t.training != nil }

// StartTraining lets who is signed in practise with the real catalogue, in a shift of its own, until Lock. Nothing of it
// touches the journal, the stock or the drawer, and all that it prints says so. A sale that is not settled must be dealt with
// first.
func (t *Till) StartTraining(ctx context.Context, a Approval) error {
	if err := t.signedIn(); err != nil {
		return err
	}
	switch {
	case t.training != nil:
		return nil
	case t.openTickets() > 0:
		return fail(retail.Conflict, KeyTrainingTicket)
	case t.counting:
		return fail(retail.Conflict, KeyShiftCounting)
	}
	if _, err := t.allow(retail.Need{Deed: retail.DeedTraining}, a); err != nil {
		return err
	}
	p := newPractice(t.Identity().Till, t.Now, t.journal, t.customers)
	t.training = &training{journal: t.journal, book: t.book, tickets: t.tickets, counts: t.counts, people: t.customers, shift: t.shift, shelf: t.shelf, picks: t.picks}
	t.journal, t.book, t.tickets, t.counts, t.customers, t.shelf, t.picks = p, p, p, p, p, nil, nil
	t.forget()
	return t.openShift(ctx, opening{float: practiceFloat}, t.today(), false)
}

// stopTraining goes back to what is real.
func (t *Till) stopTraining() {
	r := t.training
	if r == nil {
		return
	}
	t.training = nil
	t.journal, t.book, t.tickets, t.counts, t.customers, t.shift, t.shelf, t.picks = r.journal, r.book, r.tickets, r.counts, r.people, r.shift, r.shelf, r.picks
	t.forget()
}

// forget drops what is in memory alone: nothing of a training is shown after it, and nothing from before within it.
func (t *Till) forget() {
	t.ticket, t.payment, t.last, t.asked, t.counting = newTicket(), nil, nil, nil, false
}
