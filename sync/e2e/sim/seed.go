package sim

import (
	"crypto/ed25519"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// Options say how a history is played.
type Options struct {
	// Log is where every step is written; nil for nowhere.
	Log io.Writer
	// Steps is how many events there may be, to find the one that breaks something; 0 for no limit.
	Steps int
	// Beside is a real headquarters to ask everything the model is asked; nil for none. It is never rolled back.
	Beside Headquarters
	// Folder makes a real till's folder for each machine, to ask it everything the model of the disk is asked; nil for none.
	// A full disk is only the model's: what was refused for it is not asked of the folder.
	Folder func() Folder
}

// odds are how often things go wrong in one history: once in so many.
type odds struct{ cut, away, slow int }

// Run plays the history of a seed: some minutes of selling under faults, then rest. The error says which law was broken.
// hits counts the faults and cases it had.
func Run(seed uint64, o Options) (hits map[string]int, err error) {
	w := newWorld(seed, o)
	w.say("%d tills in %d machines, %d processes", len(w.lanes), len(w.machines), len(w.processes))
	err = w.play(func() {
		w.storm()
		if o.Steps == 0 || w.steps <= o.Steps {
			w.rest()
		}
	})
	if err != nil {
		err = fmt.Errorf("seed %d, %w", seed, err)
	}
	return w.hits, err
}

// play has a history happen until it ends or breaks a law, which is the error.
func (w *world) play(history func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case failure:
			err = fmt.Errorf("step %d, %s: %w", w.steps, w.now.Sub(begin), r)
		default:
			panic(r)
		}
	}()
	history()
	return nil
}

// emptyWorld has neither tills nor stores.
func emptyWorld(seed uint64, o Options) *world {
	w := &world{
		rand: rand.New(rand.NewPCG(seed, 1)), now: begin, limit: o.Steps, log: o.Log, hits: map[string]int{}, db: newDatabase(),
		partitioned: map[*machine]bool{}, newFolder: o.Folder,
		truth: truth{
			entries: map[journal.Hash]entry{}, surviving: map[journal.Hash]bool{}, arrived: map[journal.Hash]bool{}, spoiled: map[journal.Hash]bool{},
			receipts: map[receipt]journal.Hash{}, applied: map[journal.Hash][]moment{}, published: map[version]state{},
			balances: map[retail.ReceiptID]*balance{},
		},
	}
	w.identity = w.newKey()
	for i := range byte(3) {
		w.products = append(w.products, uuid.UUID{1, i + 1})
	}
	if o.Beside != nil {
		w.beside = &beside{w: w, hq: o.Beside, sessions: map[uuid.UUID]uuid.UUID{}}
		o.Beside.Clock(func() time.Time { return w.now })
	}
	return w
}

// newWorld draws a fleet and headquarters, all off.
func newWorld(seed uint64, o Options) *world {
	w := emptyWorld(seed, o)
	w.odds = odds{cut: pick(w, []int{30, 200, 1000}), away: pick(w, []int{50, 1000}), slow: pick(w, []int{30, 300})}
	w.pageRows, w.refillAtOnce = pick(w, []int{2, 5, 1000}), pick(w, []int{2, wire.BatchEntries})
	tills, stores := 1+w.rand.IntN(3), 1+w.rand.IntN(2)
	if w.chance(25) {
		tills = 1 + w.rand.IntN(30)
	}
	shops := make([]uuid.UUID, stores)
	for i := range shops {
		shops[i] = uuid.UUID{3, byte(i + 1)}
		if w.beside != nil {
			var err error
			shops[i], err = o.Beside.Found(ctx, w.products)
			w.beside.must("found a store", err)
		}
	}
	for i := range tills {
		l := &lane{id: uuid.UUID{2, byte(i + 1)}, store: shops[i%stores], name: fmt.Sprintf("T%d", i+1), number: i + 1}
		w.lanes = append(w.lanes, l)
		m := &machine{w: w, name: l.name, lane: l, disk: w.newDisk()}
		w.enrol(m)
		w.machines = append(w.machines, m)
	}
	w.db.feed(globalFeed).publish(row(retail.RowCategory, uuid.UUID{4}, retail.Category{}))
	for _, l := range w.lanes {
		w.db.feed(storeFeed(l.store)).publish(row(retail.RowStaff, uuid.UUID{5}, retail.Staff{}))
		for _, name := range []string{storeFeed(l.store), tillFeed(l.id)} {
			f := w.db.feed(name)
			w.published[version{name, f.seq, f.digest}] = state{moment: moment{life: -1}}
		}
	}
	for i := range 1 + w.rand.IntN(3) {
		w.processes = append(w.processes, &process{w: w, name: fmt.Sprintf("HQ%d", i+1)})
	}
	return w
}

func (w *world) newKey() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(w.bytes(ed25519.SeedSize)) }

// enrol gives a machine a new key.
func (w *world) enrol(m *machine) {
	m.key = w.newKey()
	key := m.key.Public().(ed25519.PublicKey)
	f := &m.disk.file
	if w.beside != nil {
		m.lane.id = w.beside.enrol(m.lane, key)
	}
	f.granted = w.db.enrol(m.lane, key)
	w.beside.enrolled(f.granted)
	if m.disk.folder != nil {
		m.must("enrol", m.disk.folder.Enrol(ctx, Enrolment{
			Till: m.lane.id, Store: m.lane.store, Number: m.lane.number, Key: m.key,
			HQ: w.identity.Public().(ed25519.PublicKey), Epoch: f.granted,
		}))
	}
}

// headquarters starts its processes and what they do now and then.
func (w *world) headquarters() {
	for _, p := range w.processes {
		p.start()
		w.every(pollEvery, p.poll)
	}
	w.every(retryEvery, func() { w.db.retry(w) })
}

// storm lets the fleet sell while everything breaks.
func (w *world) storm() {
	w.headquarters()
	for _, m := range w.machines {
		w.after(w.upTo(5*time.Second), m.start)
		w.shop(m)
	}
	w.reprice()
	w.misfortune()
	w.run(time.Minute + w.upTo(4*time.Minute))
}

// shop has a machine sell now and then, as long as there is a storm.
func (w *world) shop(m *machine) {
	w.after(w.upTo(15*time.Second), func() {
		if w.calm {
			return
		}
		w.serve(m)
		w.shop(m)
	})
}

// serve has a customer come.
func (w *world) serve(m *machine) {
	switch {
	case w.chance(6):
		m.refundsOwn()
	case w.chance(6):
		m.asks()
	case w.chance(3):
		m.usesHold()
	case w.chance(6):
		m.counts()
	default:
		m.sell()
	}
}

func (w *world) reprice() {
	w.after(w.upTo(20*time.Second), func() {
		if w.calm {
			return
		}
		w.db.reprice(w)
		w.notify(globalFeed)
		w.reprice()
	})
}

// describe names a message in the history.
func describe(m wire.Message) string {
	switch m := m.(type) {
	case wire.Hello:
		s := fmt.Sprintf("hello n=%d", m.N)
		for _, e := range m.Epochs {
			s += fmt.Sprintf(" %d/%d:%d-%d(%d)", e.Epoch, e.Branch, e.Floor+1, e.Last, e.Acked)
		}
		return s
	case wire.Welcome:
		return fmt.Sprintf("welcome n=%d epochs=%v least=%d", m.N, m.Epochs, m.MinEpoch)
	case wire.Entries:
		return fmt.Sprintf("entries %d/%d:%d+%d hole=%t", m.Epoch, m.Branch, m.First, len(m.Entries), m.Hole)
	case wire.Ack:
		return fmt.Sprintf("ack %d/%d:%d", m.Epoch, m.Branch, m.Upto)
	case wire.Nack:
		return fmt.Sprintf("nack %d/%d %s", m.Epoch, m.Branch, m.Code)
	case wire.Prove:
		return fmt.Sprintf("prove %d/%d %d points", m.Epoch, m.Branch, len(m.Points))
	case wire.Proof:
		return fmt.Sprintf("proof %d/%d:%d", m.Epoch, m.Branch, m.Seq)
	case wire.Refill:
		return fmt.Sprintf("refill %d:%d+%d", m.Epoch, m.First, len(m.Entries))
	case wire.Changes:
		return fmt.Sprintf("changes %s %d-%d more=%t", m.Feed, m.From, m.Upto, m.More)
	case wire.Applied:
		return fmt.Sprintf("applied %s %d %s", m.Feed, m.Upto, m.Code)
	case wire.Reset:
		return fmt.Sprintf("reset %s %s %s", m.Feed, m.Code, m.Snapshot)
	case wire.Bye:
		return fmt.Sprintf("bye %s", m.Code)
	}
	return fmt.Sprintf("%T", m)
}
