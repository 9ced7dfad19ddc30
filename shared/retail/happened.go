package retail

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/google/uuid"
)

// Happened is when something happened to the stock of a store: the place of its entry, and the time as far as is known.
type Happened struct {
	// At is the time, corrected, in milliseconds since 1970, UTC.
	At int64 `cbor:"1,keyasint"`
	// Till, Epoch and Seq are the entry's; zero for what headquarters did itself.
	Till  uuid.UUID `cbor:"2,keyasint"`
	Epoch uint64    `cbor:"3,keyasint"`
	Seq   uint64    `cbor:"4,keyasint"`
	// Ref is the first 16 bytes of the entry's hash, or the document's id.
	Ref uuid.UUID `cbor:"5,keyasint"`
}

// After is the order in which things happened to the stock. What one till wrote has the order of its journal, whatever its
// clock said: epoch, then seq. Everything else has the order of the corrected times. Ties are broken by Ref, so that the
// answer is never left to which came first. Over several tills with wrong clocks this may go round in a circle: [ByCount]
// says what counts then.
func (h Happened) After(o Happened) bool {
	order := cmp.Compare(h.At, o.At)
	if h.Till == o.Till && h.Till != uuid.Nil {
		order = cmp.Or(cmp.Compare(h.Epoch, o.Epoch), cmp.Compare(h.Seq, o.Seq))
	}
	return cmp.Or(order, bytes.Compare(h.Ref[:], o.Ref[:])) > 0
}

// ByCount puts the counts of one product in order, in place: the last is the one that counts. It is the latest in time of
// those that their own till did not follow with another; without it, the one before is found in the same way.
func ByCount[T any](counts []T, when func(T) Happened) {
	for n := len(counts); n > 1; n-- {
		last := -1
		for i, c := range counts[:n] {
			followed := slices.ContainsFunc(counts[:n], func(o T) bool {
				return when(o).Till == when(c).Till && when(o).After(when(c))
			})
			if !followed && (last < 0 || when(c).After(when(counts[last]))) {
				last = i
			}
		}
		counts[last], counts[n-1] = counts[n-1], counts[last]
	}
}
