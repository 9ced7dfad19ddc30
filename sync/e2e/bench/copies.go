package bench

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// copies are the rows that some work left in a database, and tables like those it left them in.
type copies struct {
	conn *pgx.Conn
	// before are the tables that had rows already.
	before []string
	tables []*copied
	rows   int64
}

// copied is the rows of one table, as COPY writes them.
type copied struct {
	table, twin string
	rows        bytes.Buffer
}

// newCopies looks at the database before the work.
func newCopies(ctx context.Context, conn *pgx.Conn) (*copies, error) {
	c := &copies{conn: conn}
	var err error
	c.before, err = c.filled(ctx)
	return c, err
}

// filled lists the tables that have rows.
func (c *copies) filled(ctx context.Context) ([]string, error) {
	rows, err := c.conn.Query(ctx, `SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
		WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	var filled []string
	for _, table := range all {
		var some bool
		if err := c.conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM `+table+`)`).Scan(&some); err != nil {
			return nil, fmt.Errorf("look into %s: %w", table, err)
		}
		if some {
			filled = append(filled, table)
		}
	}
	return filled, nil
}

// take keeps the rows of every table that was empty before, and makes its empty twin with the same indexes and checks.
func (c *copies) take(ctx context.Context) error {
	filled, err := c.filled(ctx)
	if err != nil {
		return err
	}
	if _, err := c.conn.Exec(ctx, `CREATE SCHEMA twin`); err != nil {
		return fmt.Errorf("make room for copies: %w", err)
	}
	for _, table := range filled {
		if slices.Contains(c.before, table) {
			continue
		}
		t := &copied{table: table, twin: fmt.Sprintf("twin.t%d", len(c.tables))}
		tag, err := c.conn.PgConn().CopyTo(ctx, &t.rows, `COPY `+table+` TO STDOUT (FORMAT binary)`)
		if err != nil {
			return fmt.Errorf("copy %s: %w", table, err)
		}
		if _, err := c.conn.Exec(ctx, `CREATE TABLE `+t.twin+` (LIKE `+table+` INCLUDING ALL)`); err != nil {
			return fmt.Errorf("make a twin of %s: %w", table, err)
		}
		c.rows += tag.RowsAffected()
		c.tables = append(c.tables, t)
	}
	return nil
}

// load copies all rows into the empty twins, in one transaction.
func (c *copies) load(ctx context.Context, ops int, w *Watch) error {
	for _, t := range c.tables {
		if _, err := c.conn.Exec(ctx, `TRUNCATE `+t.twin); err != nil {
			return fmt.Errorf("empty %s: %w", t.twin, err)
		}
	}
	if _, err := c.conn.Exec(ctx, `CHECKPOINT`); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	w.Start()
	tx, err := c.conn.Begin(ctx)
	if err != nil {
		return fmt.Errorf("copy in: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // after Commit it does nothing
	for _, t := range c.tables {
		if _, err := c.conn.PgConn().CopyFrom(ctx, bytes.NewReader(t.rows.Bytes()), `COPY `+t.twin+` FROM STDIN (FORMAT binary)`); err != nil {
			return fmt.Errorf("copy into %s: %w", t.twin, err)
		}
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("copy in: %w", err)
	}
	w.Stop(ops)
	return nil
}
