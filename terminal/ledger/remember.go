package ledger

import "sync"

// remembered is what was read at one state of a file, which of says: between two keys of a search hardly anything changes, and
// half of what is shown stays. Another state, or too much, and all is forgotten.
type remembered[Of, K comparable, V any] struct {
	mu     sync.Mutex
	of     Of
	values map[K]V
}

// mostRemembered bounds what is kept; a product takes half a kilobyte.
const mostRemembered = 1 << 15

// recall gives what is remembered of these keys, and those that must be read.
func (r *remembered[Of, K, V]) recall(of Of, keys []K) (known map[K]V, missing []K) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known = make(map[K]V, len(keys))
	for _, k := range keys {
		if v, ok := r.values[k]; ok && r.of == of {
			known[k] = v
		} else {
			missing = append(missing, k)
		}
	}
	return known, missing
}

// keep remembers what was read after of was looked at.
func (r *remembered[Of, K, V]) keep(of Of, read map[K]V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of != of || len(r.values) > mostRemembered {
		r.of, r.values = of, map[K]V{}
	}
	for k, v := range read {
		r.values[k] = v
	}
}

// written names the state of a database: which file, and how many transactions were committed since it was opened.
type written struct {
	in      *database
	commits uint64
}

func (d *database) written() written { return written{d, d.write.commits.Load()} }
