package payments_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/payments"
	"comptant/hq/pgtest"
)

// Charges that come while another is being made are made by one statement, and each is its own.
func TestChargesThatComeAtOnceAreMadeTogether(t *testing.T) {
	c := newTill(t)
	cards := []string{"approves", "approves", "declines", "funds", "approves"}
	ids, got := make([]uuid.UUID, len(cards)), make([]payments.Payment, len(cards))
	for i, card := range cards {
		ids[i] = c.begin(card)
	}
	held, end := make(chan struct{}), make(chan struct{})
	release := sync.OnceFunc(func() { close(end) })
	defer release()
	var done sync.WaitGroup
	done.Go(func() {
		err := c.db.InTx(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `LOCK TABLE payments.sandbox_charge IN SHARE MODE`)
			close(held)
			<-end
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-held
	authorise := func(i int) {
		done.Go(func() { got[i] = settled(t, func() (payments.Payment, error) { return c.Authorise(ctx, ids[i]) }) })
	}
	authorise(0)
	pgtest.UntilBlocked(t, c.db)
	for i := range ids[1:] {
		authorise(i + 1)
	}
	require.Eventually(t, func() bool { return c.sandbox.Waiting() == len(ids)-1 }, 10*time.Second, time.Millisecond)
	release()
	done.Wait()
	for i, card := range cards {
		require.Equal(t, ids[i], got[i].ID)
		require.Equal(t, 1, c.held(t, ids[i]).Charges)
		switch card {
		case "declines":
			require.Equal(t, "card_declined", got[i].Decline)
		case "funds":
			require.Equal(t, "insufficient_funds", got[i].Decline)
		default:
			require.Equal(t, payments.Authorised, got[i].State)
			require.NotEmpty(t, got[i].Approval)
		}
	}
	var statements int
	require.NoError(t, c.db.QueryRow(ctx, `SELECT count(DISTINCT xmin::text) FROM payments.sandbox_charge`).Scan(&statements))
	require.Equal(t, 2, statements, "the first is alone, the others are together")
}

// Of a payment that two have asked for, both answers count, whichever is written first.
func TestAnswersToOnePaymentAreWrittenOneAfterAnother(t *testing.T) {
	c := newTill(t)
	for _, said := range [][]payments.State{{payments.Authorised, payments.Voided}, {payments.Voided, payments.Authorised}} {
		desk := c.at(around{c.sandbox, func(_ string, do func() (payments.Answer, error)) (payments.Answer, error) {
			a, err := do()
			a.State, said = said[0], said[1:]
			return a, err
		}})
		id := uuid.Must(uuid.NewV7())
		var begun []payments.Opened
		require.NoError(t, c.db.InTx(ctx, func(tx *db.Tx) (err error) {
			begun, err = desk.Begin(ctx, tx, payments.Begun{ID: id, Order: uuid.New(), Amount: 100, Currency: "CAD", Method: number(t, "approves"), Ask: true})
			return err
		}))
		first, err := desk.Hold(ctx, begun[0])
		require.NoError(t, err)
		second, err := desk.Hold(ctx, begun[0])
		require.NoError(t, err)
		var batch pgx.Batch
		paid := payments.Settle(&batch, first, second)
		require.NoError(t, c.db.SendBatch(ctx, &batch).Close())
		require.Equal(t, payments.Voided, paid[id].State)
	}
}
