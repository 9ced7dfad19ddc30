package sim

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/hub"
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// Headquarters is a real storage that is asked everything the model is asked. It must give the same answers.
type Headquarters interface {
	Open(ctx context.Context, hello wire.Hello, asked time.Time) (hub.Session, error)
	Seen(ctx context.Context, till, session uuid.UUID, at time.Time, shown []wire.Cursor) error
	Store(ctx context.Context, b hub.Batch) (hub.Stored, error)
	Known(ctx context.Context, store, till uuid.UUID, epoch uint64, points []wire.Point) (uint64, error)
	Refill(ctx context.Context, store, till uuid.UUID, gap hub.Gap) (wire.Refill, error)
	Command(ctx context.Context, store, till uuid.UUID, m wire.Command) error

	// Clock gives the time there is from now on.
	Clock(now func() time.Time)
	// Found makes a store, and Enrol a till of it, or gives the till another key.
	Found(ctx context.Context, products []uuid.UUID) (store uuid.UUID, err error)
	Enrol(ctx context.Context, store uuid.UUID, number int, key ed25519.PublicKey) (till uuid.UUID, epoch uint64, err error)
	// Flush publishes what changed at a store and gives all stock and marks that are published.
	Flush(ctx context.Context, store uuid.UUID) (map[uuid.UUID]retail.Stock, map[uuid.UUID]retail.Mark, error)
	// Told are the bodies of the rows about refunds in a till's feed, in the order of their types and ids.
	Told(ctx context.Context, till uuid.UUID) ([][]byte, error)
	// Flags are the open flags of a till.
	Flags(ctx context.Context, till uuid.UUID) ([]Flag, error)
}

// Flag is what a person must look at: an entry of an epoch, or an incident of the till when there is no hash.
type Flag struct {
	Code  string
	Epoch uint64
	Hash  []byte
}

const lawSame = "the storage answers as the model does"

// beside is the real storage of a world; nil when there is none.
type beside struct {
	w  *world
	hq Headquarters
	// sessions are the storage's names of the model's sessions.
	sessions map[uuid.UUID]uuid.UUID
	// epoch is what the last enrolment gave.
	epoch uint64
}

func (b *beside) same(what string, model, real any) { b.w.same(what, "the storage", model, real) }

func (w *world) same(what, who string, model, real any) {
	if m, r := fmt.Sprintf("%+v", model), fmt.Sprintf("%+v", real); m != r {
		w.broken(lawSame, "%s: the model says %s, %s %s", what, m, who, r)
	}
}

func (b *beside) must(what string, err error) {
	if err != nil {
		b.w.broken(lawSame, "%s: %v", what, err)
	}
}

// enrol asks the storage first: it names the till.
func (b *beside) enrol(l *lane, key ed25519.PublicKey) (till uuid.UUID) {
	var err error
	till, b.epoch, err = b.hq.Enrol(ctx, l.store, l.number, key)
	b.must("enrol", err)
	return till
}

func (b *beside) enrolled(model uint64) {
	if b != nil {
		b.same("epoch of an enrolment", model, b.epoch)
	}
}

func (b *beside) open(hello wire.Hello, asked time.Time, model hub.Session, refused error) {
	if b == nil {
		return
	}
	s, err := b.hq.Open(ctx, hello, asked)
	if refused != nil {
		b.same("refusal of a hello", refused, err)
		return
	}
	b.must("open", err)
	b.sessions[model.ID] = s.ID
	b.same("session", model.N, s.N)
	b.same("least epoch of "+describe(hello), model.MinEpoch, s.MinEpoch)
	b.same("what it has", model.Epochs, s.Epochs)
	b.same("what the till lost", model.Gaps, s.Gaps)
}

func (b *beside) seen(till, session uuid.UUID) {
	if b != nil {
		b.must("seen", b.hq.Seen(ctx, till, b.sessions[session], b.w.now, nil))
	}
}

func (b *beside) store(batch hub.Batch, model hub.Stored, refused error) {
	if b == nil {
		return
	}
	batch.Session = b.sessions[batch.Session]
	s, err := b.hq.Store(ctx, batch)
	code, _ := errors.AsType[wire.Code](err)
	want, _ := errors.AsType[wire.Code](refused)
	if err != nil && code == 0 {
		b.must("store", err)
	}
	b.same("refusal", want, code)
	if refused == nil {
		deferred := func(n wire.Note) bool { return n.Code != wire.Deferred }
		s.Notes = slices.DeleteFunc(s.Notes, deferred)
		model.Notes = slices.DeleteFunc(slices.Clone(model.Notes), deferred)
		b.same("what came of a batch", model, s)
	}
}

func (b *beside) known(l *lane, m wire.Prove, model uint64) {
	if b == nil {
		return
	}
	seq, err := b.hq.Known(ctx, l.store, l.id, m.Epoch, m.Points)
	b.must("known", err)
	b.same("common entry", model, seq)
}

// refill compares whole messages; a storage may end one earlier, where a branch ends.
func (b *beside) refill(l *lane, gap hub.Gap, model wire.Refill) {
	if b == nil {
		return
	}
	part, err := b.hq.Refill(ctx, l.store, l.id, gap)
	b.must("refill", err)
	n := min(len(part.Entries), len(model.Entries))
	b.same("something to give back", len(model.Entries) > 0, len(part.Entries) > 0)
	b.same("what is given back", model.Entries[:n], part.Entries[:n])
	b.same("what comes before", model.Prev, part.Prev)
}

// flush compares what is published.
func (b *beside) flush(db *database, store uuid.UUID) {
	if b == nil {
		return
	}
	stock, marks, err := b.hq.Flush(ctx, store)
	b.must("flush", err)
	for _, p := range b.w.products {
		b.same("published level", db.levels[store][p], int64(stock[p].OnHand))
		b.same("latest count", db.counted[store][p].retail(), stock[p].Counted)
	}
	for _, l := range b.w.lanes {
		if l.store == store {
			model := db.mark(l)
			// A branch that began after a hole goes on after what filled it: that is the end of another branch, and no fork, and naming
			// it says nothing wrong.
			after := func(e retail.ChainEnd) int { return len(db.tree(place{l.id, e.Epoch}).after[journal.Hash(e.Hash)]) }
			ends := slices.DeleteFunc(marks[l.id].Ends, func(e retail.ChainEnd) bool { return db.stored()[journal.Hash(e.Hash)] && after(e) > 0 })
			b.same("ends of "+l.name, names(model.Ends), names(ends))
			forks := slices.DeleteFunc(marks[l.id].Forks, func(e retail.ChainEnd) bool {
				return db.stored()[journal.Hash(e.Hash)] && after(e) == 1
			})
			b.same("forks of "+l.name, names(model.Forks), names(forks))
			b.same("deferred of "+l.name, names(model.Deferred), names(marks[l.id].Deferred))
		}
	}
}

// names are the entries of a list in one order, each once.
func names(list []retail.ChainEnd) []string {
	var all []string
	for _, e := range list {
		all = append(all, fmt.Sprintf("%d.%d %s", e.Epoch, e.Seq, hex.EncodeToString(e.Hash)))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (b *beside) command(l *lane, m wire.Command, refused error) {
	if b == nil {
		return
	}
	err := b.hq.Command(ctx, l.store, l.id, m)
	code, _ := errors.AsType[wire.Code](err)
	want, _ := errors.AsType[wire.Code](refused)
	if err != nil && code == 0 {
		b.must("command", err)
	}
	b.same("refusal of a command", want, code)
}

// told compares what the tills are told of refunds.
func (b *beside) told(db *database) {
	if b == nil {
		return
	}
	for _, l := range b.w.lanes {
		var model [][]byte
		for _, kind := range []retail.RowType{retail.RowHoldAsked, retail.RowHoldGiven, retail.RowKnown} {
			for _, k := range keysOf(db.feed(tillFeed(l.id)).rows, kind) {
				model = append(model, db.feed(tillFeed(l.id)).rows[k].Body)
			}
		}
		real, err := b.hq.Told(ctx, l.id)
		b.must("told", err)
		b.same("what is told "+l.name, model, real)
	}
}

// flags compares what a person is shown.
func (b *beside) flags(db *database) {
	if b == nil {
		return
	}
	for _, l := range b.w.lanes {
		flags, err := b.hq.Flags(ctx, l.id)
		b.must("flags", err)
		var model, real []string
		for _, f := range flags {
			real = append(real, f.name())
		}
		for f := range db.flags {
			if f.till == l.id {
				model = append(model, Flag{f.code, f.epoch, f.hash[:]}.name())
			}
		}
		slices.Sort(model)
		slices.Sort(real)
		b.same("flags of "+l.name, model, slices.Compact(real))
	}
}

// name is the flag in words; an incident is at no epoch in particular.
func (f Flag) name() string {
	if len(f.Hash) == 0 || slices.Max(f.Hash) == 0 {
		return f.Code
	}
	return fmt.Sprintf("%s %d %x", f.Code, f.Epoch, f.Hash)
}
