package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"

	"comptant/shared/retail"
	"comptant/sync/wire"

	"github.com/fxamacker/cbor/v2"
	_ "modernc.org/sqlite" // the driver the till uses
)

// openRaw opens a SQLite file with nothing around the driver, as durable as the till's.
func openRaw(ctx context.Context, dir, name string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, name)+"?_txlock=immediate&_busy_timeout=5000&_journal_mode=WAL&_synchronous=FULL")
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	db.SetMaxOpenConns(1)
	var synchronous int
	if err := db.QueryRowContext(ctx, `PRAGMA synchronous`).Scan(&synchronous); err != nil || synchronous != 2 {
		return nil, errors.Join(fmt.Errorf("open %s: synchronous reads back %d, want 2: %w", name, synchronous, err), db.Close())
	}
	return db, nil
}

// rawCatalogue is the same products in the tables a raw query would want: one row by barcode, the words of the name
// for prefixes, its trigrams for what is inside words.
func rawCatalogue(ctx context.Context, dir string, products []retail.Product) (*sql.DB, error) {
	db, err := openRaw(ctx, dir, "raw.db")
	if err != nil {
		return nil, err
	}
	if err := fillCatalogue(ctx, db, products); err != nil {
		return nil, errors.Join(fmt.Errorf("fill the raw catalogue: %w", err), db.Close())
	}
	return db, nil
}

func fillCatalogue(ctx context.Context, db *sql.DB, products []retail.Product) error {
	for _, ddl := range []string{
		`CREATE TABLE product (doc INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, body BLOB NOT NULL) STRICT`,
		`CREATE VIRTUAL TABLE word USING fts5 (name, content = '', prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2')`,
		`CREATE VIRTUAL TABLE part USING fts5 (name, content = '', tokenize = 'trigram remove_diacritics 1')`,
	} {
		if _, err := db.ExecContext(ctx, ddl); err != nil {
			return err
		}
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	var inserts [3]*sql.Stmt
	for i, query := range []string{
		`INSERT INTO product (doc, code, body) VALUES (?, ?, ?)`,
		`INSERT INTO word (rowid, name) VALUES (?, ?)`,
		`INSERT INTO part (rowid, name) VALUES (?, ?)`,
	} {
		if inserts[i], err = tx.PrepareContext(ctx, query); err != nil {
			return err
		}
	}
	for i, p := range products {
		body, err := cbor.Marshal(p)
		if err != nil {
			return err
		}
		name := p.Name.FR
		if p.Name.EN != name {
			name += " " + p.Name.EN
		}
		for j, args := range [][]any{{i + 1, p.Barcodes[0], body}, {i + 1, name}, {i + 1, name}} {
			if _, err := inserts[j].ExecContext(ctx, args...); err != nil {
				return err
			}
		}
	}
	for _, table := range []string{"word", "part"} {
		if _, err := tx.ExecContext(ctx, `INSERT INTO `+table+` (`+table+`) VALUES ('optimize')`); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	return err
}

// fillStock adds the levels, in one transaction.
func fillStock(ctx context.Context, db *sql.DB, levels []wire.Row) error {
	if _, err := db.ExecContext(ctx, `CREATE TABLE level (product BLOB PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID`); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	insert, err := tx.PrepareContext(ctx, `INSERT INTO level (product, body) VALUES (?, ?)`)
	if err != nil {
		return err
	}
	for _, l := range levels {
		if l.Type != retail.RowStock {
			continue
		}
		if _, err := insert.ExecContext(ctx, l.ID[:], l.Body); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// bodies reads the one column of every row of a prepared query.
func bodies(ctx context.Context, s *sql.Stmt, args ...any) (int, error) {
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return n, err
		}
		n++
	}
	return n, rows.Err()
}
