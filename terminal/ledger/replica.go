package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"comptant/shared/retail"
	"comptant/sync/wire"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
)

// Cursors is how far each followed feed is published here. See link.Replica.
func (l *Ledger) Cursors(ctx context.Context) ([]wire.Cursor, error) {
	return list(ctx, l.catalogue().read, func(r *sql.Rows) (c wire.Cursor, err error) {
		var digest int64
		err = r.Scan(&c.Feed, &c.Gen, &c.Seq, &c.Base, &digest)
		c.Digest = uint64(digest)
		return c, err
	}, `SELECT name, gen, seq, base, iif(seq = 0, 0, digest) FROM feed ORDER BY name`)
}

// Follow keeps the feeds of the list and drops the others, with all they showed.
func (l *Ledger) Follow(ctx context.Context, feeds []string) error {
	l.feeding.Lock()
	defer l.feeding.Unlock()
	c := l.catalogue()
	w := c.write
	err := w.tx(ctx, func() error {
		known, err := list(ctx, w, value[string], `SELECT name FROM feed`)
		if err != nil {
			return err
		}
		for _, name := range known {
			if slices.Contains(feeds, name) {
				continue
			}
			if err := c.dropRows(ctx, `SELECT type, id, ?1 AS feed FROM row WHERE feed = ?1`, name); err != nil {
				return err
			}
			if _, err := w.exec(ctx, `DELETE FROM feed WHERE name = ?`, name); err != nil {
				return err
			}
		}
		for _, name := range feeds {
			if _, err := w.exec(ctx, `INSERT INTO feed (name) VALUES (?) ON CONFLICT DO NOTHING`, name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("follow %v: %w", feeds, err)
	}
	l.published()
	return nil
}

// Reset forgets what is staged and sets the cursor to the beginning of a generation. See link.Replica.
func (l *Ledger) Reset(ctx context.Context, feed string, gen uint64) error {
	l.feeding.Lock()
	defer l.feeding.Unlock()
	c := l.catalogue()
	w := c.write
	err := w.tx(ctx, func() error {
		if err := c.clearStaging(ctx, feed); err != nil {
			return err
		}
		_, err := w.exec(ctx, `INSERT INTO feed (name, gen) VALUES (?1, ?2)
			ON CONFLICT (name) DO UPDATE SET gen = ?2, seq = 0, base = 0`, feed, gen)
		return err
	})
	if err != nil {
		return fmt.Errorf("reset feed %s: %w", feed, err)
	}
	return nil
}

// Stage keeps a page that is not the last. See link.Replica.
func (l *Ledger) Stage(ctx context.Context, page wire.Changes) error {
	if err := l.mayWait(); err != nil {
		return err
	}
	l.feeding.Lock()
	defer l.feeding.Unlock()
	c := l.catalogue()
	err := c.write.tx(ctx, func() error { return c.stage(ctx, page) })
	if err != nil {
		l.lookAt(c, err)
		return fmt.Errorf("stage feed %s: %w", page.Feed, err)
	}
	return nil
}

// Publish makes every staged page of a feed and this last one visible at once. See link.Replica.
func (l *Ledger) Publish(ctx context.Context, page wire.Changes) error {
	if err := l.mayWait(); err != nil {
		return err
	}
	err := l.publish(ctx, page)
	if errors.Is(err, wire.DigestDiffers) {
		return wire.DigestDiffers
	}
	if err != nil {
		return fmt.Errorf("publish feed %s: %w", page.Feed, err)
	}
	if slices.ContainsFunc(page.Rows, func(r wire.Row) bool { return r.Type == retail.RowLocation }) || page.From == 0 {
		if err := l.refreshStore(ctx); err != nil {
			return err
		}
	}
	l.checkpoints.poke()
	l.published()
	return nil
}

func (l *Ledger) publish(ctx context.Context, page wire.Changes) error {
	l.feeding.Lock()
	defer l.feeding.Unlock()
	c := l.catalogue()
	err := c.write.tx(ctx, func() error {
		if err := c.stage(ctx, page); err != nil {
			return err
		}
		return c.publish(ctx, page)
	})
	l.lookAt(c, err)
	return err
}

// feedState is the row of a feed, and how far its pages are staged: the cursor when none are.
type feedState struct {
	gen, seq, upto uint64
	digest         uint64
	staged         bool
}

func (c catalogue) feed(ctx context.Context, name string) (feedState, error) {
	f, ok, err := one(ctx, c.write, func(r *sql.Rows) (f feedState, err error) {
		var digest int64
		var upto sql.NullInt64
		err = r.Scan(&f.gen, &f.seq, &digest, &upto)
		f.digest, f.staged, f.upto = uint64(digest), upto.Valid, f.seq
		if upto.Valid {
			f.upto = uint64(upto.Int64)
		}
		return f, err
	}, `SELECT feed.gen, feed.seq, feed.digest, staging.upto FROM feed
		LEFT JOIN staging ON staging.feed = feed.name AND staging.gen = feed.gen WHERE feed.name = ?`, name)
	if err == nil && !ok {
		err = errors.New("not followed")
	}
	return f, err
}

// stage adds a page to the staging table. A page that begins at the cursor begins the staging again: the connection was
// lost in the middle of a load.
func (c catalogue) stage(ctx context.Context, page wire.Changes) error {
	w := c.write
	f, err := c.feed(ctx, page.Feed)
	if err != nil {
		return err
	}
	if f.seq == 0 && page.From == 0 && page.Gen != f.gen {
		// A feed that begins takes the generation of its first page.
		if _, err := w.exec(ctx, `UPDATE feed SET gen = ? WHERE name = ?`, page.Gen, page.Feed); err != nil {
			return err
		}
		f.gen = page.Gen
	}
	if page.Gen != f.gen {
		return fmt.Errorf("page of generation %d, want %d: %w", page.Gen, f.gen, wire.GenerationChanged)
	}
	switch page.From {
	case f.seq:
		if err := c.clearStaging(ctx, page.Feed); err != nil {
			return err
		}
	case f.upto:
	default:
		return fmt.Errorf("page after %d, want after %d: %w", page.From, f.upto, wire.CursorAhead)
	}
	for _, r := range page.Rows {
		body := r.Body
		if body == nil {
			body = []byte{}
		}
		if _, err := w.exec(ctx, `INSERT INTO staged (feed, type, id, seq, body) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (feed, type, id) DO UPDATE SET seq = excluded.seq, body = excluded.body`,
			page.Feed, r.Type, r.ID[:], r.Seq, body); err != nil {
			return err
		}
	}
	_, err = w.exec(ctx, `INSERT INTO staging (feed, gen, upto) VALUES (?1, ?2, ?3)
		ON CONFLICT (feed) DO UPDATE SET gen = ?2, upto = ?3`, page.Feed, page.Gen, page.Upto)
	return err
}

func (c catalogue) clearStaging(ctx context.Context, feed string) error {
	if _, err := c.write.exec(ctx, `DELETE FROM staged WHERE feed = ?`, feed); err != nil {
		return err
	}
	_, err := c.write.exec(ctx, `DELETE FROM staging WHERE feed = ?`, feed)
	return err
}

// publish moves the staged rows into the visible ones and checks the digest.
func (c catalogue) publish(ctx context.Context, page wire.Changes) error {
	w := c.write
	f, err := c.feed(ctx, page.Feed)
	if err != nil {
		return err
	}
	digest := f.digest
	if f.seq == 0 {
		// A load from the start replaces the feed: what it does not name is gone, and the sum begins anew.
		digest = 0
		if err := c.dropRows(ctx, `SELECT type, id, feed FROM row WHERE feed = ?1 AND NOT EXISTS (
			SELECT 1 FROM staged WHERE staged.feed = row.feed AND staged.type = row.type AND staged.id = row.id)`,
			page.Feed); err != nil {
			return err
		}
	}
	changes, err := list(ctx, w, scanChange, `SELECT staged.type, staged.id, staged.seq, staged.body, row.seq, row.body
		FROM staged LEFT JOIN row USING (type, id, feed) WHERE staged.feed = ?`, page.Feed)
	if err != nil {
		return err
	}
	for _, to := range changes {
		if f.seq != 0 && to.had {
			digest -= wire.RowHash(to.Type, to.ID, to.oldSeq, to.oldBody)
		}
		if len(to.Body) > 0 {
			digest += wire.RowHash(to.Type, to.ID, to.Seq, to.Body)
		}
		if err := c.apply(ctx, page.Feed, to); err != nil {
			return fmt.Errorf("row %d %s: %w", to.Type, to.ID, err)
		}
	}
	if digest != page.Digest {
		return wire.DigestDiffers
	}
	if len(changes) > searchMerge {
		if _, err := w.exec(ctx, `INSERT INTO search (search) VALUES ('optimize')`); err != nil {
			return err
		}
	}
	base := page.Base
	if page.Upto >= base {
		base = 0
	}
	if _, err := w.exec(ctx, `UPDATE feed SET seq = ?, base = ?, digest = ? WHERE name = ?`,
		page.Upto, base, int64(digest), page.Feed); err != nil {
		return err
	}
	return c.clearStaging(ctx, page.Feed)
}

// searchMerge is how many changes of one publication leave the search index in so many pieces that it is worth writing
// anew.
const searchMerge = 5000

// change is a staged row beside the visible one it replaces.
type change struct {
	wire.Row
	had     bool
	oldSeq  uint64
	oldBody []byte
}

func scanChange(r *sql.Rows) (c change, err error) {
	var seq sql.NullInt64
	err = r.Scan(&c.Type, &c.ID, &c.Seq, &c.Body, &seq, &c.oldBody)
	c.had, c.oldSeq = seq.Valid, uint64(seq.Int64)
	return c, err
}

// apply makes one staged row visible.
func (c catalogue) apply(ctx context.Context, feed string, to change) error {
	w := c.write
	if len(to.Body) == 0 {
		if !to.had {
			return nil
		}
		if _, err := w.exec(ctx, `DELETE FROM row WHERE type = ? AND id = ? AND feed = ?`, to.Type, to.ID[:], feed); err != nil {
			return err
		}
		switch to.Type {
		case retail.RowProduct:
			return c.dropProduct(ctx, to.ID)
		case retail.RowPriceBook, retail.RowStoreBook, retail.RowStorePrice:
			return c.dropPrices(ctx, to.Type, to.ID, to.oldBody)
		}
		return nil
	}
	if _, err := w.exec(ctx, `INSERT INTO row (type, id, feed, seq, body) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (type, id, feed) DO UPDATE SET seq = excluded.seq, body = excluded.body`,
		to.Type, to.ID[:], feed, to.Seq, to.Body); err != nil {
		return err
	}
	if string(to.Body) == string(to.oldBody) {
		return nil
	}
	switch to.Type {
	case retail.RowProduct:
		return c.keepProduct(ctx, to.ID, to.Body, to.oldBody)
	case retail.RowPriceBook, retail.RowStoreBook, retail.RowStorePrice:
		if to.had {
			if err := c.dropPrices(ctx, to.Type, to.ID, to.oldBody); err != nil {
				return err
			}
		}
		return c.keepPrices(ctx, to.Type, to.ID, to.Body)
	}
	return nil
}

// dropRows deletes the visible rows of a feed that a query names by type, id and feed.
func (c catalogue) dropRows(ctx context.Context, query, feed string) error {
	w := c.write
	products, err := list(ctx, w, value[uuid.UUID],
		fmt.Sprintf(`SELECT id FROM (%s) WHERE type = %d`, query, retail.RowProduct), feed)
	if err != nil {
		return err
	}
	for _, id := range products {
		if err := c.dropProduct(ctx, id); err != nil {
			return err
		}
	}
	prices := `SELECT type, id, body FROM (` + query + `) JOIN row USING (type, id, feed) WHERE type IN (%s)`
	if err := c.eachPriceRow(ctx, prices, []any{feed}, c.dropPrices); err != nil {
		return err
	}
	_, err = w.exec(ctx, `DELETE FROM row WHERE (type, id, feed) IN (`+query+`)`, feed)
	return err
}

// rowOf reads one row of the feeds; ok is false when there is none.
func rowOf[T any](ctx context.Context, q querier, t retail.RowType, id uuid.UUID) (v T, ok bool, err error) {
	return one(ctx, q, body[T], `SELECT body FROM row WHERE type = ? AND id = ?`, t, id[:])
}

// rowsOf reads every row of one type.
func rowsOf[T any](ctx context.Context, q querier, t retail.RowType) ([]T, error) {
	return list(ctx, q, body[T], `SELECT body FROM row WHERE type = ?`, t)
}

// body scans a row of one column that holds the CBOR of a T.
func body[T any](r *sql.Rows) (v T, err error) {
	var raw sql.RawBytes
	if err = r.Scan(&raw); err != nil {
		return v, err
	}
	if err = cbor.Unmarshal(raw, &v); err != nil {
		return v, fmt.Errorf("decode %T: %w", v, err)
	}
	return v, nil
}
