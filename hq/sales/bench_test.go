package sales_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/sales"
	"comptant/shared/retail"
)

// many makes a year of as many lines as COMPTANT_REPORT_LINES says: 50 stores, 8 cashiers in each, 5,000 products of which few sell
// most, three lines a receipt; and their rollups.
func many(b *testing.B) (*db.DB, []retail.Location) {
	lines, err := strconv.Atoi(os.Getenv("COMPTANT_REPORT_LINES"))
	if err != nil {
		b.Skip("COMPTANT_REPORT_LINES says how many lines to report on, for example 10000000")
	}
	d := pgtest.New(b)
	for _, sql := range []string{
		`INSERT INTO sales.document (store_id, business_date, till_id, epoch, seq, branch, number, refund, at, user_id, units, revenue, discount,
			cost, total, rounding, cash, card, taxes)
		SELECT md5('store' || s)::uuid, to_char(at, 'YYYYMMDD')::int, md5('till' || s)::uuid, 1, n, 0, n, n % 40 = 0, at,
			md5('user' || s || '.' || n % 8)::uuid, 3000 * sign, 3 * price * sign, n % 7 * 10, 2 * price * sign, 3 * price * sign, 0, 0,
			3 * price * sign, jsonb_build_array(
				jsonb_build_object('code', 'TPS', 'rate', 5000, 'base', 3 * price * sign, 'amount', 3 * price * sign / 20),
				jsonb_build_object('code', 'TVQ', 'rate', 9975, 'base', 3 * price * sign, 'amount', 3 * price * sign / 10))
		FROM (SELECT n, n % 50 AS s, timestamptz '2025-12-01 13:00Z' + n % 365 * interval '1 day' + n % 11 * interval '1 hour' AS at,
				100 + n % 900 AS price, CASE WHEN n % 40 = 0 THEN -1 ELSE 1 END AS sign
			FROM generate_series(1, @lines::bigint / 3) n) g`,
		`INSERT INTO sales.line SELECT store_id, business_date, till_id, epoch, seq, branch, l,
			md5('product' || floor(5000 * ((seq * 3 + l) * 2654435761 % 1000003 / 1000003.0) ^ 3))::uuid, units / 3, revenue / 3, discount / 3, cost / 3
		FROM sales.document, generate_series(0, 2) l`,
		`INSERT INTO sales.hourly (store_id, business_date, hour, tickets, refunds, voids, units, revenue, refunded, discount, cost, total, rounding, cash, card, charges)
		SELECT store_id, business_date, extract(hour FROM at), count(*) FILTER (WHERE NOT refund), count(*) FILTER (WHERE refund), 0, sum(units), sum(revenue),
			coalesce(sum(revenue) FILTER (WHERE refund), 0), sum(discount), sum(cost), sum(total), 0, 0, sum(card), 0 FROM sales.document GROUP BY 1, 2, 3`,
		`INSERT INTO sales.daily_product SELECT store_id, business_date, product_id, sum(quantity), sum(revenue), sum(cost) FROM sales.line GROUP BY 1, 2, 3`,
		`INSERT INTO sales.daily_tax SELECT store_id, business_date, t.code, t.rate, sum(t.base), sum(t.amount)
		FROM sales.document, jsonb_to_recordset(taxes) t (code text, rate bigint, base bigint, amount bigint) GROUP BY 1, 2, 3, 4`,
		`INSERT INTO sales.daily_cashier SELECT store_id, business_date, user_id, count(*) FILTER (WHERE NOT refund), count(*) FILTER (WHERE refund), 0,
			sum(revenue), coalesce(sum(revenue) FILTER (WHERE refund), 0), 0, sum(discount) FROM sales.document GROUP BY 1, 2, 3`,
		`VACUUM ANALYZE sales.document, sales.line, sales.hourly, sales.daily_product, sales.daily_tax, sales.daily_cashier`,
	} {
		_, err := d.Exec(ctx, sql, pgx.NamedArgs{"lines": lines})
		require.NoError(b, err)
	}
	rows, err := d.Query(ctx, `SELECT DISTINCT store_id FROM sales.hourly ORDER BY 1`)
	require.NoError(b, err)
	stores, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l retail.Location, err error) { return l, row.Scan(&l.ID) })
	require.NoError(b, err)
	for _, table := range []string{"line", "document", "hourly", "daily_product", "daily_tax", "daily_cashier"} {
		var n, size int64
		require.NoError(b, d.QueryRow(ctx, `SELECT count(*), pg_total_relation_size('sales.`+table+`') FROM sales.`+table).Scan(&n, &size))
		b.Logf("sales.%s: %d rows, %d MB", table, n, size>>20)
	}
	return d, stores
}

// BenchmarkReport reads reports of all stores over a month and over a year: from the rollups, and what they say from the documents and lines.
func BenchmarkReport(b *testing.B) {
	d, stores := many(b)
	month, year := sales.Period{From: 20261101, To: 20261130}, sales.Period{From: 20251201, To: 20261130}
	plain := func(p sales.Period) func(b *testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				for _, sql := range []string{
					`SELECT store_id, business_date, count(*), sum(units), sum(revenue), sum(discount), sum(cost), sum(total), sum(cash), sum(card)
					FROM sales.document WHERE business_date BETWEEN $1 AND $2 GROUP BY 1, 2`,
					`SELECT store_id, t.code, t.rate, sum(t.base), sum(t.amount)
					FROM sales.document, jsonb_to_recordset(taxes) t (code text, rate bigint, base bigint, amount bigint)
					WHERE business_date BETWEEN $1 AND $2 GROUP BY 1, 2, 3`,
					`SELECT product_id, sum(quantity), sum(revenue), sum(cost) FROM sales.line
					WHERE business_date BETWEEN $1 AND $2 GROUP BY 1 ORDER BY 3 DESC LIMIT 10`,
				} {
					_, err := d.Exec(ctx, sql, p.From, p.To)
					require.NoError(b, err)
				}
			}
		}
	}
	rolled := func(p sales.Period) func(b *testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				report, err := sales.ReadReport(ctx, d, sales.Filter{Stores: stores, Period: p})
				require.NoError(b, err)
				require.NotZero(b, report.Total.Revenue)
			}
		}
	}
	b.Run("month/lines", plain(month))
	b.Run("month/rollups", rolled(month))
	b.Run("year/lines", plain(year))
	b.Run("year/rollups", rolled(year))
}
