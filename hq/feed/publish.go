package feed

import (
	"bytes"
	"context"
	"fmt"
	"slices"

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
	tx.BeforeCommit("feed", published{feed, rows}, write)
}

// published are rows for a feed.
type published struct {
	feed string
	rows []Row
}

// Remove is Publish of tombstones.
func Remove(ctx context.Context, tx *db.Tx, feed string, t retail.RowType, ids ...uuid.UUID) {
	rows := make([]Row, len(ids))
	for i, id := range ids {
		rows[i] = Row{Type: t, ID: id}
	}
	Publish(ctx, tx, feed, rows...)
}

// key names a row of a feed.
type key struct {
	feed string
	t    retail.RowType
	id   uuid.UUID
}

// stored is a row as the table has it.
type stored struct {
	seq  uint64
	body []byte
}

// counter is how far a feed has come, and the digest of its rows.
type counter struct{ seq, digest uint64 }

// columns are rows as they are sent to Postgres.
type columns struct {
	feeds  []string
	types  []int16
	ids    [][16]byte
	seqs   []int64
	bodies [][]byte
}

func (c *columns) add(k key, seq uint64, body []byte) {
	c.feeds, c.types, c.ids = append(c.feeds, k.feed), append(c.types, int16(k.t)), append(c.ids, k.id)
	c.seqs, c.bodies = append(c.seqs, int64(seq)), append(c.bodies, body)
}

// write writes what was published to all feeds.
func write(ctx context.Context, tx *db.Tx, all []any) error {
	keys, rows := newest(all)
	heads, old, err := lock(ctx, tx, keys)
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	var changed columns
	for i, k := range keys {
		was, known := old[k]
		body := rows[i].Body
		if bytes.Equal(was.body, body) && (was.body == nil) == (body == nil) {
			continue // also a tombstone for what was never here
		}
		h := heads[k.feed]
		h.seq++
		if known && was.body != nil {
			h.digest -= wire.RowHash(k.t, k.id, was.seq, was.body)
		}
		if body != nil {
			h.digest += wire.RowHash(k.t, k.id, h.seq, body)
		}
		heads[k.feed] = h
		changed.add(k, h.seq, body)
	}
	if len(changed.ids) == 0 {
		return nil
	}
	feeds := slices.Compact(slices.Sorted(slices.Values(changed.feeds)))
	seqs, digests := make([]int64, len(feeds)), make([]int64, len(feeds))
	for i, feed := range feeds {
		seqs[i], digests[i] = int64(heads[feed].seq), int64(heads[feed].digest)
	}
	tx.Later("publish", `
		INSERT INTO feed.item (feed, type, id, seq, body)
		SELECT * FROM unnest($1::text[], $2::smallint[], $3::uuid[], $4::bigint[], $5::bytea[])
		ON CONFLICT (feed, type, id) DO UPDATE SET seq = excluded.seq, body = excluded.body`,
		changed.feeds, changed.types, changed.ids, changed.seqs, changed.bodies)
	tx.Later("publish", `
		UPDATE feed.head h SET seq = n.seq, digest = n.digest FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS n (feed, seq, digest)
		WHERE h.feed = n.feed`, feeds, seqs, digests)
	for _, feed := range feeds {
		Mark(tx, feed)
	}
	return nil
}

// lock takes the counters of the feeds, in one order for everybody, and reads what they have of the rows.
func lock(ctx context.Context, tx *db.Tx, keys []key) (heads map[string]counter, old map[key]stored, err error) {
	var wanted columns
	for _, k := range keys {
		wanted.add(k, 0, nil)
	}
	feeds := slices.Compact(slices.Sorted(slices.Values(wanted.feeds)))
	heads = make(map[string]counter, len(feeds))
	var batch pgx.Batch
	batch.Queue(`SELECT feed, seq, digest FROM feed.head WHERE feed = ANY($1) ORDER BY feed FOR UPDATE`, feeds).Query(func(rows pgx.Rows) error {
		var feed string
		var seq, digest int64
		_, err := pgx.ForEachRow(rows, []any{&feed, &seq, &digest}, func() error {
			heads[feed] = counter{uint64(seq), uint64(digest)}
			return nil
		})
		return err
	})
	// One look into the index for each row, however many the feed has; and since the length of the arrays is hidden in queries of
	// their own, one plan for all.
	batch.Queue(`
		SELECT i.feed, i.type, i.id, i.seq, i.body FROM unnest((SELECT $1::text[]), (SELECT $2::smallint[]), (SELECT $3::uuid[])) AS k (feed, type, id)
		CROSS JOIN LATERAL (SELECT * FROM feed.item i WHERE i.feed = k.feed AND i.type = k.type AND i.id = k.id LIMIT 1) i`,
		wanted.feeds, wanted.types, wanted.ids).Query(func(rows pgx.Rows) error {
		old = make(map[key]stored, len(keys))
		var k key
		var t, seq int64
		var body []byte
		_, err := pgx.ForEachRow(rows, []any{&k.feed, &t, &k.id, &seq, &body}, func() error {
			k.t = retail.RowType(t)
			old[k] = stored{uint64(seq), bytes.Clone(body)}
			return nil
		})
		return err
	})
	if err = tx.Send(ctx, &batch); err != nil {
		return nil, nil, err
	}
	if len(heads) < len(feeds) { // the first row of one
		if _, err := tx.Exec(ctx, `INSERT INTO feed.head (feed) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`, feeds); err != nil {
			return nil, nil, err
		}
		return lock(ctx, tx, keys)
	}
	return heads, old, nil
}

// newest keeps the last row of each feed, type and id, in the order of their first.
func newest(all []any) (keys []key, rows []Row) {
	at := map[key]int{}
	for _, p := range all {
		p := p.(published)
		for _, r := range p.rows {
			k := key{p.feed, r.Type, r.ID}
			if i, ok := at[k]; ok {
				rows[i] = r
				continue
			}
			at[k] = len(keys)
			keys, rows = append(keys, k), append(rows, r)
		}
	}
	return keys, rows
}
