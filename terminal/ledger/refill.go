package ledger

import (
	"context"
	"errors"
	"fmt"

	"comptant/shared/journal"
	"comptant/sync/link"
	"comptant/sync/wire"
)

// errNotPlaced says that entries of headquarters do not belong into this file.
var errNotPlaced = errors.New("entries do not chain on to the file")

// Refill puts back entries of a closed epoch that headquarters has and the file lost, with all that is derived from them.
// Those the file has already are passed over. The stock shown does not count them twice: the mark includes what
// headquarters has applied. They do not go to the sentinel, which ends where the newest epoch does. See link.Journal.
func (l *Ledger) Refill(ctx context.Context, epoch uint64, batch link.Batch) error {
	if err := l.refill(context.WithoutCancel(ctx), epoch, batch); err != nil {
		return fmt.Errorf("refill epoch %d from %d: %w", epoch, batch.First, err)
	}
	l.call(&l.onCommit)
	return nil
}

func (l *Ledger) refill(ctx context.Context, epoch uint64, batch link.Batch) error {
	if err := l.mayWait(); err != nil {
		return err
	}
	l.mu.Lock()
	writing := l.head.epoch
	l.mu.Unlock()
	if epoch >= writing {
		return fmt.Errorf("%w: the till writes epoch %d", errNotPlaced, writing)
	}
	links := journal.Chain(l.identity.Till, epoch, batch.First, batch.Prev, batch.Entries)
	if len(links) == 0 || batch.First == 0 || links[len(links)-1].Hash != batch.Head {
		return fmt.Errorf("%w: they do not give the head that came with them", errNotPlaced)
	}
	w := l.ledger.write
	err := w.tx(ctx, func() error {
		missing, err := l.missing(ctx, links)
		if err != nil {
			return err
		}
		for _, k := range missing {
			if _, err := l.insert(ctx, k); err != nil {
				return err
			}
		}
		// Headquarters has what it gives, and everything before it.
		_, err = w.exec(ctx, `UPDATE epoch SET acked = max(acked, ?) WHERE epoch = ?`, links[len(links)-1].Seq, epoch)
		return err
	})
	if errors.Is(err, errNotPlaced) || err == nil {
		return err
	}
	return diskError(err)
}

// missing is what of links comes after the epoch's end in the file, once they are known to chain on to it.
func (l *Ledger) missing(ctx context.Context, links []journal.Link) ([]journal.Link, error) {
	first, last := links[0], links[len(links)-1]
	path := wire.Path{Epoch: first.Epoch}
	end, ok, err := one(ctx, l.ledger.write, scanState,
		`SELECT epoch, 0, floor, last, hash, acked FROM epoch WHERE epoch = ?`, first.Epoch)
	if err != nil {
		return nil, err
	}
	if !ok {
		end.Hash = journal.Genesis(l.identity.Till, first.Epoch)
	}
	switch {
	case first.Seq > end.Last+1:
		return nil, fmt.Errorf("%w: they begin at %d, the file ends at %d", errNotPlaced, first.Seq, end.Last)
	case last.Seq < end.Last:
		hash, err := l.HashAt(ctx, path, last.Seq)
		if err == nil && hash != last.Hash {
			err = fmt.Errorf("%w: the file has another entry %d", errNotPlaced, last.Seq)
		}
		return nil, err
	}
	// The entry before the missing ones must be the file's last.
	missing := links[end.Last+1-first.Seq:]
	prev := last.Hash
	if len(missing) > 0 {
		prev = missing[0].Prev
	}
	if prev != end.Hash {
		return nil, fmt.Errorf("%w: the file has another entry %d", errNotPlaced, end.Last)
	}
	return missing, nil
}
