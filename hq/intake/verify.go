package intake

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/tills"
	"comptant/shared/journal"
	"comptant/shared/retail"
)

// Scope is whose journals are meant: one till's, those of one store, or all when it is zero.
type Scope struct{ Store, Till uuid.UUID }

// where narrows a statement that has the arguments args to the scope.
func (s Scope) where() string {
	switch {
	case s.Till != uuid.Nil && s.Store != uuid.Nil:
		return "store_id = @store AND till_id = @till"
	case s.Till != uuid.Nil:
		return "till_id = @till"
	case s.Store != uuid.Nil:
		return "store_id = @store"
	}
	return "TRUE"
}

func (s Scope) args() pgx.NamedArgs { return pgx.NamedArgs{"store": s.Store, "till": s.Till} }

// at narrows a statement that has the arguments args to the scope's location.
func (s Scope) at(column string) string {
	if s.Store == uuid.Nil {
		return "TRUE"
	}
	return column + " = @store"
}

// Verify is VerifyScope for one till, or for all with uuid.Nil, without anybody who waits.
func (d *Desk) Verify(ctx context.Context, till uuid.UUID) ([]Fault, error) {
	return d.VerifyScope(ctx, Scope{Till: till}, func(int64) {})
}

// progressEvery is after how many entries a verification says how far it is.
const progressEvery = 1000

// VerifyScope reads every entry and recomputes what follows from them: the chain of each epoch up to its recorded end, and, unless
// it is of one till alone, the documents, sums and stock levels, to the cent. It works on one snapshot and keeps no more than the figures
// in memory. progress hears how many entries were read, and how many there are when all are and after each table of figures.
func (d *Desk) VerifyScope(ctx context.Context, of Scope, progress func(read int64)) ([]Fault, error) {
	var faults []Fault
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := d.db.InTxOptions(ctx, options, func(tx *db.Tx) error {
		v := verification{Scope: of, progress: progress, fold: sales.NewFold(of.Store)}
		if err := v.load(ctx, tx); err != nil {
			return err
		}
		if err := v.entries(ctx, tx); err != nil {
			return err
		}
		progress(v.read)
		if of.Till == uuid.Nil {
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
	Scope
	progress func(read int64)
	read     int64
	// branches are the recorded ones of each epoch; walk takes them out.
	branches map[epochKey]map[int]branch
	// holes are the entries that are known to be missing before a branch.
	holes    map[journal.Hash]bool
	deferred map[journal.Hash]bool
	clocks   clocks
	keys     map[uuid.UUID][]tills.Key
	fold     *sales.Fold
	shelves  shelves
	sent     transfers
	faults   []Fault
}

// load reads the recorded branches, the holes, and the entries that are not applied.
func (v *verification) load(ctx context.Context, tx *db.Tx) error {
	v.branches = map[epochKey]map[int]branch{}
	rows, err := tx.Query(ctx, `
		SELECT store_id, till_id, epoch, branch, fork_seq, fork_hash, seq, hash FROM journal.branch WHERE `+v.where(), v.args())
	if err != nil {
		return err
	}
	var store, till [16]byte
	var b branch
	var epoch, forkSeq, seq int64
	var forkHash, hash []byte
	_, err = pgx.ForEachRow(rows, []any{&store, &till, &epoch, &b.number, &forkSeq, &forkHash, &seq, &hash}, func() error {
		b.fork.seq, b.seq = uint64(forkSeq), uint64(seq)
		copy(b.fork.hash[:], forkHash)
		copy(b.hash[:], hash)
		k := epochKey{store, till, uint64(epoch)}
		if v.branches[k] == nil {
			v.branches[k] = map[int]branch{}
		}
		v.branches[k][b.number] = b
		return nil
	})
	if err != nil {
		return err
	}
	if v.holes, err = hashes(ctx, tx, `SELECT hash FROM journal.hole WHERE filled_at IS NULL AND `+v.where(), v.args()); err != nil {
		return err
	}
	if v.deferred, err = hashes(ctx, tx, `SELECT hash FROM journal.deferred WHERE `+v.where(), v.args()); err != nil {
		return err
	}
	if v.shelves, err = loadShelves(ctx, tx, v.Scope); err != nil {
		return err
	}
	if v.sent, err = loadTransfers(ctx, tx, v.Scope); err != nil {
		return err
	}
	if v.keys, err = tills.Keys(ctx, tx, v.Till); err != nil {
		return err
	}
	v.clocks, err = loadClocks(ctx, tx, v.Scope)
	return err
}

func hashes(ctx context.Context, tx *db.Tx, query string, args pgx.NamedArgs) (map[journal.Hash]bool, error) {
	rows, err := tx.Query(ctx, query, args)
	if err != nil {
		return nil, err
	}
	found := map[journal.Hash]bool{}
	var hash []byte
	_, err = pgx.ForEachRow(rows, []any{&hash}, func() error {
		found[journal.Hash(hash)] = true
		return nil
	})
	return found, err
}

// entries walks the chains, epoch by epoch and in order of seq, so that what a branch comes after was walked before it.
func (v *verification) entries(ctx context.Context, tx *db.Tx) error {
	rows, err := tx.Query(ctx, `
		SELECT epoch, seq, prev, hash, bytes, store_id, till_id, branch FROM journal.entry WHERE `+v.where()+`
		ORDER BY store_id, till_id, epoch, seq, hash`, v.args())
	if err != nil {
		return err
	}
	var walk *chainWalk
	var l journal.Link
	var epoch, seq int64
	var prev, hash, entry []byte
	var store, till [16]byte
	var number int
	_, err = pgx.ForEachRow(rows, []any{&epoch, &seq, &prev, &hash, &entry, &store, &till, &number}, func() error {
		if v.read++; v.read%progressEvery == 0 {
			v.progress(v.read)
		}
		k := epochKey{store, till, uint64(epoch)}
		if walk == nil || walk.key != k {
			v.finish(walk)
			walk = v.begin(k)
		}
		l = journal.Link{Epoch: uint64(epoch), Seq: uint64(seq), Bytes: entry}
		copy(l.Prev[:], prev)
		copy(l.Hash[:], hash)
		if walk.add(l, number) {
			v.count(k, l, number)
		}
		return nil
	})
	if err != nil {
		return err
	}
	v.finish(walk)
	for _, at := range v.clocks.unseen { // of no entry
		v.faults = append(v.faults, Fault{Store: at.Store, Till: at.Till, Err: ErrClock})
	}
	for k, branches := range v.branches { // epochs of which nothing is left
		if len(branches) > 0 {
			v.faults = append(v.faults, Fault{Store: k.store, Till: k.till, Epoch: k.epoch, Seq: 1, Err: journal.ErrGap})
		}
	}
	return nil
}

// chainWalk follows the branches of one epoch, each until its first fault.
type chainWalk struct {
	key      epochKey
	branches map[int]branch
	verifier map[int]*journal.Verifier
	// forks are the entries that branches come after, and whether each was found.
	forks map[end]bool
	// fault is the earliest.
	fault *Fault
}

func (v *verification) begin(k epochKey) *chainWalk {
	genesis := end{hash: journal.Genesis(k.till, k.epoch)}
	w := &chainWalk{
		key: k, branches: v.branches[k], forks: map[end]bool{},
		verifier: map[int]*journal.Verifier{0: journal.NewVerifier(k.till, k.epoch)},
	}
	delete(v.branches, k)
	for number, b := range w.branches {
		if number == 0 && b.fork != genesis {
			w.fail(1, ErrBranch)
		}
		if number > 0 {
			w.verifier[number] = journal.NewVerifierAfter(k.till, k.epoch, b.fork.seq, b.fork.hash)
			w.forks[b.fork] = b.fork == genesis || v.holes[b.fork.hash]
		}
	}
	return w
}

// add checks the next entry. It reports false for one that belongs nowhere.
func (w *chainWalk) add(l journal.Link, number int) bool {
	verifier := w.verifier[number]
	if verifier == nil {
		w.fail(l.Seq, ErrBranch)
		return false
	}
	var f *journal.Fault
	if errors.As(verifier.Add(l), &f) {
		w.fail(f.Seq, f.Err)
		return true
	}
	at := end{l.Seq, l.Hash}
	if _, fork := w.forks[at]; fork {
		w.forks[at] = true
	}
	return true
}

func (w *chainWalk) fail(seq uint64, err error) {
	if w.fault == nil || seq < w.fault.Seq {
		w.fault = &Fault{Store: w.key.store, Till: w.key.till, Epoch: w.key.epoch, Seq: seq, Err: err}
	}
}

// finish compares the ends of an epoch with the recorded ones, and looks for what its branches come after.
func (v *verification) finish(w *chainWalk) {
	if w == nil {
		return
	}
	for number, verifier := range w.verifier {
		seq, hash := verifier.Head()
		b, recorded := w.branches[number]
		switch {
		case !recorded && seq > 0:
			w.fail(seq, ErrNoHead)
		case !recorded:
		case seq < b.seq:
			w.fail(seq+1, journal.ErrGap)
		case seq > b.seq || hash != b.hash:
			w.fail(seq, ErrHead)
		}
	}
	for fork, found := range w.forks {
		if !found {
			w.fail(fork.seq, journal.ErrGap)
		}
	}
	if w.fault != nil {
		v.faults = append(v.faults, *w.fault)
	}
}

// count adds an applied sale or refund to the fold, at the time that is known now. The cost is not in the journal.
func (v *verification) count(k epochKey, l journal.Link, number int) {
	if v.deferred[l.Hash] {
		return
	}
	it := read(l, number)
	by := v.clocks.of[k.till].by(l.Epoch, l.Seq)
	at := sales.Place{Store: k.store, Till: k.till, Epoch: l.Epoch, Seq: l.Seq, At: it.entry.At().Add(by), User: it.entry.User}
	if !v.shelves.add(k.store, happened(k.till, l, at.At), it.body) {
		v.faults = append(v.faults, Fault{Store: k.store, Till: k.till, Epoch: l.Epoch, Seq: l.Seq, Err: ErrCount})
	}
	switch b := it.body.(type) {
	case retail.Clock:
		if err := v.clocks.check(k.till, l.Hash, b); err != nil {
			v.faults = append(v.faults, Fault{Store: k.store, Till: k.till, Epoch: l.Epoch, Seq: l.Seq, Err: err})
		}
	case retail.ChainHead:
		if err := signed(b, k.till, v.keys[k.till]); err != nil {
			v.faults = append(v.faults, Fault{Store: k.store, Till: k.till, Epoch: l.Epoch, Seq: l.Seq, Err: err})
		}
	case retail.TransferOut:
		if !v.sent.take(k.store, at.At, b, v.shelves.madeHere) {
			v.faults = append(v.faults, Fault{Store: k.store, Till: k.till, Epoch: l.Epoch, Seq: l.Seq, Err: ErrTransfer})
		}
	case retail.Sale:
		v.fold.Add(sales.FromSale(at, b, sales.NoCost))
	case retail.Refund:
		v.fold.Add(sales.FromRefund(at, b, sales.NoCost))
	case retail.Void:
		v.fold.Add(sales.FromVoid(at, b, sales.NoCost))
	}
}

// figures compares what the domains hold with what follows from the entries.
func (v *verification) figures(ctx context.Context, tx *db.Tx) error {
	compared := func() { v.progress(v.read) }
	differences, err := v.fold.Differences(ctx, tx, compared)
	if err != nil {
		return err
	}
	for _, d := range differences {
		v.faults = append(v.faults, Fault{Store: d.Store, Err: d})
	}
	levels, err := stock.Unbalanced(ctx, tx, v.Store)
	if err != nil {
		return err
	}
	for _, l := range levels {
		v.faults = append(v.faults, Fault{Store: l.Location, Err: l})
	}
	compared()
	lost, err := stock.Adrifts(ctx, tx, v.Store)
	if err != nil {
		return err
	}
	for _, l := range lost {
		v.faults = append(v.faults, Fault{Store: l.Location, Err: l})
	}
	v.faults = append(v.faults, v.sent.faults()...)
	wrong, err := v.shelves.differences(ctx, tx)
	v.faults = append(v.faults, wrong...)
	return err
}
