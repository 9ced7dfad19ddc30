package sim

import (
	"crypto/ed25519"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/link"
	"comptant/sync/wire"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// Breakable is a folder that can be made to fail while it writes.
type Breakable interface {
	Folder
	// Break has the n-th write to a database from now on fail, a commit being one too; 0 for none. Broke says whether it came to
	// that, and gives the folder as it was in that moment, if that is to be kept.
	Break(n int, keep bool)
	Broke() (left Folder, broke bool)
	// Version changes when something is committed to one of the databases.
	Version() (string, error)
	// Contents are all rows of the databases but the estimate of the time, and the sentinel.
	Contents() (Contents, error)
	// Written is how many bytes were written since a copy was taken, as far as one can say. Torn is that copy with the first of
	// them.
	Written(since Folder) (int, error)
	Torn(since Folder, bytes int) (Folder, error)
}

// Contents is what is in a folder: the rows, how many records the sentinel has, and how many bytes of one that was cut short.
type Contents struct {
	Rows          string
	Records, Rest int
}

// tillHistory plays what a link, a person and a bad disk do to a till's storage.
type tillHistory struct {
	r *rapid.T
	w *world
	m *machine
	// links are all entries that were ever written, known is the place of each.
	links []journal.Link
	known map[journal.Hash]int
}

// deed is something that is done to the storage and to its model.
type deed struct {
	name string
	real func(Folder) error
	// entry is what the model writes, for a deed that writes an entry; else model is what it does.
	entry func() journal.Link
	model func() error
	// first, when it is not nil, is what the deed does in a transaction of its own before.
	first func()
	// starts says that the deed starts the till, which may mend the sentinel whatever happens to the rest.
	starts bool
}

// PlayTill plays a history of one till. Every deed is tried with each of its writes failing, one after the other: nothing
// of it may be left. Now and then the power goes, at one of these writes or when only some of the bytes are on the disk:
// then it has happened wholly or not at all, and the history goes on from there.
func PlayTill(r *rapid.T, folder func() Breakable) {
	defer fail(r)
	w := emptyWorld(1, Options{Folder: func() Folder { return folder() }})
	l := &lane{id: uuid.UUID{2, 1}, store: uuid.UUID{3, 1}, name: "T1", number: 1, exposed: true, copied: true}
	h := &tillHistory{r: r, w: w, known: map[journal.Hash]int{}}
	h.m = &machine{w: w, name: l.name, lane: l, disk: w.newDisk()}
	w.lanes, w.machines = []*lane{l}, []*machine{h.m}
	w.enrol(h.m)
	h.draw()
	h.start()
	h.follows(h.feeds())
	h.compare()
	names := []string{
		"sell", "sell", "sell", "acknowledge", "session", "epoch", "refill", "refill", "follow", "page", "page", "page", "page", "reset",
		"kill", "copy", "set back", "unreadable", "damage", "enrol",
	}
	for range rapid.IntRange(10, 40).Draw(r, "deeds") {
		name := rapid.SampledFrom(names).Draw(r, "deed")
		h.draw()
		h.step(name)
		h.compare()
	}
}

// fail tells rapid of a law that was broken.
func fail(r *rapid.T) {
	switch f := recover().(type) {
	case nil:
	case failure:
		r.Fatal(f)
	default:
		panic(f)
	}
}

// draw lets rapid choose what is random from here on.
func (h *tillHistory) draw() {
	h.w.rand = rand.New(rand.NewPCG(rapid.Uint64().Draw(h.r, "seed"), 0))
}

func (h *tillHistory) step(name string) {
	m := h.m
	switch name {
	case "sell":
		h.do(h.sell())
	case "acknowledge":
		at, upto := pick(h.w, m.disk.file.paths), uint64(0)
		for _, l := range at.links {
			h.w.arrived[l.Hash] = true
		}
		upto = at.first() - 1 + h.w.rand.Uint64N(uint64(len(at.links)+2))
		h.do(deed{
			name: "acknowledge", model: func() error { return m.Acknowledge(ctx, at.Path, upto, h.w.now) },
			real: func(f Folder) error { return f.Acknowledge(ctx, at.Path, upto, h.w.now) },
		})
	case "session":
		n, least := h.w.rand.Uint64N(9), m.disk.file.head().Epoch+pick(h.w, []uint64{0, 0, 1, 100})
		h.do(deed{
			name: "session", model: func() error { return m.SessionOpened(ctx, n, least, h.w.now) },
			real: func(f Folder) error { return f.SessionOpened(ctx, n, least, h.w.now) },
		})
	case "epoch":
		h.do(h.open(m.disk.file.head().Epoch+pick(h.w, []uint64{0, 1, 5}), retail.EpochGranted))
	case "refill":
		epoch, batch := h.lost()
		h.do(deed{
			name: "refill", model: func() error { return m.Refill(ctx, epoch, batch) },
			real: func(f Folder) error { return f.Refill(ctx, epoch, batch) },
		})
	case "follow":
		var feeds []string
		for _, name := range h.feeds() {
			if !h.w.chance(6) {
				feeds = append(feeds, name)
			}
		}
		h.follows(feeds)
	case "page":
		if page, ok := h.page(); ok {
			model, real := m.Publish, Folder.Publish
			if page.More {
				model, real = m.Stage, Folder.Stage
			}
			h.do(deed{
				name: "page", model: func() error { return model(ctx, page) },
				real: func(f Folder) error { return real(f, ctx, page) },
			})
		}
	case "reset":
		feed, gen := pick(h.w, h.feeds()), 1+h.w.rand.Uint64N(3)
		if m.disk.catalog[feed] != nil {
			h.do(deed{
				name: "reset", model: func() error { return m.Reset(ctx, feed, gen) },
				real: func(f Folder) error { return f.Reset(ctx, feed, gen) },
			})
		}
	case "kill":
		h.stop()
		h.start()
	case "copy":
		m.images = append(m.images, m.copyOf(m.disk))
	case "set back":
		if len(m.images) > 0 {
			part := h.w.rand.IntN(3)
			h.w.setBack(m, part != 0, part != 1)
			h.start()
		}
	case "unreadable":
		unreadable(h.w, m)
	case "damage":
		damage(h.w, m)
	case "enrol":
		h.stop()
		m.key = h.w.newKey()
		epoch := m.disk.file.head().Epoch + pick(h.w, []uint64{0, 1, 100})
		e := Enrolment{Till: m.lane.id, Store: m.lane.store, Number: 1, Key: m.key, HQ: h.w.identity.Public().(ed25519.PublicKey), Epoch: epoch}
		h.do(deed{
			name: "enrol", model: func() error { m.disk.file.granted = epoch; return nil },
			real: func(f Folder) error { return f.Enrol(ctx, e) },
		})
		if m.core == nil {
			h.start()
		}
	}
}

func (h *tillHistory) follows(feeds []string) {
	h.do(deed{
		name: "follow", model: func() error { return h.m.Follow(ctx, feeds) },
		real: func(f Folder) error { return f.Follow(ctx, feeds) },
	})
}

// sell writes a sale, or another entry. An epoch that is due comes first.
func (h *tillHistory) sell() deed {
	m := h.m
	least, reason := m.disk.file.least()
	due := least > m.disk.file.head().Epoch
	number := m.receipts(m.disk.file.head().Epoch) + 1
	if due {
		number = 1
	}
	var kind journal.Kind
	var body any
	switch h.w.rand.IntN(6) {
	case 0:
		kind, body = journal.KindSignIn, retail.SignIn{Name: "A"}
	case 1:
		kind, body = newer, map[int]int{1: 1}
	default:
		kind, body = journal.KindSale, h.w.sale(number, m.wall())
	}
	d := deed{
		name: "sell",
		real: func(f Folder) error {
			return f.Commit(ctx, kind, func(given uint64) any {
				if kind == journal.KindSale {
					m.same("receipt number", number, given)
				}
				return body
			})
		},
		entry: func() journal.Link { return m.next(m.disk.file.head().Epoch, m.made(kind, body)) },
	}
	if due {
		d.first = func() { h.write(h.open(least, reason).entry(), true) }
	}
	return d
}

func (h *tillHistory) open(least uint64, reason retail.EpochReason) deed {
	return deed{
		name: "open an epoch", real: func(f Folder) error { return f.OpenEpoch(ctx, least) },
		entry: func() (l journal.Link) {
			head := h.m.disk.file.head()
			if head.Epoch >= least {
				return l
			}
			var end journal.Link
			if n := len(h.m.disk.sentinel); n > 0 {
				end = h.m.disk.sentinel[n-1]
			}
			return h.m.opening(least, reason, head, end)
		},
	}
}

// write has the model keep an entry; without its copy when the power goes right before that.
func (h *tillHistory) write(l journal.Link, copied bool) {
	if l.Seq == 0 {
		return
	}
	h.m.disk.file.add(wire.Path{Epoch: l.Epoch}, l)
	h.w.committed(h.m, l)
	if copied {
		h.m.disk.sentinel = append(h.m.disk.sentinel, l)
	}
}

// do tries a deed at every write it makes, then does it. A start, which takes longer, is tried at one.
func (h *tillHistory) do(d deed) {
	f := h.m.disk.folder.(Breakable)
	fate := pick(h.w, []string{"", "", "fails", "dies", "torn", "torn"})
	first, dies := 1, -1
	if d.starts {
		first, fate = 1+h.w.rand.IntN(12), ""
	}
	if fate == "fails" || fate == "dies" {
		dies = 1 + h.w.rand.IntN(8)
	}
	var since Folder
	if fate != "" {
		since = h.copy(f)
	}
	version := h.version(f)
	var err error
	for n := first; ; n++ {
		f.Break(n, n == dies && fate == "dies")
		err = d.real(f)
		left, broke := f.Broke()
		f.Break(0, false)
		if !broke || err == nil {
			break
		}
		if now := h.version(f); now != version {
			switch {
			case d.starts:
				// The journal is as it should be, and what comes after that has failed: the next start finds nothing to do.
			case d.first != nil:
				d.first()
				d.first = nil
				if since != nil {
					since = h.copy(f)
				}
			default:
				h.w.broken(lawSame, "%s, %s: something was written although a write failed", h.m.name, d.name)
			}
			version, n = now, 0
		} else if n == dies && fate == "fails" {
			return // the till goes on without it
		} else if left != nil {
			h.sameRows(d.name+" when the power goes at a write", h.contents(since), h.contents(left))
			h.goOn(left)
			return
		}
		if d.starts {
			n = 1000
		}
	}
	if fate == "torn" && err == nil && h.torn(d, since) {
		return
	}
	h.follow(d, err, true)
}

// torn looks what there is when the power goes before all of a deed is on the disk. It says whether the history goes on with
// that.
func (h *tillHistory) torn(d deed, since Folder) bool {
	f := h.m.disk.folder.(Breakable)
	written, err := f.Written(since)
	if err != nil || written == 0 {
		return false
	}
	missing := rapid.IntRange(0, written).Draw(h.r, "bytes missing")
	if h.w.chance(2) {
		missing = min(missing, h.w.rand.IntN(400)) // of the record of the sentinel, which is written last
	}
	torn, err := f.Torn(since, written-missing)
	h.m.must("tear", err)
	before, after, now := h.contents(since), h.contents(f), h.contents(torn)
	whole := now.Rows == after.Rows
	if !whole {
		h.sameRows(d.name+" half written", before, now)
	}
	if h.w.chance(2) {
		return false
	}
	if whole {
		h.follow(d, nil, now.Records == after.Records)
		if now.Rest > 0 {
			cut := h.m.disk.file.head()
			cut.Bytes = nil
			h.m.disk.sentinel = append(h.m.disk.sentinel, cut)
		}
	}
	h.goOn(torn)
	return true
}

// follow has the model do what the folder has done.
func (h *tillHistory) follow(d deed, failed error, copied bool) {
	if d.entry != nil {
		h.m.must(d.name, failed)
		h.write(d.entry(), copied)
		return
	}
	err := d.model()
	want, _ := errors.AsType[wire.Code](err)
	code, _ := errors.AsType[wire.Code](failed)
	h.m.same(d.name, refusal{err != nil, want}, refusal{failed != nil, code})
}

// sameRows says which rows differ, when some do.
func (h *tillHistory) sameRows(what string, before, now Contents) {
	if before.Rows != now.Rows {
		was, is := strings.Split(before.Rows, "\n"), strings.Split(now.Rows, "\n")
		h.w.broken(lawSame, "%s, %s: gone are %q, new are %q", h.m.name, what,
			slices.DeleteFunc(slices.Clone(was), func(s string) bool { return slices.Contains(is, s) }),
			slices.DeleteFunc(is, func(s string) bool { return slices.Contains(was, s) }))
	}
}

func (h *tillHistory) contents(f Folder) Contents {
	c, err := f.(Breakable).Contents()
	h.m.must("read everything", err)
	return c
}

func (h *tillHistory) version(f Breakable) string {
	v, err := f.Version()
	h.m.must("look whether something was written", err)
	return v
}

func (h *tillHistory) copy(f Folder) Folder {
	c, err := f.Copy()
	h.m.must("copy", err)
	return c
}

// goOn starts the till with what a power cut left.
func (h *tillHistory) goOn(left Folder) {
	h.stop()
	h.m.must("set back", h.m.disk.folder.Restore(left, Database, Sentinel, Catalog))
	h.start()
}

func (h *tillHistory) stop() {
	h.m.must("stop", h.m.disk.folder.Kill())
	h.m.core = nil
}

func (h *tillHistory) start() {
	m := h.m
	h.do(deed{
		name: "start", starts: true, model: m.open,
		real: func(f Folder) error {
			session, err := f.Start(ctx, m.wall)
			if err == nil {
				m.same("session", m.disk.file.sessions, session)
			}
			return err
		},
	})
	m.core = &link.Core{}
}

// compare asks the folder and the model everything.
func (h *tillHistory) compare() {
	m := h.m
	for _, p := range m.disk.file.paths {
		for _, l := range p.links {
			if _, known := h.known[l.Hash]; !known {
				h.known[l.Hash] = len(h.links)
				h.links = append(h.links, l)
			}
		}
	}
	m.sameAsFolder()
	for _, p := range m.disk.file.paths {
		after := p.first() - 1
		_, _ = both{m}.Read(ctx, p.Path, after, wire.BatchEntries, wire.BatchBytes)
		_, _ = both{m}.Read(ctx, p.Path, after+h.w.rand.Uint64N(uint64(len(p.links)+1)), 1+h.w.rand.IntN(3), 1+h.w.rand.IntN(300))
		_, _ = both{m}.HashAt(ctx, p.Path, after+h.w.rand.Uint64N(uint64(len(p.links)+1)))
	}
}

// lost is a part of an epoch that the file may lack: from any life of this till, now and then with something wrong.
func (h *tillHistory) lost() (epoch uint64, b link.Batch) {
	f := &h.m.disk.file
	last := pick(h.w, h.links)
	if fits := slices.DeleteFunc(slices.Clone(h.links), func(l journal.Link) bool {
		p := f.own(l.Epoch)
		return l.Epoch >= f.head().Epoch || p == nil && l.Seq > 1 || p != nil && l.Prev != p.last().Hash
	}); len(fits) > 0 && !h.w.chance(3) {
		last = pick(h.w, fits)
	}
	b.Head = last.Hash
	for l := last; len(b.Entries) < 1+h.w.rand.IntN(9); {
		b.First, b.Prev = l.Seq, l.Prev
		b.Entries = append([][]byte{l.Bytes}, b.Entries...)
		before, known := h.known[l.Prev]
		if !known {
			break
		}
		l = h.links[before]
	}
	switch h.w.rand.IntN(12) {
	case 0:
		b.Head[0] ^= 1
	case 1:
		b.First++
	case 2:
		b.Prev[0] ^= 1
	}
	return last.Epoch, b
}

func (h *tillHistory) feeds() []string {
	return []string{globalFeed, storeFeed(h.m.lane.store), "till:" + h.m.lane.id.String()}
}

// page is what headquarters sends next of a feed that changes now and then, now and then with something wrong.
func (h *tillHistory) page() (page wire.Changes, ok bool) {
	name := pick(h.w, h.feeds())
	at := h.w.db.feed(name)
	for range h.w.rand.IntN(4) {
		at.publish(h.row(name))
	}
	c := wire.Cursor{Feed: name}
	if f := h.m.disk.catalog[name]; f != nil {
		c = f.cursor
		if len(f.staged) > 0 && !h.w.chance(4) {
			c.Seq = f.upto
		}
	}
	page, reset, ok := h.w.db.page(c, 1+h.w.rand.IntN(4))
	if !ok || reset != nil {
		return page, false
	}
	switch h.w.rand.IntN(15) {
	case 0:
		page.Gen++
	case 1:
		page.From++
	case 2:
		page.Digest++
	}
	return page, true
}

// row is of a kind of a feed that a till makes something of, or of one that it does not know.
func (h *tillHistory) row(feed string) wire.Row {
	w, id := h.w, uuid.UUID{9, byte(h.w.rand.IntN(4))}
	r := row(999, id, w.rand.IntN(100))
	switch of := w.rand.IntN(4); {
	case feed == globalFeed && of == 0:
		r = row(retail.RowProduct, id, retail.Product{ID: id, SKU: id.String(), Name: retail.Text{FR: "Café"}, Price: money.Amount(w.rand.IntN(9))})
	case feed == globalFeed && of == 1:
		r = row(retail.RowPriceBook, id, retail.PriceBook{Version: uint64(id[1]), From: 1, Lines: []retail.PriceLine{{Product: id, Price: 1}}})
	case feed == globalFeed && of == 2:
		r = row(retail.RowLocation, h.m.lane.store, retail.Location{ID: h.m.lane.store, Code: "AA", Zone: "America/Toronto"})
	case feed == storeFeed(h.m.lane.store) && of == 0:
		r = row(retail.RowStock, pick(w, w.products), retail.Stock{OnHand: money.Quantity(1000 * w.rand.IntN(50))})
	case feed == storeFeed(h.m.lane.store) && of < 3:
		r = row(retail.RowMark, h.m.lane.id, retail.Mark{Ends: h.ends(), Forks: h.ends(), Deferred: h.ends()})
	}
	if w.chance(6) {
		r.Body = nil
	}
	return r
}

// ends are some entries of this till.
func (h *tillHistory) ends() (ends []retail.ChainEnd) {
	for _, l := range h.links {
		if h.w.chance(8) {
			ends = append(ends, chainEnd(l))
		}
	}
	return ends
}
