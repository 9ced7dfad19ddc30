package order

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/payments"
	"comptant/shared/retail"
)

// change is an order that a transaction is changing, which nobody else may until it ends. Steps are taken here, and written once, by
// write: an order that takes three of them on its way costs one update of its row.
type change struct {
	Order // as its steps leave it
	tx    *db.Tx
	was   Order // as the table has it
	steps []Transition
	batch pgx.Batch // goes out with the order
	wake  bool      // a job is to look at it at once
	// What the transaction has read: the payment, nil before, and what locations may have sold unheard.
	paid    *payments.Payment
	unheard map[uuid.UUID]buffers
}

// lock takes an order to change it.
func lock(ctx context.Context, tx *db.Tx, id uuid.UUID) (*change, error) {
	o, err := one(ctx, tx, id, "FOR UPDATE")
	if err != nil {
		return nil, err
	}
	return &change{Order: o, tx: tx, was: o}, nil
}

// step is what a transition says besides where it leads.
type step struct {
	to                retail.OrderState
	began             time.Time
	request, response any
	by                uuid.UUID
	failure           string
	// until is when people's answer is given up; zero for never.
	until time.Time
	// now says that headquarters goes on at once, in a job: nobody drives the order at this moment.
	now bool
}

// move takes the order to another state.
func (c *change) move(at time.Time, s step) error {
	deed, ok := deedOf(c.State, s.to)
	if !ok {
		return c.refuse(s.to)
	}
	from := c.State
	c.State, c.StateAt, c.Until = s.to, at, nil
	if !s.until.IsZero() {
		c.Until = &s.until
	}
	if s.failure != "" {
		c.Failure = s.failure
	}
	return c.took(from, deed, at, s)
}

// stay is a step that changes something beside the state.
func (c *change) stay(did action, at time.Time, s step) error {
	return c.took(c.State, string(did), at, s)
}

func (c *change) took(from retail.OrderState, deed string, at time.Time, s step) error {
	request, response, err := s.said()
	if err != nil {
		return err
	}
	c.Tries = 0
	c.Due, c.wake = c.dueAfter(at, s.now)
	c.steps = append(c.steps, Transition{
		From: from, To: c.State, Deed: deed, At: at, Took: at.Sub(s.began), Request: request, Response: response, By: s.by,
	})
	return nil
}

// fail is a step that did not lead on, and says when it is tried again.
func (c *change) fail(did action, began, at time.Time, why error) {
	c.Tries++
	due := at.Add(pause(c.Tries))
	c.Due = &due
	c.steps = append(c.steps, Transition{From: c.State, To: c.State, Deed: string(did), At: at, Took: at.Sub(began), Error: why.Error()})
}

// write writes the order with its steps, and tells whoever follows it.
func (c *change) write(ctx context.Context) error {
	c.batch.Queue(`
		UPDATE orders.placed SET state = $2, state_at = $3, tries = $4, until_at = $5, due_at = $6, failure = $7, location_id = $8, attempt = $9,
			told = $10, captured_at = $11, receipt = $12
		WHERE id = $1`,
		c.ID, c.State, c.StateAt, c.Tries, c.Until, c.Due, c.Failure, c.Location, c.Attempt, string(c.Told), c.Captured, c.Receipt)
	if err := c.send(ctx); err != nil {
		return err
	}
	return c.publish(ctx)
}

// insert is write for an order that is new. Unless it is not: then it says so, and the transaction has to be given up.
func (c *change) insert(ctx context.Context) (added bool, err error) {
	lines, taxes, err := c.sums()
	if err != nil {
		return false, err
	}
	var customer *uuid.UUID
	if c.Customer != uuid.Nil {
		customer = &c.Customer
	}
	c.batch.Queue(`
		INSERT INTO orders.placed (id, code, placed_at, customer_id, name, email, phone, address, lang, delivery, location_id, attempt, currency,
			prices, lines, taxes, total, state, state_at, due_at, failure, told)
		SELECT $1, 'W-' || to_char(nextval('orders.number'), 'FM999999999000000'), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
			$19, $20, $21
		WHERE NOT EXISTS (SELECT FROM orders.placed WHERE id = $1)
		ON CONFLICT (id) DO NOTHING RETURNING code`,
		c.ID, c.PlacedAt, customer, c.Name, c.Email, c.Phone, c.Address, c.Lang, c.Delivery, c.Location, c.Attempt, c.Currency,
		c.Prices, lines, taxes, c.Total, c.State, c.StateAt, c.Due, c.Failure, string(c.Told),
	).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			added = true
			if err := rows.Scan(&c.Code); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	err = c.send(ctx) // which sets added
	return added, err
}

// send sends what was queued, the steps last.
func (c *change) send(ctx context.Context) error {
	n := len(c.steps)
	from, to, deeds, failed := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	at, took := make([]time.Time, n), make([]int64, n)
	requests, responses, by := make([][]byte, n), make([][]byte, n), make([]*uuid.UUID, n)
	for i := range c.steps {
		s := &c.steps[i]
		from[i], to[i], deeds[i], failed[i] = string(s.From), string(s.To), s.Deed, s.Error
		at[i], took[i], requests[i], responses[i] = s.At, s.Took.Microseconds(), s.Request, s.Response
		if s.By != uuid.Nil {
			by[i] = &s.By
		}
	}
	if n > 0 {
		c.batch.Queue(`
			INSERT INTO orders.transition (order_id, n, from_state, to_state, deed, at, took, request, response, error, by_id)
			SELECT $1, s.n + (SELECT coalesce(max(n), 0) FROM orders.transition WHERE order_id = $1), s.from_state, s.to_state, s.deed, s.at, s.took,
				s.request, s.response, s.error, s.by_id
			FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[], $7::jsonb[], $8::jsonb[], $9::text[], $10::uuid[])
				WITH ORDINALITY AS s (from_state, to_state, deed, at, took, request, response, error, by_id, n)`,
			c.ID, from, to, deeds, at, took, requests, responses, failed, by)
	}
	if err := c.tx.SendBatch(ctx, &c.batch).Close(); err != nil {
		return fmt.Errorf("write order %s: %w", c.ID, err)
	}
	feed.Mark(c.tx, Topic(c.ID))
	feed.Mark(c.tx, AnyTopic)
	if c.wake {
		feed.Mark(c.tx, dueTopic)
	}
	return nil
}

// publish tells the stores' tills how the order stands, or that it is theirs no more. What a warehouse ships is no till's matter.
func (c *change) publish(ctx context.Context) error {
	if c.Delivery != retail.Collect || c.State == c.was.State && c.Attempt == c.was.Attempt {
		return nil
	}
	if published(c.was.State) && (!published(c.State) || c.Location != c.was.Location) {
		feed.Remove(ctx, c.tx, feed.Store(c.was.Location), retail.RowOrder, c.ID)
	}
	if !published(c.State) {
		return nil
	}
	if c.paid == nil {
		paid, err := payments.One(ctx, c.tx, c.ID)
		if err != nil {
			return err
		}
		c.paid = &paid
	}
	return c.show(ctx, c.tx, *c.paid)
}
