package db

import "sync"

// marks are who wants to know what committed transactions changed.
type marks struct {
	mu        sync.Mutex
	next      int
	listeners map[int]func(topic string)
}

// OnMark has f called with the topic of every mark of a committed transaction of this DB, until stop is called. f must
// not block.
func (db *DB) OnMark(f func(topic string)) (stop func()) {
	m := &db.marks
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.listeners == nil {
		m.listeners = map[int]func(string){}
	}
	id := m.next
	m.next++
	m.listeners[id] = f
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.listeners, id)
	}
}

// Mark tells the listeners of OnMark, once the transaction is committed, that what the topic names has changed.
func (tx *Tx) Mark(topic string) {
	tx.AfterCommit(func() {
		m := &tx.db.marks
		m.mu.Lock()
		defer m.mu.Unlock()
		for _, f := range m.listeners {
			f(topic)
		}
	})
}
