package ledger

import (
	"context"
	"database/sql"
	"log/slog"
)

// The WAL is copied into its database every checkpointEvery entries, in the background: SQLite's own checkpoint would
// make one sale in some hundreds wait for it. Above checkpointForce pages the writer waits all the same.
const (
	checkpointEvery = 100
	checkpointForce = 8000
)

// checkpointer copies the WALs back in the background.
type checkpointer struct {
	wake, quit, done chan struct{}
}

func startCheckpointer(ledger, catalog *database, log *slog.Logger) *checkpointer {
	c := &checkpointer{wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(c.done)
		for {
			select {
			case <-c.quit:
				return
			case <-c.wake:
			}
			for _, db := range []*database{ledger, catalog} {
				if err := db.checkpoint(context.Background()); err != nil {
					log.Warn("checkpoint", "file", db.path, "error", err)
				}
			}
		}
	}()
	return c
}

// poke asks for a checkpoint soon.
func (c *checkpointer) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// stop waits for the checkpoint under way.
func (c *checkpointer) stop() {
	close(c.quit)
	<-c.done
}

// checkpoint copies what it can beside the writer. A writer that never rests would let the WAL grow for ever, because it
// only starts again from its beginning when all of it was copied; then the rest is copied while the writer waits.
func (d *database) checkpoint(ctx context.Context) error {
	pages, err := passive(ctx, d.read)
	if err != nil || pages < checkpointForce {
		return err
	}
	d.write.mu.Lock()
	defer d.write.mu.Unlock()
	_, err = passive(ctx, d.write)
	return err
}

func passive(ctx context.Context, q querier) (pages int, err error) {
	pages, _, err = one(ctx, q, func(r *sql.Rows) (pages int, err error) {
		var busy, copied int
		err = r.Scan(&busy, &pages, &copied)
		return pages, err
	}, `PRAGMA wal_checkpoint(PASSIVE)`)
	return pages, err
}
