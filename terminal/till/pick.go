package till

import (
	"context"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// Picking is an order being put together, by scanning. What was found is kept, also through a restart, until the order is ready,
// short or gone. It belongs to the till's goroutine.
type Picking struct {
	till  *Till
	order Order
	lines []PickLine
}

// PickLine is one product of an order: how much of it was ordered, and found so far.
type PickLine struct {
	Product        retail.Product
	Ordered, Found money.Quantity
}

// Left is what is still to be found; of what is weighed there may be more than was ordered.
func (l PickLine) Left() money.Quantity { return max(l.Ordered-l.Found, 0) }

// PickOrder begins to put an order together, or goes on.
func (t *Till) PickOrder(ctx context.Context, id uuid.UUID) (*Picking, error) {
	if err := t.mayPrepare(); err != nil {
		return nil, err
	}
	o, err := t.Order(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := may(o, retail.OrderReady); err != nil {
		return nil, err
	}
	if err := t.forgetPicks(ctx); err != nil {
		return nil, err
	}
	p, kept := &Picking{till: t, order: o}, t.picks.of(o.Order)
	for _, l := range o.Lines {
		if p.line(l.Product) < 0 {
			p.lines = append(p.lines, PickLine{
				Product: t.ordered(ctx, l), Ordered: quantityOf(o.Lines, l.Product), Found: kept.found(l.Product),
			})
		}
	}
	return p, nil
}

// Order is what is being put together.
func (p *Picking) Order() Order { return p.order }

// Lines are the products of the order, each once.
func (p *Picking) Lines() []PickLine { return slices.Clone(p.lines) }

// Left is how much is still to be found.
func (p *Picking) Left() (q money.Quantity) {
	for _, l := range p.lines {
		q += l.Left()
	}
	return q
}

// Scan finds one piece, the weight of a label, or the quantity of "3*code". An unknown code is an answer and not an error; what is
// not in the order, or more than it, is refused.
func (p *Picking) Scan(ctx context.Context, text string) (Scanned, error) {
	t := p.till
	if err := t.mayPrepare(); err != nil {
		return Scanned{}, err
	}
	s, q, err := t.lookUp(ctx, text)
	if err != nil || !s.Known {
		return s, err
	}
	name := s.Product.Name.In(t.lang)
	if s.Line = p.line(s.Product.ID); s.Line < 0 {
		return s, fail(retail.Conflict, KeyOrderOther, "name", name)
	}
	l := p.lines[s.Line]
	switch {
	case l.Left() == 0:
		return s, fail(retail.Conflict, KeyOrderEnough, "name", name)
	case q == 0 && s.Product.Weighed:
		q = l.Left()
	case q == 0:
		q = money.One
	}
	if q > l.Left() && !s.Product.Weighed {
		return s, fail(retail.Conflict, KeyOrderEnough, "name", name)
	}
	if err := t.checkQuantity(s.Product, l.Found+q); err != nil {
		return s, err
	}
	p.lines[s.Line].Found += q
	p.keep()
	return s, nil
}

// Set says how much of a line was found, from none to what was ordered.
func (p *Picking) Set(line int, found money.Quantity) error {
	if line < 0 || line >= len(p.lines) {
		return fail(retail.NotFound, KeyNoLine)
	}
	l := p.lines[line]
	if found < 0 || found > l.Ordered {
		return fail(retail.Conflict, KeyOrderEnough, "name", l.Product.Name.In(p.till.lang))
	}
	if found != 0 {
		if err := p.till.checkQuantity(l.Product, found); err != nil {
			return err
		}
	}
	p.lines[line].Found = found
	p.keep()
	return nil
}

// AllFound says that every product was found as ordered.
func (p *Picking) AllFound() {
	for i := range p.lines {
		p.lines[i].Found = max(p.lines[i].Found, p.lines[i].Ordered)
	}
	p.keep()
}

// Missing is what was not found.
func (p *Picking) Missing() (lines []retail.StockLine) {
	for _, l := range p.lines {
		if l.Left() > 0 {
			lines = append(lines, retail.StockLine{Product: l.Product.ID, Quantity: l.Left()})
		}
	}
	return lines
}

// Ready says that the order waits for its customer. Before all of it was found that has to be said by hand. A second press does
// nothing.
func (p *Picking) Ready(ctx context.Context, byHand bool) error {
	if left := p.Left(); left > 0 && !byHand {
		return fail(retail.Conflict, KeyOrderUnpicked, "quantity", left)
	}
	return p.till.answer(ctx, p.order.ID, journal.KindOrderReady, func(o Order) (any, error) {
		return retail.OrderAnswer{Order: o.ID, Attempt: o.Attempt}, nil
	})
}

func (p *Picking) line(product uuid.UUID) int {
	return slices.IndexFunc(p.lines, func(l PickLine) bool { return l.Product.ID == product })
}
