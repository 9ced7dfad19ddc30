package db

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the database to this program's version. Any number of HQ
// processes may call it at once: one works, the others wait up to ten minutes.
// A database that a newer HQ has migrated is refused.
func (db *DB) Migrate(ctx context.Context) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 600), lock.WithUnlockTimeout(1, 10))
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	conn := stdlib.OpenDBFromPool(db.Pool)
	defer func() { _ = conn.Close() }() // the pool stays open
	provider, err := goose.NewProvider(goose.DialectPostgres, conn, files,
		goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	for _, m := range done {
		db.log.Info("migrated the database", "version", m.Source.Version, "took", m.Duration)
	}
	at, known, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if at > known {
		return fmt.Errorf("migrate: the database is at version %d and this HQ knows %d: run the newer HQ that migrated it", at, known)
	}
	return db.migrateQueue(ctx)
}

// QueueSchema is where the queue of jobs keeps its tables.
const QueueSchema = "river"

// migrateQueue brings the queue's tables to the version of its library, each of its steps in a transaction of its own, as they must be.
// Processes that do so at once wait for each other.
func (db *DB) migrateQueue(ctx context.Context) error {
	return db.InTx(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('river'))`); err != nil {
			return fmt.Errorf("migrate the queue of jobs: %w", err)
		}
		migrator, err := rivermigrate.New(riverpgxv5.New(db.Pool), &rivermigrate.Config{Schema: QueueSchema, Logger: db.log})
		if err != nil {
			return fmt.Errorf("migrate the queue of jobs: %w", err)
		}
		if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
			return fmt.Errorf("migrate the queue of jobs: %w", err)
		}
		return nil
	})
}

// Fingerprint names the schema that Migrate makes: it changes whenever a
// migration does.
func Fingerprint() string {
	sum := sha256.New()
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for _, name := range names {
		text, err := migrations.ReadFile(name)
		if err != nil {
			panic(err) // it is in this program
		}
		fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}
