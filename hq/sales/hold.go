package sales

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/retail"
)

// Hold is the right of one till to refund a receipt of another, as far as headquarters has heard of it. What it says is a
// function of the entries of both journals, in whatever order they came.
type Hold struct {
	// Store is the selling till's.
	Store   uuid.UUID
	ID      uuid.UUID
	Receipt retail.ReceiptID
	For     uuid.UUID
	AskedAt time.Time
	Asked   []retail.RefundPart
	Sale    retail.Sale
	// Answer is what the selling till journaled; nil while it has not.
	Answer             *retail.RefundHold
	GivenUp, TakenBack bool
	Uses               []HoldUse
}

// HoldUse is a refund that names the hold.
type HoldUse struct {
	Hash        []byte
	Store, Till uuid.UUID
	Epoch, Seq  uint64
	Receipt     retail.ReceiptID
	Parts       []retail.RefundPart
}

// State is where it stands.
func (h Hold) State() retail.HoldState {
	if h.Answer == nil {
		return retail.HoldWaits
	}
	return answered(*h.Answer)
}

// answered is what an answer makes of a hold.
func answered(b retail.RefundHold) retail.HoldState {
	switch {
	case b.Doubt:
		return retail.HoldInDoubt
	case len(b.Parts) == 0:
		return retail.HoldRefused
	}
	return retail.HoldGranted
}

// Answers says whether what the till that sold says now counts.
func (h Hold) Answers(b retail.RefundHold) bool { return retail.HoldSteps.Lead(h.State(), answered(b)) }

// Right says whether a refund is the one that the hold allows.
func (h Hold) Right(u HoldUse) bool {
	return h.State() == retail.HoldGranted && len(h.Uses) == 1 && !h.GivenUp &&
		u.Till == h.For && u.Receipt == h.Receipt && slices.Equal(u.Parts, h.Answer.Parts)
}

// HoldByID reads a hold of a store with its uses; ok is false when there is none.
func HoldByID(ctx context.Context, tx *db.Tx, store, id uuid.UUID) (h Hold, ok bool, err error) {
	h = Hold{Store: store, ID: id}
	var epoch, number int64
	var asked, sale, answer []byte
	err = tx.QueryRow(ctx, `
		SELECT till_id, epoch, number, for_till, asked_at, asked, sale, answer, given_up, taken_back
		FROM sales.hold WHERE store_id = $1 AND id = $2 FOR UPDATE`, store, id).Scan(
		&h.Receipt.Till, &epoch, &number, &h.For, &h.AskedAt, &asked, &sale, &answer, &h.GivenUp, &h.TakenBack)
	if errors.Is(err, pgx.ErrNoRows) {
		return Hold{}, false, nil
	}
	if err != nil {
		return Hold{}, false, fmt.Errorf("read hold %s: %w", id, err)
	}
	h.Receipt.Epoch, h.Receipt.Number = uint64(epoch), uint64(number)
	err = errors.Join(cbor.Unmarshal(asked, &h.Asked), cbor.Unmarshal(sale, &h.Sale))
	if answer != nil {
		h.Answer = new(retail.RefundHold)
		err = errors.Join(err, cbor.Unmarshal(answer, h.Answer))
	}
	if err != nil {
		return Hold{}, false, fmt.Errorf("read hold %s: %w", id, err)
	}
	h.Uses, err = holdUses(ctx, tx, store, id)
	return h, true, err
}

type refundOf struct {
	Receipt retail.ReceiptID    `cbor:"1,keyasint"`
	Parts   []retail.RefundPart `cbor:"2,keyasint"`
}

func holdUses(ctx context.Context, tx *db.Tx, store, id uuid.UUID) ([]HoldUse, error) {
	rows, err := tx.Query(ctx, `
		SELECT hash, by_store, by_till, epoch, seq, refund FROM sales.hold_use WHERE store_id = $1 AND hold_id = $2 ORDER BY hash`, store, id)
	if err != nil {
		return nil, fmt.Errorf("read uses of hold %s: %w", id, err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (u HoldUse, err error) {
		var epoch, seq int64
		var refund []byte
		if err := row.Scan(&u.Hash, &u.Store, &u.Till, &epoch, &seq, &refund); err != nil {
			return u, err
		}
		var of refundOf
		err = cbor.Unmarshal(refund, &of)
		u.Epoch, u.Seq, u.Receipt, u.Parts = uint64(epoch), uint64(seq), of.Receipt, of.Parts
		return u, err
	})
}

// PutHold writes what is known of a hold, without its uses, and tells both tills.
func PutHold(ctx context.Context, tx *db.Tx, h Hold) error {
	asked, err := cbor.Marshal(h.Asked)
	if err != nil {
		return err
	}
	sale, err := cbor.Marshal(h.Sale)
	if err != nil {
		return err
	}
	var answer []byte
	if h.Answer != nil {
		if answer, err = cbor.Marshal(h.Answer); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO sales.hold (store_id, id, till_id, epoch, number, for_till, asked_at, asked, sale, answer, given_up, taken_back)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (store_id, id) DO UPDATE SET for_till = excluded.for_till, sale = excluded.sale, answer = excluded.answer, given_up = excluded.given_up, taken_back = excluded.taken_back`,
		h.Store, h.ID, h.Receipt.Till, int64(h.Receipt.Epoch), int64(h.Receipt.Number), h.For, h.AskedAt, asked, sale, answer,
		h.GivenUp, h.TakenBack)
	if err != nil {
		return fmt.Errorf("write hold %s: %w", h.ID, err)
	}
	return h.publish(ctx, tx)
}

// UseHold remembers that a refund names the hold; again changes nothing.
func UseHold(ctx context.Context, tx *db.Tx, store, id uuid.UUID, u HoldUse) error {
	refund, err := cbor.Marshal(refundOf{u.Receipt, u.Parts})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO sales.hold_use (store_id, hold_id, hash, by_store, by_till, epoch, seq, refund)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
		store, id, u.Hash, u.Store, u.Till, int64(u.Epoch), int64(u.Seq), refund)
	if err != nil {
		return fmt.Errorf("use hold %s: %w", id, err)
	}
	return nil
}

// publish tells the till that sold what it is asked for, and the till that asked how its hold stands. Rows go once they
// have been answered or used.
func (h Hold) publish(ctx context.Context, tx *db.Tx) error {
	seller, asker := feed.Till(h.Receipt.Till), feed.Till(h.For)
	back := h.GivenUp && h.State() == retail.HoldGranted && !h.TakenBack
	if h.Answer == nil && !h.GivenUp || back {
		row, err := feed.NewRow(retail.RowHoldAsked, h.ID, retail.HoldAsked{
			ID: h.ID, Receipt: h.Receipt, For: h.For, Parts: h.Asked, Released: back,
		})
		if err != nil {
			return err
		}
		feed.Publish(ctx, tx, seller, row)
	} else {
		feed.Remove(ctx, tx, seller, retail.RowHoldAsked, h.ID)
	}
	if len(h.Uses) > 0 || h.GivenUp {
		feed.Remove(ctx, tx, asker, retail.RowHoldGiven, h.ID)
		return nil
	}
	given := retail.HoldGiven{State: h.State(), Sale: h.Sale}
	given.Hold = retail.RefundHold{ID: h.ID, Receipt: h.Receipt, For: h.For, Parts: h.Asked}
	switch {
	case given.State == retail.HoldInDoubt:
		given.Hold.Before = h.Answer.Before
	case h.Answer != nil:
		given.Hold = *h.Answer
	}
	row, err := feed.NewRow(retail.RowHoldGiven, h.ID, given)
	if err != nil {
		return err
	}
	feed.Publish(ctx, tx, asker, row)
	return nil
}
