package db

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	attempts        = 10
	firstPause      = 4 * time.Millisecond // doubled each time, half of it random
	longestPause    = 250 * time.Millisecond
	rollbackTimeout = 5 * time.Second
)

// Tx is a transaction of InTx. Commit and Rollback are not for its users. It begins with its first statement.
type Tx struct {
	pgx.Tx   // nil before that
	db       *DB
	conn     *pgx.Conn
	begin    pgx.TxOptions
	byKey    bool
	later    []later
	before   []hook
	after    []func()
	conflict error // found at a savepoint: the whole transaction is lost
	ending   bool  // hooks run: no more may be added
}

type hook struct {
	key  string
	item any
	fn   func(ctx context.Context, tx *Tx, items []any) error
}

// BeforeCommit has fn run as one of the last statements of the transaction,
// after its function has succeeded: once under a key, with the items that came
// with it, and in the order of the keys. Locks taken there are held shortly and
// cannot deadlock with each other. fn may not call BeforeCommit.
func (tx *Tx) BeforeCommit(key string, item any, fn func(ctx context.Context, tx *Tx, items []any) error) {
	if tx.ending {
		panic("db: BeforeCommit called from a BeforeCommit function")
	}
	tx.before = append(tx.before, hook{key, item, fn})
}

// AfterCommit has fn run once the transaction is committed, in the order they
// came. It does not run when the transaction fails.
func (tx *Tx) AfterCommit(fn func()) { tx.after = append(tx.after, fn) }

// Savepoint runs fn so that its failure undoes only what fn did, its hooks
// included; the transaction goes on. A conflict inside fn still makes InTx run
// everything again, whatever the caller does with the error.
func (tx *Tx) Savepoint(ctx context.Context, fn func(tx *Tx) error) error {
	if err := tx.Send(ctx, nil); err != nil {
		tx.conflict = err // it is not of fn: nobody may go on without it
		return err
	}
	inner, err := tx.Begin(ctx)
	if err != nil {
		return fmt.Errorf("savepoint: %w", err)
	}
	part := &Tx{Tx: inner, db: tx.db, conn: tx.conn, ending: tx.ending}
	defer rollback(ctx, inner)
	err = fn(part)
	if err == nil {
		err = part.conflict
	}
	if err == nil {
		err = part.Send(ctx, nil)
	}
	if err == nil {
		err = inner.Commit(ctx)
	}
	if err != nil {
		if part.conflict != nil {
			tx.conflict = part.conflict
		} else if conflicts(err) {
			tx.conflict = err
		}
		return err
	}
	tx.before = append(tx.before, part.before...)
	tx.after = append(tx.after, part.after...)
	return nil
}

// InTx runs fn in a READ COMMITTED transaction and commits if it returns nil.
// On a serialization failure or deadlock it runs fn again from the start, up to
// 10 times: fn must be repeatable and set what it gives its caller anew each
// time. A connection lost during the commit leaves its outcome unknown.
func (db *DB) InTx(ctx context.Context, fn func(tx *Tx) error) error {
	return db.InTxOptions(ctx, pgx.TxOptions{}, fn)
}

// InTxByKey is InTx for statements that look rows up by their keys, a few at a time, again and again. Each keeps the plan it is given first,
// which never reads a whole table, however small the tables are while it is made. Otherwise Postgres makes another plan for most lists of
// keys, which takes longer than to find the rows.
func (db *DB) InTxByKey(ctx context.Context, fn func(tx *Tx) error) error {
	return db.again(ctx, func(conn *pgx.Conn) *Tx { return &Tx{db: db, conn: conn, byKey: true} }, fn)
}

// InTxOptions is InTx with another isolation level or access mode.
func (db *DB) InTxOptions(ctx context.Context, options pgx.TxOptions, fn func(tx *Tx) error) error {
	return db.again(ctx, func(conn *pgx.Conn) *Tx { return &Tx{db: db, conn: conn, begin: options} }, fn)
}

// again runs fn until nothing is in conflict with it.
func (db *DB) again(ctx context.Context, begin func(conn *pgx.Conn) *Tx, fn func(tx *Tx) error) error {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		err := db.once(ctx, begin, fn)
		if err == nil || !conflicts(err) {
			return err
		}
		if attempt == attempts {
			return fmt.Errorf("transaction gave up after %d conflicts: %w", attempts, err)
		}
		db.log.Debug("transaction runs again", "attempt", attempt, "conflict", err)
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(pause/2 + rand.N(pause)):
		}
		pause = min(2*pause, longestPause)
	}
}

func (db *DB) once(ctx context.Context, begin func(conn *pgx.Conn) *Tx, fn func(tx *Tx) error) error {
	conn, err := db.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer conn.Release()
	tx := begin(conn.Conn())
	committed := false
	defer func() { // also when it panics
		if !committed && tx.Tx != nil {
			rollback(ctx, tx.Tx)
		}
	}()
	if err := fn(tx); err != nil {
		if tx.conflict != nil {
			return tx.conflict
		}
		return err
	}
	slices.SortStableFunc(tx.before, func(a, b hook) int { return strings.Compare(a.key, b.key) })
	tx.ending = true
	for rest := tx.before; len(rest) > 0; {
		first, items := rest[0], []any(nil)
		for len(rest) > 0 && rest[0].key == first.key {
			items, rest = append(items, rest[0].item), rest[1:]
		}
		if err := first.fn(ctx, tx, items); err != nil {
			return fmt.Errorf("before commit, %s: %w", first.key, err)
		}
	}
	if tx.conflict != nil {
		return tx.conflict
	}
	if err := tx.commit(ctx); err != nil {
		return err
	}
	committed = true
	conn.Release() // what comes after may need it
	for _, fn := range tx.after {
		fn()
	}
	return nil
}

// rollback also works when ctx is over, so that the connection survives.
func rollback(ctx context.Context, tx pgx.Tx) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	_ = tx.Rollback(ctx)
}

// conflicts says whether the same transaction may succeed if run again:
// serialization_failure or deadlock_detected.
// https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html
func conflicts(err error) bool {
	var said *pgconn.PgError
	return errors.As(err, &said) && (said.Code == "40001" || said.Code == "40P01")
}
