package db_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/pgtest"
)

// However many rows are listed, what is changed by them is the same; and a single one is looked up by its key whatever plans are kept.
func TestListedIsRowsByTheirKeys(t *testing.T) {
	d, ctx := pgtest.New(t), t.Context()
	exec := func(tx *db.Tx, sql string, args ...any) {
		_, err := tx.Exec(ctx, sql, args...)
		require.NoError(t, err)
	}
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
		exec(tx, `CREATE TEMPORARY TABLE thing (id int PRIMARY KEY, n int NOT NULL) ON COMMIT DROP`)
		exec(tx, `INSERT INTO thing SELECT id, 0 FROM generate_series(1, 1000) AS id`)
		exec(tx, `ANALYZE thing`)
		change := func(rows int) string {
			return `UPDATE thing t SET n = l.n FROM ` + db.Listed(rows, "$1::int[]", "$2::int[]") + ` AS l (id, n) WHERE t.id = l.id`
		}
		exec(tx, change(1), []int{7}, []int{70})
		exec(tx, change(2), []int{8, 9}, []int{80, 90})
		exec(tx, change(0), []int{}, []int{})
		rows, err := tx.Query(ctx, `SELECT n FROM thing WHERE n <> 0 ORDER BY id`)
		require.NoError(t, err)
		changed, err := pgx.CollectRows(rows, pgx.RowTo[int])
		require.NoError(t, err)
		require.Equal(t, []int{70, 80, 90}, changed)

		exec(tx, `SET LOCAL plan_cache_mode = force_generic_plan`)
		for _, sql := range []string{change(1), `SELECT n, $2::int[] FROM thing WHERE id IN (SELECT l.id FROM ` + db.Listed(1, "$1::int[]") + ` AS l (id)) ORDER BY id FOR UPDATE`} {
			exec(tx, `PREPARE look AS `+sql)
			rows, err := tx.Query(ctx, `EXPLAIN EXECUTE look('{1}', '{2}')`)
			require.NoError(t, err)
			plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
			require.NoError(t, err)
			require.NotContains(t, strings.Join(plan, "\n"), "Seq Scan")
			exec(tx, `DEALLOCATE look`)
		}
		return nil
	}))
}
