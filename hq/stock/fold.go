package stock

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"comptant/shared/journal"
	"comptant/shared/money"
)

// Event is what an entry did to the stock of one product at one location: it moved it, or counted it.
type Event struct {
	Entry journal.Hash
	// At is when, as far as is known, and Error its bound. Uncertain says that nothing bounds it.
	At        time.Time
	Error     time.Duration
	Uncertain bool
	// Count says that Quantity is what was there, and not a change.
	Count    bool
	Quantity money.Quantity
}

// Fold is the stock that events come to: the latest count, and what moved after it. look are the events that may have been
// on the other side of that count, for a person, in order: their times and its time cannot tell.
//
// Both are functions of the set of events: the order is that of times, then hashes.
func Fold(events []Event) (level money.Quantity, look []Event) {
	events = slices.SortedFunc(slices.Values(events), func(a, b Event) int {
		return cmp.Or(a.At.Compare(b.At), bytes.Compare(a.Entry[:], b.Entry[:]))
	})
	counted := -1
	for i, e := range events {
		if e.Count {
			counted = i
		}
	}
	if counted >= 0 {
		level = events[counted].Quantity
	}
	for i, e := range events {
		if !e.Count && i > counted {
			level += e.Quantity
		}
		if counted >= 0 && i != counted && e.spans(events[counted]) {
			look = append(look, e)
		}
	}
	return level, look
}

// spans says that nobody can tell which of two was first.
func (e Event) spans(other Event) bool {
	return e.Uncertain || other.Uncertain || e.At.Sub(other.At).Abs() <= e.Error+other.Error
}
