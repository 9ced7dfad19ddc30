package db

import (
	"context"
	"runtime"
	"sync"
	"time"
)

const (
	// seats bounds how many deeds are done together.
	seats = 64
	// groupWithin bounds what they take: nobody's own hurry does.
	groupWithin = 30 * time.Second
	// yields is how often who leads lets whoever can run go first: those who were let go by one turn come to the next together, microseconds
	// after the first of them, who would else go without them.
	yields = 4
)

// Group has what comes at the same time done together, in one transaction or one way to the database and back: while that is under way, who
// comes waits, and all who wait go in the next one. Who comes alone goes at once: nobody waits for others who may come.
type Group[T any] struct {
	do func(ctx context.Context, all ...T) error

	mu      sync.Mutex
	busy    bool
	waiting []seat[T]
}

// NewGroup makes a group. do does all of it or nothing, and is repeatable: when it fails for several, each is done again alone, so that one's
// fault is no other's.
func NewGroup[T any](do func(ctx context.Context, all ...T) error) *Group[T] {
	return &Group[T]{do: do}
}

// Waiting is how many wait for the next turn.
func (g *Group[T]) Waiting() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waiting)
}

// seat is where one waits.
type seat[T any] struct {
	deed T
	turn chan turn
}

// turn says that the deed is done, or is to be done alone, or that it is for this one to lead those who wait.
type turn struct{ alone, lead bool }

// Run does a deed. Whoever waits is served, also when they have gone meanwhile.
func (g *Group[T]) Run(ctx context.Context, deed T) error {
	own := seat[T]{deed, make(chan turn, 1)}
	g.mu.Lock()
	t := turn{lead: !g.busy}
	g.busy = true
	g.waiting = append(g.waiting, own)
	g.mu.Unlock()
	if !t.lead {
		t = <-own.turn
	}
	if t.lead {
		done, err := g.lead(ctx)
		if done {
			return err
		}
		t.alone = true
	}
	if t.alone {
		return g.do(ctx, deed)
	}
	return nil
}

// lead does the deeds of all who wait, the first of whom leads, and lets the next ones go. Not done is what each has to do alone.
func (g *Group[T]) lead(ctx context.Context) (done bool, err error) {
	defer g.next()
	for range yields {
		runtime.Gosched()
	}
	g.mu.Lock()
	n := min(len(g.waiting), seats)
	all := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	g.mu.Unlock()
	if n == 1 {
		return true, g.do(ctx, all[0].deed)
	}
	defer func() { // also when it panics
		for _, s := range all[1:] {
			s.turn <- turn{alone: !done}
		}
	}()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), groupWithin)
	defer cancel()
	deeds := make([]T, n)
	for i, s := range all {
		deeds[i] = s.deed
	}
	return g.do(ctx, deeds...) == nil, nil
}

// next has those who wait go on, led by the first of them.
func (g *Group[T]) next() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		g.busy = false
		return
	}
	g.waiting[0].turn <- turn{lead: true}
}
