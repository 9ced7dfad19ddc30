package ledger

import (
	"context"
	"database/sql"
)

// The WAL is copied into its database every checkpointEvery entries, in the background: SQLite's own checkpoint would
// make one sale in some hundreds wait for it. Above checkpointForce pages the writer waits all the same.
const (
	checkpointEvery = 100
	checkpointForce = 8000
)

// checkpointAll copies the WALs back.
func (l *Ledger) checkpointAll(ctx context.Context) {
	for _, db := range []*database{l.ledger, l.catalogue().database} {
		if err := db.checkpoint(context.WithoutCancel(ctx)); err != nil {
			l.cfg.Log.Warn("checkpoint", "file", db.path, "error", err)
		}
	}
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
