package db_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/pgtest"
)

func counters(t *testing.T) *db.DB {
	t.Helper()
	d := pgtest.New(t)
	_, err := d.Exec(t.Context(), `CREATE TABLE counter (name text PRIMARY KEY, n int NOT NULL);
		INSERT INTO counter VALUES ('a', 0), ('b', 0)`)
	require.NoError(t, err)
	return d
}

func read(t *testing.T, d *db.DB, name string) (n int) {
	t.Helper()
	require.NoError(t, d.QueryRow(t.Context(), `SELECT n FROM counter WHERE name = $1`, name).Scan(&n))
	return n
}

func add(ctx context.Context, tx *db.Tx, name string) error {
	_, err := tx.Exec(ctx, `UPDATE counter SET n = n + 1 WHERE name = $1`, name)
	return err
}

func TestHooksRunInOrderAroundTheCommit(t *testing.T) {
	d, ctx := counters(t), t.Context()
	var order []string
	note := func(ctx context.Context, tx *db.Tx, items []any) error {
		order = append(order, fmt.Sprint(items...))
		return add(ctx, tx, "a")
	}
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
		tx.AfterCommit(func() {
			require.Equal(t, 3, read(t, d, "a"), "not committed yet")
			order = append(order, "after 1")
		})
		tx.AfterCommit(func() { order = append(order, "after 2") })
		tx.BeforeCommit("b", "b1", note)
		tx.BeforeCommit("c", "c", note)
		tx.BeforeCommit("a", "a", note)
		tx.BeforeCommit("b", "b2", note)
		order = append(order, "work")
		return nil
	}))
	require.Equal(t, []string{"work", "a", "b1b2", "c", "after 1", "after 2"}, order)
}

// What runs after the commit may ask the database, were there but one connection.
func TestAfterTheCommitTheConnectionIsFree(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	d, err := db.Open(ctx, pgtest.URL(t), slog.New(slog.DiscardHandler), db.Options{AllowUnsafe: true, MaxConns: 1})
	require.NoError(t, err)
	defer d.Close()
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
		tx.Later("ask", `SELECT 1`)
		tx.AfterCommit(func() { require.NoError(t, d.Ping(ctx)) })
		return nil
	}))
}

func TestFailureUndoesEverything(t *testing.T) {
	d, ctx := counters(t), t.Context()
	boom := errors.New("boom")
	never := func() { t.Error("ran after a rollback") }
	err := d.InTx(ctx, func(tx *db.Tx) error {
		tx.AfterCommit(never)
		require.NoError(t, add(ctx, tx, "a"))
		return boom
	})
	require.ErrorIs(t, err, boom)
	err = d.InTx(ctx, func(tx *db.Tx) error {
		tx.AfterCommit(never)
		tx.BeforeCommit("k", nil, func(context.Context, *db.Tx, []any) error { return boom })
		return add(ctx, tx, "a")
	})
	require.ErrorIs(t, err, boom)
	require.Panics(t, func() {
		_ = d.InTx(ctx, func(tx *db.Tx) error {
			require.NoError(t, add(ctx, tx, "a"))
			panic("boom")
		})
	})
	require.Zero(t, read(t, d, "a"))
	require.Zero(t, d.Stat().AcquiredConns())
}

func TestConflictsRunAgain(t *testing.T) {
	d, ctx := counters(t), t.Context()
	const writers, rounds = 4, 5
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range rounds {
				err := d.InTxOptions(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead}, func(tx *db.Tx) error {
					return add(ctx, tx, "a")
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	require.Equal(t, writers*rounds, read(t, d, "a"))
}

func TestDeadlockRunsAgain(t *testing.T) {
	d, ctx := counters(t), t.Context()
	var meet, all sync.WaitGroup
	meet.Add(2)
	var runs [2]int
	for i, names := range [][2]string{{"a", "b"}, {"b", "a"}} {
		all.Go(func() {
			err := d.InTx(ctx, func(tx *db.Tx) error {
				if err := add(ctx, tx, names[0]); err != nil {
					return err
				}
				if runs[i]++; runs[i] == 1 {
					meet.Done()
					meet.Wait() // each holds what the other wants
				}
				return add(ctx, tx, names[1])
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.Greater(t, runs[0]+runs[1], 2)
	require.Equal(t, 2, read(t, d, "a"))
	require.Equal(t, 2, read(t, d, "b"))
}

func TestConflictsEndAtLast(t *testing.T) {
	d := counters(t)
	runs, conflict := 0, &pgconn.PgError{Code: "40001"}
	err := d.InTx(t.Context(), func(*db.Tx) error {
		runs++
		return conflict
	})
	require.ErrorIs(t, err, conflict)
	require.Equal(t, 10, runs)

	ctx, cancel := context.WithCancel(t.Context())
	runs = 0
	err = d.InTx(ctx, func(*db.Tx) error {
		runs++
		cancel()
		return conflict
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 1, runs)
}

func TestSavepointUndoesItsPart(t *testing.T) {
	d, ctx := counters(t), t.Context()
	boom := errors.New("boom")
	var hooks []string
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
		require.NoError(t, add(ctx, tx, "a"))
		require.ErrorIs(t, tx.Savepoint(ctx, func(tx *db.Tx) error {
			tx.AfterCommit(func() { hooks = append(hooks, "undone") })
			require.NoError(t, add(ctx, tx, "b"))
			return boom
		}), boom)
		require.Error(t, tx.Savepoint(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `SELECT 1/0`)
			return err
		}))
		return tx.Savepoint(ctx, func(tx *db.Tx) error {
			tx.AfterCommit(func() { hooks = append(hooks, "kept") })
			return add(ctx, tx, "a")
		})
	}))
	require.Equal(t, 2, read(t, d, "a"))
	require.Zero(t, read(t, d, "b"))
	require.Equal(t, []string{"kept"}, hooks)
}

func TestConflictInASavepointRunsEverythingAgain(t *testing.T) {
	d, ctx := counters(t), t.Context()
	runs := 0
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
		runs++
		_ = tx.Savepoint(ctx, func(tx *db.Tx) error {
			return tx.Savepoint(ctx, func(*db.Tx) error {
				if runs == 1 {
					return &pgconn.PgError{Code: "40P01"}
				}
				return nil
			})
		})
		return add(ctx, tx, "a")
	}))
	require.Equal(t, 2, runs)
	require.Equal(t, 1, read(t, d, "a"))
}

// A statement of a transaction by key has one plan for all lists, which looks each key up, also while the table is empty. Others are planned
// as ever.
func TestByKeyKeepsPlansThatLookKeysUp(t *testing.T) {
	d := pgtest.New(t)
	ctx := t.Context()
	exec := func(tx *db.Tx, sql string) {
		_, err := tx.Exec(ctx, sql)
		require.NoError(t, err)
	}
	plan := func(in func(context.Context, func(*db.Tx) error) error) (lines string) {
		require.NoError(t, in(ctx, func(tx *db.Tx) error {
			exec(tx, `CREATE TEMPORARY TABLE thing (id int PRIMARY KEY) ON COMMIT DROP`)
			exec(tx, `PREPARE look AS SELECT id FROM unnest($1::int[]) AS n (id) JOIN thing USING (id)`)
			defer exec(tx, `DEALLOCATE look`)
			rows, err := tx.Query(ctx, `EXPLAIN EXECUTE look('{1,2}')`)
			if err != nil {
				return err
			}
			all, err := pgx.CollectRows(rows, pgx.RowTo[string])
			lines = strings.Join(all, "\n")
			return err
		}))
		return lines
	}
	kept := plan(d.InTxByKey)
	require.Contains(t, kept, "Index")
	require.NotContains(t, kept, "Seq Scan")
	require.Contains(t, kept, "unnest n")
	require.Contains(t, kept, "rows=10 ", "of a list of any length")
	require.Contains(t, plan(d.InTx), "rows=2 ", "of this list")
}
