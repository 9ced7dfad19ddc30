package tills

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/sync/wire"
)

// Start opens the till's next session, which fences the one before. entries is how many its journal holds, sent or not.
// The till is locked.
func (r *Registry) Start(ctx context.Context, tx *db.Tx, t *Till, hello wire.Hello, entries uint64) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	t.Session, t.N, t.SaidLast, t.App = &id, max(t.N, int64(hello.N))+1, int64(entries), hello.App
	offset := hello.Wall - r.now().UnixMilli()
	t.ClockOffset = &offset
	_, err = tx.Exec(ctx, `
		UPDATE tills.till SET session = $3, n = $4, said_last = $5, app = $6, clock_offset = $7 WHERE store_id = $1 AND id = $2`,
		t.Store, t.ID, id, t.N, t.SaidLast, t.App, offset)
	if err != nil {
		return fmt.Errorf("start session of till %s: %w", t.ID, err)
	}
	feed.Mark(tx, Topic)
	return nil
}

// Copied records that an older copy of the till's disk said hello. The till is locked.
func Copied(ctx context.Context, tx *db.Tx, t *Till, at time.Time) error {
	t.CopiedAt = &at
	if _, err := tx.Exec(ctx, `UPDATE tills.till SET copied_at = $3 WHERE store_id = $1 AND id = $2`, t.Store, t.ID, at); err != nil {
		return fmt.Errorf("record a copy of till %s: %w", t.ID, err)
	}
	return nil
}

// Runs records that the till, which is locked, says at a moment that it sells at a version of prices.
func Runs(ctx context.Context, tx *db.Tx, store, till uuid.UUID, version uint64, at time.Time) error {
	done, err := tx.Exec(ctx, `
		UPDATE tills.till SET prices = $3, prices_since = $4 WHERE store_id = $1 AND id = $2 AND prices <> $3`,
		store, till, int64(version), at)
	if err != nil {
		return fmt.Errorf("record the prices of till %s: %w", till, err)
	}
	if done.RowsAffected() > 0 {
		feed.Mark(tx, Topic)
	}
	return nil
}

// Seen records that the till is connected by this session, and so that it has kept its welcome.
func (r *Registry) Seen(ctx context.Context, till, session uuid.UUID, at time.Time) error {
	return r.connected(ctx, till, session, at, true)
}

// Closed records that the session has ended. A session that was fenced changes nothing.
func (r *Registry) Closed(ctx context.Context, till, session uuid.UUID, at time.Time) error {
	return r.connected(ctx, till, session, at, false)
}

func (r *Registry) connected(ctx context.Context, till, session uuid.UUID, at time.Time, online bool) error {
	err := r.db.InTx(ctx, func(tx *db.Tx) error {
		var was bool
		err := tx.QueryRow(ctx, `
			UPDATE tills.till t SET online = $4, seen_at = $3, n_used = CASE WHEN $4 THEN t.n ELSE t.n_used END, since = CASE WHEN t.online = $4 THEN t.since ELSE $3 END
			FROM (SELECT store_id, id, online FROM tills.till WHERE id = $1 AND session = $2 FOR UPDATE) was
			WHERE t.store_id = was.store_id AND t.id = was.id
			RETURNING was.online`, till, session, at, online).Scan(&was)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err == nil && was != online {
			feed.Mark(tx, Topic)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("record till %s as connected=%t: %w", till, online, err)
	}
	return nil
}
