package till

import (
	"context"
	"fmt"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// Receiving is one shipment being counted, by scanning, against what was shipped. It belongs to the till's goroutine.
type Receiving struct {
	till     *Till
	shipment retail.Shipment
	lines    []ReceiveLine
	done     bool
}

// ReceiveLine is one product: shipped, and found so far. Shipped is 0 for what nobody announced.
type ReceiveLine struct {
	Product        retail.Product
	Shipped, Found money.Quantity
}

// Difference is what is over, or short when it is negative.
func (l ReceiveLine) Difference() money.Quantity { return l.Found - l.Shipped }

// shipmentsSearched bounds how far back a shipment is looked for.
const shipmentsSearched = 500

// Receive begins to count a shipment; nothing is found yet.
func (t *Till) Receive(ctx context.Context, shipment uuid.UUID) (*Receiving, error) {
	all, err := t.Shipments(ctx, shipmentsSearched)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(s retail.Shipment) bool { return s.ID == shipment })
	if at < 0 {
		return nil, fail(retail.NotFound, KeyNoShipment)
	}
	r := &Receiving{till: t, shipment: all[at]}
	if r.shipment.Received {
		return nil, fail(retail.Conflict, KeyReceived, "code", r.shipment.Code)
	}
	for _, l := range r.shipment.Lines {
		p, ok, err := t.catalogue.Product(ctx, l.Product)
		if err != nil {
			return nil, fmt.Errorf("product %s: %w", l.Product, err)
		}
		if !ok {
			// The goods are here even if the catalogue no longer knows them.
			p = retail.Product{ID: l.Product}
		}
		r.lines = append(r.lines, ReceiveLine{Product: p, Shipped: l.Quantity})
	}
	return r, nil
}

// Shipment is what is being received.
func (r *Receiving) Shipment() retail.Shipment { return r.shipment }

// Lines are the shipment's products, then those nobody announced.
func (r *Receiving) Lines() []ReceiveLine { return slices.Clone(r.lines) }

// Scan counts one piece, or the quantity of "12*code". An unknown code is an answer and not an error.
func (r *Receiving) Scan(ctx context.Context, text string) (Scanned, error) {
	if err := r.till.signedIn(); err != nil {
		return Scanned{}, err
	}
	s, q, err := r.till.lookUp(ctx, text)
	if err != nil || !s.Known {
		return s, err
	}
	if q == 0 {
		q = money.One
	}
	s.Line = r.line(s.Product)
	found := q
	if s.Line >= 0 {
		found += r.lines[s.Line].Found
	}
	if err := r.till.checkQuantity(s.Product, found); err != nil {
		return s, err
	}
	if s.Line < 0 {
		r.lines = append(r.lines, ReceiveLine{Product: s.Product})
		s.Line = len(r.lines) - 1
	}
	r.lines[s.Line].Found = found
	return s, nil
}

// Set says how many of a line were found, 0 or more.
func (r *Receiving) Set(line int, found money.Quantity) error {
	if line < 0 || line >= len(r.lines) {
		return fail(retail.NotFound, KeyNoLine)
	}
	if found != 0 {
		if err := r.till.checkQuantity(r.lines[line].Product, found); err != nil {
			return err
		}
	}
	r.lines[line].Found = found
	return nil
}

// AllFound says that every product was found as shipped; what was scanned beyond the shipment stays.
func (r *Receiving) AllFound() {
	for i := range r.lines {
		if r.lines[i].Shipped > 0 {
			r.lines[i].Found = r.lines[i].Shipped
		}
	}
}

// Commit journals what was found: the goods are now the store's. A second press does nothing.
func (r *Receiving) Commit(ctx context.Context) error {
	if r.done {
		return nil
	}
	t := r.till
	if err := t.signedIn(); err != nil {
		return err
	}
	body := retail.Receive{Shipment: r.shipment.ID}
	for _, l := range r.lines {
		if l.Found > 0 {
			body.Lines = append(body.Lines, retail.StockLine{Product: l.Product.ID, Quantity: l.Found})
		}
	}
	if len(body.Lines) == 0 {
		return fail(retail.Invalid, KeyNothing, "code", r.shipment.Code)
	}
	_, err := t.commit(ctx, Draft{
		Kind: journal.KindReceive, User: t.user.ID, Shift: t.shift.Number,
		Body: func(uint64) any { return body },
	})
	r.done = err == nil
	return err
}

func (r *Receiving) line(p retail.Product) int {
	return slices.IndexFunc(r.lines, func(l ReceiveLine) bool { return l.Product.ID == p.ID })
}
