package db_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/pgtest"
)

const increment = `UPDATE counter SET n = n + 1 WHERE name = $1 RETURNING n`

// What nobody waits for goes with what somebody asks for, the beginning with the first statements and the commit with the last.
func TestLaterTakesNoWayOfItsOwn(t *testing.T) {
	var ways []string
	d, ctx := pgtest.Watched(t, func(sql string) { ways = append(ways, sql) }), t.Context()
	_, err := d.Exec(ctx, `CREATE TABLE counter (name text PRIMARY KEY, n int NOT NULL); INSERT INTO counter VALUES ('a', 0)`)
	require.NoError(t, err)
	ways = nil
	var early, late int
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
		tx.Later("count", increment, "a").QueryRow(func(row pgx.Row) error { return row.Scan(&early) })
		require.Zero(t, early)
		var batch pgx.Batch
		batch.Queue(`SELECT 1`)
		require.NoError(t, tx.Send(ctx, &batch))
		require.Equal(t, 1, early)
		tx.Later("count", increment, "a").QueryRow(func(row pgx.Row) error { return row.Scan(&late) })
		tx.AfterCommit(func() { require.Equal(t, 2, late) })
		return nil
	}))
	require.Equal(t, []string{"begin; " + increment + "; SELECT 1", increment + "; commit"}, ways)
	require.Equal(t, 2, read(t, d, "a"))

	ways = nil
	require.NoError(t, d.InTx(ctx, func(*db.Tx) error { return nil }))
	require.Empty(t, ways, "what does nothing never begins")
}

// Every other statement finds done what was to be done later.
func TestLaterIsDoneBeforeTheNextStatement(t *testing.T) {
	d, ctx := counters(t), t.Context()
	n := 0
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
		sees := func(look func() (int, error)) {
			t.Helper()
			n++
			tx.Later("count", increment, "a")
			seen, err := look()
			require.NoError(t, err)
			require.Equal(t, n, seen)
		}
		const value = `SELECT n FROM counter WHERE name = 'a'`
		sees(func() (seen int, err error) { return seen, tx.QueryRow(ctx, value).Scan(&seen) })
		sees(func() (int, error) {
			rows, err := tx.Query(ctx, value)
			require.NoError(t, err)
			return pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
		})
		sees(func() (seen int, err error) {
			done, err := tx.Exec(ctx, `SELECT FROM counter, generate_series(1, n) WHERE name = 'a'`)
			return int(done.RowsAffected()), err
		})
		sees(func() (seen int, err error) {
			var batch pgx.Batch
			batch.Queue(value).QueryRow(func(row pgx.Row) error { return row.Scan(&seen) })
			err = tx.SendBatch(ctx, &batch).Close()
			return seen, err
		})
		return nil
	}))
	require.Equal(t, n, read(t, d, "a"))
}

// What fails later says what it was and leaves nothing done, and only that of its savepoint.
func TestLaterThatFails(t *testing.T) {
	d, ctx := counters(t), t.Context()
	_, err := d.Exec(ctx, `ALTER TABLE counter ADD CHECK (n < 3); CREATE TABLE held (name text REFERENCES counter DEFERRABLE INITIALLY DEFERRED)`)
	require.NoError(t, err)
	fails := func(fn func(tx *db.Tx) error) {
		t.Helper()
		err := d.InTx(ctx, func(tx *db.Tx) error {
			tx.Later("count", increment, "a")
			return fn(tx)
		})
		require.ErrorContains(t, err, "refused: ")
		require.Zero(t, read(t, d, "a"))
	}
	refused := func(tx *db.Tx) { tx.Later("refused", `UPDATE counter SET n = 3 WHERE name = 'b'`) }
	fails(func(tx *db.Tx) error { refused(tx); return nil })
	fails(func(tx *db.Tx) error { refused(tx); return add(ctx, tx, "a") })
	fails(func(tx *db.Tx) error {
		refused(tx)
		_, err := tx.Query(ctx, `SELECT 1`)
		return err
	})
	fails(func(tx *db.Tx) error { refused(tx); return tx.SendBatch(ctx, &pgx.Batch{}).Close() })

	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
		tx.Later("count", increment, "a")
		err := tx.Savepoint(ctx, func(tx *db.Tx) error {
			tx.Later("count", increment, "a")
			refused(tx)
			return nil
		})
		require.ErrorContains(t, err, "refused: ")
		return tx.Savepoint(ctx, func(tx *db.Tx) error {
			tx.Later("count", increment, "b")
			return nil
		})
	}))
	require.Equal(t, [2]int{1, 1}, [2]int{read(t, d, "a"), read(t, d, "b")})

	// What waited before a savepoint is not undone by it.
	err = d.InTx(ctx, func(tx *db.Tx) error {
		refused(tx)
		_ = tx.Savepoint(ctx, func(*db.Tx) error { return nil })
		return nil
	})
	require.ErrorContains(t, err, "refused: ")

	// The commit itself refuses.
	err = d.InTx(ctx, func(tx *db.Tx) error {
		tx.Later("count", increment, "a")
		tx.Later("hold", `INSERT INTO held VALUES ('nobody')`)
		tx.AfterCommit(func() { t.Error("it was not committed") })
		return nil
	})
	var said *pgconn.PgError
	require.ErrorAs(t, err, &said)
	require.Equal(t, "23503", said.Code)
	require.Equal(t, 1, read(t, d, "a"))
}
