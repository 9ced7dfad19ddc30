package tilltest

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// Book derives what was given back from the journal's entries; headquarters' side is set by the test.
type Book struct {
	Journal *Journal
	// Asked and Given are the holds headquarters knows of, Came the receipt it found, Doubt what it says of refunds.
	Asked []retail.HoldAsked
	Given []retail.HoldGiven
	Came  *retail.ReceiptFound
	Doubt bool
	// Sent and Looked are what the till asked for; every question ends with Fails.
	Sent   []retail.HoldAsked
	Looked []retail.ReceiptAsked
	Fails  error
}

// Ask asks headquarters for a hold, Find for a receipt.
func (b *Book) Ask(_ context.Context, a retail.HoldAsked) error {
	b.Sent = append(b.Sent, a)
	return b.Fails
}

func (b *Book) Find(_ context.Context, a retail.ReceiptAsked) error {
	b.Looked = append(b.Looked, a)
	return b.Fails
}

func (b *Book) Found(context.Context) (f retail.ReceiptFound, ok bool, err error) {
	if b.Came == nil {
		return f, false, nil
	}
	return *b.Came, true, nil
}

func (b *Book) HoldsAsked(context.Context) ([]retail.HoldAsked, error) { return b.Asked, nil }
func (b *Book) HoldsGiven(context.Context) ([]retail.HoldGiven, error) { return b.Given, nil }

func (b *Book) InDoubt(context.Context, uint64, uint64) (bool, error) { return b.Doubt, nil }

func (b *Book) GivenBack(_ context.Context, epoch, number uint64) ([]retail.RefundPart, error) {
	gone := map[int]money.Quantity{}
	add := func(r retail.ReceiptID, parts []retail.RefundPart, sign money.Quantity) {
		if r.Till == ID(99) && r.Epoch == epoch && r.Number == number {
			for _, p := range parts {
				gone[p.Of] += sign * p.Quantity
			}
		}
	}
	for _, d := range b.Journal.Drafts {
		switch body := d.Body.(type) {
		case retail.Refund:
			add(body.Receipt, body.Parts(), 1)
		case retail.Void:
			add(body.Receipt, retail.Refund(body).Parts(), 1)
		case retail.RefundHold:
			if body.Released {
				add(body.Receipt, body.Parts, -1)
			} else {
				add(body.Receipt, body.Parts, 1)
			}
		}
	}
	var parts []retail.RefundPart
	for _, of := range slices.Sorted(maps.Keys(gone)) {
		if gone[of] != 0 {
			parts = append(parts, retail.RefundPart{Of: of, Quantity: gone[of]})
		}
	}
	return parts, nil
}

func (b *Book) Hold(_ context.Context, hold uuid.UUID) (till.Hold, error) {
	var h till.Hold
	for _, d := range b.Journal.Drafts {
		switch body := d.Body.(type) {
		case retail.Refund:
			h.Used = h.Used || body.Hold == hold
		case retail.RefundHold:
			if body.ID == hold {
				h.Answered, h.Released, h.Entry = true, h.Released || body.Released, body
			}
		}
	}
	return h, nil
}

// Customers are the people a till knows.
type Customers struct{ All []retail.Customer }

func (m *Customers) KeepCustomer(_ context.Context, c retail.Customer) error {
	m.All = append(slices.DeleteFunc(m.All, func(o retail.Customer) bool { return o.ID == c.ID }), c)
	return nil
}

func (m *Customers) FindCustomers(_ context.Context, query string, limit int) ([]retail.Customer, error) {
	var found []retail.Customer
	for _, c := range m.All {
		digits := retail.Digits(query)
		if strings.Contains(plain(c.Name+" "+c.Email), plain(query)) || digits != "" && strings.Contains(retail.Digits(c.Phone), digits) {
			found = append(found, c)
		}
	}
	return found[:min(limit, len(found))], nil
}

func (m *Customers) Customer(_ context.Context, id uuid.UUID) (retail.Customer, bool, error) {
	i := slices.IndexFunc(m.All, func(c retail.Customer) bool { return c.ID == id && !c.Erased })
	if i < 0 {
		return retail.Customer{}, false, nil
	}
	return m.All[i], true, nil
}
