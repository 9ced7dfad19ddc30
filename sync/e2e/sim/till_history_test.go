package sim

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"

	"comptant/shared/journal"
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

// sell writes a sale, or another entry. An epoch that is due comes first.
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
	if l := pick(h.w, h.links); read(l.Bytes).kind == journal.KindSale {
		m.doubts(retail.ReceiptID{Till: m.lane.id, Epoch: l.Epoch, Number: read(l.Bytes).number})
	}
	for _, p := range m.disk.file.paths {
		after := p.first() - 1
		_, _ = both{m}.Read(ctx, p.Path, after, wire.BatchEntries, wire.BatchBytes)
		_, _ = both{m}.Read(ctx, p.Path, after+h.w.rand.Uint64N(uint64(len(p.links)+1)), 1+h.w.rand.IntN(3), 1+h.w.rand.IntN(300))
		_, _ = both{m}.HashAt(ctx, p.Path, after+h.w.rand.Uint64N(uint64(len(p.links)+1)))
	}
}

// lost is a part of an epoch that the file may lack: from any life of this till, now and then with something wrong.
// page is what headquarters sends next of a feed that changes now and then, now and then with something wrong.
// row is of a kind of a feed that a till makes something of, or of one that it does not know.
// ends are some entries of this till.
