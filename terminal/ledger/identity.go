package ledger

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"comptant/shared/retail"

	"github.com/google/uuid"
)

// Enrolment is what enrolling gave this till: who it is, and how it and headquarters know each other.
type Enrolment struct {
	Till     uuid.UUID
	Number   int
	Store    retail.Location
	Currency string
	// URL is where headquarters answers, for example https://hq.example.
	URL string
	// Key signs this till's sessions; HQKey verifies those of headquarters.
	Key   ed25519.PrivateKey
	HQKey ed25519.PublicKey
	// Epoch is the first epoch this key may write.
	Epoch uint64
}

// Enrol keeps e in the folder, creating it. A till that is enrolled again keeps its journal and begins a new epoch; a
// folder that belongs to another till is refused, because its journal would be lost from sight.
func Enrol(ctx context.Context, dir string, e Enrolment) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	db, err := openDatabase(ctx, filepath.Join(dir, ledgerFile), "ledger", fullSync, fullReadBack)
	if err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	err = db.write.tx(ctx, func() error { return e.keep(ctx, db.write) })
	return errors.Join(err, db.close())
}

// Enrolled says whether the folder belongs to a till. It may be asked while that till runs.
func Enrolled(ctx context.Context, dir string) (bool, error) {
	path := filepath.Join(dir, ledgerFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	db, err := openDatabase(ctx, path, "ledger", fullSync, fullReadBack)
	if err != nil {
		return false, fmt.Errorf("look for a till in %s: %w", dir, err)
	}
	_, err = readIdentity(ctx, db.read)
	if errors.Is(err, ErrNotEnrolled) {
		return false, db.close()
	}
	return err == nil, errors.Join(err, db.close())
}

func (e Enrolment) keep(ctx context.Context, w *writer) error {
	old, enrolled, err := one(ctx, w, value[uuid.UUID], `SELECT till FROM identity`)
	if err != nil {
		return err
	}
	if enrolled && old != e.Till {
		return &retail.Error{
			Code: retail.Conflict, Key: KeyOtherTill,
			Err: fmt.Errorf("enrol till %s: the folder is till %s's", e.Till, old),
		}
	}
	_, err = w.exec(ctx, `INSERT INTO identity
			(one, till, number, store, store_code, store_name, zone, currency, url, device_key, hq_key, granted_epoch)
		VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (one) DO UPDATE SET
			number = excluded.number, store = excluded.store, store_code = excluded.store_code,
			store_name = excluded.store_name, zone = excluded.zone, currency = excluded.currency, url = excluded.url,
			device_key = excluded.device_key, hq_key = excluded.hq_key, granted_epoch = excluded.granted_epoch`,
		e.Till[:], e.Number, e.Store.ID[:], e.Store.Code, e.Store.Name, e.Store.Zone, e.Currency, e.URL,
		[]byte(e.Key), []byte(e.HQKey), e.Epoch)
	return err
}

// identity is the row of the same name.
type identity struct {
	Enrolment
	// told is the least epoch headquarters told the till to write.
	told    uint64
	session uint64
	ackAt   int64
}

// least is the least epoch the till may write, and who said so.
func (i identity) least() (uint64, retail.EpochReason) {
	if i.told > i.Epoch {
		return i.told, retail.EpochGranted
	}
	return i.Epoch, retail.EpochEnrolled
}

func readIdentity(ctx context.Context, q querier) (identity, error) {
	id, ok, err := one(ctx, q, func(r *sql.Rows) (i identity, err error) {
		i.Store.Kind = retail.LocationStore
		var key, hq []byte
		err = r.Scan(&i.Till, &i.Number, &i.Store.ID, &i.Store.Code, &i.Store.Name, &i.Store.Zone, &i.Currency, &i.URL,
			&key, &hq, &i.Epoch, &i.told, &i.session, &i.ackAt)
		if err == nil && (len(key) != ed25519.PrivateKeySize || len(hq) != ed25519.PublicKeySize) {
			err = fmt.Errorf("keys of %d and %d bytes", len(key), len(hq))
		}
		i.Key, i.HQKey = key, hq
		return i, err
	}, `SELECT till, number, store, store_code, store_name, zone, currency, url, device_key, hq_key, granted_epoch,
		told_epoch, session, ack_at
		FROM identity`)
	if err != nil {
		return id, fmt.Errorf("read identity: %w", err)
	}
	if !ok {
		return id, ErrNotEnrolled
	}
	return id, nil
}
