package ledger

import (
	"context"
	"crypto/rand"
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
	return l.openEpoch(ctx, min, reason)
}

// openEpoch is openEpochFrom for who holds mu.
func (l *Ledger) openEpoch(ctx context.Context, min uint64, reason retail.EpochReason) (opened bool, err error) {
	if l.head.epoch >= min {
		return false, nil
	}
	body := l.epochOpen(reason)
	if _, err := l.write(ctx, min, l.stamp(ctx, journal.Entry{Kind: journal.KindEpochOpen}), body, numbers{}); err != nil {
		return false, fmt.Errorf("open epoch %d: %w", min, err)
	}
	l.keepIdentity()
	l.cfg.Log.Info("epoch opened", "epoch", min, "reason", reason)
	return true, nil
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
