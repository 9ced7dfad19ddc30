package ledger

import (
	"context"
	"fmt"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

const (
	// keepDays is how long entries stay after headquarters has acknowledged them, in its own time: a headquarters that was
	// rolled back to a backup is filled again from the tills.
	keepDays = 35
	// pruneStep is how many entries go at a time: a sale waits for no more than that.
	pruneStep = 250
)

func dayOf(at time.Time) int64 { return at.Unix() / (24 * 60 * 60) }

// noteAcks notes how far headquarters has each path, by its own day. What it has lost starts again once it has it again.
// It runs inside a transaction.
func (l *Ledger) noteAcks(ctx context.Context, at time.Time) error {
	w := l.ledger.write
	if _, err := w.exec(ctx, `UPDATE ack SET upto = path.acked FROM path
		WHERE path.epoch = ack.epoch AND path.branch = ack.branch AND ack.upto > path.acked`); err != nil {
		return err
	}
	_, err := w.exec(ctx, `INSERT INTO ack (epoch, branch, day, upto)
		SELECT epoch, branch, ?, acked FROM path
		WHERE acked > coalesce((SELECT max(upto) FROM ack WHERE ack.epoch = path.epoch AND ack.branch = path.branch), floor)
		ON CONFLICT (epoch, branch, day) DO UPDATE SET upto = excluded.upto`, dayOf(at))
	return err
}

// heard takes headquarters' time. Once in each of its days what is old enough is deleted, in the background.
func (l *Ledger) heard(at time.Time) {
	l.passes(at.UnixMilli())
	if day := dayOf(at); l.today.Swap(day) != day {
		l.pruning.poke()
	}
}

// prune deletes what headquarters has had for long enough, first from the database, then from the sentinel.
func (l *Ledger) prune(ctx context.Context) {
	err := l.pruneDatabase(ctx)
	if err == nil && !l.Full() { // a shorter sentinel is written beside the long one
		err = l.pruneSentinel(ctx)
	}
	if err != nil && ctx.Err() == nil {
		// Nothing is lost: it is tried again on headquarters' next day.
		l.cfg.Log.Error("old entries not deleted", "error", err)
	}
}

func (l *Ledger) pruneDatabase(ctx context.Context) error {
	states, err := l.Epochs(ctx)
	if err != nil {
		return err
	}
	pruned := false
	for _, s := range states {
		upto, err := l.prunable(ctx, s)
		if err != nil {
			return fmt.Errorf("prune %v: %w", s.Path(), err)
		}
		for floor := s.Floor; floor < upto; {
			floor = min(floor+pruneStep, upto)
			if err := l.forget(ctx, s.Path(), floor); err != nil {
				return fmt.Errorf("prune %v up to %d: %w", s.Path(), floor, err)
			}
			pruned = true
		}
	}
	if pruned {
		l.checkpoints.poke()
		l.call(&l.onCommit)
	}
	return nil
}

// prunable is up to where a path may be deleted. Of the till's own, that is no further than the mark: what the shown
// stock level does not include must still be added to it. A shift that is open keeps its entries. The newest entry of all stays, to compare the sentinel with.
func (l *Ledger) prunable(ctx context.Context, s wire.EpochState) (uint64, error) {
	upto, _, err := one(ctx, l.ledger.read, value[uint64],
		`SELECT coalesce(max(upto), 0) FROM ack WHERE epoch = ? AND branch = ? AND day < ?`,
		s.Epoch, s.Branch, l.today.Load()-keepDays)
	if err != nil || s.Branch > 0 {
		return upto, err
	}
	mark, _, err := rowOf[retail.Mark](ctx, l.catalogue().read, retail.RowMark, l.identity.Till)
	if err != nil {
		return 0, err
	}
	marked, err := markList(mark)
	if err != nil {
		return 0, err
	}
	included, _, err := one(ctx, l.ledger.read, value[uint64], withMark+`
		SELECT min(
			coalesce((SELECT max(seq) FROM mark JOIN entry USING (epoch, seq, hash) WHERE epoch = ?2 AND NOT deferred), 0),
			coalesce((SELECT min(seq) - 1 FROM mark JOIN entry USING (epoch, seq, hash) WHERE epoch = ?2 AND deferred), ?3))`,
		marked, s.Epoch, s.Last)
	if err != nil {
		return 0, err
	}
	l.mu.Lock()
	newest := l.head.epoch
	l.mu.Unlock()
	if s.Epoch == newest {
		included = min(included, s.Last-1)
	}
	// The Z of a shift that is open sums up its entries.
	switch shift, err := l.Shift(ctx); {
	case err != nil:
		return 0, err
	case !shift.Open() || s.Epoch < shift.Opened.Epoch:
	case s.Epoch > shift.Opened.Epoch:
		return 0, nil
	default:
		included = min(included, max(shift.Opened.Seq, 1)-1)
	}
	return min(upto, included), nil
}

// forget deletes the entries of a path up to one, with what is derived from them. How the path goes on stays known.
func (l *Ledger) forget(ctx context.Context, path wire.Path, upto uint64) error {
	statements := []string{
		`DELETE FROM sale_line WHERE epoch = ?1 AND number <= (SELECT max(number) FROM sale WHERE epoch = ?1 AND seq <= ?3)`,
		`DELETE FROM sale_tender WHERE epoch = ?1 AND number <= (SELECT max(number) FROM sale WHERE epoch = ?1 AND seq <= ?3)`,
		// What was given back of a receipt lives as long as the receipt: nothing can be refunded without it.
		`DELETE FROM given_back WHERE of_epoch = ?1 AND of_number <= (SELECT max(number) FROM sale WHERE epoch = ?1 AND seq <= ?3)`,
		`DELETE FROM sale WHERE epoch = ?1 AND seq <= ?3`,
		`DELETE FROM refund WHERE epoch = ?1 AND seq <= ?3`,
		`DELETE FROM void WHERE epoch = ?1 AND seq <= ?3`,
		`DELETE FROM hold WHERE epoch = ?1 AND seq <= ?3`,
		`DELETE FROM movement WHERE epoch = ?1 AND seq <= ?3`,
		`DELETE FROM count WHERE epoch = ?1 AND seq <= ?3`,
		`DELETE FROM count_done WHERE epoch = ?1 AND seq <= ?3`,
		`DELETE FROM restock_request WHERE epoch = ?1 AND seq <= ?3`,
		`DELETE FROM transfer WHERE epoch = ?1 AND seq <= ?3`,
		// What was handed over stays known: nothing else keeps a row that is still there from being handed over again.
		`DELETE FROM order_deed WHERE epoch = ?1 AND seq <= ?3 AND number = 0`,
		`DELETE FROM receive WHERE epoch = ?1 AND seq <= ?3`,
		`DELETE FROM entry WHERE epoch = ?1 AND seq <= ?3`,
		`UPDATE epoch SET floor = ?3 WHERE epoch = ?1`,
	}
	if path.Branch > 0 {
		statements = []string{
			`DELETE FROM stray WHERE epoch = ?1 AND branch = ?2 AND seq <= ?3`,
			`UPDATE branch SET floor = ?3 WHERE epoch = ?1 AND branch = ?2`,
		}
	}
	statements = append(statements, `DELETE FROM ack WHERE epoch = ?1 AND branch = ?2 AND upto <= ?3`)
	w := l.ledger.write
	return w.tx(ctx, func() error {
		for _, s := range statements {
			if _, err := w.exec(ctx, s, path.Epoch, path.Branch, upto); err != nil {
				return err
			}
		}
		return nil
	})
}

// pruneSentinel cuts what was deleted from the database out of the sentinel. A record below an epoch's floor may also be
// of a branch.
func (l *Ledger) pruneSentinel(ctx context.Context) error {
	states, err := l.Epochs(ctx)
	if err != nil {
		return err
	}
	floors := make(map[uint64]uint64, len(states))
	for _, s := range states {
		if s.Branch == 0 {
			floors[s.Epoch] = s.Floor
		}
	}
	branches, err := list(ctx, l.ledger.read, scanHash,
		`SELECT hash FROM stray`)
	if err != nil {
		return err
	}
	kept := make(map[journal.Hash]bool, len(branches))
	for _, h := range branches {
		kept[h] = true
	}
	return l.shortenSentinel(func(k journal.Link) bool { return k.Seq > floors[k.Epoch] || kept[k.Hash] })
}
