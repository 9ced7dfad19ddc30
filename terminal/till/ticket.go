package till

import (
	"context"
	"fmt"
	"slices"

	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
)

// Most is the largest quantity of one line: a barcode that lands in a quantity is refused, a pallet of candy is not.
const Most = 9_999 * money.One

// mostLines keeps a sale well within what one journal entry may hold.
const mostLines = 250

// ticket is the sale nobody has paid yet.
type ticket struct {
	id       uuid.UUID
	lines    []ticketLine
	selected int
	pending  money.Quantity
	// rates and prices are those in force when the newest line was added.
	rates  retail.TaxTable
	prices uint64
	// off is taken off the whole, at most the part limit of it; approvals are of what was done to the ticket.
	off       retail.Discount
	limit     money.Rate
	approvals []retail.Approval
	note      string
	// customer is whose sale it is; the zero UUID for nobody known.
	customer uuid.UUID
	// totalled says that a payment had begun: from then on what is taken off is journaled.
	totalled bool
}

// ticketLine keeps the product, so that the line can change its language. Its price is that of the moment it was added.
// Another price is in the product too, and then list is that of the catalogue and reason why.
type ticketLine struct {
	product  retail.Product
	quantity money.Quantity
	reason   string
	list     money.Amount
	// off is the discount of the line, at most the part limit of it.
	off   retail.Discount
	limit money.Rate
	note  string
	// encoded is the product as it is written down, once there is need for it: all lines are, at each change of one.
	encoded cbor.RawMessage
}

func newTicket() ticket { return ticket{id: uuid.Must(uuid.NewV7()), selected: -1} }

func (k ticket) documentLines(lang string) []retail.Line {
	lines := make([]retail.Line, len(k.lines))
	for i, l := range k.lines {
		lines[i] = l.document(lang)
	}
	return retail.Compose(lines, k.off, k.rates)
}

// Ticket is the open sale as it is shown.
type Ticket struct {
	Lines []Line
	// Selected is the line that + and - change; -1 when there is none.
	Selected int
	// Items counts pieces; something weighed is one.
	Items int
	// Pending is the quantity typed for the next item; 0 when there is none.
	Pending money.Quantity
	retail.Totals
	// CashDue is the total paid in cash, Rounding what that adds to it.
	CashDue, Rounding money.Amount
	// Frozen says that a payment has begun.
	Frozen bool
	// Off is the discount on the whole ticket and Shared what it takes off; Taken is that and what those of the lines do.
	Off           retail.Discount
	Shared, Taken money.Amount
	Note          string
	// Customer is whose sale it is; the zero UUID for nobody known.
	Customer uuid.UUID
}

// Line is a line of the ticket with what the screen shows beside it.
type Line struct {
	retail.Line
	// Taxes are the names of the taxes charged on it; none when its class is charged nothing.
	Taxes   []string
	Weighed bool
}

// Ticket shows the open sale in the language of the screen.
func (t *Till) Ticket() Ticket {
	k := t.ticket
	lines := k.documentLines(t.lang)
	v := Ticket{Selected: k.selected, Pending: k.pending, Totals: retail.Total(lines, k.rates), Frozen: t.payment != nil, Off: k.off, Note: k.note, Customer: k.customer}
	v.CashDue, v.Rounding = v.Cash(t.currency.Step())
	for i, l := range lines {
		line := Line{Line: l, Weighed: k.lines[i].product.Weighed}
		for _, tax := range v.Taxes {
			if tax.On(l.Class) {
				line.Taxes = append(line.Taxes, tax.Name.In(t.lang))
			}
		}
		v.Lines = append(v.Lines, line)
		v.Taken += l.Discount
		v.Shared += l.Share
		if line.Weighed {
			v.Items++
		} else {
			v.Items += int(l.Quantity / money.One)
		}
	}
	return v
}

// SetPending is the quantity typed before an item ("3 *"); it is used by the next item that is added. 0 takes it back.
func (t *Till) SetPending(q money.Quantity) error {
	if err := t.open(); err != nil {
		return err
	}
	if q < 0 || q > Most {
		return fail(retail.Invalid, KeyQuantity, "most", Most)
	}
	t.ticket.pending = q
	t.keep()
	return nil
}

// Add puts a quantity of a product on the ticket and selects its line: the line that already has it at that price, or a
// new one. Quantity 0 means the pending one, or a single piece. Whatever was sold last is no longer shown.
//
// The price is the one in force: what a tile or a result shows may have been read before it changed.
func (t *Till) Add(ctx context.Context, p retail.Product, q money.Quantity) error {
	fresh, ok, err := t.catalogue.Product(ctx, p.ID)
	if err != nil {
		return fmt.Errorf("read product %s: %w", p.SKU, err)
	}
	if ok {
		p = fresh
	}
	return t.add(ctx, p, q)
}

// add is Add of a product that was just read.
func (t *Till) add(ctx context.Context, p retail.Product, q money.Quantity) error {
	if err := t.open(); err != nil {
		return err
	}
	if q == 0 {
		q = t.ticket.pending
	}
	if p.OpenPrice {
		return fail(retail.Invalid, KeyAskPrice, "name", p.Name.In(t.lang), "product", p, "quantity", q)
	}
	if q == 0 && p.Weighed {
		return fail(retail.Invalid, KeyWeight, "name", p.Name.In(t.lang))
	}
	if q == 0 {
		q = money.One
	}
	if len(t.ticket.lines) == 0 {
		if err := t.room(); err != nil {
			return err
		}
	}
	at := t.ticket.lineOf(p)
	total := q
	if at >= 0 {
		total += t.ticket.lines[at].quantity
	}
	if err := t.checkQuantity(p, total); err != nil {
		return err
	}
	if at < 0 && len(t.ticket.lines) == mostLines {
		return fail(retail.Invalid, KeyTooLong, "most", mostLines)
	}
	if err := t.loadPrices(ctx); err != nil {
		return err
	}
	if at >= 0 {
		t.ticket.lines[at].quantity = total
	} else {
		t.ticket.lines = append(t.ticket.lines, ticketLine{product: p, quantity: q})
		at = len(t.ticket.lines) - 1
	}
	t.ticket.selected, t.ticket.pending = at, 0
	t.last = nil
	t.keep()
	return nil
}

// lineOf finds the line a product is added to. Each weighed piece has its own.
func (k ticket) lineOf(p retail.Product) int {
	if p.Weighed {
		return -1
	}
	return slices.IndexFunc(k.lines, func(l ticketLine) bool {
		return l.plain() && l.product.ID == p.ID && l.product.Price == p.Price && l.product.Class == p.Class
	})
}

// loadPrices takes the rates and the version of prices in force, for the whole ticket.
func (t *Till) loadPrices(ctx context.Context) error {
	rates, err := t.catalogue.Rates(ctx)
	if err != nil {
		return fmt.Errorf("read tax rates: %w", err)
	}
	prices, err := t.catalogue.Prices(ctx)
	if err != nil {
		return fmt.Errorf("read prices version: %w", err)
	}
	t.ticket.rates, t.ticket.prices = rates.On(t.shift.BusinessDate), prices
	return nil
}

func (t *Till) checkQuantity(p retail.Product, q money.Quantity) error {
	if q <= 0 || q > Most {
		return fail(retail.Invalid, KeyQuantity, "most", Most)
	}
	if !p.Weighed && q%money.One != 0 {
		return fail(retail.Invalid, KeyWhole, "name", p.Name.In(t.lang))
	}
	return nil
}

// Select makes a line the one that + and - change.
func (t *Till) Select(line int) error {
	if err := t.openLine(line); err != nil {
		return err
	}
	t.ticket.selected = line
	t.keep()
	return nil
}

// SetQuantity changes a line and selects it.
func (t *Till) SetQuantity(line int, q money.Quantity) error {
	if err := t.openLine(line); err != nil {
		return err
	}
	if err := t.checkQuantity(t.ticket.lines[line].product, q); err != nil {
		return err
	}
	if l := &t.ticket.lines[line]; q < l.quantity {
		less := l.quantity - q
		if err := t.takeOff(retail.DeedVoidLine, l, less, l.product.Price.Mul(less)); err != nil {
			return err
		}
	}
	t.ticket.lines[line].quantity, t.ticket.selected = q, line
	t.ticket.keepWithin()
	t.keep()
	return nil
}

// Increment adds pieces to a line, or takes some away but never the last: Remove does that. The quantity of something
// weighed is its weight and stays.
func (t *Till) Increment(line, pieces int) error {
	if err := t.openLine(line); err != nil {
		return err
	}
	l := t.ticket.lines[line]
	if l.product.Weighed {
		return t.Select(line)
	}
	return t.SetQuantity(line, max(l.quantity+money.Quantity(pieces)*money.One, money.One))
}

// Remove takes a line off, which is journaled once a payment had begun, and selects the one that moves up, or the last.
func (t *Till) Remove(line int) error {
	if err := t.openLine(line); err != nil {
		return err
	}
	l := &t.ticket.lines[line]
	if err := t.takeOff(retail.DeedVoidLine, l, l.quantity, l.whole()); err != nil {
		return err
	}
	t.ticket.lines = slices.Delete(t.ticket.lines, line, line+1)
	t.ticket.selected = min(line, len(t.ticket.lines)-1)
	if len(t.ticket.lines) == 0 {
		t.ticket = newTicket() // what was given to this customer is not for the next
	}
	t.ticket.keepWithin()
	t.keep()
	return nil
}

// Clear drops the whole ticket, as Remove does a line.
func (t *Till) Clear() error {
	if err := t.open(); err != nil {
		return err
	}
	if len(t.ticket.lines) > 0 {
		if err := t.takeOff(retail.DeedVoidTicket, nil, 0, t.Ticket().Subtotal); err != nil {
			return err
		}
	}
	t.ticket = newTicket()
	t.keep()
	return nil
}

// open refuses to touch the ticket while nobody is signed in, no shift is open or a payment runs.
func (t *Till) open() error {
	if err := t.working(); err != nil {
		return err
	}
	if t.payment != nil {
		return fail(retail.Conflict, KeyFrozen)
	}
	return nil
}

func (t *Till) openLine(line int) error {
	if err := t.open(); err != nil {
		return err
	}
	if line < 0 || line >= len(t.ticket.lines) {
		return fail(retail.NotFound, KeyNoLine)
	}
	return nil
}
