package till

import (
	"context"
	"fmt"
	"strings"

	"comptant/shared/retail"

	"github.com/google/uuid"
)

// Customers are the people who buy here. What is known of them is no part of the journal.
type Customers interface {
	// KeepCustomer keeps a customer who was written down or corrected here, until headquarters shows it; durable on return.
	KeepCustomer(ctx context.Context, c retail.Customer) error
	// FindCustomers looks for words, in any order and without accents, in names, phone numbers and e-mail addresses: at most
	// limit, by name. Who was erased is never found.
	FindCustomers(ctx context.Context, query string, limit int) ([]retail.Customer, error)
	// Customer finds by id; ok is false for somebody who was erased, or whom this store does not know.
	Customer(ctx context.Context, id uuid.UUID) (c retail.Customer, ok bool, err error)
}

// FindCustomers looks for customers as the cashier types.
func (t *Till) FindCustomers(ctx context.Context, query string, limit int) ([]retail.Customer, error) {
	if err := t.signedIn(); err != nil {
		return nil, err
	}
	if strings.TrimSpace(query) == "" {
		return nil, nil
	}
	found, err := t.customers.FindCustomers(ctx, query, limit)
	if err != nil {
		return nil, fmt.Errorf("find customers: %w", err)
	}
	return found, nil
}

// NewCustomer writes a customer down, also offline, and puts them on the ticket.
func (t *Till) NewCustomer(ctx context.Context, name, phone, email string) (retail.Customer, error) {
	if err := t.open(); err != nil {
		return retail.Customer{}, err
	}
	c, err := retail.Customer{
		ID: uuid.Must(uuid.NewV7()), Name: name, Phone: phone, Email: email, At: t.Now().UnixMilli(),
	}.Tidy()
	if err != nil {
		return retail.Customer{}, err
	}
	if err := t.customers.KeepCustomer(ctx, c); err != nil {
		return retail.Customer{}, &retail.Error{Code: retail.Failed, Key: KeyCustomer, Err: fmt.Errorf("keep a customer: %w", err)}
	}
	return c, t.SetCustomer(ctx, c.ID)
}

// EditCustomer corrects what is known of a customer, also offline. It counts here at once, and elsewhere when headquarters has it;
// what was printed stays as it was.
func (t *Till) EditCustomer(ctx context.Context, id uuid.UUID, name, phone, email string) (retail.Customer, error) {
	if err := t.open(); err != nil {
		return retail.Customer{}, err
	}
	before, ok, err := t.customers.Customer(ctx, id)
	if err != nil {
		return retail.Customer{}, fmt.Errorf("read customer %s: %w", id, err)
	}
	if !ok {
		return retail.Customer{}, fail(retail.NotFound, KeyNoCustomer)
	}
	// Later than what it corrects, whatever the clocks of the two tills say.
	at := max(t.Now().UnixMilli(), before.At+1)
	c, err := retail.Customer{ID: id, Name: name, Phone: phone, Email: email, At: at}.Tidy()
	if err != nil {
		return retail.Customer{}, err
	}
	if err := t.customers.KeepCustomer(ctx, c); err != nil {
		return retail.Customer{}, &retail.Error{Code: retail.Failed, Key: KeyCustomer, Err: fmt.Errorf("keep a customer: %w", err)}
	}
	return c, nil
}

// SetCustomer says whose sale it is; the zero UUID that it is nobody's.
func (t *Till) SetCustomer(ctx context.Context, id uuid.UUID) error {
	if err := t.open(); err != nil {
		return err
	}
	if id != uuid.Nil {
		_, ok, err := t.customers.Customer(ctx, id)
		if err != nil {
			return fmt.Errorf("read customer %s: %w", id, err)
		}
		if !ok {
			return fail(retail.NotFound, KeyNoCustomer)
		}
	}
	t.ticket.customer = id
	t.last = nil
	t.keep()
	return nil
}

// CustomerName is whose sale the ticket is; empty for nobody.
func (t *Till) CustomerName(ctx context.Context) (string, error) {
	if t.ticket.customer == uuid.Nil {
		return "", nil
	}
	c, _, err := t.customers.Customer(ctx, t.ticket.customer)
	if err != nil {
		return "", fmt.Errorf("read customer %s: %w", t.ticket.customer, err)
	}
	return c.Name, nil
}

// customerName is what a receipt says; empty for nobody, and for somebody who was erased or is not known here.
func (t *Till) customerName(ctx context.Context, id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	c, _, err := t.customers.Customer(ctx, id)
	if err != nil {
		t.log.Error("read the customer of a receipt", "err", err)
	}
	return c.Name
}
