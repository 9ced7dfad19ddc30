package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// head is the newest entry of the newest epoch, and that epoch's newest numbers.
type head struct {
	epoch, seq uint64
	numbers
	hash journal.Hash
}

// numbers are a receipt's and a Z's: those that an entry takes, or the newest of an epoch.
type numbers struct{ receipt, z uint64 }

// Commit writes one entry. See till.Journal.
func (l *Ledger) Commit(ctx context.Context, draft till.Draft) (till.Written, error) {
	w, err := l.commit(context.WithoutCancel(ctx), draft)
	if err != nil {
		return till.Written{}, fmt.Errorf("commit %s: %w", draft.Kind, err)
	}
	l.call(&l.onCommit)
	return w, nil
}

func (l *Ledger) commit(ctx context.Context, draft till.Draft) (till.Written, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if draft.Check != nil {
		if err := draft.Check(ctx); err != nil {
			return till.Written{}, err
		}
	}
	// Headquarters may have asked for an epoch that could not be opened when it did.
	least, reason := l.identity.least()
	if _, err := l.openEpoch(ctx, least, reason); err != nil {
		return till.Written{}, err
	}
	var takes numbers
	switch {
	case draft.Final:
		takes.z = l.head.z + 1
	case draft.Numbered:
		takes.receipt = l.head.receipt + 1
	}
	number := max(takes.receipt, takes.z)
	e := l.stamp(ctx, journal.Entry{Kind: draft.Kind, Shift: draft.Shift, User: draft.User})
	body := draft.Body(number)
	k, err := l.write(ctx, l.head.epoch, e, body, takes)
	if err != nil {
		return till.Written{}, err
	}
	if draft.Kind == journal.KindSale {
		l.sold.Store(&place{k.Epoch, k.Seq})
	}
	if shift, ok := body.(retail.ShiftOpen); ok {
		if err := l.confirmClock(ctx, e, shift); err != nil {
			l.cfg.Log.Error("the confirmed date was not kept", "error", err)
		}
	}
	if draft.Final {
		if err := l.sign(ctx, k); err != nil {
			l.cfg.Log.Error("the end of the chain was not signed", "error", err) // the next start does it
		}
	}
	return till.Written{Epoch: k.Epoch, Seq: k.Seq, Number: number, Hash: k.Hash, At: e.At()}, nil
}

// write makes the next entry of an epoch (the first, when it is not the head's) durable in the database and then in the
// sentinel. Callers hold mu.
func (l *Ledger) write(ctx context.Context, epoch uint64, e journal.Entry, body any, takes numbers) (journal.Link, error) {
	bytes, err := journal.Encode(e, body)
	if err != nil {
		return journal.Link{}, err
	}
	seq, prev := l.head.seq, l.head.hash
	if epoch != l.head.epoch {
		seq, prev = 0, journal.Genesis(l.identity.Till, epoch)
	}
	k := journal.Chain(l.identity.Till, epoch, seq+1, prev, [][]byte{bytes})[0]
	defer l.passes(e.At().UnixMilli())
	insert := func() error {
		found, err := l.insert(ctx, k)
		if err == nil && found != takes {
			err = fmt.Errorf("%s: the body has receipt and Z numbers %v, want %v", e.Kind, found, takes)
		}
		return err
	}
	err = l.persist(ctx, k, insert)
	if l.release(err) {
		err = l.persist(ctx, k, insert)
	}
	return k, err
}

// persist runs insert, which ends with the entry k, in one transaction, then appends k to the sentinel.
func (l *Ledger) persist(ctx context.Context, k journal.Link, insert func() error) error {
	if err := l.sentinel.ready(); err != nil {
		return sentinelError(err)
	}
	err := l.ledger.write.tx(ctx, insert)
	head, found := l.readHead(ctx)
	if err = errors.Join(err, found); err != nil && (found != nil || head.hash != k.Hash) {
		l.suspect(err)
		return diskError(err)
	}
	// The entry is in the database: it has happened, whatever is reported from here on.
	l.head = head
	if err := l.sentinel.append(k); err != nil {
		l.cfg.Log.Error("the sentinel is behind by one entry", "epoch", k.Epoch, "seq", k.Seq, "error", err)
	}
	if k.Seq%checkpointEvery == 0 || l.spent.Load() { // on a full disk the WAL must not grow
		l.checkpoints.poke()
	}
	return nil
}

// Health is nil, or why the sentinel lacks the newest entry. The next entry is refused until that is mended.
func (l *Ledger) Health() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sentinel.broken
}

// insert adds an entry, the counters and all that is derived from it; it runs inside a transaction. It gives the
// numbers found in the body, 0 for none.
func (l *Ledger) insert(ctx context.Context, k journal.Link) (takes numbers, err error) {
	e, err := journal.Decode(k.Bytes)
	if err != nil {
		return takes, err
	}
	w := l.ledger.write
	if _, err := w.exec(ctx, `INSERT INTO epoch (epoch, floor, last, hash, receipts) VALUES (?, ?, ?, ?, 0)
		ON CONFLICT (epoch) DO UPDATE SET last = excluded.last, hash = excluded.hash`,
		k.Epoch, k.Seq-1, k.Seq, k.Hash[:]); err != nil {
		return takes, err
	}
	if _, err := w.exec(ctx, `INSERT INTO entry (epoch, seq, at, prev, hash, bytes) VALUES (?, ?, ?, ?, ?, ?)`,
		k.Epoch, k.Seq, e.Time, k.Prev[:], k.Hash[:], k.Bytes); err != nil {
		return takes, err
	}
	if takes, err = l.project(ctx, place{k.Epoch, k.Seq}, e); err != nil || takes == (numbers{}) {
		return takes, err
	}
	_, err = w.exec(ctx, `UPDATE epoch SET receipts = max(receipts, ?), closes = max(closes, ?) WHERE epoch = ?`,
		takes.receipt, takes.z, k.Epoch)
	return takes, err
}

// readHead reads the head back from the database; the zero head when there is no entry.
func (l *Ledger) readHead(ctx context.Context) (head, error) {
	h, _, err := one(ctx, l.ledger.read, func(r *sql.Rows) (h head, err error) {
		var hash []byte
		if err = r.Scan(&h.epoch, &h.seq, &h.receipt, &h.z, &hash); err == nil {
			err = h.hash.UnmarshalBinary(hash)
		}
		return h, err
	}, `SELECT epoch, last, receipts, closes, hash FROM epoch ORDER BY epoch DESC LIMIT 1`)
	return h, err
}
