package feed

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

// Global is the feed every till follows: catalogue, prices, taxes, locations, central stock.
const Global = "global"

// Store is the feed of a store: its stock, staff, restock requests and shipments.
func Store(id uuid.UUID) string { return "store:" + id.String() }

// Till is the feed of one till.
func Till(id uuid.UUID) string { return "till:" + id.String() }

// Row is one thing in its newest state. A nil Body says that it is gone.
type Row struct {
	Type retail.RowType
	ID   uuid.UUID
	Body []byte
}

// bodies are encoded deterministically, so that a row that did not change is seen not to have.
var bodies = func() cbor.EncMode {
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err) // the options are constant
	}
	return mode
}()

// NewRow is a row with one of the bodies of retail.
func NewRow(t retail.RowType, id uuid.UUID, body any) (Row, error) {
	b, err := bodies.Marshal(body)
	if err != nil {
		return Row{}, fmt.Errorf("encode feed row %d %s: %w", t, id, err)
	}
	return Row{Type: t, ID: id, Body: b}, nil
}

// Publish has the rows written to the feed by the last statements of the transaction. Of several rows with one type and
// id the last wins; a row that the feed already has in this state is left alone.
func Publish(_ context.Context, tx *db.Tx, feed string, rows ...Row) {
	if len(rows) == 0 {
		return
	}
	// The key orders the locks of feeds among each other, and puts them after every other.
	tx.BeforeCommit("~feed "+feed, func(ctx context.Context, tx *db.Tx) error {
		return write(ctx, tx, feed, rows)
	})
}

// Remove is Publish of tombstones.
func Remove(ctx context.Context, tx *db.Tx, feed string, t retail.RowType, ids ...uuid.UUID) {
	rows := make([]Row, len(ids))
	for i, id := range ids {
		rows[i] = Row{Type: t, ID: id}
	}
	Publish(ctx, tx, feed, rows...)
}

type key struct {
	t  retail.RowType
	id uuid.UUID
}

// stored is a row as the table has it.
type stored struct {
	seq  uint64
	body []byte
}

func write(ctx context.Context, tx *db.Tx, feed string, rows []Row) error {
	rows = newest(rows)
	types, ids := make([]int16, len(rows)), make([][16]byte, len(rows))
	for i, r := range rows {
		types[i], ids[i] = int16(r.Type), r.ID
	}
	seq, digest, old, err := lock(ctx, tx, feed, types, ids)
	if err != nil {
		return fmt.Errorf("publish to feed %s: %w", feed, err)
	}
	n := 0
	seqs, changed := make([]int64, 0, len(rows)), make([][]byte, 0, len(rows))
	for _, r := range rows {
		was, known := old[key{r.Type, r.ID}]
		if bytes.Equal(was.body, r.Body) && (was.body == nil) == (r.Body == nil) {
			continue // also a tombstone for what was never here
		}
		seq++
		if known && was.body != nil {
			digest -= wire.RowHash(r.Type, r.ID, was.seq, was.body)
		}
		if r.Body != nil {
			digest += wire.RowHash(r.Type, r.ID, seq, r.Body)
		}
		types[n], ids[n] = int16(r.Type), r.ID
		seqs, changed = append(seqs, int64(seq)), append(changed, r.Body)
		n++
	}
	if n == 0 {
		return nil
	}
	var batch pgx.Batch
	batch.Queue(`
		INSERT INTO feed.item (feed, type, id, seq, body)
		SELECT $1, * FROM unnest($2::smallint[], $3::uuid[], $4::bigint[], $5::bytea[])
		ON CONFLICT (feed, type, id) DO UPDATE SET seq = excluded.seq, body = excluded.body`,
		feed, types[:n], ids[:n], seqs, changed)
	batch.Queue(`UPDATE feed.head SET seq = $2, digest = $3 WHERE feed = $1`, feed, int64(seq), int64(digest))
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("publish to feed %s: %w", feed, err)
	}
	Mark(tx, feed)
	return nil
}

// lock takes the counter of the feed and reads what it has of the rows.
func lock(ctx context.Context, tx *db.Tx, feed string, types []int16, ids [][16]byte) (seq, digest uint64, old map[key]stored, err error) {
	var batch pgx.Batch
	batch.Queue(`SELECT seq, digest FROM feed.head WHERE feed = $1 FOR UPDATE`, feed).QueryRow(func(row pgx.Row) error {
		var s, d int64
		if err := row.Scan(&s, &d); err != nil {
			return err
		}
		seq, digest = uint64(s), uint64(d)
		return nil
	})
	// One look into the index for each row, however many the feed has; and since the length of the arrays is hidden in queries of
	// their own, one plan for all.
	batch.Queue(`
		SELECT i.type, i.id, i.seq, i.body FROM unnest((SELECT $2::smallint[]), (SELECT $3::uuid[])) AS k (type, id)
		CROSS JOIN LATERAL (SELECT * FROM feed.item i WHERE i.feed = $1 AND i.type = k.type AND i.id = k.id LIMIT 1) i`, feed, types, ids).Query(func(rows pgx.Rows) error {
		old = make(map[key]stored, len(types))
		var t, s int64
		var id [16]byte
		var body []byte
		_, err := pgx.ForEachRow(rows, []any{&t, &id, &s, &body}, func() error {
			old[key{retail.RowType(t), id}] = stored{uint64(s), bytes.Clone(body)}
			return nil
		})
		return err
	})
	err = tx.SendBatch(ctx, &batch).Close()
	if errors.Is(err, pgx.ErrNoRows) { // the feed's first row
		if _, err := tx.Exec(ctx, `INSERT INTO feed.head (feed) VALUES ($1) ON CONFLICT DO NOTHING`, feed); err != nil {
			return 0, 0, nil, err
		}
		return lock(ctx, tx, feed, types, ids)
	}
	return seq, digest, old, err
}

// newest keeps the last row of each type and id, in the order of their first.
func newest(rows []Row) []Row {
	at := make(map[key]int, len(rows))
	kept := make([]Row, 0, len(rows))
	for _, r := range rows {
		k := key{r.Type, r.ID}
		if i, ok := at[k]; ok {
			kept[i] = r
			continue
		}
		at[k] = len(kept)
		kept = append(kept, r)
	}
	return kept
}
