package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"comptant/shared/retail"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
)

// KeepCustomer keeps a customer beside the journal. See till.Customers.
func (l *Ledger) KeepCustomer(ctx context.Context, c retail.Customer) error {
	raw, err := cbor.Marshal(c)
	if err != nil {
		return err
	}
	return l.ledger.write.tx(ctx, func() error {
		_, err := l.ledger.write.exec(ctx, `INSERT INTO customer (id, body) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET body = ?2`, c.ID[:], raw)
		return err
	})
}

// OwnCustomers are those that were written down or corrected here and that headquarters has not shown so yet. It forgets the
// others.
func (l *Ledger) OwnCustomers(ctx context.Context) ([]retail.Customer, error) {
	own, err := l.keptCustomers(ctx)
	if err != nil || len(own) == 0 {
		return nil, err
	}
	shown, err := l.shownCustomers(ctx)
	if err != nil {
		return nil, err
	}
	var waiting []retail.Customer
	for _, c := range own {
		if s, ok := shown[c.ID]; !ok || c.Follows(s) {
			waiting = append(waiting, c)
			continue
		}
		if err := l.forgetCustomer(ctx, c.ID); err != nil {
			return nil, err
		}
	}
	return waiting, nil
}

// forgetCustomer takes a row away, and first what it says: a deleted row may stay readable in the file for long.
func (l *Ledger) forgetCustomer(ctx context.Context, id uuid.UUID) error {
	err := l.ledger.write.tx(ctx, func() error {
		_, err := l.ledger.write.exec(ctx, `UPDATE customer SET body = zeroblob(length(body)) WHERE id = ?`, id[:])
		_, err2 := l.ledger.write.exec(ctx, `DELETE FROM customer WHERE id = ?`, id[:])
		return errors.Join(err, err2)
	})
	if err != nil {
		return fmt.Errorf("forget customer %s: %w", id, err)
	}
	return nil
}

func (l *Ledger) keptCustomers(ctx context.Context) ([]retail.Customer, error) {
	return list(ctx, l.ledger.read, body[retail.Customer], `SELECT body FROM customer ORDER BY id`)
}

// shownCustomers are those of the store's feed, the erased ones too.
func (l *Ledger) shownCustomers(ctx context.Context) (map[uuid.UUID]retail.Customer, error) {
	rows, err := rowsOf[retail.Customer](ctx, l.catalogue().read, retail.RowCustomer)
	if err != nil {
		return nil, err
	}
	shown := make(map[uuid.UUID]retail.Customer, len(rows))
	for _, c := range rows {
		shown[c.ID] = c
	}
	return shown, nil
}

// everybody is who this till knows: what headquarters says counts more than what was written down here before.
func (l *Ledger) everybody(ctx context.Context) (map[uuid.UUID]retail.Customer, error) {
	all, err := l.shownCustomers(ctx)
	if err != nil {
		return nil, err
	}
	own, err := l.keptCustomers(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range own {
		if s, ok := all[c.ID]; !ok || c.Follows(s) {
			all[c.ID] = c
		}
	}
	return all, nil
}

// FindCustomers looks through all of them: a store's feed holds few thousand. See till.Customers.
func (l *Ledger) FindCustomers(ctx context.Context, query string, limit int) ([]retail.Customer, error) {
	all, err := l.everybody(ctx)
	if err != nil {
		return nil, err
	}
	words := strings.Fields(fold(query))
	var found []retail.Customer
	for _, c := range all {
		if !c.Erased && isAbout(c, words) {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b retail.Customer) int {
		if n := strings.Compare(fold(a.Name), fold(b.Name)); n != 0 {
			return n
		}
		return strings.Compare(a.ID.String(), b.ID.String())
	})
	return found[:min(limit, len(found))], nil
}

// isAbout says that each word is in the name, the address or the digits of the phone number.
func isAbout(c retail.Customer, words []string) bool {
	text, phone := fold(c.Name)+" "+fold(c.Email), retail.Digits(c.Phone)
	for _, w := range words {
		if !strings.Contains(text, w) && (retail.Digits(w) != w || !strings.Contains(phone, w)) {
			return false
		}
	}
	return true
}

// Customer finds by id. See till.Customers.
func (l *Ledger) Customer(ctx context.Context, id uuid.UUID) (retail.Customer, bool, error) {
	c, ok, err := one(ctx, l.catalogue().read, body[retail.Customer], `SELECT body FROM row WHERE type = ? AND id = ? LIMIT 1`, retail.RowCustomer, id[:])
	if err != nil {
		return retail.Customer{}, false, err
	}
	own, kept, err := one(ctx, l.ledger.read, body[retail.Customer], `SELECT body FROM customer WHERE id = ?`, id[:])
	if kept && (!ok || own.Follows(c)) {
		c, ok = own, true
	}
	if err != nil || !ok || c.Erased {
		return retail.Customer{}, false, err
	}
	return c, true, nil
}
