package feed

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

const (
	// long is how many rows make a feed worth a file.
	long = 5000
	// renewAt is the part of a snapshot, one in so many rows, that may have changed since it was made.
	renewAt = 10
	// keepFor is how long a snapshot stays once there is a newer one: tills may be downloading it.
	keepFor = time.Hour
	// partBytes is how much of a file is in one row.
	partBytes = 1 << 20
)

// Snapshots makes files of long feeds and keeps them in the database, so that every process of headquarters gives the same
// bytes: a till goes on with a download wherever it comes back.
type Snapshots struct {
	db   *db.DB
	now  func() time.Time
	long int
}

// NewSnapshots keeps them in the database.
func NewSnapshots(db *db.DB, now func() time.Time) *Snapshots {
	return &Snapshots{db: db, now: now, long: long}
}

// Snapshot is the newest of a feed, made when there is none that is new enough. ok is false when the feed is short.
func (s *Snapshots) Snapshot(ctx context.Context, feed string) (found hub.Snapshot, ok bool, err error) {
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		// One process makes it, the others wait for that.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('snapshot'), hashtext($1))`, feed); err != nil {
			return err
		}
		var rows int64
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM feed.item WHERE feed = $1 AND body IS NOT NULL`, feed).Scan(&rows); err != nil {
			return err
		}
		if ok = rows >= int64(s.long); !ok {
			return nil
		}
		var recent bool
		if found, recent, err = newestSnapshot(ctx, tx, feed); err != nil || recent {
			return err
		}
		found, err = s.keep(ctx, tx, feed)
		return err
	})
	if err != nil {
		return hub.Snapshot{}, false, fmt.Errorf("snapshot of %s: %w", feed, err)
	}
	return found, ok, nil
}

// Forget drops the files of a feed: what was erased from its rows must not be in them. A till that is downloading one begins
// again.
func Forget(ctx context.Context, tx *db.Tx, feed string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM feed.snapshot WHERE feed = $1`, feed); err != nil {
		return fmt.Errorf("forget the snapshots of %s: %w", feed, err)
	}
	return nil
}

// newestSnapshot looks for one that pages can go on from, and that does not leave much to them.
func newestSnapshot(ctx context.Context, tx *db.Tx, feed string) (s hub.Snapshot, ok bool, err error) {
	var name uuid.UUID
	var gen, seq, rows, since int64
	err = tx.QueryRow(ctx, `
		SELECT s.name, s.gen, s.seq, s.rows, s.sha256, (SELECT count(*) FROM feed.item i WHERE i.feed = s.feed AND i.seq > s.seq)
		FROM feed.snapshot s JOIN feed.head h ON h.feed = s.feed AND h.gen = s.gen AND s.seq BETWEEN h.floor AND h.seq
		WHERE s.feed = $1 ORDER BY s.made_at DESC LIMIT 1`, feed).Scan(&name, &gen, &seq, &rows, &s.SHA256, &since)
	if errors.Is(err, pgx.ErrNoRows) {
		return hub.Snapshot{}, false, nil
	}
	s.Name, s.Gen, s.Seq = name.String(), uint64(gen), uint64(seq)
	return s, since <= rows/renewAt, err
}

// keep makes a snapshot and stores it.
func (s *Snapshots) keep(ctx context.Context, tx *db.Tx, feed string) (hub.Snapshot, error) {
	h, rows, err := whole(ctx, tx, feed)
	if err != nil {
		return hub.Snapshot{}, err
	}
	file, err := pack(feed, h, rows)
	if err != nil {
		return hub.Snapshot{}, err
	}
	name, sum, now := uuid.New(), sha256.Sum256(file), s.now()
	var batch pgx.Batch
	batch.Queue(`DELETE FROM feed.snapshot WHERE feed = $1 AND made_at < $2`, feed, now.Add(-keepFor))
	batch.Queue(`INSERT INTO feed.snapshot (name, feed, gen, seq, rows, size, sha256, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		name, feed, int64(h.gen), int64(h.seq), len(rows), len(file), sum[:], now)
	n := 0
	for part := range slices.Chunk(file, partBytes) {
		batch.Queue(`INSERT INTO feed.snapshot_part (name, n, bytes) VALUES ($1, $2, $3)`, name, n, part)
		n++
	}
	if err := tx.Send(ctx, &batch); err != nil {
		return hub.Snapshot{}, err
	}
	return hub.Snapshot{Name: name.String(), Gen: h.gen, Seq: h.seq, SHA256: sum[:]}, nil
}

// whole reads the head and every live row in one statement, which is one state of the feed.
func whole(ctx context.Context, tx *db.Tx, feed string) (head, []wire.Row, error) {
	found, err := tx.Query(ctx, `
		SELECT h.gen, h.seq, h.digest, i.seq, i.type, i.id, i.body
		FROM feed.head h JOIN feed.item i ON i.feed = h.feed AND i.body IS NOT NULL
		WHERE h.feed = $1 ORDER BY i.seq`, feed)
	if err != nil {
		return head{}, nil, err
	}
	var h head
	var rows []wire.Row
	var gen, seq, digest, rowSeq int64
	var kind int16
	var id uuid.UUID
	var body []byte
	_, err = pgx.ForEachRow(found, []any{&gen, &seq, &digest, &rowSeq, &kind, &id, &body}, func() error {
		h = head{gen: uint64(gen), seq: uint64(seq), digest: uint64(digest)}
		rows = append(rows, wire.Row{Seq: uint64(rowSeq), Type: retail.RowType(kind), ID: id, Body: slices.Clone(body)})
		return nil
	})
	return h, rows, err
}

// pack writes the pages of a feed one after the other, as a till without snapshots would be sent them.
func pack(feed string, h head, rows []wire.Row) (file []byte, err error) {
	page := wire.Changes{Feed: feed, Gen: h.gen, Base: h.seq}
	for more := true; more; {
		page.From, page.Upto, page.Digest = page.Upto, h.seq, h.digest
		page.Rows, more = cut(rows, wire.PageRows)
		if page.More = more; more {
			page.Upto, page.Digest = page.Rows[len(page.Rows)-1].Seq, 0
		}
		rows = rows[len(page.Rows):]
		if file, err = wire.AppendPage(file, page); err != nil {
			return nil, err
		}
	}
	return file, nil
}
