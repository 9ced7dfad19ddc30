package shop

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/shared/secret"
)

// Who is whose cart is meant: the customer who is signed in, or else the visitor who has the token in their browser.
type Who struct {
	Customer uuid.UUID
	Visitor  string
}

// column is the column of shop.cart that knows who, and its value; nil for nobody.
func (w Who) column() (name string, value any) {
	switch {
	case w.Customer != uuid.Nil:
		return "customer_id", w.Customer
	case w.Visitor != "":
		hash := secret.HashToken(w.Visitor)
		return "visitor", hash[:]
	}
	return "", nil
}

// Cart is what somebody means to buy.
type Cart struct {
	ID uuid.UUID
	// Order is the id of the order that the next checkout makes.
	Order uuid.UUID
	// Waits is the token of the page of an order that it waits for; empty for none.
	Waits string
	Lines []CartLine
}

// CartLine is a quantity of a product.
type CartLine struct {
	Product  uuid.UUID
	Quantity money.Quantity
}

// Units is how many pieces there are.
func (c Cart) Units() int {
	units := 0
	for _, l := range c.Lines {
		units += int(l.Quantity / money.One)
	}
	return units
}

// Cart gives somebody's cart; the zero cart for who has none. An order that the cart waited for is looked at first: what it ordered
// goes out once it is confirmed.
func (s *Shop) Cart(ctx context.Context, who Who) (Cart, error) {
	column, value := who.column()
	if value == nil {
		return Cart{}, nil
	}
	cart, err := s.cartWhere(ctx, s.db, column+" = $1", value)
	if err != nil || cart.ID == uuid.Nil {
		return cart, err
	}
	changed, waits, err := s.settleAll(ctx, cart.ID)
	if err == nil && changed {
		cart, err = s.cartWhere(ctx, s.db, "id = $1", cart.ID)
	}
	cart.Waits = waits
	return cart, err
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func (s *Shop) cartWhere(ctx context.Context, q querier, where string, value any) (cart Cart, err error) {
	rows, err := q.Query(ctx, `
		SELECT c.id, c.order_id, l.product_id, l.quantity FROM shop.cart c LEFT JOIN shop.cart_line l ON l.cart_id = c.id
		WHERE c.`+where+` ORDER BY l.added_at, l.product_id`, value)
	if err != nil {
		return cart, fmt.Errorf("read cart: %w", err)
	}
	var product *uuid.UUID
	var quantity *money.Quantity
	_, err = pgx.ForEachRow(rows, []any{&cart.ID, &cart.Order, &product, &quantity}, func() error {
		if product != nil {
			cart.Lines = append(cart.Lines, CartLine{Product: *product, Quantity: *quantity})
		}
		return nil
	})
	if err != nil {
		return cart, fmt.Errorf("read cart: %w", err)
	}
	return cart, nil
}

// Add puts a quantity of a product into somebody's cart, which is made if need be, beside what is there of it.
func (s *Shop) Add(ctx context.Context, who Who, product uuid.UUID, quantity money.Quantity) error {
	if err := checkQuantity(quantity); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		p, err := catalog.Get(ctx, tx, product)
		if err != nil {
			return err
		}
		if !Sold(p) {
			return &retail.Error{Code: retail.Conflict, Key: "cart.withdrawn"}
		}
		cart, err := s.lockOrMake(ctx, tx, who)
		if err != nil {
			return err
		}
		var total money.Quantity
		err = tx.QueryRow(ctx, `
			INSERT INTO shop.cart_line AS l (cart_id, product_id, quantity, added_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (cart_id, product_id) DO UPDATE SET quantity = l.quantity + excluded.quantity
			RETURNING quantity`, cart, product, quantity, s.now()).Scan(&total)
		if err != nil {
			return fmt.Errorf("put into cart: %w", err)
		}
		if err := checkQuantity(total); err != nil {
			return err
		}
		var lines int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM shop.cart_line WHERE cart_id = $1`, cart).Scan(&lines); err != nil {
			return fmt.Errorf("put into cart: %w", err)
		}
		if lines > mostLines {
			return &retail.Error{Code: retail.Invalid, Key: "cart.full", Args: map[string]any{"most": mostLines}}
		}
		return nil
	})
}

// SetQuantity changes how much of a product is in somebody's cart. One that is not there any more is left out.
func (s *Shop) SetQuantity(ctx context.Context, who Who, product uuid.UUID, quantity money.Quantity) error {
	if err := checkQuantity(quantity); err != nil {
		return err
	}
	return s.change(ctx, who, `UPDATE shop.cart_line SET quantity = $3 WHERE cart_id = $1 AND product_id = $2`, product, quantity)
}

// Remove takes a product out of somebody's cart.
func (s *Shop) Remove(ctx context.Context, who Who, product uuid.UUID) error {
	return s.change(ctx, who, `DELETE FROM shop.cart_line WHERE cart_id = $1 AND product_id = $2`, product)
}

// Clear takes everything out of somebody's cart.
func (s *Shop) Clear(ctx context.Context, who Who) error {
	return s.change(ctx, who, `DELETE FROM shop.cart_line WHERE cart_id = $1`)
}

// change runs a statement on somebody's cart, whose id is its first argument.
func (s *Shop) change(ctx context.Context, who Who, statement string, args ...any) error {
	column, value := who.column()
	if value == nil {
		return nil
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		var cart uuid.UUID
		err := tx.QueryRow(ctx, `UPDATE shop.cart SET changed_at = $2 WHERE `+column+` = $1 RETURNING id`, value, s.now()).Scan(&cart)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err == nil {
			_, err = tx.Exec(ctx, statement, append([]any{cart}, args...)...)
		}
		if err != nil {
			return fmt.Errorf("change cart: %w", err)
		}
		return nil
	})
}

// lockOrMake gives the id of somebody's cart, which nobody else changes until the transaction ends. Whoever makes one takes away
// some that were forgotten.
func (s *Shop) lockOrMake(ctx context.Context, tx *db.Tx, who Who) (cart uuid.UUID, err error) {
	column, value := who.column()
	if value == nil {
		return cart, errors.New("make a cart: of nobody")
	}
	now := s.now()
	var made bool
	err = tx.QueryRow(ctx, `
		INSERT INTO shop.cart (id, `+column+`, order_id, changed_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (`+column+`) DO UPDATE SET changed_at = excluded.changed_at RETURNING id, id = $1`,
		uuid.Must(uuid.NewV7()), value, newOrderID(), now).Scan(&cart, &made)
	if err != nil {
		return cart, fmt.Errorf("make a cart: %w", err)
	}
	if made {
		_, err = tx.Exec(ctx, `
			DELETE FROM shop.cart WHERE id IN (SELECT id FROM shop.cart WHERE changed_at < $1 LIMIT 10 FOR UPDATE SKIP LOCKED)`, now.Add(-cartLife))
		if err != nil {
			return cart, fmt.Errorf("take away forgotten carts: %w", err)
		}
	}
	return cart, nil
}

// newOrderID is sorted by time, as all ids.
func newOrderID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// Adopt gives a customer who has just signed in what they had put into the visitor's cart: quantities add up, as far as one cart
// holds. The visitor's cart is no more.
func (s *Shop) Adopt(ctx context.Context, customer uuid.UUID, visitor string) error {
	if visitor == "" || customer == uuid.Nil {
		return nil
	}
	hash := secret.HashToken(visitor)
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		var from uuid.UUID
		err := tx.QueryRow(ctx, `SELECT id FROM shop.cart WHERE visitor = $1 FOR UPDATE`, hash[:]).Scan(&from)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("merge carts: %w", err)
		}
		to, err := s.lockOrMake(ctx, tx, Who{Customer: customer})
		if err != nil {
			return err
		}
		var batch pgx.Batch
		batch.Queue(`
			INSERT INTO shop.cart_line AS l (cart_id, product_id, quantity, added_at)
			SELECT $2, product_id, quantity, added_at FROM shop.cart_line WHERE cart_id = $1
			ON CONFLICT (cart_id, product_id) DO UPDATE SET quantity = least(l.quantity + excluded.quantity, $3)`, from, to, most)
		batch.Queue(`
			DELETE FROM shop.cart_line WHERE cart_id = $1 AND product_id IN (
				SELECT product_id FROM shop.cart_line WHERE cart_id = $1 ORDER BY added_at, product_id OFFSET $2)`, to, mostLines)
		batch.Queue(`UPDATE shop.purchase SET cart_id = $2 WHERE cart_id = $1`, from, to)
		batch.Queue(`DELETE FROM shop.cart WHERE id = $1`, from)
		if err := tx.Send(ctx, &batch); err != nil {
			return fmt.Errorf("merge carts: %w", err)
		}
		return nil
	})
}
