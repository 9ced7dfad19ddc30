package intake

import (
	"bytes"
	"context"
	"fmt"
	"math"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/tills"
	"comptant/shared/journal"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

// Store stores a batch and applies it. It returns a wire.Code as the error when the batch cannot be placed (UnknownParent,
// BadHead, Fenced, TooLarge, BadFrame); otherwise every entry is durable when it returns, whatever the domains thought of
// it.
func (d *Desk) Store(ctx context.Context, b hub.Batch) (hub.Stored, error) {
	links, err := chain(b)
	if err != nil {
		return hub.Stored{}, err
	}
	var stored hub.Stored
	err = d.db.InTx(ctx, func(tx *db.Tx) error {
		if err := tills.Lock(ctx, tx, b.Store, b.Till, b.Session); err != nil {
			return err
		}
		stored, _, err = d.storeIn(ctx, tx, b, links)
		return err
	})
	if err != nil && !refusal(err) {
		return hub.Stored{}, fmt.Errorf("store entries %d.%d of till %s: %w", b.Path.Epoch, b.First, b.Till, err)
	}
	return stored, err
}

// storeIn stores a batch of a till that is locked, and says how many of its entries are new here.
func (d *Desk) storeIn(ctx context.Context, tx *db.Tx, b hub.Batch, links []journal.Link) (stored hub.Stored, fresh int, err error) {
	t, err := readTree(ctx, tx, b.Store, b.Till, b.Path.Epoch)
	if err != nil {
		return stored, 0, err
	}
	stored.Upto = t.top()
	runs, err := t.place(ctx, tx, b, links)
	if err != nil {
		return stored, 0, err
	}
	known := false
	for _, r := range runs {
		notes, err := d.keep(ctx, tx, t, r)
		if err != nil {
			return stored, 0, err
		}
		stored.Notes = append(stored.Notes, notes...)
		stored.Forked = stored.Forked || r.forks() || t.passes(r)
		known = known || t.mayBeKnown(r)
		fresh += len(r.links)
	}
	stored.Upto = links[len(links)-1].Seq
	if known {
		err = d.tellKnown(ctx, tx, t.store, t.till)
	}
	return stored, fresh, err
}

// keep stores a run and applies it.
func (d *Desk) keep(ctx context.Context, tx *db.Tx, t tree, r run) ([]wire.Note, error) {
	if err := d.insert(ctx, tx, t, r); err != nil {
		return nil, err
	}
	if len(t.branches) > 1 || r.branch > 0 {
		if err := d.branched(ctx, tx, t, r); err != nil {
			return nil, err
		}
	}
	notes, err := d.take(ctx, tx, t.store, t.till, r.branch, r.links)
	if err == nil && len(t.branches) > 1 {
		err = d.printedTwice(ctx, tx, t)
	}
	return notes, err
}

// chain computes the chain over the batch.
func chain(b hub.Batch) ([]journal.Link, error) {
	if len(b.Entries) == 0 || b.First == 0 || b.Path.Epoch == 0 || max(b.First, b.Path.Epoch) > math.MaxInt32 { // no till lives so long
		return nil, wire.BadFrame
	}
	if len(b.Entries) > wire.BatchEntries {
		return nil, wire.TooLarge
	}
	for _, e := range b.Entries {
		if len(e) > journal.MaxEntry {
			return nil, wire.TooLarge
		}
	}
	links := journal.Chain(b.Till, b.Path.Epoch, b.First, b.Prev, b.Entries)
	if links[len(links)-1].Hash != b.Head {
		return nil, wire.BadHead
	}
	return links, nil
}

// insert stores the bytes and moves the end of the branch.
func (d *Desk) insert(ctx context.Context, tx *db.Tx, t tree, r run) error {
	n := len(r.links)
	seqs, hashes, prevs, entries := make([]int64, n), make([][]byte, n), make([][]byte, n), make([][]byte, n)
	for i := range r.links {
		l := &r.links[i]
		seqs[i], hashes[i], prevs[i], entries[i] = int64(l.Seq), l.Hash[:], l.Prev[:], l.Bytes
	}
	var batch pgx.Batch
	batch.Queue(`
		INSERT INTO journal.entry (store_id, till_id, epoch, branch, received_at, seq, hash, prev, bytes)
		SELECT $1, $2, $3, $4, $5, * FROM unnest($6::bigint[], $7::bytea[], $8::bytea[], $9::bytea[])`,
		t.store, t.till, int64(t.epoch), r.branch, d.now(), seqs, hashes, prevs, entries)
	batch.Queue(`
		INSERT INTO journal.branch (store_id, till_id, epoch, branch, fork_seq, fork_hash, seq, hash, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (store_id, till_id, epoch, branch) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, at = excluded.at`,
		t.store, t.till, int64(t.epoch), r.branch, int64(r.fork.seq), r.fork.hash[:], seqs[n-1], hashes[n-1], d.now())
	// What was printed and never received has come after all.
	batch.Queue(`
		DELETE FROM journal.flag WHERE store_id = $1 AND till_id = $2 AND epoch = $3 AND seq BETWEEN $4 AND $5 AND hash = ANY ($6) AND code = $7`,
		t.store, t.till, int64(t.epoch), seqs[0], seqs[n-1], hashes, FlagNeverReceived)
	if err := tx.Send(ctx, &batch); err != nil {
		return fmt.Errorf("insert entries: %w", err)
	}
	return nil
}

// Known is the highest of the till's entries that headquarters has; 0 for none.
func (d *Desk) Known(ctx context.Context, store, till uuid.UUID, epoch uint64, points []wire.Point) (uint64, error) {
	seqs, hashes := make([]int64, len(points)), make([][]byte, len(points))
	for i := range points {
		seqs[i], hashes[i] = int64(points[i].Seq), points[i].Hash[:]
	}
	var seq int64
	err := d.db.QueryRow(ctx, `
		SELECT coalesce(max(seq), 0) FROM journal.entry JOIN unnest($4::bigint[], $5::bytea[]) AS offered (seq, hash) USING (seq, hash)
		WHERE store_id = $1 AND till_id = $2 AND epoch = $3`, store, till, int64(epoch), seqs, hashes).Scan(&seq)
	if err != nil {
		return 0, fmt.Errorf("look for the entries till %s has of epoch %d: %w", till, epoch, err)
	}
	return uint64(seq), nil
}

// Refill is the next part of what a till has lost of an epoch: what comes after an entry on the lowest branch it is on, as
// much as one message holds.
func (d *Desk) Refill(ctx context.Context, store, till uuid.UUID, gap hub.Gap) (wire.Refill, error) {
	part := wire.Refill{Epoch: gap.Epoch, First: gap.After + 1, Prev: gap.Hash}
	err := d.db.InTx(ctx, func(tx *db.Tx) error {
		part.Entries = nil
		t, err := readTree(ctx, tx, store, till, gap.Epoch)
		if err != nil {
			return err
		}
		number, ok, err := t.onward(ctx, tx, end{gap.After, gap.Hash})
		if err != nil || !ok {
			return err
		}
		rows, err := tx.Query(ctx, `
			SELECT hash, bytes FROM journal.entry
			WHERE store_id = $1 AND till_id = $2 AND epoch = $3 AND branch = $4 AND seq > $5 ORDER BY seq LIMIT $6`,
			store, till, int64(gap.Epoch), number, int64(gap.After), wire.BatchEntries)
		if err != nil {
			return err
		}
		size := 0
		var hash, entry []byte
		_, err = pgx.ForEachRow(rows, []any{&hash, &entry}, func() error {
			if size += len(entry); size > wire.BatchBytes && len(part.Entries) > 0 {
				return nil
			}
			part.Entries = append(part.Entries, bytes.Clone(entry))
			return part.Head.UnmarshalBinary(hash)
		})
		return err
	})
	if err != nil {
		return wire.Refill{}, fmt.Errorf("give till %s back epoch %d after %d: %w", till, gap.Epoch, gap.After, err)
	}
	return part, nil
}
