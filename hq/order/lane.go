package order

import (
	"context"
	"sync"
	"time"
)

const (
	// seats bounds how many deeds a transaction does together.
	seats = 64
	// laneWithin bounds such a transaction: nobody's own hurry does.
	laneWithin = 30 * time.Second
)

// lane has what comes at the same time done together: while one transaction is under way, who comes waits, and all who wait go in the next
// one. Who comes alone goes at once. do does all of it or nothing, and is repeatable. When it fails for several, each is done again alone,
// so that one's fault is no other's.
type lane[T any] struct {
	do func(ctx context.Context, all ...T) error

	mu      sync.Mutex
	busy    bool
	waiting []seat[T]
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

// run does a deed.
func (l *lane[T]) run(ctx context.Context, deed T) error {
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
func (l *lane[T]) lead(ctx context.Context, all []seat[T]) (done bool, err error) {
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
func (l *lane[T]) next() {
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
