package hub_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/sync/link"
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// ledger is a till's storage in memory: Journal and Replica. Every change wakes those who wait.
type ledger struct {
	till uuid.UUID

	mu      sync.Mutex
	changed chan struct{}
	epochs  map[uint64][]journal.Link
	acked   map[uint64]uint64
	lowest  uint64
	n       uint64

	feeds  map[string]wire.Cursor
	rows   map[string]map[uuid.UUID]wire.Row
	staged map[string][]wire.Row
	resets int
	fail   error
}

func newLedger(till uuid.UUID) *ledger {
	return &ledger{
		till: till, changed: make(chan struct{}), epochs: map[uint64][]journal.Link{1: nil}, acked: map[uint64]uint64{},
		feeds: map[string]wire.Cursor{}, rows: map[string]map[uuid.UUID]wire.Row{}, staged: map[string][]wire.Row{},
	}
}

func (l *ledger) change() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// until waits until ok holds, which is asked after every change.
func (l *ledger) until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		l.mu.Lock()
		done, changed := ok(), l.changed
		l.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("waited in vain for: %s", what)
		}
	}
}

// sell appends n entries to the newest epoch.
func (l *ledger) sell(n int) [][]byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	epoch := l.newest()
	var entries [][]byte
	for range n {
		chain := l.epochs[epoch]
		prev, seq := journal.Genesis(l.till, epoch), uint64(len(chain))+1
		if len(chain) > 0 {
			prev = chain[len(chain)-1].Hash
		}
		b := fmt.Appendf(nil, "sale %d of epoch %d, with some lines: bread, milk, coffee", seq, epoch)
		l.epochs[epoch] = append(chain, journal.Chain(l.till, epoch, seq, prev, [][]byte{b})...)
		entries = append(entries, b)
	}
	return entries
}

func (l *ledger) newest() uint64 {
	var newest uint64
	for e := range l.epochs {
		newest = max(newest, e)
	}
	return newest
}

func (l *ledger) Epochs(context.Context) ([]wire.EpochState, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var states []wire.EpochState
	for e, chain := range l.epochs {
		s := wire.EpochState{Epoch: e, Last: uint64(len(chain)), Acked: l.acked[e]}
		if len(chain) > 0 {
			s.Hash = chain[len(chain)-1].Hash
		}
		states = append(states, s)
	}
	slices.SortFunc(states, func(a, b wire.EpochState) int { return int(a.Epoch) - int(b.Epoch) })
	return states, nil
}

func (l *ledger) Read(_ context.Context, path wire.Path, after uint64, limit, maxBytes int) (link.Batch, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := link.Batch{First: after + 1}
	for _, e := range l.epochs[path.Epoch][after:] {
		if len(b.Entries) == limit || len(b.Entries) > 0 && maxBytes < len(e.Bytes) {
			break
		}
		if len(b.Entries) == 0 {
			b.Prev = e.Prev
		}
		maxBytes -= len(e.Bytes)
		b.Head = e.Hash
		b.Entries = append(b.Entries, e.Bytes)
	}
	return b, nil
}

func (l *ledger) HashAt(_ context.Context, path wire.Path, seq uint64) (journal.Hash, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.epochs[path.Epoch][seq-1].Hash, nil
}

func (l *ledger) Acknowledge(_ context.Context, path wire.Path, upto uint64, _ time.Time) error {
	epoch := path.Epoch
	l.mu.Lock()
	defer l.mu.Unlock()
	if upto < l.acked[epoch] {
		l.lowest = upto
	}
	l.acked[epoch] = upto
	l.change()
	return nil
}

func (l *ledger) SessionOpened(_ context.Context, n, _ uint64, _ time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n = n
	l.change()
	return nil
}

func (l *ledger) OpenEpoch(_ context.Context, least uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.epochs[least] = nil
	l.change()
	return nil
}

func (l *ledger) Refill(context.Context, uint64, link.Batch) error { return errNoDatabase }

func (l *ledger) Cursors(context.Context) ([]wire.Cursor, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var cursors []wire.Cursor
	for _, c := range l.feeds {
		cursors = append(cursors, c)
	}
	return cursors, nil
}

func (l *ledger) Stage(_ context.Context, page wire.Changes) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil {
		return l.fail
	}
	l.staged[page.Feed] = append(l.staged[page.Feed], page.Rows...)
	return nil
}

func (l *ledger) Publish(_ context.Context, page wire.Changes) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil {
		return l.fail
	}
	rows := map[uuid.UUID]wire.Row{}
	if c := l.feeds[page.Feed]; c.Seq > 0 {
		for id, r := range l.rows[page.Feed] {
			rows[id] = r
		}
	}
	for _, r := range append(l.staged[page.Feed], page.Rows...) {
		if rows[r.ID] = r; r.Body == nil {
			delete(rows, r.ID)
		}
	}
	var digest uint64
	for _, r := range rows {
		digest += wire.RowHash(r.Type, r.ID, r.Seq, r.Body)
	}
	if digest != page.Digest {
		return wire.DigestDiffers
	}
	l.rows[page.Feed], l.staged[page.Feed] = rows, nil
	l.feeds[page.Feed] = wire.Cursor{Feed: page.Feed, Gen: page.Gen, Seq: page.Upto}
	l.change()
	return nil
}

func (l *ledger) Reset(_ context.Context, feed string, gen uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.resets++
	l.staged[feed], l.feeds[feed] = nil, wire.Cursor{Feed: feed, Gen: gen}
	l.change()
	return nil
}

func (l *ledger) Follow(context.Context, []string) error { return nil }
