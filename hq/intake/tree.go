package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/journal"
	"comptant/sync/hub"
	"comptant/sync/wire"
)

// end names an entry of an epoch; seq 0 is the epoch's beginning, whose hash is the genesis.
type end struct {
	seq  uint64
	hash journal.Hash
}

// branch is one of the lines an epoch's entries form. Branch 0 begins at the genesis. Another begins after an entry that
// is followed by a different one too, or after one that is missing: a hole.
type branch struct {
	number int
	fork   end
	end
}

// tree is what headquarters has of one epoch of a till.
type tree struct {
	store, till uuid.UUID
	epoch       uint64
	branches    []branch // by number
	// newest is the newest epoch headquarters has anything of; 0 while it has nothing of this one.
	newest uint64
}

func readTree(ctx context.Context, tx *db.Tx, store, till uuid.UUID, epoch uint64) (tree, error) {
	t := tree{store: store, till: till, epoch: epoch}
	rows, err := tx.Query(ctx, `
		SELECT branch, fork_seq, fork_hash, seq, hash, (SELECT max(epoch) FROM journal.branch WHERE store_id = $1 AND till_id = $2)
		FROM journal.branch WHERE store_id = $1 AND till_id = $2 AND epoch = $3 ORDER BY branch`, store, till, int64(epoch))
	if err != nil {
		return t, fmt.Errorf("read the branches of epoch %d: %w", epoch, err)
	}
	t.branches, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (b branch, err error) {
		var forkSeq, seq, newest int64
		var forkHash, hash []byte
		if err := row.Scan(&b.number, &forkSeq, &forkHash, &seq, &hash, &newest); err != nil {
			return b, err
		}
		b.fork.seq, b.seq, t.newest = uint64(forkSeq), uint64(seq), uint64(newest)
		return b, errors.Join(b.fork.hash.UnmarshalBinary(forkHash), b.hash.UnmarshalBinary(hash))
	})
	if err != nil {
		return t, fmt.Errorf("read the branches of epoch %d: %w", epoch, err)
	}
	return t, nil
}

// top is the highest number headquarters has of the epoch, on any branch.
func (t tree) top() (seq uint64) {
	for _, b := range t.branches {
		seq = max(seq, b.seq)
	}
	return seq
}

// ends gives the branch that ends with an entry, nil when none does.
func (t tree) ends(e end) *branch {
	for i := range t.branches {
		if t.branches[i].end == e {
			return &t.branches[i]
		}
	}
	return nil
}

// from gives the lowest branch that begins after an entry, nil when none does.
func (t tree) from(e end) *branch {
	for i := range t.branches {
		if t.branches[i].fork == e {
			return &t.branches[i]
		}
	}
	return nil
}

// onward gives the number of the lowest branch on which an entry is followed by another; ok is false when none follows.
func (t tree) onward(ctx context.Context, tx *db.Tx, e end) (number int, ok bool, err error) {
	if e.seq > 0 {
		number, here, err := t.find(ctx, tx, e)
		if err != nil || !here {
			return 0, false, err
		}
		for _, b := range t.branches {
			if b.number == number && b.seq > e.seq {
				return number, true, nil
			}
		}
	}
	if b := t.from(e); b != nil {
		return b.number, true, nil
	}
	return 0, false, nil
}

// beside says whether headquarters has an entry of the epoch that is not on the path which ends with an entry it has on a
// branch: somebody wrote after a copy of the file was taken, or from one.
func (t tree) beside(ctx context.Context, tx *db.Tx, last end, number int) (bool, error) {
	on := map[int]bool{}
	for {
		i := slices.IndexFunc(t.branches, func(b branch) bool { return b.number == number })
		if i < 0 || t.branches[i].seq > last.seq {
			return true, nil
		}
		on[number] = true
		last = t.branches[i].fork
		if last.seq == 0 {
			break
		}
		parent, here, err := t.find(ctx, tx, last)
		if err != nil {
			return false, err
		}
		if !here {
			break // a hole: what is missing may be on no branch at all
		}
		number = parent
	}
	return len(on) < len(t.branches), nil
}

// hole gives the missing entry that a branch, or one it leaves, comes after; ok is false when all of its path is here.
func (t tree) hole(ctx context.Context, tx *db.Tx, number int) (missing end, ok bool, err error) {
	for {
		i := slices.IndexFunc(t.branches, func(b branch) bool { return b.number == number })
		if i < 0 || t.branches[i].fork.seq == 0 {
			return end{}, false, nil
		}
		fork := t.branches[i].fork
		parent, here, err := t.find(ctx, tx, fork)
		if err != nil || !here {
			return fork, err == nil, err
		}
		number = parent
	}
}

// below is the highest number under seq that a branch ends with.
func (t tree) below(seq uint64) (last uint64) {
	for _, b := range t.branches {
		if b.seq < seq && t.from(b.end) == nil {
			last = max(last, b.seq)
		}
	}
	return last
}

// find gives the number of the branch an entry stands on; ok is false when headquarters does not have it.
func (t tree) find(ctx context.Context, tx *db.Tx, e end) (number int, ok bool, err error) {
	if b := t.ends(e); b != nil {
		return b.number, true, nil
	}
	err = tx.QueryRow(ctx, `
		SELECT branch FROM journal.entry WHERE store_id = $1 AND till_id = $2 AND epoch = $3 AND seq = $4 AND hash = $5`,
		t.store, t.till, int64(t.epoch), int64(e.seq), e.hash[:]).Scan(&number)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("look for entry %d.%d: %w", t.epoch, e.seq, err)
	}
	return number, true, nil
}

// run is a part of a batch that is new here, and where it goes: on a branch that ends right before it, or on one that it
// opens after fork.
type run struct {
	branch int
	opens  bool
	// hole says that the entry before it is missing.
	hole  bool
	fork  end
	links []journal.Link
}

// place finds the parent of a batch and gives the parts of it that are new, in order. It is wire.UnknownParent when the
// parent is not here, unless the till says that it cannot give it.
func (t *tree) place(ctx context.Context, tx *db.Tx, b hub.Batch, links []journal.Link) ([]run, error) {
	parent := end{b.First - 1, b.Prev}
	if t.ends(parent) != nil && t.top() == parent.seq {
		// The ordinary case: the till goes on, and nothing of what comes is here yet.
		return []run{t.after(parent, links)}, nil
	}
	known, err := t.known(ctx, tx, links)
	if err != nil {
		return nil, err
	}
	if !known[0] {
		here := parent.seq == 0 && parent.hash == journal.Genesis(t.till, t.epoch)
		if !here && parent.seq > 0 {
			if _, here, err = t.find(ctx, tx, parent); err != nil {
				return nil, err
			}
		}
		if !here && !b.Hole {
			return nil, wire.UnknownParent
		}
		if !here {
			return t.fill(links, known, parent, true), nil
		}
	}
	return t.fill(links, known, parent, false), nil
}

// fill gives the runs of links that are not known, each after what comes before it.
func (t *tree) fill(links []journal.Link, known []bool, parent end, hole bool) []run {
	var runs []run
	for i := 0; i < len(links); i++ {
		if known[i] {
			parent, hole = end{links[i].Seq, links[i].Hash}, false
			continue
		}
		last := i
		for last+1 < len(links) && !known[last+1] {
			last++
		}
		r := t.after(parent, links[i:last+1])
		r.hole = hole
		runs = append(runs, r)
		parent, hole, i = end{links[last].Seq, links[last].Hash}, false, last
	}
	return runs
}

// after puts links after an entry: on the branch that ends there, or else on a new one. The tree is as if they were stored.
func (t *tree) after(parent end, links []journal.Link) run {
	last := links[len(links)-1]
	r := run{fork: parent, links: links}
	if b := t.ends(parent); b != nil && t.from(parent) == nil {
		r.branch = b.number
		b.end = end{last.Seq, last.Hash}
		return r
	}
	r.opens = true
	trunk := parent.seq == 0 && !slices.ContainsFunc(t.branches, func(b branch) bool { return b.number == 0 })
	if !trunk {
		r.branch = 1
		if n := len(t.branches); n > 0 {
			r.branch = t.branches[n-1].number + 1
		}
	}
	t.branches = append(t.branches, branch{number: r.branch, fork: parent, end: end{last.Seq, last.Hash}})
	slices.SortFunc(t.branches, func(a, b branch) int { return a.number - b.number })
	return r
}

// known says which of the links are here.
func (t *tree) known(ctx context.Context, tx *db.Tx, links []journal.Link) ([]bool, error) {
	known := make([]bool, len(links))
	rows, err := tx.Query(ctx, `
		SELECT seq, hash FROM journal.entry
		WHERE store_id = $1 AND till_id = $2 AND epoch = $3 AND seq BETWEEN $4 AND $5`,
		t.store, t.till, int64(t.epoch), int64(links[0].Seq), int64(links[len(links)-1].Seq))
	if err != nil {
		return nil, fmt.Errorf("read known entries: %w", err)
	}
	var seq int64
	var hash []byte
	_, err = pgx.ForEachRow(rows, []any{&seq, &hash}, func() error {
		i := uint64(seq) - links[0].Seq
		known[i] = known[i] || bytes.Equal(hash, links[i].Hash[:])
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read known entries: %w", err)
	}
	return known, nil
}

// forks says that a run opens a branch beside entries that are here: somebody went on from a copy. A hole, and what fills
// one from the beginning, does not.
func (r run) forks() bool { return r.opens && !r.hole && r.branch > 0 }

// passes says that a run fills a hole and goes on otherwise than what came after the hole: a fork in the middle of a run.
func (t tree) passes(r run) bool {
	first, beyond := r.links[0].Seq, r.links[len(r.links)-1].Seq
	return slices.ContainsFunc(t.branches, func(b branch) bool {
		return first <= b.fork.seq && b.fork.seq < beyond && r.links[b.fork.seq-first].Hash == b.fork.hash
	})
}
