package intake

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/journal"
	"comptant/shared/retail"
)

// ErrClock is a correction of time that is not what its entry says.
var ErrClock = errors.New("a correction of the time of entries is recorded as another one")

// clocks are the corrections as they are recorded. unseen are those whose entry has not been read.
type clocks struct {
	of     map[uuid.UUID]corrections
	unseen map[journal.Hash]uuid.UUID
}

func loadClocks(ctx context.Context, tx *db.Tx, of Scope) (c clocks, err error) {
	if c.of, err = readCorrections(ctx, tx, of.Till); err != nil {
		return c, err
	}
	if of.Store != uuid.Nil {
		if err := c.keep(ctx, tx, of.Store); err != nil {
			return c, err
		}
	}
	c.unseen = map[journal.Hash]uuid.UUID{}
	for till, of := range c.of {
		for _, kept := range of {
			c.unseen[kept.hash] = till
		}
	}
	return c, nil
}

// keep leaves the tills of a store.
func (c clocks) keep(ctx context.Context, tx *db.Tx, store uuid.UUID) error {
	rows, err := tx.Query(ctx, `SELECT id FROM tills.till WHERE store_id = $1`, store)
	if err != nil {
		return err
	}
	here, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	maps.DeleteFunc(c.of, func(till uuid.UUID, _ corrections) bool { return !slices.Contains(here, till) })
	return err
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
