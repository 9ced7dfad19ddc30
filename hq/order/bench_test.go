package order_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/hq/payments"
	"comptant/hq/pgtest"
	"comptant/hq/stock"
	"comptant/shared/retail"
)

// BenchmarkPlace places orders until they are confirmed, beside four bare commits, which is what an order cannot do without: 16 clients,
// a server that flushes.
func BenchmarkPlace(b *testing.B) {
	d := pgtest.Durable(b)
	log := slog.New(slog.DiscardHandler)
	desk := order.New(order.Config{DB: d, Payments: payments.New(d, payments.NewSandbox(d, time.Now, payments.Delays{}), log, time.Now), Log: log, Now: time.Now})
	w := &world{db: d, now: time.Now()}
	w.do(b, func(tx *db.Tx) error { return stock.PutLocations(b.Context(), tx, places...) })
	for _, product := range products {
		w.stocked(b, downtown, product, 100_000_000)
	}
	_, err := d.Exec(b.Context(), `CREATE TABLE orders.bare (id uuid PRIMARY KEY, n int)`)
	require.NoError(b, err)
	for name, do := range map[string]func() error{
		"bare": func() error {
			id := uuid.Must(uuid.NewV7())
			for range 4 {
				if _, err := d.Exec(b.Context(), `INSERT INTO orders.bare AS o VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET n = o.n + 1`, id); err != nil {
					return err
				}
			}
			return nil
		},
		"place": func() error {
			p := cart(downtown, approves, of(products[int(uuid.New()[0])%len(products)], 1))
			o, err := desk.Place(b.Context(), p)
			if err == nil && o.State != retail.OrderConfirmed {
				b.Errorf("an order is %s", o.State)
			}
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.SetParallelism(8) // times two processors
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := do(); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
