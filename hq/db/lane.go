package db

import (
	"context"
	"sync"
	"time"
)

const (
	// seats bounds how many deeds are done together.
	seats = 64
	// laneWithin bounds what they take: nobody's own hurry does.
	laneWithin = 30 * time.Second
)

// Lane has what comes at the same time done together, in one transaction or one way to the database and back: while that is under way, who
// comes waits, and all who wait go in the next one. Who comes alone goes at once.
type Lane[T any] struct {
	do func(ctx context.Context, all ...T) error

	mu      sync.Mutex
	busy    bool
	waiting []seat[T]
}

// NewLane makes a lane. do does all of it or nothing, and is repeatable: when it fails for several, each is done again alone, so that one's
// fault is no other's.
func NewLane[T any](do func(ctx context.Context, all ...T) error) *Lane[T] { return &Lane[T]{do: do} }

// Waiting is how many wait for the next turn.
func (l *Lane[T]) Waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.waiting)
}

// seat is where one waits.
type seat[T any] struct {
	deed T
	turn chan turn[T]
}

// turn says that the deed is done, or is to be done alone, or that it is for this one to do it with the others.
type turn[T any] struct {
	with  []seat[T]
	alone bool
}

// Run does a deed. Whoever waits is served, also when they have gone meanwhile.
func (l *Lane[T]) Run(ctx context.Context, deed T) error {
	l.mu.Lock()
	if !l.busy {
		l.busy = true
		l.mu.Unlock()
		defer l.next()
		return l.do(ctx, deed)
	}
	own := seat[T]{deed, make(chan turn[T], 1)}
	l.waiting = append(l.waiting, own)
	l.mu.Unlock()
	t := <-own.turn
	if t.with != nil {
		done, err := l.lead(ctx, t.with)
		if done {
			return err
		}
		t.alone = true
	}
	if t.alone {
		return l.do(ctx, deed)
	}
	return nil
}

// lead does the deeds of all seats, the first of which is its own, and lets the next ones go. Not done is what each has to do alone.
func (l *Lane[T]) lead(ctx context.Context, all []seat[T]) (done bool, err error) {
	defer l.next()
	if len(all) == 1 {
		return true, l.do(ctx, all[0].deed)
	}
	defer func() { // also when it panics
		for _, s := range all[1:] {
			s.turn <- turn[T]{alone: !done}
		}
	}()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), laneWithin)
	defer cancel()
	deeds := make([]T, len(all))
	for i, s := range all {
		deeds[i] = s.deed
	}
	return l.do(ctx, deeds...) == nil, nil
}

// next has those who wait go on, led by the first of them.
func (l *Lane[T]) next() {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(len(l.waiting), seats)
	if n == 0 {
		l.busy = false
		return
	}
	all := l.waiting[:n:n]
	l.waiting = l.waiting[n:]
	all[0].turn <- turn[T]{with: all}
}
