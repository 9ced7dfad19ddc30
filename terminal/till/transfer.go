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

// Sending is goods being put together, by scanning, for another store. Nothing has left until Commit. It belongs to the
// till's goroutine.
type Sending struct {
	till  *Till
	to    retail.Location
	lines []SendLine
	done  bool
}

// SendLine is one product that is to leave.
type SendLine struct {
	Product  retail.Product
	Quantity money.Quantity
	// Here is what the till thinks is here; Known is false when it knows nothing. More may leave: the goods are in the box, so
	// the number is wrong.
	Here  money.Quantity
	Known bool
}

// Sent is a transfer that has left.
type Sent struct {
	Written
	Transfer retail.TransferOut
	Code     string
}

// mostSent keeps a transfer well within what one journal entry may hold.
const mostSent = 500

// Stores are the other stores, by name.
func (t *Till) Stores(ctx context.Context) ([]retail.Location, error) {
	all, err := t.catalogue.Locations(ctx)
	if err != nil {
		return nil, fmt.Errorf("list stores: %w", err)
	}
	here := t.Identity().Store.ID
	return slices.DeleteFunc(all, func(l retail.Location) bool { return l.Kind != retail.LocationStore || l.ID == here }), nil
}

// Send begins to put goods together for another store.
func (t *Till) Send(ctx context.Context, to uuid.UUID) (*Sending, error) {
	if err := t.signedIn(); err != nil {
		return nil, err
	}
	stores, err := t.Stores(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(stores, func(l retail.Location) bool { return l.ID == to })
	if at < 0 {
		return nil, fail(retail.NotFound, KeyNoStore)
	}
	return &Sending{till: t, to: stores[at]}, nil
}

// To is the store the goods go to.
func (s *Sending) To() retail.Location { return s.to }

// Lines are the products, in the order in which they were first scanned.
func (s *Sending) Lines() []SendLine { return slices.Clone(s.lines) }

// Scan puts one piece in the box, the weight of a label, or the quantity of "12*code". An unknown code is an answer and not
// an error.
func (s *Sending) Scan(ctx context.Context, text string) (Scanned, error) {
	t := s.till
	if err := t.signedIn(); err != nil {
		return Scanned{}, err
	}
	found, q, err := t.lookUp(ctx, text)
	if err != nil || !found.Known {
		return found, err
	}
	p := found.Product
	switch {
	case p.MadeHere:
		return found, fail(retail.Invalid, KeyMadeHere, "name", p.Name.In(t.lang))
	case q == 0 && p.Weighed:
		return found, fail(retail.Invalid, KeyWeight, "name", p.Name.In(t.lang))
	case q == 0:
		q = money.One
	}
	found.Line = slices.IndexFunc(s.lines, func(l SendLine) bool { return l.Product.ID == p.ID })
	if found.Line >= 0 {
		q += s.lines[found.Line].Quantity
	}
	if err := t.checkQuantity(p, q); err != nil {
		return found, err
	}
	if found.Line < 0 {
		if len(s.lines) == mostSent {
			return found, fail(retail.Invalid, KeyTooLong, "most", mostSent)
		}
		stock, err := t.catalogue.StockOf(ctx, p.ID)
		if err != nil {
			return found, fmt.Errorf("stock of %s: %w", p.ID, err)
		}
		found.Line = len(s.lines)
		s.lines = append(s.lines, SendLine{Product: p, Here: stock.Here, Known: stock.Known})
	}
	s.lines[found.Line].Quantity = q
	return found, nil
}

// Set says how many of a line are in the box; 0 takes the line out.
func (s *Sending) Set(line int, q money.Quantity) error {
	if line < 0 || line >= len(s.lines) {
		return fail(retail.NotFound, KeyNoLine)
	}
	if q == 0 {
		s.lines = slices.Delete(s.lines, line, line+1)
		return nil
	}
	if err := s.till.checkQuantity(s.lines[line].Product, q); err != nil {
		return err
	}
	s.lines[line].Quantity = q
	return nil
}

// Commit journals the transfer: the goods are on their way. A second press does nothing.
func (s *Sending) Commit(ctx context.Context, a Approval) (Sent, error) {
	t := s.till
	if err := t.signedIn(); err != nil {
		return Sent{}, err
	}
	if s.done {
		return Sent{}, fail(retail.Conflict, KeySent)
	}
	if len(s.lines) == 0 {
		return Sent{}, fail(retail.Invalid, KeySendEmpty)
	}
	by, err := t.allow(retail.Need{Deed: retail.DeedTransfer}, a)
	if err != nil {
		return Sent{}, err
	}
	body := retail.TransferOut{ID: uuid.Must(uuid.NewV7()), To: s.to.ID, Approver: by}
	for _, l := range s.lines {
		body.Lines = append(body.Lines, retail.StockLine{Product: l.Product.ID, Quantity: l.Quantity})
	}
	w, err := t.commit(ctx, Draft{
		Kind: journal.KindTransferOut, User: t.user.ID, Shift: t.shift.Number, Body: func(uint64) any { return body },
	})
	if err != nil {
		return Sent{}, err
	}
	s.done = true
	return Sent{Written: w, Transfer: body, Code: retail.TransferCode(body.ID)}, nil
}

// Transfers are what this store sent to others, newest first, and where they stand.
func (t *Till) Transfers(ctx context.Context, limit int) ([]retail.Sent, error) {
	if err := t.signedIn(); err != nil {
		return nil, err
	}
	all, err := t.journal.Transfers(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("list transfers: %w", err)
	}
	return all, nil
}

// ProductOf finds a product; ok is false for one that the catalogue does not have any more.
func (t *Till) ProductOf(ctx context.Context, id uuid.UUID) (p retail.Product, ok bool, err error) {
	return t.catalogue.Product(ctx, id)
}
