package till

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// practice is the journal, the book and the tickets of a training: what is done in it is forgotten with it. Its receipts are of
// epoch 0, which no journal has.
type practice struct {
	till   uuid.UUID
	now    func() time.Time
	real   Journal // for what is true meanwhile: how much waits for headquarters
	mu     sync.Mutex
	head   journal.Hash
	seq    uint64
	number uint64
	z      uint64
	done   []practised
	held   []HeldTicket
	drawer []byte
	// Customers are the real ones, and made are those of the training.
	Customers
	made []retail.Customer
}

type practised struct {
	Draft
	Written
	body any
}

func newPractice(till uuid.UUID, now func() time.Time, journal Journal, people Customers) *practice {
	return &practice{till: till, now: now, real: journal, Customers: people}
}

// Commit does what the real journal does, in memory: what cannot be encoded is refused here too.
func (p *practice) Commit(ctx context.Context, d Draft) (Written, error) {
	if d.Check != nil {
		if err := d.Check(ctx); err != nil {
			return Written{}, err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	number := uint64(0)
	switch {
	case d.Final:
		number = p.z + 1
	case d.Numbered:
		number = p.number + 1
	}
	body, at := d.Body(number), p.now()
	b, err := journal.Encode(journal.Entry{Kind: d.Kind, Time: at.UnixMilli(), Shift: d.Shift, User: d.User}, body)
	if err != nil {
		return Written{}, err
	}
	switch {
	case d.Final:
		p.z = number
	case d.Numbered:
		p.number = number
	}
	p.seq++
	p.head = journal.Next(p.head, p.till, 0, p.seq, b)
	w := Written{Seq: p.seq, Number: number, Hash: p.head, At: at}
	p.done = append(p.done, practised{Draft: d, Written: w, body: body})
	return w, nil
}

// bodiesOf are what was done of one kind, newest first.
func bodiesOf[T any](p *practice) (all []practised, bodies []T) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range slices.Backward(p.done) {
		if b, ok := d.body.(T); ok {
			all, bodies = append(all, d), append(bodies, b)
		}
	}
	return all, bodies
}

func (p *practice) Receipts(_ context.Context, f ReceiptFilter) ([]Receipt, error) {
	_, voids := bodiesOf[retail.Void](p)
	all, bodies := bodiesOf[any](p)
	var found []Receipt
	for i, body := range bodies {
		r, day := Receipt{Written: all[i].Written, User: all[i].User, Shift: all[i].Draft.Shift, Acked: true}, retail.Date(0)
		switch b := body.(type) {
		case retail.Sale:
			r.Sale, day = b, b.BusinessDate
			r.Voided = slices.ContainsFunc(voids, func(v retail.Void) bool { return v.Receipt.Number == b.Number })
		case retail.Refund:
			r.Refund, day = &b, b.BusinessDate
		}
		wanted := day != 0 && (f.Refunds || r.Refund == nil) && (f.Day == 0 || f.Day == day)
		if wanted && strings.HasSuffix(retail.ReceiptCode("", 0, 0, r.Number), f.Text) && len(found) < f.Limit {
			found = append(found, r)
		}
	}
	return found, nil
}

func (p *practice) Receipt(ctx context.Context, epoch, number uint64) (Receipt, error) {
	all, err := p.Receipts(ctx, ReceiptFilter{Limit: int(p.number)})
	for _, r := range all {
		if epoch == 0 && r.Number == number {
			return r, err
		}
	}
	return Receipt{}, fail(retail.NotFound, KeyTrainingOnly)
}

func (p *practice) Void(_ context.Context, epoch, number uint64) (Void, bool, error) {
	all, voids := bodiesOf[retail.Void](p)
	for i, v := range voids {
		if epoch == 0 && v.Receipt.Number == number {
			return Void{Written: all[i].Written, User: all[i].User, Body: v}, true, nil
		}
	}
	return Void{}, false, nil
}

func (p *practice) Shift(context.Context) (Shift, error) {
	all, opened := bodiesOf[retail.ShiftOpen](p)
	if len(opened) == 0 {
		return Shift{}, nil
	}
	o, w := opened[0], all[0].Written
	s := Shift{
		Number: o.Shift, BusinessDate: o.BusinessDate, Float: o.Float, OpenedAt: w.At,
		Opened: retail.ChainEnd{Seq: w.Seq, Hash: w.Hash[:]},
	}
	_, closed := bodiesOf[retail.ShiftClose](p)
	s.Closed = slices.ContainsFunc(closed, func(z retail.ShiftClose) bool { return z.Opened.Seq == w.Seq })
	return s, nil
}

func (p *practice) Totals(_ context.Context, shift Shift) (t retail.ShiftTotals, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range p.done {
		if d.Seq > shift.Opened.Seq {
			t.Add(p.till, 0, d.body)
		}
	}
	return t, nil
}

func (p *practice) Perpetual(context.Context) (money.Amount, error) {
	if _, closed := bodiesOf[retail.ShiftClose](p); len(closed) > 0 {
		return closed[0].Perpetual, nil
	}
	return 0, nil
}

func (p *practice) Closes(_ context.Context, limit int) ([]Close, error) {
	all, closed := bodiesOf[retail.ShiftClose](p)
	var found []Close
	for i, z := range closed[:min(limit, len(closed))] {
		found = append(found, Close{Written: all[i].Written, User: all[i].User, Z: z})
	}
	return found, nil
}

// Waiting is the real journal's: it goes on sending.
func (p *practice) Waiting(ctx context.Context) (Waiting, error) { return p.real.Waiting(ctx) }

func (p *practice) Transfers(_ context.Context, limit int) (sent []retail.Sent, err error) {
	all, bodies := bodiesOf[retail.TransferOut](p)
	for i, b := range bodies[:min(limit, len(bodies))] {
		sent = append(sent, b.Sent(all[i].At))
	}
	return sent, nil
}

func (p *practice) OrderDeeds(_ context.Context, orders []uuid.UUID) (deeds []OrderDeed, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, done := range p.done {
		if d, ok := OrderDeedOf(done.Kind, done.body); ok && slices.Contains(orders, d.Order) {
			deeds = append(deeds, d)
		}
	}
	return deeds, nil
}

func (p *practice) OwnRequests(context.Context) ([]retail.Restock, error) {
	all, asked := bodiesOf[retail.RestockRequest](p)
	var found []retail.Restock
	for i, r := range asked {
		restock := retail.Restock{ID: r.ID, State: retail.RestockRequested, At: all[i].At.UnixMilli(), By: all[i].User}
		for _, l := range r.Lines {
			restock.Lines = append(restock.Lines, retail.RestockLine{Product: l.Product, Asked: l.Quantity})
		}
		found = append(found, restock)
	}
	slices.Reverse(found)
	return found, nil
}

func (p *practice) GivenBack(_ context.Context, epoch, number uint64) ([]retail.RefundPart, error) {
	var parts []retail.RefundPart
	_, refunds := bodiesOf[retail.Refund](p)
	_, voids := bodiesOf[retail.Void](p)
	for _, v := range voids {
		refunds = append(refunds, retail.Refund(v))
	}
	for _, r := range refunds {
		if r.Receipt.Epoch == epoch && r.Receipt.Number == number {
			parts = append(parts, r.Parts()...)
		}
	}
	return parts, nil
}

// Found has no answer: headquarters is not asked in a training.
func (p *practice) Found(context.Context) (f retail.ReceiptFound, ok bool, err error) {
	return f, false, nil
}

// Hold and the two lists know of none: no other till takes part in a training.
func (p *practice) Hold(context.Context, uuid.UUID) (Hold, error)          { return Hold{}, nil }
func (p *practice) HoldsAsked(context.Context) ([]retail.HoldAsked, error) { return nil, nil }
func (p *practice) HoldsGiven(context.Context) ([]retail.HoldGiven, error) { return nil, nil }
func (p *practice) InDoubt(context.Context, uint64, uint64) (bool, error)  { return false, nil }
func (p *practice) KeepCount(uuid.UUID, []byte) error                      { return nil }
func (p *practice) OpenCount(context.Context) (KeptCount, error)           { return KeptCount{}, nil }
func (p *practice) KeptDrawer(context.Context) ([]byte, error)             { return p.drawer, nil }

// KeepDrawer keeps it until the training ends.
func (p *practice) KeepDrawer(body []byte) error {
	p.drawer = body
	return nil
}

func (p *practice) KeepTicket([]byte) error                    { return nil }
func (p *practice) OpenTicket(context.Context) ([]byte, error) { return nil, nil }

func (p *practice) HoldTicket(_ context.Context, h HeldTicket) error {
	p.held = append(p.held, h)
	return nil
}

func (p *practice) HeldTickets(context.Context) ([]HeldTicket, error) {
	held := slices.Clone(p.held)
	slices.SortStableFunc(held, func(a, b HeldTicket) int { return cmp.Compare(a.At.UnixMilli(), b.At.UnixMilli()) })
	return held, nil
}

func (p *practice) DropHeld(_ context.Context, id uuid.UUID) error {
	p.held = slices.DeleteFunc(p.held, func(h HeldTicket) bool { return h.ID == id })
	return nil
}

func (p *practice) KeepCustomer(_ context.Context, c retail.Customer) error {
	p.made = append(slices.DeleteFunc(p.made, func(m retail.Customer) bool { return m.ID == c.ID }), c)
	return nil
}

func (p *practice) Customer(ctx context.Context, id uuid.UUID) (retail.Customer, bool, error) {
	for _, c := range p.made {
		if c.ID == id {
			return c, true, nil
		}
	}
	return p.Customers.Customer(ctx, id)
}

func (p *practice) FindCustomers(ctx context.Context, query string, limit int) ([]retail.Customer, error) {
	found, err := p.Customers.FindCustomers(ctx, query, limit)
	found = slices.DeleteFunc(found, func(f retail.Customer) bool {
		return slices.ContainsFunc(p.made, func(m retail.Customer) bool { return m.ID == f.ID })
	})
	for _, c := range p.made {
		if strings.Contains(strings.ToLower(c.Name), strings.ToLower(strings.TrimSpace(query))) {
			found = append(found, c)
		}
	}
	return found[:min(limit, len(found))], err
}
