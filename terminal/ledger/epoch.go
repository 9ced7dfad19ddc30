package ledger

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"

	"comptant/shared/journal"
	"comptant/shared/retail"
)

// nonceBytes makes the first entries of two files differ that open the same epoch.
const nonceBytes = 16

// OpenEpoch begins the epoch min, unless the till already writes that one or a later one.
func (l *Ledger) OpenEpoch(ctx context.Context, min uint64) error {
	opened, err := l.openEpochFrom(context.WithoutCancel(ctx), min, retail.EpochGranted)
	if opened {
		l.call(&l.onCommit)
	}
	return err
}

func (l *Ledger) openEpochFrom(ctx context.Context, min uint64, reason retail.EpochReason) (opened bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.head.epoch >= min {
		return false, nil
	}
	body := l.epochOpen(reason)
	if _, err := l.write(ctx, min, l.epochEntry(), body, 0); err != nil {
		return false, fmt.Errorf("open epoch %d: %w", min, err)
	}
	l.cfg.Log.Info("epoch opened", "epoch", min, "reason", reason)
	return true, nil
}

func (l *Ledger) epochEntry() journal.Entry {
	wall, up := l.moment()
	return l.clock.Load().stamped(journal.Entry{Kind: journal.KindEpochOpen}, wall, up)
}

// epochOpen is the body of an epoch's first entry: what the database and the sentinel held before it.
func (l *Ledger) epochOpen(reason retail.EpochReason) retail.EpochOpen {
	nonce := make([]byte, nonceBytes)
	_, _ = rand.Read(nonce) // never fails: see crypto/rand
	end := l.sentinel.last
	return retail.EpochOpen{
		Nonce: nonce, Store: l.identity.Store.ID, Reason: reason,
		File:     chainEnd(l.head.epoch, l.head.seq, l.head.hash),
		Sentinel: chainEnd(end.Epoch, end.Seq, end.Hash),
	}
}

// chainEnd names an entry; there is no hash where there is no entry.
func chainEnd(epoch, seq uint64, hash journal.Hash) retail.ChainEnd {
	end := retail.ChainEnd{Epoch: epoch, Seq: seq}
	if seq > 0 {
		end.Hash = hash[:]
	}
	return end
}

// reconcile compares the database with the sentinel and makes them agree before anything is written.
func (l *Ledger) reconcile(ctx context.Context) error {
	head, err := l.readHead(ctx)
	if err != nil {
		return err
	}
	l.head = head
	newest, err := list(ctx, l.ledger.read, scanLink,
		`SELECT epoch, seq, prev, hash, bytes FROM entry ORDER BY epoch DESC, seq DESC LIMIT 2`)
	if err != nil {
		return err
	}
	// A link that is the zero value stands for "no entry".
	newest = append(newest, journal.Link{}, journal.Link{})
	switch end := l.sentinel.last; {
	case same(newest[0], end):
	case same(newest[1], end):
		// Power went between the commit and the sentinel: the sale has happened.
		if err := l.sentinel.ready(); err != nil {
			return err
		}
		if err := l.sentinel.append(newest[0]); err != nil {
			return err
		}
	default:
		if err := l.restore(ctx); err != nil {
			return err
		}
	}
	_, err = l.openEpochFrom(ctx, l.identity.Epoch, retail.EpochEnrolled)
	return err
}

func same(a, b journal.Link) bool { return a.Epoch == b.Epoch && a.Seq == b.Seq && a.Hash == b.Hash }

// restore copies back, verbatim, the entries of the sentinel that chain on to what the database holds, and begins an
// epoch above every number either of them has seen, so that no receipt number repeats. What does not chain on stays in
// the sentinel.
func (l *Ledger) restore(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	heads, err := l.heads(ctx)
	if err != nil {
		return err
	}
	body := l.epochOpen(retail.EpochRestored)
	var copied, left int
	copyBack := func(k journal.Link) error {
		h, known := heads[k.Epoch]
		if !known {
			h = head{hash: journal.Genesis(l.identity.Till, k.Epoch)}
		}
		if k.Seq <= h.seq {
			return nil
		}
		if k.Seq != h.seq+1 || k.Prev != h.hash ||
			journal.Next(h.hash, l.identity.Till, k.Epoch, k.Seq, k.Bytes) != k.Hash {
			left++
			return nil
		}
		copied++
		heads[k.Epoch] = head{epoch: k.Epoch, seq: k.Seq, hash: k.Hash}
		_, err := l.insert(ctx, k)
		return err
	}
	next := max(l.head.epoch+1, l.identity.Epoch)
	if _, err := l.sentinel.scan(func(k journal.Link) error { next = max(next, k.Epoch+1); return nil }); err != nil {
		return err
	}
	bytes, err := journal.Encode(l.epochEntry(), body)
	if err != nil {
		return err
	}
	opening := journal.Chain(l.identity.Till, next, 1, journal.Genesis(l.identity.Till, next), [][]byte{bytes})[0]
	err = l.persist(ctx, opening, func() error {
		if _, err := l.sentinel.scan(copyBack); err != nil {
			return err
		}
		_, err := l.insert(ctx, opening)
		return err
	})
	if err != nil {
		return fmt.Errorf("begin epoch %d after a restore: %w", next, err)
	}
	l.cfg.Log.Warn("the journal or its sentinel was restored; a new epoch begins", "epoch", next,
		"copied_back", copied, "left_in_sentinel", left)
	return nil
}

// heads is the newest entry of every epoch of the database.
func (l *Ledger) heads(ctx context.Context) (map[uint64]head, error) {
	states, err := l.Epochs(ctx)
	heads := make(map[uint64]head, len(states))
	for _, s := range states {
		heads[s.Epoch] = head{epoch: s.Epoch, seq: s.Last, hash: s.Hash}
	}
	return heads, err
}

func scanLink(r *sql.Rows) (k journal.Link, err error) {
	var prev, hash []byte
	if err = r.Scan(&k.Epoch, &k.Seq, &prev, &hash, &k.Bytes); err != nil {
		return k, err
	}
	if err = k.Prev.UnmarshalBinary(prev); err != nil {
		return k, err
	}
	return k, k.Hash.UnmarshalBinary(hash)
}
