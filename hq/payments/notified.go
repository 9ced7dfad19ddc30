package payments

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
)

// Event is what a gateway tells by itself.
type Event struct {
	// ID is the gateway's: the same id is the same event.
	ID      string
	Payment uuid.UUID
	Kind    string
	// Answer is how the charge stood at that time.
	Answer Answer
	// Refund is a refund that has failed, by its name in a Request, and Reason why; empty of any other event.
	Refund, Reason string
	At             time.Time
}

// keep notes an event, once, if it is of a payment that was begun here.
const keep = `
	INSERT INTO payments.event (gateway, id, payment_id, kind, answer, at, received_at)
	SELECT gateway, @event, id, @kind, @state, @at::timestamptz, @now::timestamptz FROM payments.payment WHERE id = @id AND gateway = @gateway
	ON CONFLICT DO NOTHING RETURNING payment_id`

// keeping are the arguments of keep, and of merge.
func (d *Desk) keeping(e Event) pgx.NamedArgs {
	args := merging(Answered{payment: e.Payment, answer: e.Answer})
	args["gateway"], args["event"], args["kind"], args["at"], args["now"] = d.gateway.Name(), e.ID, e.Kind, e.At, d.now()
	args["id"], args["state"] = e.Payment, e.Answer.State
	return args
}

// Notified takes an event, once. One that says what is known already, or was before that, changes nothing; neither does one
// of a payment that was not begun here.
func (d *Desk) Notified(ctx context.Context, e Event) error {
	if e.Refund != "" {
		return d.db.InTx(ctx, func(tx *db.Tx) error {
			_, err := d.RefundFailed(ctx, tx, e)
			return err
		})
	}
	args := d.keeping(e)
	_, err := d.db.Exec(ctx, `
		WITH e AS (`+keep+`)
		UPDATE payments.payment SET `+merge+` FROM `+answers(1)+` WHERE id = (SELECT payment_id FROM e)`, args)
	if err != nil {
		return fmt.Errorf("take event %s of payment %s: %w", e.ID, e.Payment, err)
	}
	return nil
}
