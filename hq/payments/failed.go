package payments

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
)

// RefundFailed takes, once, an event that says that a refund has failed after the gateway had taken it, and tells whether that is news. The
// refund is refused, as if it had been at once: it may be asked for anew, or be given back by hand.
func (d *Desk) RefundFailed(ctx context.Context, tx *db.Tx, e Event) (news bool, err error) {
	kept, err := tx.Exec(ctx, keep, d.keeping(e))
	if err != nil {
		return false, fmt.Errorf("take event %s of payment %s: %w", e.ID, e.Payment, err)
	}
	if kept.RowsAffected() == 0 {
		return false, nil
	}
	p, known, err := lockRefunds(ctx, tx, e.Payment)
	if err != nil {
		return false, err
	}
	for i, r := range known {
		if r.key(p.ID) != e.Refund || r.State == refundRefused {
			continue
		}
		known[i].State = refundRefused
		_, err := tx.Exec(ctx, `UPDATE payments.refund SET state = $3, reason = $4 WHERE payment_id = $1 AND key = $2`,
			p.ID, r.Key, refundRefused, scrub(e.Reason))
		if err != nil {
			return false, fmt.Errorf("refuse refund %s: %w", e.Refund, err)
		}
		// What the gateway told of this refund may be in the sum, or not yet.
		_, err = tx.Exec(ctx, `UPDATE payments.payment SET refund_failed = true, refunded = $2, state = $3 WHERE id = $1`,
			p.ID, max(known.made(), p.Refunded-r.Amount), Captured)
		if err != nil {
			return false, fmt.Errorf("refuse refund %s: %w", e.Refund, err)
		}
		return true, nil
	}
	return false, nil
}

// ToGiveBack are the orders of which a refund has failed and nobody has given the money back yet, the oldest payment first.
func ToGiveBack(ctx context.Context, q Querier) ([]uuid.UUID, error) {
	rows, err := q.Query(ctx, `
		SELECT p.of_order FROM payments.payment p WHERE p.refund_failed AND p.state = $1 AND p.captured - p.refunded > (
			SELECT coalesce(sum(r.amount), 0) FROM payments.refund r WHERE r.payment_id = p.id AND r.state = $2 AND r.key LIKE $3)
			AND EXISTS (SELECT FROM payments.refund r WHERE r.payment_id = p.id AND r.state = $4)
		ORDER BY p.at, p.id`, Captured, refundMade, handKey+"%", refundRefused)
	if err != nil {
		return nil, fmt.Errorf("read what is to be given back: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}
