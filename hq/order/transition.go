package order

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

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

// Refusal is the Response of a step that failed for a reason which people are told: the key of its words.
type Refusal struct {
	Key  string         `json:"key"`
	Args map[string]any `json:"args,omitempty"`
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
