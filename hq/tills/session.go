package tills

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	now := r.now()
	offset := hello.Wall - now.UnixMilli()
	t.ClockOffset, t.SaidAt = &offset, &now
	t.Unsent, t.UnsentSince = 0, nil
	if hello.Unsent != nil {
		t.Unsent, t.UnsentSince = int64(hello.Unsent.Count), written(hello.Unsent.Oldest, offset)
	}
	_, err = tx.Exec(ctx, `
		UPDATE tills.till SET session = $3, n = $4, said_last = $5, app = $6, clock_offset = $7, said_at = $8, unsent = $9, unsent_since = $10 WHERE store_id = $1 AND id = $2`,
		t.Store, t.ID, id, t.N, t.SaidLast, t.App, offset, now, t.Unsent, t.UnsentSince)
	if err != nil {
		return fmt.Errorf("start session of till %s: %w", t.ID, err)
	}
	feed.Mark(tx, Topic)
	return nil
}

// written is a moment by the clock of a till, which is ahead of ours by an offset, by ours; nil for none.
func written(ms, offset int64) *time.Time {
	if ms == 0 {
		return nil
	}
	at := time.UnixMilli(ms - offset).UTC()
	return &at
}

// Unsent records what the till of this session says it holds that we have not acknowledged. A session that was fenced changes nothing.
func (r *Registry) Unsent(ctx context.Context, till, session uuid.UUID, u wire.Unsent) error {
	var oldest *int64
	if u.Oldest != 0 {
		oldest = &u.Oldest
	}
	err := r.db.InTx(ctx, func(tx *db.Tx) error {
		done, err := tx.Exec(ctx, `
			UPDATE tills.till SET unsent = $3, unsent_since = to_timestamp(($4::bigint - coalesce(clock_offset, 0)) / 1000.0)
			WHERE id = $1 AND session = $2`, till, session, int64(u.Count), oldest)
		if err == nil && done.RowsAffected() > 0 {
			feed.Mark(tx, Topic)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("record what till %s has not sent: %w", till, err)
	}
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

// Seen records that the till is connected by this session, and so that it has kept its welcome, and how far it shows the
// global feed and its own.
func (r *Registry) Seen(ctx context.Context, till, session uuid.UUID, at time.Time, shown []wire.Cursor) error {
	return r.connected(ctx, till, session, at, true, shown)
}

// Closed records that the session has ended. A session that was fenced changes nothing.
func (r *Registry) Closed(ctx context.Context, till, session uuid.UUID, at time.Time) error {
	return r.connected(ctx, till, session, at, false, nil)
}

// connected writes what is known of a connection, and of the feeds that are shown.
func (r *Registry) connected(ctx context.Context, till, session uuid.UUID, at time.Time, online bool, shown []wire.Cursor) error {
	gen, seq := place(shown, feed.Global)
	ownGen, ownSeq := place(shown, feed.Till(till))
	err := r.db.InTx(ctx, func(tx *db.Tx) error {
		var was, moved bool
		err := tx.QueryRow(ctx, `
			UPDATE tills.till t SET online = $4, seen_at = $3, n_used = CASE WHEN $4 THEN t.n ELSE t.n_used END, since = CASE WHEN t.online = $4 THEN t.since ELSE $3 END,
				shows_gen = coalesce($5, t.shows_gen), shows_seq = coalesce($6, t.shows_seq), own_gen = coalesce($7, t.own_gen), own_seq = coalesce($8, t.own_seq)
			FROM (SELECT store_id, id, online, shows_seq, own_seq FROM tills.till WHERE id = $1 AND session = $2 FOR UPDATE) was
			WHERE t.store_id = was.store_id AND t.id = was.id
			RETURNING was.online, (was.shows_seq, was.own_seq) <> (t.shows_seq, t.own_seq)`,
			till, session, at, online, gen, seq, ownGen, ownSeq).Scan(&was, &moved)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err == nil && (was != online || moved) {
			feed.Mark(tx, Topic)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("record till %s as connected=%t: %w", till, online, err)
	}
	return nil
}

// place is how far a feed is shown; nil when nothing is known of that.
func place(shown []wire.Cursor, name string) (gen, seq *int64) {
	i := slices.IndexFunc(shown, func(c wire.Cursor) bool { return c.Feed == name })
	if i < 0 {
		return nil, nil
	}
	g, s := int64(shown[i].Gen), int64(shown[i].Seq)
	return &g, &s
}
