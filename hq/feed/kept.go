package feed

import (
	"context"
	"slices"
	"sync"
	"time"
)

// maxKept bounds the memory of a Kept; one that is full starts again.
const maxKept = 10_000

// Kept remembers what was read under a key until one of its topics is marked: at once when this process marks it, when the notification
// comes when another does, and after pollEvery whatever comes. Errors are not remembered.
type Kept[K comparable, V any] struct {
	read func(context.Context, K) (V, error)

	mu     sync.Mutex
	values map[K]kept[V]
	round  int // of dropping: what was read before it may be old
}

type kept[V any] struct {
	value V
	until time.Time
}

// Keep makes a Kept for as long as the process runs.
func Keep[K comparable, V any](n *Notifier, read func(context.Context, K) (V, error), topics ...string) *Kept[K, V] {
	k := &Kept[K, V]{read: read, values: map[K]kept[V]{}}
	n.db.OnMark(func(marked string) {
		if slices.Contains(topics, marked) {
			k.drop()
		}
	})
	n.Subscribe(func(marked []string) {
		if slices.ContainsFunc(marked, func(m string) bool { return slices.Contains(topics, m) }) {
			k.drop()
		}
	})
	return k
}

// Get gives what is remembered, or reads it.
func (k *Kept[K, V]) Get(ctx context.Context, key K) (V, error) {
	k.mu.Lock()
	known, ok := k.values[key]
	round := k.round
	k.mu.Unlock()
	if ok && time.Now().Before(known.until) {
		return known.value, nil
	}
	value, err := k.read(ctx, key)
	if err != nil {
		return value, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.values) >= maxKept {
		clear(k.values)
	}
	if k.round == round {
		k.values[key] = kept[V]{value, time.Now().Add(pollEvery)}
	}
	return value, nil
}

// Forget drops one value: it says nothing any more, and nobody has marked it.
func (k *Kept[K, V]) Forget(key K) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.round++
	delete(k.values, key)
}

func (k *Kept[K, V]) drop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.round++
	clear(k.values)
}
