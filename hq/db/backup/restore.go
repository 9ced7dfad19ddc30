package backup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Contents is how much of the tills' journals a database has.
type Contents struct {
	Tills, Entries int64
	// Newest is when the newest entry arrived; nil when there is none.
	Newest *time.Time
}

// Candidate is a backup that stands beside the database in place.
type Candidate struct {
	// File is what the backup has, InPlace what the database in place has.
	File, InPlace Contents

	here, beside target
	server       *pgx.Conn
}

// besideName is the database a backup is restored to before it takes the place.
func (t target) besideName() string { return t.name() + "_restoring" }

// Prepare restores a file beside the database at an address and looks at both. ready makes the restored database fit for this
// program. The candidate must be closed.
func Prepare(ctx context.Context, address, file string, ready func(ctx context.Context, address string) error) (*Candidate, error) {
	here, err := parse(address)
	if err != nil {
		return nil, err
	}
	major, err := here.version(ctx)
	if err != nil {
		return nil, err
	}
	restore, err := program(ctx, "pg_restore", major)
	if err != nil {
		return nil, err
	}
	c := &Candidate{here: here, beside: here.named(here.besideName())}
	// From the database postgres, since nobody may be connected to one that gets another name.
	if c.server, err = pgx.Connect(ctx, here.named("postgres").open()); err != nil {
		return nil, err
	}
	if err := c.prepare(ctx, restore, file, ready); err != nil {
		return nil, errors.Join(err, c.Close(ctx))
	}
	return c, nil
}

func (c *Candidate) prepare(ctx context.Context, restore, file string, ready func(ctx context.Context, address string) error) error {
	if err := c.clear(ctx); err != nil { // what an interrupted one left
		return err
	}
	_, err := c.server.Exec(ctx, `CREATE DATABASE `+ident(c.beside.name()))
	if err != nil {
		return fmt.Errorf("make room for the backup: %w", err)
	}
	if err := c.beside.run(ctx, restore, "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", file); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if err := ready(ctx, c.beside.open()); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if c.File, err = c.beside.contents(ctx); err != nil {
		return fmt.Errorf("look at the backup: %w", err)
	}
	if c.InPlace, err = c.here.contents(ctx); err != nil {
		return fmt.Errorf("look at the database in place: %w", err)
	}
	return nil
}

// Place gives the backup the name of the database in place, and that one another, which it returns. Both or neither.
func (c *Candidate) Place(ctx context.Context, at time.Time) (kept string, err error) {
	kept = c.here.name() + "_before_" + at.UTC().Format("20060102t150405")
	if err := c.alone(ctx); err != nil {
		return "", err
	}
	tx, err := c.server.Begin(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	for _, rename := range [][2]string{{c.here.name(), kept}, {c.beside.name(), c.here.name()}} {
		if _, err := tx.Exec(ctx, fmt.Sprintf(`ALTER DATABASE %s RENAME TO %s`, ident(rename[0]), ident(rename[1]))); err != nil {
			return "", fmt.Errorf("put the backup in place: %w", err)
		}
	}
	return kept, tx.Commit(ctx)
}

// leaving is how long a connection that was closed may still be seen.
const leaving = 3 * time.Second

// alone says that nobody uses the database in place. Postgres' own workers are no users: renaming a database sends them away.
func (c *Candidate) alone(ctx context.Context) error {
	for end := time.Now().Add(leaving); ; {
		var others int
		err := c.server.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'`,
			c.here.name()).Scan(&others)
		switch {
		case err != nil || others == 0:
			return err
		case time.Now().After(end):
			return errors.New("headquarters runs, or another program uses its database: stop it first")
		}
		if _, err := c.server.Exec(ctx, `SELECT pg_sleep(0.1)`); err != nil {
			return err
		}
	}
}

// Close takes away what was restored and not placed.
func (c *Candidate) Close(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	return errors.Join(c.clear(ctx), c.server.Close(ctx))
}

func (c *Candidate) clear(ctx context.Context) error {
	if _, err := c.server.Exec(ctx, `DROP DATABASE IF EXISTS `+ident(c.beside.name())); err != nil {
		return fmt.Errorf("take away what was restored (is another restore running?): %w", err)
	}
	return nil
}

func (t target) contents(ctx context.Context) (found Contents, err error) {
	conn, err := pgx.Connect(ctx, t.open())
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	var entries bool
	err = conn.QueryRow(ctx, `SELECT to_regclass('journal.entry') IS NOT NULL`).Scan(&entries)
	if err != nil || !entries { // a new server, which has nothing yet
		return found, err
	}
	err = conn.QueryRow(ctx, `SELECT (SELECT count(*) FROM tills.till), (SELECT count(*) FROM journal.entry), (SELECT max(received_at) FROM journal.entry)`).
		Scan(&found.Tills, &found.Entries, &found.Newest)
	return found, err
}

func ident(name string) string { return pgx.Identifier{name}.Sanitize() }
