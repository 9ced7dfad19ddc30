package ledger

import (
	"context"
	"fmt"

	"comptant/shared/journal"
	"comptant/shared/retail"
)

// reconcile compares the database with the sentinel and makes them agree before anything is written.
func (l *Ledger) reconcile(ctx context.Context) error {
	head, err := l.readHead(ctx)
	if err != nil {
		return err
	}
	l.head, l.opened = head, head.epoch
	aside, err := l.sentinel.aside()
	if err != nil {
		return err
	}
	damaged, err := l.damagedDatabases()
	if err != nil {
		return err
	}
	end := l.sentinel.last
	back, err := l.lackedIsBack(ctx)
	if err != nil {
		return err
	}
	ahead, err := l.oneAhead(ctx)
	switch {
	case err != nil:
		return err
	case back:
		// Both may end alike all the same: another copy of the sentinel was put in the place of the one that gave the file what it has.
		err = l.restore(ctx, aside, damaged)
	case end.Seq == 0 && len(aside) > 0, head.epoch == 0 && len(damaged) > 0:
		// One of the two is new because a damaged one was put aside, which may still give something.
		err = l.restore(ctx, aside, damaged)
	case end.Epoch == head.epoch && end.Seq == head.seq && end.Hash == head.hash:
	case ahead != nil:
		// Power went between the commit and the sentinel: the sale has happened.
		if err = l.sentinel.ready(); err == nil {
			err = l.sentinel.append(*ahead)
		}
	default:
		err = l.restore(ctx, aside, damaged)
	}
	if err != nil {
		return err
	}
	least, reason := l.identity.least()
	_, err = l.openEpochFrom(ctx, least, reason)
	return err
}

// lackedIsBack says that the sentinel has an entry that the file noted it lacks.
func (l *Ledger) lackedIsBack(ctx context.Context) (back bool, err error) {
	gaps, err := list(ctx, l.ledger.read, scanEnd, `SELECT epoch, seq, hash FROM gap`)
	if err != nil {
		return false, unlessUnreadable(err)
	}
	lacked := map[journal.Hash]bool{}
	for _, e := range gaps {
		has, err := l.has(ctx, l.ledger.read, e)
		if err != nil {
			return false, unlessUnreadable(err)
		}
		if !has {
			var h journal.Hash
			copy(h[:], e.Hash)
			lacked[h] = true
		}
	}
	if len(lacked) == 0 {
		return false, nil
	}
	_, err = l.sentinel.scan(func(k journal.Link) error {
		back = back || lacked[k.Hash] && l.intact(k)
		return nil
	})
	return back, err
}

// oneAhead is the newest entry of the database when the sentinel ends with the one before it. An empty sentinel is no such
// case: it may be new in the place of one that was lost, and the database an old copy.
func (l *Ledger) oneAhead(ctx context.Context) (*journal.Link, error) {
	newest, err := list(ctx, l.ledger.read, scanLink,
		`SELECT epoch, seq, prev, hash, bytes FROM entry ORDER BY epoch DESC, seq DESC LIMIT 2`)
	if err != nil || len(newest) < 2 {
		return nil, unlessUnreadable(err)
	}
	before, end := newest[1], l.sentinel.last
	if before.Epoch != end.Epoch || before.Seq != end.Seq || before.Hash != end.Hash || !l.intact(newest[0]) {
		return nil, nil
	}
	return &newest[0], nil
}

// restore copies back, verbatim, the entries of the sentinel that chain on to what the database holds, keeps the others
// as branches, and begins an epoch above every number either of them has seen, so that no receipt number repeats. What
// can be read of the damaged sentinels and databases that were put aside counts like the sentinel's own.
func (l *Ledger) restore(ctx context.Context, aside, damaged []string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	heads, err := l.heads(ctx)
	if err != nil {
		return err
	}
	each := func(f func(journal.Link) error) error {
		for _, path := range aside {
			if err := salvage(path, f); err != nil {
				return err
			}
		}
		if _, err := l.sentinel.scan(f); err != nil {
			return err
		}
		for _, path := range damaged { // last: the sentinel knows the order better
			if err := salvageDatabase(ctx, path, f); err != nil {
				return err
			}
		}
		return nil
	}
	reason := retail.EpochRestored
	if l.head.epoch == 0 || l.sentinel.last.Seq == 0 && len(aside) > 0 {
		reason = retail.EpochDamaged
	}
	body := l.epochOpen(reason)
	least, _ := l.identity.least()
	next := max(l.head.epoch+1, least)
	if err := each(func(k journal.Link) error {
		if l.intact(k) {
			next = max(next, k.Epoch+1)
		}
		return nil
	}); err != nil {
		return err
	}
	bytes, err := journal.Encode(l.stamp(ctx, journal.Entry{Kind: journal.KindEpochOpen}), body)
	if err != nil {
		return err
	}
	opening := journal.Chain(l.identity.Till, next, 1, journal.Genesis(l.identity.Till, next), [][]byte{bytes})[0]
	var copied, kept int
	err = l.persist(ctx, opening, func() error {
		apart := newStrays(l)
		if err := each(func(k journal.Link) error {
			if !l.intact(k) {
				return nil
			}
			h, known := heads[k.Epoch]
			switch {
			case known:
			case k.Seq == 1:
				h.hash = journal.Genesis(l.identity.Till, k.Epoch)
			default:
				// What a sentinel that was cut begins with is all there is of the epoch.
				h = head{seq: k.Seq - 1, hash: k.Prev}
				if err := l.lacks(ctx, k); err != nil {
					return err
				}
			}
			if k.Seq != h.seq+1 || k.Prev != h.hash {
				return apart.add(ctx, k)
			}
			copied++
			heads[k.Epoch] = head{epoch: k.Epoch, seq: k.Seq, hash: k.Hash}
			_, err := l.insert(ctx, k)
			return err
		}); err != nil {
			return err
		}
		if kept, err = apart.keep(ctx); err != nil {
			return err
		}
		_, err := l.insert(ctx, opening)
		return err
	})
	if err != nil {
		return fmt.Errorf("begin epoch %d after a restore: %w", next, err)
	}
	l.restored = true
	l.cfg.Log.Warn("the journal or its sentinel was restored; a new epoch begins", "epoch", next,
		"copied_back", copied, "kept_as_branches", kept)
	return nil
}

// intact says that an entry's bytes give its hash.
func (l *Ledger) intact(k journal.Link) bool {
	return journal.Next(k.Prev, l.identity.Till, k.Epoch, k.Seq, k.Bytes) == k.Hash
}

// heads is the newest entry of every epoch of the database.
func (l *Ledger) heads(ctx context.Context) (map[uint64]head, error) {
	states, err := l.Epochs(ctx)
	heads := make(map[uint64]head, len(states))
	for _, s := range states {
		if s.Branch == 0 {
			heads[s.Epoch] = head{epoch: s.Epoch, seq: s.Last, hash: s.Hash}
		}
	}
	return heads, err
}
