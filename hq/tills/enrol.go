package tills

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/retail"
	"comptant/shared/secret"
	"comptant/sync/wire"
)

const (
	codeLife   = 15 * time.Minute
	wrongCodes = 5 // from one address, then it waits
)

// NewCode makes a one-time code that enrols till number of the store, for 15 minutes. Only its hash is kept.
func (r *Registry) NewCode(ctx context.Context, store uuid.UUID, number int) (code string, err error) {
	err = r.db.InTx(ctx, func(tx *db.Tx) error {
		code, _, err = r.NewCodeIn(ctx, tx, store, number)
		return err
	})
	return code, err
}

// NewCodeIn is NewCode in the caller's transaction; it also says until when the code is good.
func (r *Registry) NewCodeIn(ctx context.Context, tx *db.Tx, store uuid.UUID, number int) (code string, ends time.Time, err error) {
	if number < 1 || number > 99 {
		return "", ends, &retail.Error{Code: retail.Invalid, Key: "enrol.number", Args: map[string]any{"number": number}}
	}
	id, err := uuid.NewV7()
	if err != nil {
		return "", ends, err
	}
	code, ends = secret.Code(), r.now().Add(codeLife)
	hash := secret.HashToken(code)
	_, err = tx.Exec(ctx, `INSERT INTO tills.code (id, store_id, number, hash, expires_at) VALUES ($1, $2, $3, $4, $5)`,
		id, store, number, hash[:], ends)
	if err != nil {
		return "", ends, fmt.Errorf("store enrolment code: %w", err)
	}
	return code, ends, nil
}

// Admit says whether codes from the address are looked at: the error is a *retail.Error when it has to wait.
func (r *Registry) Admit(ctx context.Context, address string) error {
	var blocked bool
	err := r.db.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM tills.attempt WHERE address = $1 AND failures >= $2 AND blocked_to > $3)`,
		address, wrongCodes, r.now()).Scan(&blocked)
	if err != nil {
		return fmt.Errorf("count enrolments: %w", err)
	}
	if blocked {
		return &retail.Error{Code: retail.Forbidden, Key: "enrol.wait", Args: map[string]any{"minutes": int(codeLife.Minutes())}}
	}
	return nil
}

// Refused counts a wrong code from the address, and gives the refusal back; another error is not counted.
func (r *Registry) Refused(ctx context.Context, address string, refusal error) error {
	var shown *retail.Error
	if !errors.As(refusal, &shown) {
		return refusal
	}
	_, err := r.db.Exec(ctx, `
		INSERT INTO tills.attempt AS a (address, failures, blocked_to) VALUES ($1, 1, $3)
		ON CONFLICT (address) DO UPDATE SET
			failures = CASE WHEN a.blocked_to <= $2 THEN 1 ELSE a.failures + 1 END, blocked_to = $3`,
		address, r.now(), r.now().Add(codeLife))
	if err != nil {
		return fmt.Errorf("count enrolments: %w", err)
	}
	return refusal
}

// Redeem turns a code and a machine's key into an enrolled till and locks it. Asking again with the same code and key,
// after a lost answer, gives the same till: again is true then.
func (r *Registry) Redeem(ctx context.Context, tx *db.Tx, req wire.EnrolRequest) (t Till, again bool, err error) {
	code, ok := secret.NormalizeCode(req.Code)
	if !ok || len(req.Key) != ed25519.PublicKeySize {
		return Till{}, false, wrongCode()
	}
	hash := secret.HashToken(code)
	var id, store uuid.UUID
	var number int
	var used *time.Time
	err = tx.QueryRow(ctx, `
		SELECT id, store_id, number, used_at FROM tills.code WHERE hash = $1 AND expires_at > $2 FOR UPDATE`,
		hash[:], r.now()).Scan(&id, &store, &number, &used)
	if errors.Is(err, pgx.ErrNoRows) {
		return Till{}, false, wrongCode()
	}
	if err != nil {
		return Till{}, false, fmt.Errorf("read enrolment code: %w", err)
	}
	if used != nil {
		t, err = one(tx.Query(ctx, `
			SELECT `+columns+` FROM tills.till WHERE store_id = $1 AND number = $2 AND key = $3 AND revoked_at IS NULL FOR UPDATE`,
			store, number, req.Key))
		if errors.Is(err, wire.UnknownTill) {
			err = wrongCode()
		}
		return t, true, err
	}
	fresh, err := uuid.NewV7()
	if err != nil {
		return Till{}, false, err
	}
	if err := replace(ctx, tx, store, number, req.Key, r.now()); err != nil {
		return Till{}, false, err
	}
	t, err = one(tx.Query(ctx, `
		INSERT INTO tills.till (store_id, id, number, key, enrolled_at, app, host) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (store_id, number) DO UPDATE SET
			key = excluded.key, enrolled_at = excluded.enrolled_at, revoked_at = NULL, session = NULL,
			n_used = 0, copied_at = NULL, -- the disk of a new key is no older copy of the one before
			own_gen = 0, own_seq = 0, -- and shows nothing yet
			app = excluded.app, host = excluded.host
		RETURNING `+columns, store, fresh, number, req.Key, r.now(), req.App, req.Host))
	if err != nil {
		return Till{}, false, err
	}
	if _, err := tx.Exec(ctx, `UPDATE tills.code SET used_at = $2 WHERE id = $1`, id, r.now()); err != nil {
		return Till{}, false, fmt.Errorf("use enrolment code: %w", err)
	}
	feed.Mark(tx, Topic)
	return t, false, nil
}

// replace has the key of a lane, if there is one, count no more, and the one that comes count again.
func replace(ctx context.Context, tx *db.Tx, store uuid.UUID, number int, key []byte, at time.Time) error {
	var batch pgx.Batch
	batch.Queue(`
		INSERT INTO tills.old_key SELECT id, key, $3 FROM tills.till WHERE store_id = $1 AND number = $2 AND key IS NOT NULL FOR UPDATE
		ON CONFLICT DO NOTHING`, store, number, at)
	batch.Queue(`
		DELETE FROM tills.old_key WHERE key = $3 AND till_id = (SELECT id FROM tills.till WHERE store_id = $1 AND number = $2)`,
		store, number, key)
	if err := tx.Send(ctx, &batch); err != nil {
		return fmt.Errorf("replace a key: %w", err)
	}
	return nil
}

func wrongCode() error { return &retail.Error{Code: retail.Invalid, Key: "enrol.code"} }

// hundred is how many epoch numbers one grant takes.
const hundred = 100

// Grant gives the till an epoch above every one granted or known so far. The till is locked.
func Grant(ctx context.Context, tx *db.Tx, t *Till, above uint64) (epoch uint64, err error) {
	last := max(uint64(t.Granted), above)
	t.Granted = int64((last+hundred-1)/hundred*hundred + hundred)
	_, err = tx.Exec(ctx, `UPDATE tills.till SET granted = $3 WHERE store_id = $1 AND id = $2`, t.Store, t.ID, t.Granted)
	if err != nil {
		return 0, fmt.Errorf("grant epoch to till %s: %w", t.ID, err)
	}
	return t.Epoch(), nil
}

// Epoch is the number last granted: the first of its hundred.
func (t Till) Epoch() uint64 { return uint64(max(t.Granted-hundred+1, 1)) }

// Knows tells whether a store ever had a till. The codes that would enrol one are taken back, and who uses one just now is waited for.
func Knows(ctx context.Context, tx *db.Tx, store uuid.UUID) (known bool, err error) {
	if _, err = tx.Exec(ctx, `DELETE FROM tills.code WHERE store_id = $1`, store); err == nil {
		err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM tills.till WHERE store_id = $1)`, store).Scan(&known)
	}
	if err != nil {
		return false, fmt.Errorf("look for tills of %s: %w", store, err)
	}
	return known, nil
}
