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
	// FlagUnknownReceipt: headquarters does not have the sale that was refunded. It goes when the sale comes.
	FlagUnknownReceipt = "unknown-receipt"
	// FlagOverRefunded: more of a receipt was refunded than was sold.
	FlagOverRefunded = "over-refunded"
	// FlagNoHold: a till refunded another till's receipt without the right to, or used one right twice.
	FlagNoHold = "no-hold"
	// FlagDoubt: a till that lacked entries refunded its own receipt, on a supervisor's word.
	FlagDoubt = "refund-in-doubt"
	// FlagNoReceipt: goods were taken back without a receipt, on a supervisor's word.
	FlagNoReceipt = "no-receipt"
	// FlagOrder: an order was handed over that was cancelled, asked of another store, handed over before, or is not known.
	FlagOrder = "order"
	// FlagClock: entries of a till are dated by a clock that was wrong by nobody knows how much.
	FlagClock = "clock-uncertain"
	// FlagSignature: the end of a chain is signed by no key of the till.
	FlagSignature = "signature"
	// FlagOtherStore: an epoch was opened for another store than the till's.
	FlagOtherStore = "other-store"
	// FlagPrintedTwice: two receipts of a till carry the same number.
	FlagPrintedTwice = "printed-twice"
	// FlagNeverReceived: the sentinel of a restored till had an entry that headquarters does not have. It goes when the
	// entry comes.
	FlagNeverReceived = "never-received"
	// FlagRolledBack: the till knows of sessions or acknowledged entries that headquarters lost.
	FlagRolledBack = "hq-rolled-back"
	// FlagFork: the till has another entry where headquarters has one.
	FlagFork = "fork"
	// FlagHole: the till cannot give entries that headquarters does not have. It goes when another file gives them.
	FlagHole = "hole"
	// FlagDiskImage: the till's disk is an older copy of itself.
	FlagDiskImage = "disk-image"
	// FlagTwoMachines: older copies of the till's disk came twice within a day: two machines may use one key.
	FlagTwoMachines = "two-machines"
	// FlagAside: a key that counts no more has sent entries, which are kept aside.
	FlagAside = "kept-aside"
)

// flag is what a person must look at: an entry, or an incident of a till when there is no hash.
type flag struct {
	store, till  uuid.UUID
	epoch, seq   uint64
	hash         []byte
	code, detail string
}

// raise stores flags. An incident that is there already is opened again with the new detail; the flag of an entry says
// what it said before, and stays resolved once a person has resolved it.
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
				detail = excluded.detail, at = excluded.at, resolved_at = NULL, resolved_by = NULL, note = ''
			WHERE excluded.hash = ''`,
			f.store, f.till, int64(f.epoch), int64(f.seq), f.hash, f.code, f.detail, d.now())
	}
	if err := tx.Send(ctx, &batch); err != nil {
		return fmt.Errorf("raise flags: %w", err)
	}
	feed.Mark(tx, Topic)
	return d.notify(ctx, tx, flags...)
}

// lower takes flags away: what they said does not hold any more.
func (d *Desk) lower(ctx context.Context, tx *db.Tx, flags ...flag) error {
	if len(flags) == 0 {
		return nil
	}
	var batch pgx.Batch
	for _, f := range flags {
		batch.Queue(`
			DELETE FROM journal.flag WHERE store_id = $1 AND till_id = $2 AND epoch = $3 AND seq = $4 AND hash = $5 AND code = $6`,
			f.store, f.till, int64(f.epoch), int64(f.seq), f.hash, f.code)
	}
	if err := tx.Send(ctx, &batch); err != nil {
		return fmt.Errorf("lower flags: %w", err)
	}
	feed.Mark(tx, Topic)
	return d.notify(ctx, tx, flags...)
}

// Resolve closes a flag in the name of a person, who says why. It is false when there is no such open flag.
func (d *Desk) Resolve(ctx context.Context, tx *db.Tx, f Flag, by uuid.UUID, note string) (done bool, err error) {
	tag, err := tx.Exec(ctx, `
		UPDATE journal.flag SET resolved_at = $7, resolved_by = $8, note = $9
		WHERE store_id = $1 AND till_id = $2 AND epoch = $3 AND seq = $4 AND hash = $5 AND code = $6 AND resolved_at IS NULL`,
		f.Store, f.Till, int64(f.Epoch), int64(f.Seq), f.Hash, f.Code, d.now(), by, note)
	if err != nil {
		return false, fmt.Errorf("resolve flag: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return false, nil
	}
	feed.Mark(tx, Topic)
	return true, d.notify(ctx, tx, flag{store: f.Store, till: f.Till, epoch: f.Epoch, seq: f.Seq, hash: f.Hash})
}
