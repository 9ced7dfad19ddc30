package payments

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// notify has the sandbox tell how a charge stands, once due.
func (s *Sandbox) notify(ctx context.Context, payment uuid.UUID, card Card, c charge, due time.Time) error {
	if c.State == pending {
		c.State = Authorised // by then
	}
	event := fmt.Sprintf("%s %s %d", c.Key, c.State, c.Refunded)
	_, err := s.db.Exec(ctx, `
		INSERT INTO payments.sandbox_notice (event, payment, answer, at, due_at) VALUES ($1, $2, $3, $4, $5)`, event, payment, c.answer(), s.now(), due)
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	return nil
}

// Deliver tells what is due and was not told yet, the newest first, and gives how many. It stops at the first that is not taken;
// that one is told again.
func (s *Sandbox) Deliver(ctx context.Context, tell func(context.Context, Event) error) (told int, err error) {
	rows, err := s.db.Query(ctx, `
		SELECT id, event, payment, answer, at FROM payments.sandbox_notice WHERE told_at IS NULL AND due_at <= $1 ORDER BY id DESC LIMIT 100`, s.now())
	if err != nil {
		return 0, fmt.Errorf("sandbox: %w", err)
	}
	type notice struct {
		ID      int64
		Event   string
		Payment uuid.UUID
		Answer  []byte
		At      time.Time
	}
	due, err := pgx.CollectRows(rows, pgx.RowToStructByPos[notice])
	if err != nil {
		return 0, fmt.Errorf("sandbox: %w", err)
	}
	for _, n := range due {
		e := Event{ID: n.Event, Payment: n.Payment, At: n.At}
		if err := json.Unmarshal(n.Answer, &e.Answer); err != nil {
			return told, fmt.Errorf("sandbox: %w", err)
		}
		e.Kind = "charge." + string(e.Answer.State)
		if err := tell(ctx, e); err != nil {
			return told, err
		}
		if _, err := s.db.Exec(ctx, `UPDATE payments.sandbox_notice SET told_at = $2 WHERE id = $1`, n.ID, s.now()); err != nil {
			return told, fmt.Errorf("sandbox: %w", err)
		}
		told++
	}
	return told, nil
}
