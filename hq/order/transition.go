package order

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/retail"
)

// Transition is a step that an order took. One that failed leads nowhere: From and To are the same, and Error says why.
type Transition struct {
	N        int
	From, To retail.OrderState
	Deed     string
	At       time.Time
	Took     time.Duration
	// Request and Response are what was asked of another system or person, and the answer; nil where nobody was.
	Request, Response json.RawMessage
	Error             string
	// By is the member of staff who did it; zero for headquarters itself and for the customer.
	By uuid.UUID
}

// History is what became of an order, oldest first.
func History(ctx context.Context, q Querier, id uuid.UUID) ([]Transition, error) {
	rows, err := q.Query(ctx, `
		SELECT n, from_state, to_state, deed, at, took, request, response, error, by_id FROM orders.transition WHERE order_id = $1 ORDER BY n`, id)
	if err != nil {
		return nil, fmt.Errorf("read the history of order %s: %w", id, err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (t Transition, err error) {
		var took int64
		var by *uuid.UUID
		err = row.Scan(&t.N, &t.From, &t.To, &t.Deed, &t.At, &took, &t.Request, &t.Response, &t.Error, &by)
		t.Took = time.Duration(took) * time.Microsecond
		if by != nil {
			t.By = *by
		}
		return t, err
	})
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

// move takes an order, which is locked, to another state, and writes the step down.
func (o *Order) move(ctx context.Context, tx *db.Tx, at time.Time, s step) error {
	deed, ok := deedOf(o.State, s.to)
	if !ok {
		return &retail.Error{Code: retail.Conflict, Key: "order.state", Args: map[string]any{"code": o.Code, "state": o.State, "to": s.to}}
	}
	request, response, err := s.said()
	if err != nil {
		return err
	}
	from := o.State
	o.State, o.StateAt, o.Tries, o.Until, o.Due = s.to, at, 0, nil, nil
	if !s.until.IsZero() {
		o.Until = &s.until
	}
	again, wake := o.dueAfter(at, s.now)
	o.Due = again
	if s.failure != "" {
		o.Failure = s.failure
	}
	var batch pgx.Batch
	batch.Queue(`
		UPDATE orders.placed SET state = $2, state_at = $3, tries = 0, until_at = $4, due_at = $5, failure = $6, location_id = $7, attempt = $8,
			told = $9
		WHERE id = $1`, o.ID, o.State, at, o.Until, o.Due, o.Failure, o.Location, o.Attempt, string(o.Told))
	queueTransition(&batch, o.ID, from, s.to, deed, at, at.Sub(s.began), request, response, "", s.by)
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("%s order %s: %w", deed, o.Code, err)
	}
	feed.Mark(tx, Topic(o.ID))
	feed.Mark(tx, AnyTopic)
	if wake {
		feed.Mark(tx, dueTopic)
	}
	return o.publish(ctx, tx, from)
}

// fail writes down that a step did not lead on, and when to try again.
func (o *Order) fail(ctx context.Context, tx *db.Tx, did action, began, at time.Time, why error) error {
	o.Tries++
	due := at.Add(pause(o.Tries))
	o.Due = &due
	var batch pgx.Batch
	batch.Queue(`UPDATE orders.placed SET tries = $2, due_at = $3 WHERE id = $1`, o.ID, o.Tries, due)
	queueTransition(&batch, o.ID, o.State, o.State, string(did), at, at.Sub(began), nil, nil, why.Error(), uuid.Nil)
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("write down a failure of order %s: %w", o.Code, err)
	}
	feed.Mark(tx, Topic(o.ID))
	feed.Mark(tx, AnyTopic)
	return nil
}

// stay writes down a step that changed something beside the state.
func (o *Order) stay(ctx context.Context, tx *db.Tx, did action, at time.Time, s step) error {
	request, response, err := s.said()
	if err != nil {
		return err
	}
	o.Tries = 0
	o.Due, _ = o.dueAfter(at, s.now)
	var batch pgx.Batch
	batch.Queue(`UPDATE orders.placed SET tries = 0, due_at = $2 WHERE id = $1`, o.ID, o.Due)
	queueTransition(&batch, o.ID, o.State, o.State, string(did), at, at.Sub(s.began), request, response, "", s.by)
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("%s order %s: %w", did, o.Code, err)
	}
	feed.Mark(tx, Topic(o.ID))
	feed.Mark(tx, AnyTopic)
	return nil
}

func queueTransition(
	batch *pgx.Batch, id uuid.UUID, from, to retail.OrderState, deed string, at time.Time, took time.Duration, request, response []byte,
	failed string, by uuid.UUID,
) {
	var who *uuid.UUID
	if by != uuid.Nil {
		who = &by
	}
	batch.Queue(`
		INSERT INTO orders.transition (order_id, n, from_state, to_state, deed, at, took, request, response, error, by_id)
		SELECT $1, coalesce(max(n), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM orders.transition WHERE order_id = $1`,
		id, string(from), string(to), deed, at, took.Microseconds(), request, response, failed, who)
}

// said encodes what was asked and answered.
func (s step) said() (request, response []byte, err error) {
	if s.request != nil {
		if request, err = json.Marshal(s.request); err != nil {
			return nil, nil, fmt.Errorf("encode a request: %w", err)
		}
	}
	if s.response != nil {
		if response, err = json.Marshal(s.response); err != nil {
			return nil, nil, fmt.Errorf("encode a response: %w", err)
		}
	}
	return request, response, nil
}

// deedOf is what the table of steps calls the way from a state to another.
func deedOf(from, to retail.OrderState) (deed string, ok bool) {
	for _, s := range retail.OrderSteps {
		if s.From == from && s.To == to {
			return s.Deed, true
		}
	}
	return "", false
}
