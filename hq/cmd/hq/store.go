package main

import (
	"context"
	"log/slog"
	"time"

	"comptant/hq/feed"
	"comptant/hq/server"
)

// open connects to the database for one command.
func (c *cli) open(ctx context.Context) (*store, error) {
	s, err := server.Database{URL: c.DatabaseURL, Home: c.Home, Log: c.quiet()}.Open(ctx)
	if err != nil {
		return nil, err
	}
	return &store{Store: s, log: c.quiet(), tell: feed.Tell(s.DB, c.quiet())}, nil
}

// store is the database of a command.
type store struct {
	*server.Store
	log  *slog.Logger
	tell func(context.Context) error
}

// tellWithin bounds how long a command waits to tell of what it changed; who is not told looks every few seconds.
const tellWithin = 2 * time.Second

// Close tells headquarters that runs what the command changed, and lets the database go.
func (s *store) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), tellWithin)
	defer cancel()
	if err := s.tell(ctx); err != nil {
		s.log.Warn("headquarters is not told at once", "error", err)
	}
	s.Store.Close()
}
