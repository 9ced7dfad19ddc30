package stock_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/stock"
	"comptant/shared/money"
)

// A count reads what moved its own products at its own store, however much there is of others.
func TestACountReadsItsOwnProductsOnly(t *testing.T) {
	d := pgtest.New(t)
	ctx := t.Context()
	location, product := uuid.New(), uuid.New()
	fill := func(sql string, args ...any) {
		_, err := d.Exec(ctx, sql, args...)
		require.NoError(t, err)
	}
	// Five stores, of which one is asked about, and 400 products, of which one is.
	const place = `CASE WHEN n % 5 = 0 THEN $1 ELSE md5('store' || n % 5)::uuid END,
		CASE WHEN n / 5 % 400 = 0 THEN $2 ELSE md5('product' || n / 5 % 400)::uuid END, now() - n * interval '1 second', gen_random_uuid()`
	fill(`
		INSERT INTO stock.movement (location_id, product_id, at, ref, line, reason, quantity)
		SELECT `+place+`, 0, 2, -1000 FROM generate_series(1, 40000) AS n`, location, product)
	fill(`
		INSERT INTO stock.count (location_id, product_id, at, ref, till_id, epoch, seq, session, counted_by, quantity)
		SELECT `+place+`, gen_random_uuid(), 1, n, gen_random_uuid(), gen_random_uuid(), 5000 FROM generate_series(1, 20000) AS n`, location, product)
	fill(`ANALYZE stock.movement`)
	fill(`ANALYZE stock.count`)
	rows, err := d.Query(ctx, "EXPLAIN "+stock.AddUp, [][16]byte{location}, [][16]byte{product}, [][16]byte{{}}, int16(stock.Counted))
	require.NoError(t, err)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	plan := strings.Join(lines, "\n")
	require.NotContains(t, plan, "Seq Scan", plan)
	require.Contains(t, plan, "count_pkey", plan)
	require.Contains(t, plan, "movement_pkey", plan)
}

// A sale that comes late reads the counts it came before, and not all that ever moved: its level is locked meanwhile.
func TestALateSaleReadsNoPast(t *testing.T) {
	d := pgtest.New(t)
	ctx := t.Context()
	location, product, till := uuid.New(), uuid.New(), uuid.New()
	begin := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	at := func(seq int) stock.Movement {
		return stock.Movement{
			Location: location, Product: product, At: begin.Add(time.Duration(seq) * time.Second), Ref: uuid.New(), Reason: stock.Sold,
			Quantity: -money.One, Till: till, Epoch: 1, Seq: uint64(seq),
		}
	}
	var past []stock.Movement
	var counts []stock.Count
	for n := 1; n <= 400; n++ {
		past = append(past, at(10*n))
		if n%40 == 0 {
			counts = append(counts, stock.Count{
				Location: location, Product: product, At: past[n-1].At, Ref: uuid.New(), Till: till, Epoch: 1, Seq: uint64(10*n + 1), Quantity: 50 * money.One,
			})
		}
	}
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return stock.Record(ctx, tx, past, counts...) }))
	_, err := d.Exec(ctx, `
		INSERT INTO stock.movement (location_id, product_id, at, ref, line, reason, quantity)
		SELECT $1, md5('product' || n % 100)::uuid, now() - n * interval '1 second', gen_random_uuid(), 0, 2, -1000 FROM generate_series(1, 20000) AS n`,
		location)
	require.NoError(t, err)
	_, err = d.Exec(ctx, `ANALYZE stock.movement, stock.count`)
	require.NoError(t, err)
	var read int64
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
		// The connection's figures may hold what it read before this transaction.
		fetched := func() (n int64, err error) {
			err = tx.QueryRow(ctx, `SELECT idx_tup_fetch + seq_tup_read FROM pg_stat_xact_user_tables WHERE relid = 'stock.movement'::regclass`).Scan(&n)
			return n, err
		}
		before, err := fetched()
		if err != nil {
			return err
		}
		if err := stock.Record(ctx, tx, []stock.Movement{at(5)}); err != nil {
			return err
		}
		after, err := fetched()
		read = after - before
		return err
	}))
	require.Positive(t, read)
	require.Less(t, read, int64(100))
	var onHand, found int64
	require.NoError(t, d.QueryRow(ctx, `SELECT on_hand FROM stock.level WHERE location_id = $1`, location).Scan(&onHand))
	require.EqualValues(t, 50*money.One, onHand, "the last count counts")
	require.NoError(t, d.QueryRow(ctx, `SELECT quantity FROM stock.movement WHERE location_id = $1 AND reason = 7 ORDER BY seq LIMIT 1`, location).Scan(&found))
	require.EqualValues(t, (50+40+1)*money.One, found, "it found what had been sold before it, the late one too")
}
