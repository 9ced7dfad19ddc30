package intake

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
)

// The codes of flags.
const (
	// FlagInvalid: the figures of a sale or refund do not agree.
	FlagInvalid = "invalid"
	// FlagUnknownProduct: headquarters does not know a product of the document.
	FlagUnknownProduct = "unknown-product"
	// FlagOtherStore: an epoch was opened for another store than the till's.
	FlagOtherStore = "other-store"
	// FlagRolledBack: the till knows of sessions or acknowledged entries that headquarters lost.
	FlagRolledBack = "hq-rolled-back"
	// FlagFork: the till has another entry where headquarters has one.
	FlagFork = "fork"
)

// flag is what a person must look at: an entry, or an incident of a till when seq is 0.
type flag struct {
	store, till  uuid.UUID
	epoch, seq   uint64
	hash         []byte
	code, detail string
}

// raise stores flags. One that is there already is opened again with the new detail.
func (d *Desk) raise(ctx context.Context, tx *db.Tx, flags ...flag) error {
	if len(flags) == 0 {
		return nil
	}
	var batch pgx.Batch
	for _, f := range flags {
		if f.hash == nil {
			f.hash = []byte{}
		}
		batch.Queue(`
			INSERT INTO journal.flag (store_id, till_id, epoch, seq, hash, code, detail, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (store_id, till_id, epoch, seq, hash, code) DO UPDATE SET
				detail = excluded.detail, at = excluded.at, resolved_at = NULL, resolved_by = NULL`,
			f.store, f.till, int64(f.epoch), int64(f.seq), f.hash, f.code, f.detail, d.now())
	}
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("raise flags: %w", err)
	}
	feed.Mark(tx, Topic)
	return nil
}
