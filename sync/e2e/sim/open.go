package sim

import (
	"slices"
	"time"

	"comptant/shared/journal"
	"comptant/sync/hub"
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// copyAgain is how soon an older copy of a till's disk may come again before it looks like two machines.
const copyAgain = 24 * time.Hour

// latest bounds how late a hello may come over a connection that has died.
const latest = 5 * time.Minute

// open starts a session and compares what the till's file holds with what is here.
func (db *database) open(w *world, hello wire.Hello, asked time.Time) (hub.Session, error) {
	t, err := db.know(hello.Till)
	if err != nil {
		return hub.Session{}, err
	}
	if asked.Before(t.opened) && t.opened.Sub(asked) < latest {
		w.hit("case: late hello, of before the newest session")
		return hub.Session{}, wire.Wait
	}
	c := comparison{w: w, db: db, till: t, hello: hello}
	c.compare()
	db.incidents(w, &c)

	least := c.newest
	switch {
	case c.copied || c.beside || c.known > c.newest:
		// Always a new one: whoever was granted the last may be another machine with the same disk.
		least = t.grant(max(c.known, c.newest))
	case c.newest == 0:
		least = t.epoch()
	}
	t.n, t.opened = max(t.n, hello.N)+1, w.now.Truncate(time.Microsecond) // as Postgres keeps it
	t.session = w.uuid()
	db.tellKnown(w, t.lane.id)
	return hub.Session{
		ID: t.session, N: t.n, Store: t.lane.store, Epochs: c.have, MinEpoch: least, Gaps: c.gaps,
		Feeds: []string{globalFeed, storeFeed(t.lane.store), tillFeed(t.lane.id)},
	}, nil
}

// comparison is how a till's file and what headquarters has of it differ.
type comparison struct {
	w     *world
	db    *database
	till  *till
	hello wire.Hello

	have []wire.EpochHave
	gaps []hub.Gap
	// newest is the newest epoch of the file, known the newest headquarters has entries of.
	newest, known uint64
	// copied says that the till comes with a session number older than one it has used, beside that headquarters has
	// entries of the newest epoch which are not on the file's path, lost that it lacks what it acknowledged.
	copied, beside, lost bool
}

func (c *comparison) compare() {
	c.copied = c.hello.N < c.till.used
	for _, e := range c.db.epochs(c.till.lane.id) {
		c.known = e
	}
	listed := map[uint64]bool{}
	for _, e := range c.hello.Epochs {
		if e.Branch == 0 {
			c.newest = max(c.newest, e.Epoch)
			listed[e.Epoch] = true
		}
	}
	for _, e := range c.hello.Epochs {
		c.path(e)
	}
	// What the file does not have at all.
	for _, epoch := range slices.Backward(c.db.epochs(c.till.lane.id)) {
		genesis := journal.Genesis(c.till.lane.id, epoch)
		if t := c.db.tree(place{c.till.lane.id, epoch}); !listed[epoch] && len(t.after[genesis]) > 0 {
			c.gaps = append(c.gaps, hub.Gap{Epoch: epoch, Hash: genesis})
		}
	}
}

// path compares one path of the file.
func (c *comparison) path(e wire.EpochState) {
	t, genesis := c.db.tree(place{c.till.lane.id, e.Epoch}), journal.Genesis(c.till.lane.id, e.Epoch)
	known, top := t.has(e.Hash, genesis), t.top()
	have := e.Last
	switch {
	case known:
	case e.Acked < e.Last && e.Acked <= top:
		have = max(e.Acked, min(top, e.Last-1))
		if top >= e.Last {
			have = e.Acked // what is here goes on past the file, and is not its path
		}
	default:
		have = min(top, e.Last-1)
	}
	if known && e.Last > 0 {
		have = c.ask(t, e, genesis)
	}
	c.have = append(c.have, wire.EpochHave{Epoch: e.Epoch, Branch: e.Branch, Have: have})
	c.lost = c.lost || top < e.Acked
	if e.Branch != 0 {
		return
	}
	newest, more := e.Epoch == c.newest, len(t.after[e.Hash]) > 0
	switch {
	case !newest:
	case known:
		on := t.onPath(e.Hash)
		c.beside = len(t.list(func(n node) bool { return !on[n.Hash] })) > 0
	default:
		c.beside = top >= e.Last || len(t.ends()) > 1
	}
	switch {
	case known && more:
		c.w.hit("case: restored, nothing sold")
		if !newest || c.beside {
			c.gaps = append(c.gaps, hub.Gap{Epoch: e.Epoch, After: e.Last, Hash: e.Hash})
		}
	case known:
		c.w.hit("case: normal")
	}
}

// ask says from where the file sends a path that headquarters knows the end of: from before a hole when this machine was
// not asked for that yet. Who could not give it is not asked again, but a copy of its disk is.
func (c *comparison) ask(t *tree, e wire.EpochState, genesis journal.Hash) (have uint64) {
	seq, missing, ok := t.hole(e.Hash, genesis)
	hole := flag{c.till.lane.id, e.Epoch, missing, flagHole}
	if !ok || seq <= e.Floor || c.db.asked[hole][string(c.till.key)] && !c.copied {
		return e.Last
	}
	c.w.hit("case: asked for what another could not give")
	c.db.asked[hole][string(c.till.key)] = true
	return max(e.Floor, t.below(seq))
}

// incidents flags what a person must know of the till and its copies.
func (db *database) incidents(w *world, c *comparison) {
	at := flag{till: c.till.lane.id}
	if c.hello.N > c.till.n || c.lost {
		if c.hello.N > c.till.n {
			w.hit("case: session ahead, headquarters rolled back")
		}
		if c.lost {
			w.hit("case: acknowledged entries unknown")
		}
		at.code = flagRolled
		db.flags[at] = true
	}
	if !c.copied {
		return
	}
	at.code = flagImage
	w.hit("case: session behind, a copy of the disk")
	if !c.till.copiedAt.IsZero() && w.now.Sub(c.till.copiedAt) < copyAgain {
		w.hit("case: again the same day, two machines")
		at.code = flagTwo
	}
	c.till.copiedAt = w.now
	db.flags[at] = true
}

// seen says that the till has kept the welcome of a session.
func (db *database) seen(id, session uuid.UUID) {
	if t := db.tills[id]; t != nil && t.session == session {
		t.used = t.n
	}
}
