package stock_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"comptant/hq/pgtest"
	"comptant/hq/stock"
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
