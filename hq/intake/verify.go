package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/shared/journal"
	"comptant/shared/retail"
)

// Errors of Verify besides those of journal.Verifier.
var (
	ErrHead   = errors.New("the end of the epoch is recorded as another entry")
	ErrNoHead = errors.New("the end of the epoch is not recorded")
	ErrBranch = errors.New("entry on a branch that does not exist")
)

// Fault is something Verify found: an entry of a till (the first of its epoch at which the chain breaks), or figures of
// a store and day that are not the sum of its entries.
type Fault struct {
	Store, Till uuid.UUID
	Epoch, Seq  uint64
	Err         error
}

func (f Fault) Error() string {
	if f.Till == uuid.Nil {
		return fmt.Sprintf("store %s: %v", f.Store, f.Err)
	}
	return fmt.Sprintf("till %s epoch %d seq %d: %v", f.Till, f.Epoch, f.Seq, f.Err)
}

func (f Fault) Unwrap() error { return f.Err }

// Verify reads every entry of one till, or of all with uuid.Nil, and recomputes what follows from them: the chain of
// each epoch up to its recorded end, and, for all tills, the documents, sums and stock levels, to the cent. It works on
// one snapshot and keeps no more than the figures in memory.
func (d *Desk) Verify(ctx context.Context, till uuid.UUID) ([]Fault, error) {
	var faults []Fault
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := d.db.InTxOptions(ctx, options, func(tx *db.Tx) error {
		v := verification{fold: sales.NewFold()}
		if err := v.load(ctx, tx, till); err != nil {
			return err
		}
		if err := v.entries(ctx, tx, till); err != nil {
			return err
		}
		if till == uuid.Nil {
			if err := v.figures(ctx, tx); err != nil {
				return err
			}
		}
		faults = v.faults
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("verify journals: %w", err)
	}
	return faults, nil
}

type epochKey struct {
	store, till uuid.UUID
	epoch       uint64
}

type verification struct {
	heads    map[epochKey]end
	deferred map[journal.Hash]bool
	clocks   clocks
	fold     *sales.Fold
	faults   []Fault
}

// load reads the recorded ends, and the entries that are not applied.
func (v *verification) load(ctx context.Context, tx *db.Tx, only uuid.UUID) error {
	v.heads, v.deferred = map[epochKey]end{}, map[journal.Hash]bool{}
	rows, err := tx.Query(ctx, `
		SELECT store_id, till_id, epoch, seq, hash FROM journal.branch WHERE branch = 0 AND ($1 OR till_id = $2)`, only == uuid.Nil, only)
	if err != nil {
		return err
	}
	var store, till [16]byte
	var epoch, seq int64
	var hash []byte
	_, err = pgx.ForEachRow(rows, []any{&store, &till, &epoch, &seq, &hash}, func() error {
		e := end{seq: uint64(seq)}
		copy(e.hash[:], hash)
		v.heads[epochKey{store, till, uint64(epoch)}] = e
		return nil
	})
	if err != nil {
		return err
	}
	rows, err = tx.Query(ctx, `SELECT hash FROM journal.deferred WHERE $1 OR till_id = $2`, only == uuid.Nil, only)
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, []any{&hash}, func() error {
		v.deferred[journal.Hash(hash)] = true
		return nil
	})
	if err != nil {
		return err
	}
	v.clocks, err = loadClocks(ctx, tx, only)
	return err
}

// entries walks the chains, epoch by epoch.
func (v *verification) entries(ctx context.Context, tx *db.Tx, only uuid.UUID) error {
	rows, err := tx.Query(ctx, `
		SELECT epoch, seq, prev, hash, bytes, store_id, till_id, branch FROM journal.entry WHERE $1 OR till_id = $2
		ORDER BY store_id, till_id, epoch, seq, hash`, only == uuid.Nil, only)
	if err != nil {
		return err
	}
	var walk *chainWalk
	var l journal.Link
	var epoch, seq int64
	var prev, hash, entry []byte
	var store, till [16]byte
	var branch int
	_, err = pgx.ForEachRow(rows, []any{&epoch, &seq, &prev, &hash, &entry, &store, &till, &branch}, func() error {
		k := epochKey{store, till, uint64(epoch)}
		if walk == nil || walk.key != k {
			v.finish(walk)
			walk = &chainWalk{key: k, verifier: journal.NewVerifier(till, uint64(epoch))}
		}
		l = journal.Link{Epoch: uint64(epoch), Seq: uint64(seq), Bytes: entry}
		copy(l.Prev[:], prev)
		copy(l.Hash[:], hash)
		if branch != 0 {
			walk.fail(l.Seq, ErrBranch)
			return nil
		}
		walk.add(l)
		v.count(k, l)
		return nil
	})
	if err != nil {
		return err
	}
	v.finish(walk)
	for _, till := range v.clocks.unseen { // of no entry
		v.faults = append(v.faults, Fault{Till: till, Err: ErrClock})
	}
	for k, head := range v.heads { // epochs of which nothing is left
		if head.seq > 0 {
			v.faults = append(v.faults, Fault{Store: k.store, Till: k.till, Epoch: k.epoch, Seq: 1, Err: journal.ErrGap})
		}
	}
	return nil
}

// chainWalk follows one epoch until its first fault.
type chainWalk struct {
	key      epochKey
	verifier *journal.Verifier
	fault    *Fault
}

func (w *chainWalk) add(l journal.Link) {
	if w.fault != nil {
		return
	}
	var f *journal.Fault
	if errors.As(w.verifier.Add(l), &f) {
		w.fail(f.Seq, f.Err)
	}
}

func (w *chainWalk) fail(seq uint64, err error) {
	if w.fault == nil {
		w.fault = &Fault{Store: w.key.store, Till: w.key.till, Epoch: w.key.epoch, Seq: seq, Err: err}
	}
}

// finish compares the end of an epoch with the recorded one.
func (v *verification) finish(w *chainWalk) {
	if w == nil {
		return
	}
	head, recorded := v.heads[w.key]
	delete(v.heads, w.key)
	seq, hash := w.verifier.Head()
	switch {
	case !recorded:
		w.fail(seq, ErrNoHead)
	case seq < head.seq:
		w.fail(seq+1, journal.ErrGap)
	case seq > head.seq || !bytes.Equal(hash[:], head.hash[:]):
		w.fail(seq, ErrHead)
	}
	if w.fault != nil {
		v.faults = append(v.faults, *w.fault)
	}
}

// count adds an applied sale or refund to the fold, at the time that is known now. The cost is not in the journal.
func (v *verification) count(k epochKey, l journal.Link) {
	if v.deferred[l.Hash] {
		return
	}
	it := read(l)
	by := v.clocks.of[k.till].by(l.Epoch, l.Seq, trunkBranch)
	at := sales.Place{Store: k.store, Till: k.till, Epoch: l.Epoch, Seq: l.Seq, At: it.entry.At().Add(by), User: it.entry.User}
	switch b := it.body.(type) {
	case retail.Clock:
		if err := v.clocks.check(k.till, l.Hash, b); err != nil {
			v.faults = append(v.faults, Fault{Store: k.store, Till: k.till, Epoch: l.Epoch, Seq: l.Seq, Err: err})
		}
	case retail.Sale:
		v.fold.Add(sales.FromSale(at, b, sales.NoCost))
	case retail.Refund:
		v.fold.Add(sales.FromRefund(at, b, sales.NoCost))
	}
}

// figures compares what the domains hold with what follows from the entries.
func (v *verification) figures(ctx context.Context, tx *db.Tx) error {
	differences, err := v.fold.Differences(ctx, tx)
	if err != nil {
		return err
	}
	for _, d := range differences {
		v.faults = append(v.faults, Fault{Store: d.Store, Err: d})
	}
	levels, err := stock.Unbalanced(ctx, tx)
	if err != nil {
		return err
	}
	for _, l := range levels {
		v.faults = append(v.faults, Fault{Store: l.Location, Err: l})
	}
	return nil
}
