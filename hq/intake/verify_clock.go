package intake

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/shared/journal"
	"comptant/shared/retail"
)

// ErrClock is a correction of time that is not what its entry says.
var ErrClock = errors.New("a correction of the time of entries is recorded as another one")

// clocks are the corrections as they are recorded. unseen are those whose entry has not been read.
type clocks struct {
	of     map[uuid.UUID]corrections
	unseen map[journal.Hash]Scope
}

func loadClocks(ctx context.Context, tx *db.Tx, of Scope) (c clocks, err error) {
	if c.of, err = readCorrections(ctx, tx, of.Till); err != nil {
		return c, err
	}
	c.unseen = map[journal.Hash]Scope{}
	for till, all := range c.of {
		for _, kept := range all {
			if of.Store == uuid.Nil || kept.store == of.Store {
				c.unseen[kept.hash] = Scope{kept.store, till}
			}
		}
	}
	return c, nil
}

// check compares what is recorded of an applied clock entry with what it says.
func (c clocks) check(till uuid.UUID, hash journal.Hash, says retail.Clock) error {
	if checkClock(says) != nil {
		return nil
	}
	for _, kept := range c.of[till] {
		if kept.hash == hash && kept.Clock == says {
			delete(c.unseen, hash)
			return nil
		}
	}
	return ErrClock
}
