package payments_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/payments"
	"comptant/hq/pgtest"
)

// BenchmarkPay begins a payment and has it authorised, beside the two bare commits that this cannot do without: 16 clients, a server
// that flushes.
func BenchmarkPay(b *testing.B) {
	d := pgtest.Durable(b)
	desk := payments.New(d, payments.NewSandbox(d, time.Now, payments.Delays{}), slog.New(slog.DiscardHandler), time.Now)
	_, err := d.Exec(ctx, `CREATE TABLE feed.bare (id uuid PRIMARY KEY, n int)`)
	require.NoError(b, err)
	pay := func(id uuid.UUID) error {
		err := d.InTx(ctx, func(tx *db.Tx) error {
			_, err := desk.Begin(ctx, tx, payments.Begun{ID: id, Order: id, Amount: owed, Currency: "CAD", Method: "4242424242424242"})
			return err
		})
		if err != nil {
			return err
		}
		_, err = desk.Authorise(ctx, id)
		return err
	}
	bare := func(id uuid.UUID) error {
		if _, err := d.Exec(ctx, `INSERT INTO feed.bare VALUES ($1, 0)`, id); err != nil {
			return err
		}
		_, err := d.Exec(ctx, `UPDATE feed.bare SET n = 1 WHERE id = $1`, id)
		return err
	}
	for name, do := range map[string]func(uuid.UUID) error{"bare": bare, "pay": pay} {
		b.Run(name, func(b *testing.B) {
			b.SetParallelism(8) // times two processors
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := do(uuid.Must(uuid.NewV7())); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
