package feed

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

// Reader gives tills the pages of their feeds.
type Reader struct {
	db       *db.DB
	notifier *Notifier
	rows     int // at most in a page
}

// NewReader reads from the database; the notifier tells when there is more.
func NewReader(db *db.DB, notifier *Notifier) *Reader {
	return &Reader{db: db, notifier: notifier, rows: wire.PageRows}
}

// Subscribe calls wake with the names of feeds that may have changed, until stop is called. It must not block.
func (r *Reader) Subscribe(wake func(feeds []string)) (stop func()) {
	return r.notifier.Subscribe(wake)
}

// Querier is a database or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Position is a place in a feed.
type Position struct{ Gen, Seq int64 }

// Place is how far a till must show a feed to have the newest state of some of its rows; Seq 0 when there are none.
func Place(ctx context.Context, q Querier, feed string, t retail.RowType, ids []uuid.UUID) (Position, error) {
	rows, err := q.Query(ctx, `
		SELECT coalesce(max(h.gen), 0), coalesce(max(i.seq), 0) FROM feed.head h
		LEFT JOIN feed.item i ON i.feed = h.feed AND i.type = $2 AND i.id = ANY ($3)
		WHERE h.feed = $1`, feed, int16(t), ids)
	if err != nil {
		return Position{}, fmt.Errorf("find rows of feed %s: %w", feed, err)
	}
	return pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (p Position, err error) {
		return p, row.Scan(&p.Gen, &p.Seq)
	})
}

// Heads gives how far the feeds have come; one that has no rows yet is left out.
func Heads(ctx context.Context, q Querier, feeds []string) (map[string]Position, error) {
	rows, err := q.Query(ctx, `SELECT feed, gen, seq FROM feed.head WHERE feed = ANY ($1)`, feeds)
	if err != nil {
		return nil, fmt.Errorf("read how far feeds are: %w", err)
	}
	heads := make(map[string]Position, len(feeds))
	var name string
	var p Position
	if _, err := pgx.ForEachRow(rows, []any{&name, &p.Gen, &p.Seq}, func() error { heads[name] = p; return nil }); err != nil {
		return nil, fmt.Errorf("read how far feeds are: %w", err)
	}
	return heads, nil
}

// head is the state of a whole feed.
type head struct {
	gen, seq, floor, digest uint64
}

// Page is the next page of a feed after the cursor, or the reset the till must do first. ok is false when the till has
// everything; the page then says no more than the digest of the feed.
func (r *Reader) Page(ctx context.Context, cursor wire.Cursor) (page wire.Changes, reset *wire.Reset, ok bool, err error) {
	h, rows, err := r.read(ctx, cursor)
	if err != nil {
		return wire.Changes{}, nil, false, fmt.Errorf("read feed %s: %w", cursor.Feed, err)
	}
	if code := h.refuses(cursor); code != 0 {
		return wire.Changes{}, &wire.Reset{Feed: cursor.Feed, Gen: h.gen, Code: code}, true, nil
	}
	if cursor.Seq == h.seq {
		return wire.Changes{Digest: h.digest}, nil, false, nil
	}
	page = wire.Changes{Feed: cursor.Feed, Gen: h.gen, From: cursor.Seq, Base: cursor.Base, Upto: h.seq}
	if cursor.Seq == 0 {
		page.Base = h.seq // a first load begins here
	}
	page.Rows, page.More = cut(rows, r.rows)
	if page.More {
		page.Upto = page.Rows[len(page.Rows)-1].Seq
	} else {
		page.Digest = h.digest
	}
	return page, nil, true, nil
}

// refuses says why the cursor cannot be served, 0 if it can.
func (h head) refuses(c wire.Cursor) wire.Code {
	switch {
	case c.Seq == 0 && c.Gen == 0: // a till that has nothing has no generation either
		return 0
	case c.Gen != h.gen:
		return wire.GenerationChanged
	case c.Seq > h.seq:
		return wire.CursorAhead
	case c.Seq > 0 && max(c.Seq, c.Base) < h.floor:
		return wire.CursorTooOld
	case c.Seq == h.seq && c.Digest != 0 && c.Digest != h.digest:
		// The feed was rolled back and has come to the same number with other rows.
		return wire.DigestDiffers
	}
	return 0
}

// read takes the head and the rows in one statement, which is one snapshot: they agree.
func (r *Reader) read(ctx context.Context, cursor wire.Cursor) (head, []wire.Row, error) {
	found, err := r.db.Query(ctx, `
		SELECT h.gen, h.seq, h.floor, h.digest, i.seq, i.type, i.id, i.body
		FROM feed.head h LEFT JOIN LATERAL (
			SELECT seq, type, id, body FROM feed.item WHERE feed = h.feed AND seq > $2 ORDER BY seq LIMIT $3
		) i ON true
		WHERE h.feed = $1 ORDER BY i.seq`, cursor.Feed, int64(cursor.Seq), r.rows+1)
	if err != nil {
		return head{}, nil, err
	}
	h := head{gen: 1, seq: 1} // a feed that nobody has published to: see migration 11
	var rows []wire.Row
	var gen, seq, floor, digest int64
	var itemSeq, itemType *int64
	var id *[16]byte
	var body []byte
	_, err = pgx.ForEachRow(found, []any{&gen, &seq, &floor, &digest, &itemSeq, &itemType, &id, &body}, func() error {
		h = head{uint64(gen), uint64(seq), uint64(floor), uint64(digest)}
		if itemSeq == nil {
			return nil
		}
		if id == nil || itemType == nil {
			return errors.New("row without a key")
		}
		rows = append(rows, wire.Row{Seq: uint64(*itemSeq), Type: retail.RowType(*itemType), ID: *id, Body: body})
		return nil
	})
	return h, rows, err
}

// cut keeps as many rows as one page may hold, at least one, and says whether some are left.
func cut(rows []wire.Row, most int) (kept []wire.Row, more bool) {
	size := 0
	for i, r := range rows {
		size += len(r.Body)
		if i == most || i > 0 && size > wire.PageBytes {
			return rows[:i], true
		}
	}
	return rows, false
}
