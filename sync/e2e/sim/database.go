package sim

import (
	"crypto/ed25519"
	"maps"
	"slices"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// database is what headquarters has. A function on it is a transaction.
type database struct {
	tills map[uuid.UUID]*till
	trees map[place]*tree
	flags map[flag]bool
	// asked are the keys of the machines that were asked for a hole, that of who could not give it first of all.
	asked map[flag]map[string]bool
	// happened is what moved or counted each product of each store, as far as it is applied; levels and counted follow from it:
	// what is on hand, and the count that counts.
	happened map[uuid.UUID]map[uuid.UUID][]happening
	levels   map[uuid.UUID]map[uuid.UUID]int64
	counted  map[uuid.UUID]map[uuid.UUID]happening
	// stale are the products of each store whose level is not published.
	stale map[uuid.UUID]map[uuid.UUID]bool
	feeds map[string]*feed
	// snapshots are the newest of each feed.
	snapshots map[string]snapshot
	holds     map[uuid.UUID]hold
	// refunded are the refunds of each receipt.
	refunded map[retail.ReceiptID][]use
}

// till is what headquarters knows of a till.
type till struct {
	lane *lane
	key  ed25519.PublicKey
	// granted is the last epoch granted, n the number of sessions, used the newest whose welcome the till has kept.
	granted, n, used uint64
	session          uuid.UUID
	// opened is when the newest session was, copiedAt when an older copy of the disk last came.
	opened, copiedAt time.Time
}

// place is an epoch of a till.
type place struct {
	till  uuid.UUID
	epoch uint64
}

// tree is what headquarters has of an epoch: entries that are known by their hash and point to the one before.
type tree struct {
	nodes map[journal.Hash]node
	// after are the entries that come after one, the first that came first. The beginning of the epoch and entries that
	// are missing have such a list too.
	after map[journal.Hash][]journal.Hash
}

type node struct {
	journal.Link
	meaning
	applied bool
}

// flag is what a person must look at.
type flag struct {
	till  uuid.UUID
	epoch uint64
	hash  journal.Hash
	code  string
}

// The codes of flags.
const (
	flagFork    = "fork"
	flagHole    = "hole"
	flagTwice   = "printed-twice"
	flagNever   = "never-received"
	flagRolled  = "hq-rolled-back"
	flagImage   = "disk-image"
	flagTwo     = "two-machines"
	flagNoHold  = "no-hold"
	flagDoubt   = "refund-in-doubt"
	flagUnknown = "unknown-receipt"
	flagOver    = "over-refunded"
	grantAtOnce = 100
)

func newDatabase() *database {
	return &database{
		tills: map[uuid.UUID]*till{}, trees: map[place]*tree{}, flags: map[flag]bool{}, asked: map[flag]map[string]bool{},
		happened: map[uuid.UUID]map[uuid.UUID][]happening{}, counted: map[uuid.UUID]map[uuid.UUID]happening{},
		levels: map[uuid.UUID]map[uuid.UUID]int64{}, stale: map[uuid.UUID]map[uuid.UUID]bool{}, feeds: map[string]*feed{},
		snapshots: map[string]snapshot{}, holds: map[uuid.UUID]hold{}, refunded: map[retail.ReceiptID][]use{},
	}
}

func (db *database) copy() *database {
	c := newDatabase()
	for id, t := range db.tills {
		u := *t
		c.tills[id] = &u
	}
	for at, t := range db.trees {
		u := &tree{nodes: maps.Clone(t.nodes), after: map[journal.Hash][]journal.Hash{}}
		for h, list := range t.after {
			u.after[h] = slices.Clone(list)
		}
		c.trees[at] = u
	}
	c.flags = maps.Clone(db.flags)
	for hole, keys := range db.asked {
		c.asked[hole] = maps.Clone(keys)
	}
	for store, l := range db.levels {
		c.levels[store], c.counted[store], c.happened[store] = maps.Clone(l), maps.Clone(db.counted[store]), maps.Clone(db.happened[store])
	}
	for store, s := range db.stale {
		c.stale[store] = maps.Clone(s)
	}
	c.snapshots, c.holds, c.refunded = maps.Clone(db.snapshots), maps.Clone(db.holds), maps.Clone(db.refunded)
	for name, f := range db.feeds {
		g := *f
		g.rows = maps.Clone(f.rows)
		c.feeds[name] = &g
	}
	return c
}

// stored are all entries headquarters has.
func (db *database) stored() map[journal.Hash]bool {
	all := map[journal.Hash]bool{}
	for _, t := range db.trees {
		for h := range t.nodes {
			all[h] = true
		}
	}
	return all
}

func (db *database) tree(at place) *tree {
	if db.trees[at] == nil {
		db.trees[at] = &tree{nodes: map[journal.Hash]node{}, after: map[journal.Hash][]journal.Hash{}}
	}
	return db.trees[at]
}

// epochs are those headquarters has entries of, the oldest first.
func (db *database) epochs(id uuid.UUID) []uint64 {
	var list []uint64
	for at, t := range db.trees {
		if at.till == id && len(t.nodes) > 0 {
			list = append(list, at.epoch)
		}
	}
	slices.Sort(list)
	return list
}

// has says that an entry, or the beginning of the epoch, is here.
func (t *tree) has(h, genesis journal.Hash) bool {
	_, ok := t.nodes[h]
	return ok || h == genesis
}

// top is the highest number on any branch.
func (t *tree) top() (seq uint64) {
	for _, n := range t.nodes {
		seq = max(seq, n.Seq)
	}
	return seq
}

// onPath are an entry and those it comes after.
func (t *tree) onPath(last journal.Hash) map[journal.Hash]bool {
	on := map[journal.Hash]bool{}
	for n, ok := t.nodes[last]; ok; n, ok = t.nodes[n.Prev] {
		on[n.Hash] = true
	}
	return on
}

// hole gives the missing entry that an entry's path comes after; ok is false when all of it is here.
func (t *tree) hole(last journal.Hash, genesis journal.Hash) (seq uint64, missing journal.Hash, ok bool) {
	n := t.nodes[last]
	for p, here := n, true; here; p, here = t.nodes[p.Prev] {
		n = p
	}
	return n.Seq - 1, n.Prev, n.Prev != genesis
}

// below is the highest number under seq of an entry that nothing comes after.
func (t *tree) below(seq uint64) (last uint64) {
	for _, e := range t.ends() {
		if e.Seq < seq {
			last = max(last, e.Seq)
		}
	}
	return last
}

// ends are the entries nothing comes after, in the order of their numbers.
func (t *tree) ends() []journal.Link {
	return t.list(func(n node) bool { return len(t.after[n.Hash]) == 0 })
}

// list gives the entries that are wanted, in the order of their numbers.
func (t *tree) list(wanted func(node) bool) []journal.Link {
	var list []journal.Link
	for _, n := range t.nodes {
		if wanted(n) {
			list = append(list, n.Link)
		}
	}
	slices.SortFunc(list, func(a, b journal.Link) int {
		if a.Seq != b.Seq {
			return int(a.Seq) - int(b.Seq)
		}
		return slices.Compare(a.Hash[:], b.Hash[:])
	})
	return list
}

// grant gives an epoch number above all that were granted or are known.
func (t *till) grant(above uint64) uint64 {
	last := max(t.granted, above)
	t.granted = (last+grantAtOnce-1)/grantAtOnce*grantAtOnce + grantAtOnce
	return t.epoch()
}

// epoch is the number last granted.
func (t *till) epoch() uint64 { return t.granted - grantAtOnce + 1 }

// enrol gives a till a key, and the epoch from which that may write.
func (db *database) enrol(l *lane, key ed25519.PublicKey) (epoch uint64) {
	t := db.tills[l.id]
	if t == nil {
		t = &till{lane: l}
		db.tills[l.id] = t
	}
	// The sessions of the key before say nothing of the disk this one is on.
	t.key, t.session, t.used, t.copiedAt = key, uuid.Nil, 0, time.Time{}
	known := uint64(0)
	for _, e := range db.epochs(l.id) {
		known = e
	}
	return t.grant(known)
}

// know is the key and store of a till.
func (db *database) know(id uuid.UUID) (*till, error) {
	if t := db.tills[id]; t != nil {
		return t, nil
	}
	return nil, wire.UnknownTill
}
