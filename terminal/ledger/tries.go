package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"comptant/terminal/till"

	"github.com/google/uuid"
)

// Tries are the wrong PINs of everybody who typed any. See till.Tries.
func (l *Ledger) Tries(ctx context.Context) (map[uuid.UUID]till.Try, error) {
	all := map[uuid.UUID]till.Try{}
	_, err := list(ctx, l.ledger.read, func(r *sql.Rows) (struct{}, error) {
		var user uuid.UUID
		var try till.Try
		var until int64
		err := r.Scan(&user, &try.Wrong, &until)
		if try.Until = time.UnixMilli(until).UTC(); until == 0 {
			try.Until = time.Time{}
		}
		all[user] = try
		return struct{}{}, err
	}, `SELECT user, wrong, until FROM wrong_pin`)
	return all, err
}

// KeepTry keeps a person's, or forgets it. See till.Tries.
func (l *Ledger) KeepTry(ctx context.Context, user uuid.UUID, t till.Try) error {
	w := l.ledger.write
	err := w.tx(ctx, func() error {
		if t == (till.Try{}) {
			_, err := w.exec(ctx, `DELETE FROM wrong_pin WHERE user = ?`, user[:])
			return err
		}
		until := int64(0)
		if !t.Until.IsZero() {
			until = t.Until.UnixMilli()
		}
		_, err := w.exec(ctx, `INSERT INTO wrong_pin (user, wrong, until) VALUES (?, ?, ?)
			ON CONFLICT (user) DO UPDATE SET wrong = excluded.wrong, until = excluded.until`, user[:], t.Wrong, until)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the wrong PINs of %s: %w", user, err)
	}
	return nil
}
