package payments_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/payments"
	"comptant/shared/money"
)

// What a card does not take back is given back by people, once, and nobody asks the gateway for it again.
func TestWhatIsRefusedIsGivenBackByHand(t *testing.T) {
	c := newTill(t)
	by := func(id uuid.UUID, how string) error {
		return c.db.InTx(ctx, func(tx *db.Tx) error { return c.GivenBack(ctx, tx, id, how) })
	}
	left := func(id uuid.UUID) money.Amount {
		amount, err := payments.ByHand(ctx, c.db, id)
		require.NoError(t, err)
		return amount
	}
	id := c.captured("closed")
	require.Zero(t, left(id), "nobody has given it up")
	refused(t, by(id, "cash"), "payment.not_refused")
	_, err := c.Void(ctx, id)
	refused(t, err, "payment.refund_refused")
	require.EqualValues(t, 11498, left(id))
	refused(t, by(id, " "), "payment.how")
	_, err = c.db.Exec(ctx, `INSERT INTO payments.refund (payment_id, key, amount, state, at) VALUES ($1, 'void/2', 11498, 'asked', now())`, id)
	require.NoError(t, err)
	require.Zero(t, left(id), "nobody knows yet whether another try gave it back")
	refused(t, by(id, "cash"), "payment.not_refused")
	_, err = c.db.Exec(ctx, `UPDATE payments.refund SET state = 'refused' WHERE payment_id = $1`, id)
	require.NoError(t, err)
	other := c.captured("approves")
	_, err = c.db.Exec(ctx, `UPDATE payments.payment SET void_asked_at = now() WHERE id = $1`, other)
	require.NoError(t, err)
	require.Zero(t, left(other), "the gateway was not asked yet")

	require.NoError(t, by(id, "cash"))
	require.Zero(t, left(id))
	refused(t, by(id, "cash"), "payment.not_refused")
	calls, err := payments.Calls(ctx, c.db, id)
	require.NoError(t, err)
	p, err := c.Void(ctx, id)
	require.NoError(t, err, "nothing is left to give back")
	require.Equal(t, payments.Captured, p.State, "the gateway has it still")
	after, err := payments.Calls(ctx, c.db, id)
	require.NoError(t, err)
	require.Len(t, after, len(calls), "it is not asked again")
}
