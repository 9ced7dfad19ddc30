package hub

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strconv"
	"time"

	"comptant/sync/wire"
)

// limits bound what one process takes upon itself. A till beyond them loses nothing: its journal is the queue.
type limits struct {
	// live are the connections at once, greeting those of them without an open session.
	live, greeting int
	// stores are the batches stored at once, queue those that may wait for it: they bound the memory of waiting batches to
	// queue times wire.BatchBytes, whatever the number of tills.
	stores, queue int
}

// standard are the limits of a process. A connection costs about 20 KB. The pool of connections to Postgres holds 4, or one a
// processor: storing leaves one of them to who reads.
var standard = limits{live: 10_000, greeting: 500, stores: max(4, runtime.NumCPU()) - 1, queue: 256}

// Bounds of the time after which a till turned away may come back.
const (
	comeBackFirst = 2 * time.Second
	comeBackLast  = 15 * time.Second
)

// turnAway refuses a connection for now.
func turnAway(w http.ResponseWriter, why string) {
	after := comeBackFirst + rand.N(comeBackLast-comeBackFirst+1)
	w.Header().Set("Retry-After", strconv.Itoa(int(after/time.Second)))
	http.Error(w, why, http.StatusServiceUnavailable)
}

// gate lets a bounded number of batches in at once, and a bounded number wait.
type gate struct {
	in, queue chan struct{}
}

func newGate(l limits) *gate {
	return &gate{in: make(chan struct{}, l.stores), queue: make(chan struct{}, l.queue)}
}

// enter waits for its turn. The error is wire.Overloaded when too many wait already.
func (g *gate) enter(ctx context.Context) error {
	select {
	case g.in <- struct{}{}:
		return nil
	default:
	}
	select {
	case g.queue <- struct{}{}:
		defer func() { <-g.queue }()
	default:
		return fmt.Errorf("%d batches wait: %w", cap(g.queue), wire.Overloaded)
	}
	select {
	case g.in <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *gate) leave() { <-g.in }

// credit is how many batches a till may have on the way: one while others wait for their turn.
func (g *gate) credit() int {
	if len(g.queue) > 0 {
		return 1
	}
	return wire.Window
}
