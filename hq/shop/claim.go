package shop

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/shared/retail"
	"comptant/shared/secret"
)

// claimed is what the checkout of a cart leads to.
type claimed struct {
	// ask is what the desk is asked for; nil where there is an order already.
	ask   *order.Placement
	order order.Order
	// token is that of the order's page.
	token string
}

// claim makes a cart wait for an order, and gives what the desk is asked for; or else the order that was asked for before, or another
// that the cart waits for. One that was not placed yet is given up for it. own says that the id is the caller's, and need not be the cart's.
func (s *Shop) claim(ctx context.Context, who Who, c Checkout, own bool) (found claimed, err error) {
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		found, err = s.claimIn(ctx, tx, who, c, own)
		return err
	})
	return found, err
}

func (s *Shop) claimIn(ctx context.Context, tx *db.Tx, who Who, c Checkout, own bool) (claimed, error) {
	// Two at once come one after the other; the second finds what the first has asked for.
	cart, err := s.lockCart(ctx, tx, who)
	switch {
	case err != nil:
		return claimed{}, err
	case cart.ID == uuid.Nil && own:
		return claimed{}, empty()
	case cart.ID == uuid.Nil:
		return claimed{}, stale()
	}
	if c.Order == uuid.Nil {
		c.Order = cart.Order
	}
	asked, err := purchases(ctx, tx, cart.ID, c.Order)
	if err != nil {
		return claimed{}, err
	}
	for _, p := range asked {
		mine := p.order == c.Order
		switch {
		case mine && !p.of(cart.ID) && own:
			return claimed{}, &retail.Error{Code: retail.Invalid, Key: "once.other"}
		case mine && !p.of(cart.ID):
			return claimed{}, stale() // somebody else's
		}
		o, err := order.One(ctx, tx, p.order)
		switch {
		case unplaced(err) && mine:
			continue // headquarters may have died: asked for again, it is the same order
		case unplaced(err):
			err = p.giveUp(ctx, tx, s.now())
		case err == nil && (mine || Undecided(o)):
			return claimed{order: o, token: p.token}, nil
		case err == nil:
			err = s.settleIn(ctx, tx, o)
		}
		if err != nil {
			return claimed{}, err
		}
	}
	if c.Order != cart.Order && !own {
		return claimed{}, stale()
	}
	if cart, err = s.cartWhere(ctx, tx, "id = $1", cart.ID); err != nil {
		return claimed{}, err
	}
	c.Lines = cart.Lines
	ask, err := s.placement(ctx, read{tx, s.now()}, who.Customer, c)
	if err != nil {
		return claimed{}, err
	}
	beside := ask.Beside
	ask.Beside = func(tx *db.Tx) error {
		tx.BeforeCommit("purchases", ask.ID, stillAsked)
		if beside == nil {
			return nil
		}
		return beside(tx)
	}
	found := claimed{ask: &ask}
	err = tx.QueryRow(ctx, `
		INSERT INTO shop.purchase AS p (order_id, token, cart_id, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (order_id) DO UPDATE SET settled_at = NULL RETURNING token`, c.Order, secret.Token(), cart.ID, s.now()).Scan(&found.token)
	if err != nil {
		return claimed{}, fmt.Errorf("note purchase: %w", err)
	}
	return found, nil
}

// lockCart gives somebody's cart without its lines, which nobody else orders until the transaction ends; the zero cart for who has none.
func (s *Shop) lockCart(ctx context.Context, tx *db.Tx, who Who) (cart Cart, err error) {
	column, value := who.column()
	if value == nil {
		return cart, nil
	}
	err = tx.QueryRow(ctx, `SELECT id, order_id FROM shop.cart WHERE `+column+` = $1 FOR UPDATE`, value).Scan(&cart.ID, &cart.Order)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return cart, fmt.Errorf("lock cart: %w", err)
	}
	return cart, nil
}

// purchase is an order that a cart was asked for, by whichever id.
type purchase struct {
	order uuid.UUID
	token string
	cart  *uuid.UUID
}

func (p purchase) of(cart uuid.UUID) bool { return p.cart != nil && *p.cart == cart }

// giveUp has the cart wait no more for an order that was not placed: stillAsked refuses it from now on.
func (p purchase) giveUp(ctx context.Context, tx *db.Tx, at time.Time) error {
	if _, err := tx.Exec(ctx, `UPDATE shop.purchase SET settled_at = $2 WHERE order_id = $1`, p.order, at); err != nil {
		return fmt.Errorf("give up purchase: %w", err)
	}
	return nil
}

// purchases locks what a cart waits for, and the order with an id, whosever it is, which comes first.
func purchases(ctx context.Context, tx *db.Tx, cart, id uuid.UUID) ([]purchase, error) {
	rows, err := tx.Query(ctx, `
		SELECT order_id, token, cart_id FROM shop.purchase WHERE order_id = $2 OR cart_id = $1 AND settled_at IS NULL
		ORDER BY order_id <> $2, order_id FOR UPDATE`, cart, id)
	if err != nil {
		return nil, fmt.Errorf("read purchases: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p purchase, err error) {
		return p, row.Scan(&p.order, &p.token, &p.cart)
	})
	if err != nil {
		return nil, fmt.Errorf("read purchases: %w", err)
	}
	return found, nil
}

// stillAsked refuses to place orders that a cart waits for no more, by the last statements of the transaction that places them: what a cart
// waits for is either given up before, or found to be there.
func stillAsked(ctx context.Context, tx *db.Tx, orders []any) error {
	ids := make([]uuid.UUID, len(orders))
	for i, id := range orders {
		ids[i] = id.(uuid.UUID)
	}
	done, err := tx.Exec(ctx, `SELECT FROM shop.purchase WHERE order_id = ANY($1) AND settled_at IS NULL ORDER BY order_id FOR UPDATE`, ids)
	if err != nil {
		return fmt.Errorf("look whether orders are still asked for: %w", err)
	}
	if int(done.RowsAffected()) < len(ids) {
		return stale()
	}
	return nil
}

// same says whether an order is what is asked for now, in the words of who asks: nobody else is told of it. Who was erased is not compared.
func (s *Shop) same(ctx context.Context, o order.Order, customer uuid.UUID, c Checkout) (bool, error) {
	person := o.Name == "" || o.Name == c.Name && o.Email == c.Email && o.Phone == c.Phone && o.Address == c.Address
	lines := c.Lines == nil || slices.EqualFunc(c.Lines, o.Lines, func(a CartLine, b retail.Line) bool {
		return a.Product == b.Product && a.Quantity == b.Quantity
	})
	if !person || !lines || o.Customer != customer || o.Lang != c.Lang || o.Delivery != c.Delivery || c.Seen != nil && *c.Seen != o.Total {
		return false, nil
	}
	at := o.Location
	if o.Attempt > 1 {
		asked, err := order.Fulfilments(ctx, s.db, o.ID)
		if err != nil {
			return false, err
		}
		at = asked[0].Location
	}
	if at != c.At.ID {
		return false, nil
	}
	return s.desk.Payments.With(ctx, o.ID, c.Card)
}
