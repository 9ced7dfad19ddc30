package order

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/payments"
	"comptant/hq/stock"
	"comptant/shared/retail"
)

// round is the orders that a transaction is changing, which nobody else may until it ends, and what it has read for all of them. Steps are
// taken in memory and written once, by write: orders that take three steps each on their way cost one update.
type round struct {
	tx     *db.Tx
	orders []*change
	// asked are the orders that their locations are asked to prepare.
	asked []asked
	// shelves are the stock that the orders want, wishes what of it; nil before it was taken.
	shelves *stock.Shelves
	wishes  map[uuid.UUID]stock.Wish
}

// change is one of the orders of a round.
type change struct {
	*round
	Order       // as its steps leave it
	was   Order // as the table has it
	steps []Transition
	wake  bool // a job is to look at it at once
	// paid is the payment as the transaction has it; nil before it was read.
	paid *payments.Payment
}

// lock takes an order to change it.
func lock(ctx context.Context, tx *db.Tx, id uuid.UUID) (*change, error) {
	r := &round{tx: tx}
	var batch pgx.Batch
	r.lock(&batch, id)
	if err := tx.Send(ctx, &batch); err != nil {
		return nil, err
	}
	if len(r.orders) == 0 {
		return nil, unknown(id)
	}
	return r.orders[0], nil
}

// lock takes orders into the round when the batch is sent, in one order for everybody. Those that are not there are left out.
func (r *round) lock(b *pgx.Batch, ids ...uuid.UUID) {
	wanted := make([][16]byte, len(ids))
	for i, id := range ids {
		wanted[i] = id
	}
	b.Queue(`SELECT `+columns+` FROM orders.placed WHERE id IN (SELECT n.id FROM `+db.Listed(len(ids), "$1::uuid[]")+` AS n (id)) ORDER BY id FOR UPDATE`,
		wanted).Query(func(rows pgx.Rows) error {
		found, err := pgx.CollectRows(rows, scan)
		if err != nil {
			return fmt.Errorf("lock orders: %w", err)
		}
		for _, o := range found {
			r.add(&change{Order: o, was: o})
		}
		return nil
	})
}

func (r *round) add(c *change) {
	c.round = r
	r.orders = append(r.orders, c)
}

// of gives an order of the round; nil for one that is not there.
func (r *round) of(id uuid.UUID) *change {
	for _, c := range r.orders {
		if c.ID == id {
			return c
		}
	}
	return nil
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

// written is that the customer has the news of the order's state, or is not told any more.
func (c *change) written(at time.Time) {
	c.Told, c.Tries = news(c.State), 0
	c.Due, _ = c.dueAfter(at, false)
}

// fail is a step that did not lead on, and says when it is tried again. A letter that does not go keeps no order: it is tried for a while
// and then given up. Of what fails again and again the history has fewer and fewer, so that it does not grow for ever.
func (c *change) fail(did action, began, at time.Time, why error) {
	refused := refusal(why)
	failed := Transition{From: c.State, To: c.State, Deed: string(did), At: at, Took: at.Sub(began), Response: refused, Error: why.Error()}
	if did == tell && (errors.Is(why, ErrUnreachable) || at.Sub(c.StateAt) >= tellWithin) {
		c.steps = append(c.steps, failed)
		c.written(at)
		return
	}
	longest := longestPause
	if refused != nil {
		longest = refusalsPause
	}
	if did == tell {
		due := at.Add(longest)
		c.Due = &due
		return
	}
	c.Tries++
	due := at.Add(pause(c.Tries, longest))
	c.Due = &due
	if c.Tries&(c.Tries-1) == 0 {
		c.steps = append(c.steps, failed)
	}
}

// refusal is what a failure says that people are told of, as JSON; nil where it is any other.
func refusal(why error) []byte {
	var said *retail.Error
	if !errors.As(why, &said) {
		return nil
	}
	text, err := json.Marshal(Refusal{said.Key, said.Args})
	if err != nil {
		return nil // it is in Error, too
	}
	return text
}

// write writes the orders with their steps, and tells whoever follows them.
func (r *round) write(ctx context.Context) error {
	n := len(r.orders)
	ids, states, stateAts, tries, untils := make([][16]byte, n), make([]string, n), make([]time.Time, n), make([]int32, n), make([]*time.Time, n)
	dues, failures, locations, attempts := make([]*time.Time, n), make([]string, n), make([][16]byte, n), make([]int32, n)
	told, captured, receipts := make([]string, n), make([]*time.Time, n), make([]string, n)
	for i, c := range r.orders {
		ids[i], states[i], stateAts[i], tries[i], untils[i] = c.ID, string(c.State), c.StateAt, int32(c.Tries), c.Until
		dues[i], failures[i], locations[i], attempts[i] = c.Due, c.Failure, c.Location, int32(c.Attempt)
		told[i], captured[i], receipts[i] = string(c.Told), c.Captured, c.Receipt
	}
	r.tx.Later("write orders", `
		UPDATE orders.placed o SET state = n.state, state_at = n.state_at, tries = n.tries, until_at = n.until_at, due_at = n.due_at, failure = n.failure,
			location_id = n.location_id, attempt = n.attempt, told = n.told, captured_at = n.captured_at, receipt = n.receipt
		FROM `+db.Listed(n, "$1::uuid[]", "$2::text[]", "$3::timestamptz[]", "$4::int[]", "$5::timestamptz[]", "$6::timestamptz[]", "$7::text[]",
		"$8::uuid[]", "$9::int[]", "$10::text[]", "$11::timestamptz[]", "$12::text[]")+`
			AS n (id, state, state_at, tries, until_at, due_at, failure, location_id, attempt, told, captured_at, receipt)
		WHERE o.id = n.id`,
		ids, states, stateAts, tries, untils, dues, failures, locations, attempts, told, captured, receipts)
	r.writeAround(false)
	return r.publish(ctx)
}

// insert is write for orders that are new, which get their codes when it is sent. If one is not new that fails with errOvertaken.
func (r *round) insert() error {
	n := len(r.orders)
	ids, placed, customers := make([][16]byte, n), make([]time.Time, n), make([]*uuid.UUID, n)
	names, emails, phones, addresses, langs := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	deliveries, locations, currencies, prices := make([]int16, n), make([][16]byte, n), make([]string, n), make([]int64, n)
	lines, taxes, totals := make([][]byte, n), make([][]byte, n), make([]int64, n)
	states, stateAts, dues, failures, told := make([]string, n), make([]time.Time, n), make([]*time.Time, n), make([]string, n), make([]string, n)
	for i, c := range r.orders {
		var err error
		if lines[i], taxes[i], err = c.sums(); err != nil {
			return err
		}
		if c.Customer != uuid.Nil {
			customers[i] = &c.Customer
		}
		ids[i], placed[i], names[i], emails[i], phones[i], addresses[i], langs[i] = c.ID, c.PlacedAt, c.Name, c.Email, c.Phone, c.Address, c.Lang
		deliveries[i], locations[i], currencies[i], prices[i], totals[i] = int16(c.Delivery), c.Location, c.Currency, int64(c.Prices), int64(c.Total)
		states[i], stateAts[i], dues[i], failures[i], told[i] = string(c.State), c.StateAt, c.Due, c.Failure, string(c.Told)
	}
	found := 0
	// n has the columns in the order of the list, after the code.
	r.tx.Later("place orders", `
		INSERT INTO orders.placed (code, id, placed_at, customer_id, name, email, phone, address, lang, delivery, location_id, currency, prices, lines,
			taxes, total, state, state_at, due_at, failure, told)
		SELECT 'W-' || to_char(nextval('orders.number'), 'FM999999999000000'), n.*
		FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::smallint[], $10::uuid[],
			$11::text[], $12::bigint[], $13::jsonb[], $14::jsonb[], $15::bigint[], $16::text[], $17::timestamptz[], $18::timestamptz[], $19::text[],
			$20::text[]) AS n (id)
		WHERE (SELECT p.id FROM orders.placed p WHERE p.id = n.id) IS NULL
		ON CONFLICT (id) DO NOTHING RETURNING id, code`,
		ids, placed, customers, names, emails, phones, addresses, langs, deliveries, locations, currencies, prices, lines, taxes, totals,
		states, stateAts, dues, failures, told,
	).Query(func(rows pgx.Rows) error {
		var id uuid.UUID
		var code string
		_, err := pgx.ForEachRow(rows, []any{&id, &code}, func() error {
			found++
			r.of(id).Code = code
			return nil
		})
		if err == nil && found < n {
			return errOvertaken
		}
		return err
	})
	r.writeAround(true)
	return nil
}

// asked is an order that a location was asked to prepare.
type asked struct {
	location, order uuid.UUID
	attempt         int
	at              time.Time
}

// writeAsked writes what locations are asked to prepare.
func (r *round) writeAsked() {
	n := len(r.asked)
	if n == 0 {
		return
	}
	locations, orders, attempts, at := make([][16]byte, n), make([][16]byte, n), make([]int32, n), make([]time.Time, n)
	for i, a := range r.asked {
		locations[i], orders[i], attempts[i], at[i] = a.location, a.order, int32(a.attempt), a.at
	}
	r.tx.Later("ask locations", `
		INSERT INTO orders.fulfilment (location_id, order_id, attempt, asked_at) SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::timestamptz[])`,
		locations, orders, attempts, at)
}

// writeAround writes what belongs to the orders beside their rows, and wakes who follows them. New orders have no steps yet.
func (r *round) writeAround(fresh bool) {
	r.writeAsked()
	r.writeSteps(fresh)
	for _, c := range r.orders {
		feed.Mark(r.tx, Topic(c.ID))
		if c.wake {
			feed.Mark(r.tx, dueTopic)
		}
	}
	feed.Mark(r.tx, AnyTopic)
	r.tx.AfterCommit(func() {
		for _, c := range r.orders {
			c.count()
		}
	})
}

// writeSteps adds the steps to the history.
func (r *round) writeSteps(fresh bool) {
	var orders, by [][16]byte
	var places []int32
	var from, to, deeds, failed []string
	var at []time.Time
	var took []int64
	var requests, responses [][]byte
	for _, c := range r.orders {
		for i, s := range c.steps {
			orders, places, by = append(orders, c.ID), append(places, int32(i+1)), append(by, s.By)
			from, to, deeds, failed = append(from, string(s.From)), append(to, string(s.To)), append(deeds, s.Deed), append(failed, s.Error)
			at, took = append(at, s.At), append(took, s.Took.Microseconds())
			requests, responses = append(requests, s.Request), append(responses, s.Response)
		}
	}
	if len(orders) == 0 {
		return
	}
	r.tx.Later("write the steps of orders", `
		INSERT INTO orders.transition (order_id, n, from_state, to_state, deed, at, took, request, response, error, by_id)
		SELECT s.order_id, s.n + CASE WHEN $13 THEN 0 ELSE (SELECT coalesce(max(n), 0) FROM orders.transition WHERE order_id = s.order_id) END,
			s.from_state, s.to_state, s.deed, s.at, s.took, s.request, s.response, s.error, nullif(s.by_id, $12)
		FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::bigint[], $8::jsonb[], $9::jsonb[], $10::text[],
			$11::uuid[]) AS s (order_id, n, from_state, to_state, deed, at, took, request, response, error, by_id)`,
		orders, places, from, to, deeds, at, took, requests, responses, failed, by, uuid.Nil, fresh)
}

// publish tells the stores' tills how the orders stand, or that they are theirs no more. What a warehouse ships is no till's matter.
func (r *round) publish(ctx context.Context) error {
	for _, c := range r.orders {
		if c.Delivery != retail.Collect || c.State == c.was.State && c.Attempt == c.was.Attempt {
			continue
		}
		if published(c.was.State) && (!published(c.State) || c.Location != c.was.Location) {
			feed.Remove(ctx, r.tx, feed.Store(c.was.Location), retail.RowOrder, c.ID)
		}
		if !published(c.State) {
			continue
		}
		if c.paid == nil {
			paid, err := payments.One(ctx, r.tx, c.ID)
			if err != nil {
				return err
			}
			c.paid = &paid
		}
		if err := c.show(ctx, r.tx, *c.paid); err != nil {
			return err
		}
	}
	return nil
}
