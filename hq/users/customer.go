package users

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/retail"
)

// mostCustomers is how many customers a store's tills are told of: those who came last.
const mostCustomers = 2000

// CustomerUse says that a customer was written down or bought at a store.
type CustomerUse struct {
	Store, Customer uuid.UUID
	At              time.Time
}

// writeCustomer keeps what is newer, and who was erased erased.
const writeCustomer = `
	INSERT INTO users.customer AS c (id, name, phone, email, written_at) VALUES ($1, $2, $3, $4, $5)
	ON CONFLICT (id) DO UPDATE SET name = excluded.name, phone = excluded.phone, email = excluded.email, written_at = excluded.written_at
	WHERE c.erased_at IS NULL AND c.written_at < excluded.written_at`

// PutCustomer writes a customer down, as a till sends them, and tells the tills of the store. It may be repeated: what is newer
// counts, and who was erased stays erased.
func PutCustomer(ctx context.Context, tx *db.Tx, store uuid.UUID, c retail.Customer) error {
	c, err := c.Tidy()
	if err != nil {
		return err
	}
	at := time.UnixMilli(c.At)
	_, err = tx.Exec(ctx, writeCustomer, c.ID, c.Name, c.Phone, c.Email, at)
	if err != nil {
		return fmt.Errorf("write customer %s: %w", c.ID, err)
	}
	return UseCustomers(ctx, tx, CustomerUse{Store: store, Customer: c.ID, At: at})
}

// UseCustomers notes where customers came, and tells the tills of those stores who they are. A sale may be here before its
// customer: the tills hear of them when both are.
func UseCustomers(ctx context.Context, tx *db.Tx, uses ...CustomerUse) error {
	if len(uses) == 0 {
		return nil
	}
	// In one order, as every transaction that locks several rows.
	slices.SortFunc(uses, func(a, b CustomerUse) int {
		return bytes.Compare(append(a.Store[:], a.Customer[:]...), append(b.Store[:], b.Customer[:]...))
	})
	stores := map[uuid.UUID]bool{}
	for _, u := range uses {
		_, err := tx.Exec(ctx, `
			INSERT INTO users.customer_store AS s (store_id, customer_id, used_at) VALUES ($1, $2, $3)
			ON CONFLICT (store_id, customer_id) DO UPDATE SET used_at = greatest(s.used_at, excluded.used_at)`, u.Store, u.Customer, u.At)
		if err != nil {
			return fmt.Errorf("note where customer %s came: %w", u.Customer, err)
		}
		if err := publishCustomer(ctx, tx, u.Customer); err != nil {
			return err
		}
		stores[u.Store] = true
	}
	for store := range stores {
		if err := boundCustomers(ctx, tx, store); err != nil {
			return fmt.Errorf("bound the customers of store %s: %w", store, err)
		}
	}
	return nil
}

// publishCustomer tells the tills of all stores where a customer came who that is, or that they were erased.
func publishCustomer(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	found, err := customers(ctx, tx, "c.id = $1", id)
	if err != nil || len(found) == 0 {
		return err
	}
	row, err := feed.NewRow(retail.RowCustomer, id, found[0].Customer)
	if err != nil {
		return err
	}
	stores, err := storesOf(ctx, tx, id)
	for _, store := range stores {
		feed.Publish(ctx, tx, feed.Store(store), row)
	}
	return err
}

func storesOf(ctx context.Context, tx *db.Tx, id uuid.UUID) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, `SELECT store_id FROM users.customer_store WHERE customer_id = $1 ORDER BY 1`, id)
	if err != nil {
		return nil, fmt.Errorf("read the stores of customer %s: %w", id, err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

// boundCustomers takes those who have not come for longest from a store's tills.
func boundCustomers(ctx context.Context, tx *db.Tx, store uuid.UUID) error {
	rows, err := tx.Query(ctx, `
		DELETE FROM users.customer_store WHERE store_id = $1 AND customer_id IN (
			SELECT customer_id FROM users.customer_store WHERE store_id = $1 ORDER BY used_at DESC, customer_id OFFSET $2
		) RETURNING customer_id`, store, mostCustomers)
	if err != nil {
		return err
	}
	gone, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err == nil && len(gone) > 0 {
		feed.Remove(ctx, tx, feed.Store(store), retail.RowCustomer, gone...)
	}
	return err
}

// EraseCustomer takes away all that is known of a customer but the id, which journals have for ever: here, with their account and
// whoever is signed in to it, at the tills of all their stores, and from what is sent of them later. No entry changes, and every chain stays as it is.
func EraseCustomer(ctx context.Context, tx *db.Tx, id uuid.UUID, at time.Time) error {
	done, err := tx.Exec(ctx, `
		UPDATE users.customer SET name = '', phone = '', email = '', erased_at = coalesce(erased_at, $2) WHERE id = $1`, id, at)
	if err != nil {
		return fmt.Errorf("erase customer %s: %w", id, err)
	}
	if done.RowsAffected() == 0 {
		return &retail.Error{Code: retail.NotFound, Key: "customer.unknown", Args: map[string]any{"id": id}}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM users.account WHERE customer_id = $1`, id); err != nil {
		return fmt.Errorf("erase the account of customer %s: %w", id, err)
	}
	stores, err := storesOf(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, store := range stores {
		if err := feed.Forget(ctx, tx, feed.Store(store)); err != nil {
			return err
		}
	}
	return publishCustomer(ctx, tx, id)
}

// Customer is a customer as headquarters knows them.
type Customer struct {
	retail.Customer
	WrittenAt time.Time
	ErasedAt  *time.Time
}

// FindCustomers looks for a part of a name, of an address, or of a phone number's digits; the erased are found by id alone.
func FindCustomers(ctx context.Context, q Querier, text string, limit int) ([]Customer, error) {
	if id, err := uuid.Parse(text); err == nil {
		return customers(ctx, q, "c.id = $1", id)
	}
	digits := retail.Digits(text)
	return customers(ctx, q, `c.erased_at IS NULL AND (strpos(lower(c.name), $1) > 0 OR strpos(c.email, $1) > 0
		OR length($2) > 3 AND strpos(regexp_replace(c.phone, '[^0-9]', '', 'g'), $2) > 0) ORDER BY c.name, c.id LIMIT $3`,
		strings.ToLower(strings.TrimSpace(text)), digits, limit)
}

func customers(ctx context.Context, q Querier, where string, args ...any) ([]Customer, error) {
	rows, err := q.Query(ctx, `SELECT c.id, c.name, c.phone, c.email, c.written_at, c.erased_at FROM users.customer c WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("find customers: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c Customer, err error) {
		err = row.Scan(&c.ID, &c.Name, &c.Phone, &c.Email, &c.WrittenAt, &c.ErasedAt)
		c.At, c.Erased = c.WrittenAt.UnixMilli(), c.ErasedAt != nil
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("find customers: %w", err)
	}
	return found, nil
}

// Newcomer is a customer that another system knew, and the store whose tills are told; the zero UUID for none.
type Newcomer struct {
	retail.Customer
	Store uuid.UUID
}

// PutCustomers writes customers of another system down. At the tills they come after everybody who was there in person.
func PutCustomers(ctx context.Context, tx *db.Tx, all []Newcomer) error {
	var batch pgx.Batch
	var uses []CustomerUse
	for _, n := range all {
		c, err := n.Tidy()
		if err != nil {
			return err
		}
		batch.Queue(writeCustomer, c.ID, c.Name, c.Phone, c.Email, time.UnixMilli(c.At))
		if n.Store != uuid.Nil {
			uses = append(uses, CustomerUse{Store: n.Store, Customer: c.ID, At: time.Unix(0, 0)})
		}
	}
	if err := tx.Send(ctx, &batch); err != nil {
		return fmt.Errorf("write %d customers: %w", len(all), err)
	}
	for _, n := range all {
		if n.Store != uuid.Nil {
			continue
		}
		if err := publishCustomer(ctx, tx, n.ID); err != nil { // where they are known already
			return err
		}
	}
	return UseCustomers(ctx, tx, uses...)
}

// Customers are those with one of the ids, and those with one of the addresses; the erased by id alone.
func Customers(ctx context.Context, q Querier, ids []uuid.UUID, emails []string) ([]Customer, error) {
	return customers(ctx, q, "c.id = ANY($1) OR c.email <> '' AND c.email = ANY($2) ORDER BY c.id", ids, emails)
}
