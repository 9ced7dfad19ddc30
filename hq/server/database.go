package server

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/db/postgres"
	"comptant/hq/feed"
	"comptant/shared/retail"
)

// Database says where headquarters keeps its data.
type Database struct {
	// URL is a Postgres to use; empty for a private one under Home.
	URL string
	// Home is the folder of this headquarters.
	Home string
	Log  *slog.Logger
}

// Store is an open database, and the private Postgres behind it when there is one.
type Store struct {
	*db.DB
	private *postgres.Server
	log     *slog.Logger
	// tell is nil in a process that stays.
	tell func(context.Context) error
}

// stopWithin bounds how long a private Postgres may take to stop.
const stopWithin = 30 * time.Second

// Open connects to the database, starting the private Postgres when no other is named, and migrates it. Programs may
// share a private Postgres: the last to close it stops it.
func (c Database) Open(ctx context.Context) (*Store, error) {
	s, url, err := c.Start(ctx)
	if err != nil {
		return nil, err
	}
	if s.DB, err = db.Open(ctx, url, c.Log, db.Options{}); err != nil {
		s.Close()
		return nil, err
	}
	if err := s.Migrate(ctx); err != nil {
		s.Close()
		return nil, err
	}
	err = s.InTx(ctx, func(tx *db.Tx) error {
		return errors.Join(catalog.EnsureTaxRates(ctx, tx, retail.Quebec("", "")), catalog.EnsureCurrencies(ctx, tx, retail.Currencies()))
	})
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Exists says that there is a database to look at: Start would make one.
func (c Database) Exists() bool {
	if c.URL != "" {
		return true
	}
	_, err := os.Stat(filepath.Join(c.Home, "postgres", "data"))
	return !errors.Is(err, fs.ErrNotExist)
}

// Start gives the address of the database without connecting to it, and starts the private Postgres when no other is named.
func (c Database) Start(ctx context.Context) (*Store, string, error) {
	s := &Store{log: c.Log}
	if c.URL != "" {
		return s, c.URL, nil
	}
	var err error
	if s.private, err = postgres.Start(ctx, postgres.Options{Dir: filepath.Join(c.Home, "postgres"), Log: c.Log}); err != nil {
		return nil, "", err
	}
	return s, s.private.URL(), nil
}

// Visit is Open for a command, which ends soon: its Close tells the headquarters that runs what has changed.
func (c Database) Visit(ctx context.Context) (*Store, error) {
	s, err := c.Open(ctx)
	if err != nil {
		return nil, err
	}
	s.tell = feed.Tell(s.DB, c.Log)
	return s, nil
}

// tellWithin bounds how long a command waits for that; who is not told looks every few seconds.
const tellWithin = 2 * time.Second

// Close disconnects, and stops the private Postgres unless another program uses it.
func (s *Store) Close() {
	if s.tell != nil {
		ctx, cancel := context.WithTimeout(context.Background(), tellWithin)
		defer cancel()
		if err := s.tell(ctx); err != nil {
			s.log.Warn("headquarters is not told at once", "err", err)
		}
	}
	if s.DB != nil {
		s.DB.Close()
	}
	if s.private == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	if err := s.private.Stop(ctx); err != nil {
		s.log.Error("stop postgres", "err", err)
	}
}

// Lost is closed when the private Postgres ends on its own. It blocks for ever when there is none.
func (s *Store) Lost() <-chan struct{} {
	if s.private == nil {
		return nil
	}
	return s.private.Done()
}
