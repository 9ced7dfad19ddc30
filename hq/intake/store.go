package intake

import (
	"bytes"
	"context"
	"errors"
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
// BadHead, Fork, Fenced, TooLarge, BadFrame); otherwise every entry is durable when it returns, whatever the domains
// thought of it.
func (d *Desk) Store(ctx context.Context, b hub.Batch) (hub.Stored, error) {
	links, err := chain(b)
	if err != nil {
		return hub.Stored{}, err
	}
	var stored hub.Stored
	var refused error
	err = d.db.InTx(ctx, func(tx *db.Tx) error {
		stored, refused = hub.Stored{}, nil
		if err := tills.Lock(ctx, tx, b.Store, b.Till, b.Session); err != nil {
			return err
		}
		head, err := trunk(ctx, tx, b.Store, b.Till, b.Path.Epoch)
		if err != nil {
			return err
		}
		stored.Upto = head.seq
		fresh, err := placed(ctx, tx, b, head, links)
		var fork forked
		if errors.As(err, &fork) {
			refused = wire.Fork
			return d.raise(ctx, tx, flag{
				store: b.Store, till: b.Till, epoch: b.Path.Epoch, code: FlagFork,
				detail: fmt.Sprintf("entry %d is another one than headquarters has", fork.seq),
			})
		}
		if err != nil || len(fresh) == 0 {
			return err
		}
		if err := d.insert(ctx, tx, b, fresh); err != nil {
			return err
		}
		stored.Upto = fresh[len(fresh)-1].Seq
		stored.Notes, err = d.take(ctx, tx, b.Store, b.Till, fresh)
		return err
	})
	switch {
	case err == nil:
		return stored, refused
	case refusal(err):
		return stored, err
	}
	return hub.Stored{}, fmt.Errorf("store entries %d.%d of till %s: %w", b.Path.Epoch, b.First, b.Till, err)
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

// trunk is the end of what headquarters has of an epoch.
func trunk(ctx context.Context, tx *db.Tx, store, till uuid.UUID, epoch uint64) (end, error) {
	var seq int64
	var hash []byte
	err := tx.QueryRow(ctx, `
		SELECT seq, hash FROM journal.branch WHERE store_id = $1 AND till_id = $2 AND epoch = $3 AND branch = 0`,
		store, till, int64(epoch)).Scan(&seq, &hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return end{hash: journal.Genesis(till, epoch)}, nil
	}
	e := end{seq: uint64(seq)}
	if err == nil {
		err = e.hash.UnmarshalBinary(hash)
	}
	if err != nil {
		return end{}, fmt.Errorf("read the end of epoch %d: %w", epoch, err)
	}
	return e, nil
}

// forked says that the till has another entry where headquarters has one.
type forked struct{ seq uint64 }

func (f forked) Error() string { return fmt.Sprintf("fork at entry %d", f.seq) }

// placed finds the batch's place on the trunk and gives the entries that are not there yet.
func placed(ctx context.Context, tx *db.Tx, b hub.Batch, head end, links []journal.Link) ([]journal.Link, error) {
	if b.First > head.seq+1 {
		return nil, wire.UnknownParent
	}
	if b.First == head.seq+1 {
		if b.Prev != head.hash {
			return nil, wire.UnknownParent
		}
		return links, nil
	}
	rows, err := tx.Query(ctx, `
		SELECT seq, prev, hash FROM journal.entry
		WHERE store_id = $1 AND till_id = $2 AND epoch = $3 AND seq BETWEEN $4 AND $5 AND branch = 0 ORDER BY seq`,
		b.Store, b.Till, int64(b.Path.Epoch), int64(b.First), int64(links[len(links)-1].Seq))
	if err != nil {
		return nil, fmt.Errorf("read known entries: %w", err)
	}
	known := 0
	var seq int64
	var prev, hash []byte
	_, err = pgx.ForEachRow(rows, []any{&seq, &prev, &hash}, func() error {
		l := links[known]
		switch {
		case uint64(seq) != l.Seq:
			return fmt.Errorf("entry %d is missing", l.Seq)
		case !bytes.Equal(prev, l.Prev[:]):
			return wire.UnknownParent
		case !bytes.Equal(hash, l.Hash[:]):
			return forked{l.Seq}
		}
		known++
		return nil
	})
	return links[known:], err
}

// insert stores the bytes and moves the end of the trunk.
func (d *Desk) insert(ctx context.Context, tx *db.Tx, b hub.Batch, links []journal.Link) error {
	n := len(links)
	seqs, hashes, prevs, entries := make([]int64, n), make([][]byte, n), make([][]byte, n), make([][]byte, n)
	for i := range links {
		l := &links[i]
		seqs[i], hashes[i], prevs[i], entries[i] = int64(l.Seq), l.Hash[:], l.Prev[:], l.Bytes
	}
	var batch pgx.Batch
	batch.Queue(`
		INSERT INTO journal.entry (store_id, till_id, epoch, branch, received_at, seq, hash, prev, bytes)
		SELECT $1, $2, $3, 0, $4, * FROM unnest($5::bigint[], $6::bytea[], $7::bytea[], $8::bytea[])`,
		b.Store, b.Till, int64(b.Path.Epoch), d.now(), seqs, hashes, prevs, entries)
	genesis := journal.Genesis(b.Till, b.Path.Epoch)
	batch.Queue(`
		INSERT INTO journal.branch (store_id, till_id, epoch, branch, fork_seq, fork_hash, seq, hash, at)
		VALUES ($1, $2, $3, 0, 0, $4, $5, $6, $7)
		ON CONFLICT (store_id, till_id, epoch, branch) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, at = excluded.at`,
		b.Store, b.Till, int64(b.Path.Epoch), genesis[:], seqs[n-1], hashes[n-1], d.now())
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
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

// Refill gives nothing back yet.
func (d *Desk) Refill(context.Context, uuid.UUID, uuid.UUID, hub.Gap) (wire.Refill, error) {
	return wire.Refill{}, nil
}
