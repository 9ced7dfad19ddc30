package ledger

import (
	"context"
	"database/sql"

	"comptant/shared/journal"
)

// strays collects entries that do not chain on to the database, as runs that chain on to each other. Each run becomes a
// branch. Its sales and movements are not this file's: headquarters applies them as they are, once, and what they did
// comes back in its stock level; counted here as well, they would count twice.
type strays struct {
	ledger *Ledger
	runs   []*run
	// ends finds a run by its last hash.
	ends map[journal.Hash]*run
	// seen are the entries of all runs.
	seen map[journal.Hash]bool
}

// run are entries that chain on to each other. One that has an entry of which the file noted that it lacks it is nothing that was deleted
// after its time.
type run struct {
	links  []journal.Link
	lacked bool
}

func newStrays(l *Ledger) *strays {
	return &strays{ledger: l, ends: map[journal.Hash]*run{}, seen: map[journal.Hash]bool{}}
}

// add takes the next entry, in the order of its file.
func (s *strays) add(ctx context.Context, k journal.Link) error {
	if s.seen[k.Hash] {
		return nil
	}
	before := s.ends[k.Prev]
	known, lacked, err := s.known(ctx, k)
	if err != nil {
		return err
	}
	delete(s.ends, k.Prev)
	if known {
		// A hash stands for everything before it: the run that leads here is the file's own past, deleted after its time.
		if before != nil && !before.lacked {
			before.links = nil
		}
		return nil
	}
	k.Bytes = append([]byte(nil), k.Bytes...)
	s.seen[k.Hash] = true
	if before == nil {
		before = &run{}
		s.runs = append(s.runs, before)
	}
	before.links, before.lacked = append(before.links, k), before.lacked || lacked
	s.ends[k.Hash] = before
	return nil
}

// known says that the file has the entry, or had it: it is the one after which a path begins or with which it ends. A path may also begin
// where all that there was of it when the file came about did: the entry before that is lacked.
func (s *strays) known(ctx context.Context, k journal.Link) (known, lacked bool, err error) {
	found, _, err := one(ctx, s.ledger.ledger.write, func(r *sql.Rows) (is [3]bool, err error) { return is, r.Scan(&is[0], &is[1], &is[2]) }, `SELECT
		EXISTS (SELECT 1 FROM path_entry WHERE epoch = ?1 AND seq = ?2 AND hash = ?3)
			OR EXISTS (SELECT 1 FROM path WHERE epoch = ?1 AND last = ?2 AND hash = ?3),
		EXISTS (SELECT 1 FROM path_entry WHERE epoch = ?1 AND seq = ?2 + 1 AND prev = ?3),
		EXISTS (SELECT 1 FROM gap WHERE epoch = ?1 AND seq = ?2 AND hash = ?3)`, k.Epoch, k.Seq, k.Hash[:])
	has, before, lacked := found[0], found[1], found[2]
	return has || before && !lacked, lacked, err
}

// keep writes the runs as branches, numbered after those there are. It gives how many entries they hold.
func (s *strays) keep(ctx context.Context) (kept int, err error) {
	w := s.ledger.ledger.write
	for _, r := range s.runs {
		if len(r.links) == 0 {
			continue
		}
		first, last := r.links[0], r.links[len(r.links)-1]
		if err := s.ledger.lacks(ctx, first); err != nil {
			return kept, err
		}
		branch, _, err := one(ctx, w, value[uint64],
			`SELECT coalesce(max(branch), 0) + 1 FROM branch WHERE epoch = ?`, first.Epoch)
		if err != nil {
			return kept, err
		}
		if _, err := w.exec(ctx, `INSERT INTO branch (epoch, branch, floor, last, hash) VALUES (?, ?, ?, ?, ?)`,
			first.Epoch, branch, first.Seq-1, last.Seq, last.Hash[:]); err != nil {
			return kept, err
		}
		for _, k := range r.links {
			e, _ := journal.Decode(k.Bytes) // one that cannot be decoded is headquarters' to judge: it has no time here
			if _, err := w.exec(ctx, `INSERT INTO stray (epoch, branch, seq, at, prev, hash, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)`,
				k.Epoch, branch, k.Seq, e.Time, k.Prev[:], k.Hash[:], k.Bytes); err != nil {
				return kept, err
			}
			kept++
		}
	}
	return kept, nil
}
