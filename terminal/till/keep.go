package till

import (
	"context"
	"fmt"

	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
)

// kept is a ticket as it is written down: the open one at each change, and those that wait for their customer.
type kept struct {
	ID        uuid.UUID         `cbor:"1,keyasint"`
	Lines     []keptLine        `cbor:"2,keyasint"`
	Selected  int               `cbor:"3,keyasint"`
	Pending   money.Quantity    `cbor:"4,keyasint,omitempty"`
	Rates     retail.TaxTable   `cbor:"5,keyasint"`
	Prices    uint64            `cbor:"6,keyasint"`
	Off       retail.Discount   `cbor:"7,keyasint,omitzero"`
	Limit     money.Rate        `cbor:"8,keyasint,omitempty"`
	Approvals []retail.Approval `cbor:"9,keyasint,omitempty"`
	Note      string            `cbor:"10,keyasint,omitempty"`
	Totalled  bool              `cbor:"11,keyasint,omitempty"`
	// Payment is the one that has begun; what was tendered has moved, whatever happened to the program.
	Payment *keptPayment `cbor:"12,keyasint,omitempty"`
	// Customer is an id, here too: a person is in one place.
	Customer uuid.UUID `cbor:"13,keyasint,omitzero"`
}

type keptLine struct {
	Product  cbor.RawMessage `cbor:"1,keyasint"` // a retail.Product
	Quantity money.Quantity  `cbor:"2,keyasint"`
	Reason   string          `cbor:"3,keyasint,omitempty"`
	List     money.Amount    `cbor:"4,keyasint,omitempty"`
	Off      retail.Discount `cbor:"5,keyasint,omitzero"`
	Limit    money.Rate      `cbor:"6,keyasint,omitempty"`
	Note     string          `cbor:"7,keyasint,omitempty"`
}

type keptPayment struct {
	ID       uuid.UUID       `cbor:"1,keyasint"`
	Lines    []retail.Line   `cbor:"2,keyasint"`
	Rounding money.Amount    `cbor:"3,keyasint,omitempty"`
	Tenders  []retail.Tender `cbor:"4,keyasint,omitempty"`
	Step     money.Amount    `cbor:"5,keyasint,omitempty"`
}

func (k ticket) kept() (w kept, err error) {
	w = kept{
		ID: k.id, Selected: k.selected, Pending: k.pending, Rates: k.rates, Prices: k.prices, Off: k.off, Limit: k.limit,
		Approvals: k.approvals, Note: k.note, Totalled: k.totalled, Customer: k.customer, Lines: make([]keptLine, len(k.lines)),
	}
	for i := range k.lines {
		l := &k.lines[i]
		if l.encoded == nil {
			if l.encoded, err = cbor.Marshal(l.product); err != nil {
				return w, fmt.Errorf("encode %s: %w", l.product.SKU, err)
			}
		}
		w.Lines[i] = keptLine{
			Product: l.encoded, Quantity: l.quantity, Reason: l.reason, List: l.list, Off: l.off, Limit: l.limit, Note: l.note,
		}
	}
	return w, nil
}

func (w kept) ticket() (ticket, error) {
	k := ticket{
		id: w.ID, selected: w.Selected, pending: w.Pending, rates: w.Rates, prices: w.Prices, off: w.Off, limit: w.Limit,
		approvals: w.Approvals, note: w.Note, totalled: w.Totalled, customer: w.Customer,
	}
	for _, l := range w.Lines {
		line := ticketLine{
			quantity: l.Quantity, reason: l.Reason, list: l.List, off: l.Off, limit: l.Limit, note: l.Note, encoded: l.Product,
		}
		if err := cbor.Unmarshal(l.Product, &line.product); err != nil {
			return k, fmt.Errorf("decode a kept product: %w", err)
		}
		k.lines = append(k.lines, line)
	}
	k.selected = min(k.selected, len(k.lines)-1)
	return k, nil
}

// keep writes the open ticket down. A failure stops nobody: the ticket is still here.
func (t *Till) keep() {
	if err := t.keepTicket(); err != nil {
		t.log.Error("the open ticket is not kept", "err", err)
	}
}

func (t *Till) keepTicket() error {
	var body []byte
	if len(t.ticket.lines) > 0 {
		w, err := t.ticket.kept()
		if err != nil {
			return err
		}
		if p := t.payment; p != nil {
			w.Payment = &keptPayment{ID: p.id, Lines: p.lines, Rounding: p.settlement.Rounding, Tenders: p.settlement.Tenders, Step: p.settlement.Step}
		}
		if body, err = cbor.Marshal(w); err != nil {
			return fmt.Errorf("encode the ticket: %w", err)
		}
	}
	return t.tickets.KeepTicket(body)
}

// restore takes the ticket up that was open when the program ended. One that is also held was about to be put away, or had
// just been fetched: it waits.
func (t *Till) restore(ctx context.Context) error {
	body, err := t.tickets.OpenTicket(ctx)
	if err != nil || body == nil {
		return err
	}
	w, err := readKept(body)
	if err != nil {
		return err
	}
	held, err := t.tickets.HeldTickets(ctx)
	if err != nil {
		return err
	}
	for _, h := range held {
		if h.ID == w.ID {
			return nil
		}
	}
	if t.ticket, err = w.ticket(); err != nil {
		t.ticket = newTicket()
		return err
	}
	if p := w.Payment; p != nil {
		totals := retail.Total(p.Lines, w.Rates)
		settlement := retail.SettleIn(p.Step, totals.Total)
		settlement.Rounding, settlement.Tenders = p.Rounding, p.Tenders
		t.payment = &payment{id: p.ID, lines: p.Lines, totals: totals, prices: w.Prices, settlement: settlement}
	}
	return nil
}

func readKept(body []byte) (kept, error) {
	var w kept
	if err := cbor.Unmarshal(body, &w); err != nil {
		return w, fmt.Errorf("decode a kept ticket: %w", err)
	}
	return w, nil
}
