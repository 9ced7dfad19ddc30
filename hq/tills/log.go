package tills

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/retail"
)

// AskLog has the till send its log as soon as it hears of it.
func (r *Registry) AskLog(ctx context.Context, tx *db.Tx, till uuid.UUID) error {
	return r.control(ctx, tx, till, func(t *Till) {
		now := r.now()
		t.LogAskedAt = &now
	})
}

// TakeLog keeps the log of a till in the place of an older one. asked is the moment of the asking that it answers, in milliseconds: one
// that is not awaited, or not any more, is refused, so that nothing comes of sending it again.
func (r *Registry) TakeLog(ctx context.Context, till uuid.UUID, asked int64, text []byte) error {
	return r.db.InTx(ctx, func(tx *db.Tx) error {
		var store uuid.UUID
		awaited := false
		err := r.control(ctx, tx, till, func(t *Till) {
			store, awaited = t.Store, t.LogAskedAt != nil && t.LogAskedAt.UnixMilli() == asked
			now := r.now()
			t.LogAskedAt, t.LogAt = nil, &now
		})
		if err != nil {
			return err
		}
		if !awaited {
			return &retail.Error{Code: retail.Conflict, Key: "tills.log_unasked"} // and nothing of this is done
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO tills.log (store_id, till_id, text) VALUES ($1, $2, $3)
			ON CONFLICT (store_id, till_id) DO UPDATE SET text = excluded.text`, store, till, text)
		if err != nil {
			return fmt.Errorf("keep the log of till %s: %w", till, err)
		}
		return nil
	})
}

// Log is the newest log of a till that came.
func (r *Registry) Log(ctx context.Context, till uuid.UUID) (text []byte, err error) {
	err = r.db.QueryRow(ctx, `SELECT text FROM tills.log WHERE till_id = $1`, till).Scan(&text)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, &retail.Error{Code: retail.NotFound, Key: "tills.no_log"}
	}
	if err != nil {
		return nil, fmt.Errorf("read the log of till %s: %w", till, err)
	}
	return text, nil
}
