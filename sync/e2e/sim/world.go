package sim

import (
	"crypto/ed25519"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// world is everything there is, and what really happened in it, which no part of it knows.
type world struct {
	rand    *rand.Rand
	now     time.Time
	agenda  agenda
	planned int
	// steps counts events; limit, when it is not 0, is how many there may be.
	steps, limit int
	// log is where the history is written; nil for nowhere.
	log io.Writer
	// hits counts faults and cases by name.
	hits map[string]int
	// calm says that no more faults happen and the network is whole.
	calm bool

	identity  ed25519.PrivateKey
	products  []uuid.UUID
	lanes     []*lane
	machines  []*machine
	db        *database
	processes []*process
	backups   []*database
	// poisoned is a product whose sales headquarters cannot apply until it is mended; the zero UUID when there is none.
	poisoned uuid.UUID
	// pageRows and refillAtOnce are how much one message holds.
	pageRows, refillAtOnce int
	beside                 *beside
	// newFolder makes a real folder; nil when machines have none.
	newFolder   func() Folder
	odds        odds
	conns       []*conn
	partitioned map[*machine]bool

	truth
}

// lane is a till of a store, whatever machine it is.
type lane struct {
	id, store uuid.UUID
	name      string
	number    int
	// exposed says that the newest entry of some machine of it was lost with both its disk and its sentinel, or that its
	// disk was copied: what sync.md does not promise may happen.
	exposed bool
	// copied says that a copy of its database was put in use.
	copied bool
	// forgets says that an entry by which it gave something back or away was lost with both, newest or not: it may do so again.
	forgets bool
}

// failure ends a history: something that must always hold did not.
type failure struct{ law, detail string }

func (f failure) Error() string { return f.law + ": " + f.detail }

// broken reports a law that does not hold.
func (w *world) broken(law, format string, args ...any) {
	panic(failure{law, fmt.Sprintf(format, args...)})
}

// say writes a line of the history.
func (w *world) say(format string, args ...any) {
	if w.log != nil {
		fmt.Fprintf(w.log, "%6d %9.3f  %s\n", w.steps, w.now.Sub(begin).Seconds(), fmt.Sprintf(format, args...))
	}
}

// hit counts a fault or a case.
func (w *world) hit(name string) { w.hits[name]++ }

// chance is true once in n.
func (w *world) chance(n int) bool { return w.rand.IntN(n) == 0 }

// upTo is a random time below d.
func (w *world) upTo(d time.Duration) time.Duration {
	return time.Duration(w.rand.Int64N(int64(d) + 1))
}

// bytes are random.
func (w *world) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(w.rand.Uint32())
	}
	return b
}

func (w *world) uuid() uuid.UUID { return uuid.UUID(w.bytes(16)) }

func pick[T any](w *world, list []T) T { return list[w.rand.IntN(len(list))] }

// truth is what really happened.
type truth struct {
	// entries are the bytes of every entry that was ever committed, and what they mean.
	entries map[journal.Hash]entry
	// surviving are the entries of which a copy is left somewhere.
	surviving map[journal.Hash]bool
	// arrived are the entries headquarters ever stored.
	arrived map[journal.Hash]bool
	// spoiled are entries of which a copy became unreadable.
	spoiled map[journal.Hash]bool
	// receipts is who printed a number first.
	receipts map[receipt]journal.Hash
	// applied are the moments at which headquarters applied an entry; moment is the newest.
	applied map[journal.Hash][]moment
	moment  moment
	// sold are all sales, gave all refunds and holds, and balances what became of each receipt.
	sold     []journal.Hash
	gave     []journal.Hash
	balances map[retail.ReceiptID]*balance
	// published is what headquarters had when it published a state of a store's or a till's feed.
	published map[version]state
	// rolledBack says that headquarters was rolled back.
	rolledBack bool
}

// receipt is a printed number.
type receipt struct {
	till          uuid.UUID
	epoch, number uint64
}

// moment counts what headquarters applied since it was last rolled back.
type moment struct{ life, count int }

// version names a state of a feed.
type version struct {
	feed        string
	seq, digest uint64
}

// state is headquarters at a moment.
type state struct {
	moment  moment
	levels  map[uuid.UUID]int64
	counted map[uuid.UUID]happening
}

// had says whether headquarters had applied an entry in a state.
func (t *truth) had(h journal.Hash, s state) bool {
	for _, at := range t.applied[h] {
		if at.life == s.moment.life && at.count <= s.moment.count {
			return true
		}
	}
	return false
}
