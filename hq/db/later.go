package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// later is a statement that waits for the next one.
type later struct {
	what string
	*pgx.QueuedQuery
}

// Later has a statement sent with the next one of the transaction, at the latest with its commit: what nobody waits for takes no way to the
// database and back of its own. What comes of it is given to who asks the statement that it returns for it, when it is sent; what says in an
// error which one failed.
func (tx *Tx) Later(what, sql string, args ...any) *pgx.QueuedQuery {
	var batch pgx.Batch
	q := batch.Queue(sql, args...)
	tx.later = append(tx.later, later{what, q})
	return q
}

// byKey is what a transaction of InTxByKey begins with.
const byKey = `SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)`

// Send sends a batch in one way to the database and back, after the statements that waited, and after the beginning of the transaction when
// these are its first. The batch may be nil.
func (tx *Tx) Send(ctx context.Context, batch *pgx.Batch) error {
	waited := tx.later
	tx.later = nil
	var all pgx.Batch
	begins := tx.Tx == nil
	if begins {
		all.BeginTx(tx.begin)
		if tx.byKey {
			all.Queue(byKey)
		}
	}
	first := all.Len()
	for _, l := range waited {
		all.QueuedQueries = append(all.QueuedQueries, l.QueuedQuery)
	}
	if batch != nil {
		all.QueuedQueries = append(all.QueuedQueries, batch.QueuedQueries...)
	}
	if all.Len() == 0 {
		return nil
	}
	results := tx.conn.SendBatch(ctx, &all)
	if begins {
		tx.Tx = results.Tx()
	}
	for range first {
		if _, err := results.Exec(); err != nil {
			_ = results.Close() // which has the same to say
			return fmt.Errorf("begin: %w", err)
		}
	}
	for _, l := range waited {
		if err := l.read(results); err != nil {
			_ = results.Close()
			return fmt.Errorf("%s: %w", l.what, err)
		}
	}
	return results.Close()
}

// Conn is the connection of the transaction.
func (tx *Tx) Conn() *pgx.Conn { return tx.conn }

// read takes what came of the statement.
func (l later) read(results pgx.BatchResults) error {
	if l.Fn != nil {
		return l.Fn(results)
	}
	_, err := results.Exec()
	return err
}

// commit ends the transaction, with the statements that waited. One without any never began.
func (tx *Tx) commit(ctx context.Context) error {
	if len(tx.later) == 0 {
		if tx.Tx == nil {
			return nil
		}
		if err := tx.Tx.Commit(ctx); err != nil {
			return fmt.Errorf("commit: %w", err)
		}
		return nil
	}
	var end pgx.Batch
	end.Queue("commit").Exec(func(done pgconn.CommandTag) error {
		if done.String() != "COMMIT" {
			return fmt.Errorf("commit: %w", pgx.ErrTxCommitRollback)
		}
		return nil
	})
	return tx.Send(ctx, &end)
}

// SendBatch is pgx's. Send takes fewer ways.
func (tx *Tx) SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults {
	if err := tx.Send(ctx, nil); err != nil {
		return pgx.FailedBatchResults(batch, err)
	}
	return tx.Tx.SendBatch(ctx, batch)
}

// Query is pgx's, after the statements that waited.
func (tx *Tx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if err := tx.Send(ctx, nil); err != nil {
		return pgx.FailedBatchResults(&pgx.Batch{}, err).Query()
	}
	return tx.Tx.Query(ctx, sql, args...)
}

// QueryRow is pgx's, after the statements that waited.
func (tx *Tx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if err := tx.Send(ctx, nil); err != nil {
		return pgx.FailedBatchResults(&pgx.Batch{}, err).QueryRow()
	}
	return tx.Tx.QueryRow(ctx, sql, args...)
}

// Exec is pgx's, after the statements that waited.
func (tx *Tx) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if err := tx.Send(ctx, nil); err != nil {
		return pgconn.CommandTag{}, err
	}
	return tx.Tx.Exec(ctx, sql, args...)
}

// CopyFrom is pgx's, after the statements that waited.
func (tx *Tx) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	if err := tx.Send(ctx, nil); err != nil {
		return 0, err
	}
	return tx.Tx.CopyFrom(ctx, table, columns, rows)
}

// Begin is pgx's, after the statements that waited.
func (tx *Tx) Begin(ctx context.Context) (pgx.Tx, error) {
	if err := tx.Send(ctx, nil); err != nil {
		return nil, err
	}
	return tx.Tx.Begin(ctx)
}
