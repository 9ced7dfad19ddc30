package ledger

import (
	"context"
	"errors"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

// Begun is what BeginAgain did.
type Begun struct {
	// Before is the epoch the folder wrote, Epoch the one it writes now.
	Before, Epoch uint64
	// Again says that nothing was written since the folder last began again: it was most likely done already.
	Again bool
}

// BeginAgain begins a new epoch in the folder of a till that does not run, for a person who has put back an image of
// database and sentinel together: nothing on the disk shows that, and the next sales would repeat receipt numbers. When
// opening finds one of the two restored it begins an epoch by itself, which is enough.
func BeginAgain(ctx context.Context, cfg Config) (b Begun, err error) {
	l, err := Open(ctx, cfg)
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	b.Before, b.Epoch = l.opened, l.head.epoch
	if l.restored {
		return b, nil
	}
	if b.Again, err = l.justBegan(ctx); err != nil {
		return b, err
	}
	if _, err := l.openEpochFrom(context.WithoutCancel(ctx), l.head.epoch+1, retail.EpochRestored); err != nil {
		return b, err
	}
	b.Epoch = l.head.epoch
	return b, nil
}

// justBegan says that the newest epoch began because of a restore and has no other entry.
func (l *Ledger) justBegan(ctx context.Context) (bool, error) {
	if l.head.seq != 1 {
		return false, nil
	}
	first, err := l.Read(ctx, wire.Path{Epoch: l.head.epoch}, 0, 1, 1)
	if err != nil || len(first.Entries) == 0 {
		return false, err
	}
	e, err := journal.Decode(first.Entries[0])
	if err != nil {
		return false, err
	}
	body, err := journal.DecodeBody[retail.EpochOpen](e)
	return body.Reason == retail.EpochRestored, err
}
