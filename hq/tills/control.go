package tills

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

// LongestReason is how many characters a till's screen has for why it is locked.
const LongestReason = 200

// LockOut keeps everybody out of a till until LetIn, and says why and whom to call; by may be empty. What the till has not sent
// goes on being sent, and its feeds go on. Locking a till again changes what it says.
func (r *Registry) LockOut(ctx context.Context, tx *db.Tx, till uuid.UUID, reason, by string) error {
	reason = strings.Join(strings.Fields(reason), " ") // one line
	if reason == "" || utf8.RuneCountInString(reason) > LongestReason {
		return &retail.Error{Code: retail.Invalid, Key: "tills.lock_reason", Args: map[string]any{"most": LongestReason}}
	}
	return r.control(ctx, tx, till, func(t *Till) {
		if t.LockedAt == nil {
			now := r.now()
			t.LockedAt = &now
		}
		t.LockReason, t.LockedBy = reason, by
	})
}

// LetIn takes LockOut back.
func (r *Registry) LetIn(ctx context.Context, tx *db.Tx, till uuid.UUID) error {
	return r.control(ctx, tx, till, func(t *Till) { t.LockedAt, t.LockReason, t.LockedBy = nil, "", "" })
}

// control changes what headquarters wants of a till that may connect, and tells it.
func (r *Registry) control(ctx context.Context, tx *db.Tx, till uuid.UUID, change func(*Till)) error {
	t, err := LockByID(ctx, tx, till)
	switch {
	case errors.Is(err, wire.UnknownTill):
		return &retail.Error{Code: retail.NotFound, Key: "tills.unknown", Args: map[string]any{"id": till}, Err: err}
	case errors.Is(err, wire.Revoked):
		return &retail.Error{Code: retail.Conflict, Key: "tills.is_revoked", Err: err}
	case err != nil:
		return err
	}
	change(&t)
	_, err = tx.Exec(ctx, `
		UPDATE tills.till SET locked_at = $3, lock_reason = $4, locked_by = $5, log_asked_at = $6, log_at = $7 WHERE store_id = $1 AND id = $2`,
		t.Store, t.ID, t.LockedAt, t.LockReason, t.LockedBy, t.LogAskedAt, t.LogAt)
	if err != nil {
		return fmt.Errorf("control till %s: %w", till, err)
	}
	feed.Mark(tx, Topic)
	return t.tell(ctx, tx)
}

// tell publishes what headquarters wants of the till: two rows, so that asking for the log leaves it heard that a till is locked.
func (t Till) tell(ctx context.Context, tx *db.Tx) error {
	name, lock, asked := feed.Till(t.ID), feed.Row{Type: retail.RowControl, ID: t.ID}, feed.Row{Type: retail.RowLogAsked, ID: t.ID}
	var err error
	if t.LockedAt != nil {
		lock, err = feed.NewRow(lock.Type, t.ID, retail.Control{LockedAt: t.LockedAt.UnixMilli(), Reason: t.LockReason, By: t.LockedBy})
		if err != nil {
			return err
		}
	}
	if t.LogAskedAt != nil {
		if asked, err = feed.NewRow(asked.Type, t.ID, retail.LogAsked{At: t.LogAskedAt.UnixMilli()}); err != nil {
			return err
		}
	}
	feed.Publish(ctx, tx, name, lock, asked)
	return nil
}

// heard says that the till shows its lock as it is.
func (r *Registry) heard(ctx context.Context, t Till) (bool, error) {
	p, err := feed.Place(ctx, r.db, feed.Till(t.ID), retail.RowControl, []uuid.UUID{t.ID})
	return reached(t.OwnGen, t.OwnSeq, p), err
}
