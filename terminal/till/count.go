package till

import (
	"context"
	"fmt"
	"slices"
	"time"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// StockCount is a session of counting what is on the shelf, line by line, while the store sells. One product is being
// counted at a time: its line is nobody's business until it is confirmed. Confirmed, it is in the journal and is what is
// on hand from then on; only then is told what should have been there. A session stays through restarts, locks and the end
// of the shift, until it is finished or abandoned. It belongs to the till's goroutine.
type StockCount struct {
	till    *Till
	session uuid.UUID
	begun   time.Time
	// by is who may count, by right or by somebody's word.
	by    uuid.UUID
	open  *CountLine
	lines []CountLine
	// entries is how many lines the journal has of the session.
	entries int
}

// CountLine is one product of a count.
type CountLine struct {
	Product  retail.Product
	Quantity money.Quantity
	// Moved says that goods of it moved at this till since the line was begun: it must be counted again.
	Moved bool
	// At is when the line was confirmed; zero for the open one.
	At time.Time
	// Again says that an earlier line of the session was replaced.
	Again bool
	// Expected is what this till thought was there when the line was confirmed; Known is false when it knew nothing. It may
	// still change: other tills may have sold what headquarters has not heard of.
	Expected money.Quantity
	Known    bool

	entry int // its place among the session's entries
}

// Variance is what was found beyond what was expected, or short of it when it is negative.
func (l CountLine) Variance() money.Quantity { return l.Quantity - l.Expected }

// StockCount is the session that goes on; ok is false when there is none.
func (t *Till) StockCount() (c *StockCount, ok bool) { return t.shelf, t.shelf != nil }

// BeginStockCount begins a session, or goes on with the one there is. Who has not the right needs an approval, which is
// journaled.
func (t *Till) BeginStockCount(ctx context.Context, a Approval) (*StockCount, error) {
	if err := t.signedIn(); err != nil {
		return nil, err
	}
	if t.shelf != nil && t.shelf.by == t.user.ID {
		return t.shelf, nil
	}
	by, err := t.allow(retail.Need{Deed: retail.DeedCount}, a)
	if err != nil {
		return nil, err
	}
	if by != uuid.Nil {
		o := retail.Override{Deed: retail.DeedCount, BusinessDate: t.businessDay(), Reason: a.reason, Approver: by}
		_, err := t.commit(ctx, Draft{
			Kind: journal.KindOverride, User: t.user.ID, Shift: t.shift.Number, Body: func(uint64) any { return o },
		})
		if err != nil {
			return nil, fmt.Errorf("begin a count: %w", err)
		}
	}
	if t.shelf == nil {
		t.shelf = &StockCount{till: t, session: uuid.Must(uuid.NewV7()), begun: t.Now()}
	}
	t.shelf.by = t.user.ID
	t.shelf.keep()
	return t.shelf, nil
}

// businessDay is the shift's, or today's when none is open: counting needs no shift.
func (t *Till) businessDay() retail.Date {
	if t.shift.Open() {
		return t.shift.BusinessDate
	}
	return retail.DateOf(t.Now())
}

// Begun is when the session began.
func (c *StockCount) Begun() time.Time { return c.begun }

// Lines are those confirmed, the newest first, each product once.
func (c *StockCount) Lines() []CountLine {
	lines := slices.Clone(c.lines)
	slices.Reverse(lines)
	return lines
}

// Open is the line that is being counted; ok is false when there is none. What is expected is not told.
func (c *StockCount) Open() (l CountLine, ok bool) {
	if c.open == nil {
		return l, false
	}
	l = *c.open
	l.Expected, l.Known = 0, false
	return l, true
}

// Scan counts one piece, the weight of a label, or the quantity of "12*code". A product that was counted before begins
// anew. An unknown code is an answer and not an error.
func (c *StockCount) Scan(ctx context.Context, text string) (Scanned, error) {
	if err := c.goesOn(); err != nil {
		return Scanned{}, err
	}
	s, q, err := c.till.lookUp(ctx, text)
	if err != nil || !s.Known {
		return s, err
	}
	if q == 0 && !s.Product.Weighed {
		q = money.One
	}
	if err := c.countable(s.Product); err != nil {
		return s, err
	}
	found := q
	if c.open != nil && !c.open.Moved {
		found += c.open.Quantity
	}
	return s, c.put(s.Product, found)
}

// Choose begins the line of a product with nothing found: for what cannot be scanned, or is to be counted again.
func (c *StockCount) Choose(ctx context.Context, product uuid.UUID) error {
	if err := c.goesOn(); err != nil {
		return err
	}
	p, err := c.till.product(ctx, product)
	if err != nil {
		return err
	}
	if err := c.countable(p); err != nil {
		return err
	}
	if c.open != nil {
		return nil
	}
	return c.put(p, 0)
}

// countable refuses what holds no stock, and another product than the one that is being counted.
func (c *StockCount) countable(p retail.Product) error {
	if p.MadeHere {
		return fail(retail.Invalid, KeyMadeHere, "name", p.Name.In(c.till.lang))
	}
	if c.open != nil && c.open.Product.ID != p.ID {
		return fail(retail.Conflict, KeyCountOpen, "name", c.open.Product.Name.In(c.till.lang))
	}
	return nil
}

// Set says how much there is of the product that is being counted: all of it, 0 or more.
func (c *StockCount) Set(found money.Quantity) error {
	if err := c.goesOn(); err != nil {
		return err
	}
	if c.open == nil {
		return fail(retail.NotFound, KeyNoLine)
	}
	return c.put(c.open.Product, found)
}

// put makes what was found that of the open line.
func (c *StockCount) put(p retail.Product, found money.Quantity) error {
	if found != 0 {
		if err := c.till.checkQuantity(p, found); err != nil {
			return err
		}
	}
	again := slices.ContainsFunc(c.lines, func(l CountLine) bool { return l.Product.ID == p.ID })
	c.open = &CountLine{Product: p, Quantity: found, Again: again, entry: c.entries}
	c.keep()
	return nil
}

// Drop forgets the line that is being counted.
func (c *StockCount) Drop() {
	c.open = nil
	c.keep()
}

// Confirm journals the line that is being counted: it is what is on hand now. What was expected is told from here on.
func (c *StockCount) Confirm(ctx context.Context) (CountLine, error) {
	t := c.till
	if err := c.goesOn(); err != nil {
		return CountLine{}, err
	}
	if c.open == nil {
		return CountLine{}, fail(retail.NotFound, KeyNoLine)
	}
	if c.open.Moved {
		return CountLine{}, fail(retail.Conflict, KeyCountMoved, "name", c.open.Product.Name.In(t.lang))
	}
	s, err := t.catalogue.StockOf(ctx, c.open.Product.ID)
	if err != nil {
		return CountLine{}, fmt.Errorf("stock of %s: %w", c.open.Product.ID, err)
	}
	line := *c.open
	line.Expected, line.Known = s.Here, s.Known
	c.open = &line
	c.keep() // killed after the entry is written, the session still knows what was expected
	w, err := t.commit(ctx, Draft{
		Kind: journal.KindCount, User: t.user.ID, Shift: t.shift.Number, Body: func(uint64) any {
			return retail.Count{Session: c.session, Product: line.Product.ID, Quantity: line.Quantity}
		},
	})
	if err != nil {
		return CountLine{}, err
	}
	line.At, c.open = w.At, nil
	c.add(line)
	c.keep()
	return line, nil
}

// add puts a confirmed line at the end, in place of an earlier one of its product.
func (c *StockCount) add(l CountLine) {
	was := len(c.lines)
	c.lines = slices.DeleteFunc(c.lines, func(o CountLine) bool { return o.Product.ID == l.Product.ID })
	l.Again = len(c.lines) < was
	c.lines = append(c.lines, l)
	c.entries++
}

// Finish ends the session: everything that was to be counted is.
func (c *StockCount) Finish(ctx context.Context) error {
	if err := c.goesOn(); err != nil {
		return err
	}
	if c.open != nil {
		return fail(retail.Conflict, KeyCountOpen, "name", c.open.Product.Name.In(c.till.lang))
	}
	if c.entries == 0 {
		return fail(retail.Invalid, KeyCountEmpty)
	}
	return c.end(ctx)
}

// Abandon ends the session without the line that is being counted. What was confirmed has been counted.
func (c *StockCount) Abandon(ctx context.Context) error {
	if err := c.goesOn(); err != nil {
		return err
	}
	return c.end(ctx)
}

// end says in the journal that the session is over, unless the journal knows nothing of it.
func (c *StockCount) end(ctx context.Context) error {
	t := c.till
	if c.entries > 0 {
		if _, err := t.commit(ctx, Draft{
			Kind: journal.KindCount, User: t.user.ID, Shift: t.shift.Number,
			Body: func(uint64) any { return retail.Count{Session: c.session, Done: true} },
		}); err != nil {
			return err
		}
	}
	t.shelf = nil
	if err := t.counts.KeepCount(uuid.Nil, nil); err != nil {
		t.log.Error("the count that is over is not forgotten", "err", err)
	}
	return nil
}

// goesOn refuses to touch a session that is over, or that somebody else counts.
func (c *StockCount) goesOn() error {
	t := c.till
	if err := t.signedIn(); err != nil {
		return err
	}
	if t.shelf != c {
		return fail(retail.Conflict, KeyCountNone)
	}
	if c.by != t.user.ID {
		return fail(retail.Forbidden, KeyApproval, "need", retail.Need{Deed: retail.DeedCount})
	}
	return nil
}
