package tills

import (
	"bytes"
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
	"comptant/sync/hub"
	"comptant/sync/wire"
)

// Topic is marked when a till comes, goes, or is enrolled or revoked.
const Topic = "tills"

// silence is how long a till may say nothing before it counts as gone: the heartbeat's deadline (a process of HQ that
// dies cannot write down who was connected to it).
const silence = 75 * time.Second

// Till is one lane of a store and its device.
type Till struct {
	Store      uuid.UUID  `db:"store_id"`
	ID         uuid.UUID  `db:"id"`
	Number     int        `db:"number"`
	Key        []byte     `db:"key"` // Ed25519 public key; nil until enrolled
	EnrolledAt *time.Time `db:"enrolled_at"`
	RevokedAt  *time.Time `db:"revoked_at"`
	App        string     `db:"app"`
	Host       string     `db:"host"`
	// Granted is the last epoch number granted so far.
	Granted int64 `db:"granted"`
	// N is how many sessions it has had, NUsed the newest whose welcome it is known to have kept, Session the newest's id.
	N       int64      `db:"n"`
	NUsed   int64      `db:"n_used"`
	Session *uuid.UUID `db:"session"`
	Online  bool       `db:"online"`
	SeenAt  *time.Time `db:"seen_at"`
	// Since is when Online last changed.
	Since *time.Time `db:"since"`
	// SaidLast is how many entries its journal held at its last hello, over all epochs, sent or not; SaidAt is when that was.
	SaidLast int64      `db:"said_last"`
	SaidAt   *time.Time `db:"said_at"`
	// Unsent is how many entries it last said it holds that we have not acknowledged, UnsentSince when it wrote the oldest; nil when there is
	// none, or it does not say.
	Unsent      int64      `db:"unsent"`
	UnsentSince *time.Time `db:"unsent_since"`
	// CopiedAt is when an older copy of its disk last said hello.
	CopiedAt *time.Time `db:"copied_at"`
	// ClockOffset is the till's clock minus ours at the last hello, in milliseconds.
	ClockOffset *int64 `db:"clock_offset"`
	// Prices is the version of prices it last said it sells at, known since PricesSince; 0 when it has not said.
	Prices      int64      `db:"prices"`
	PricesSince *time.Time `db:"prices_since"`
	// ShowsGen and ShowsSeq are how far it shows the global feed, as it last said.
	ShowsGen int64 `db:"shows_gen"`
	ShowsSeq int64 `db:"shows_seq"`
	// OwnGen and OwnSeq are how far it shows its own feed.
	OwnGen int64 `db:"own_gen"`
	OwnSeq int64 `db:"own_seq"`
	// LockedAt is since when nobody may work at it; nil when anybody may. LockHeard, which List says, is that it knows.
	LockedAt   *time.Time `db:"locked_at"`
	LockReason string     `db:"lock_reason"`
	LockedBy   string     `db:"locked_by"`
	LockHeard  bool       `db:"-"`
	// LogAskedAt is since when its log is awaited, LogAt when the newest came.
	LogAskedAt *time.Time `db:"log_asked_at"`
	LogAt      *time.Time `db:"log_at"`
}

const columns = `store_id, id, number, key, enrolled_at, revoked_at, app, host, granted, n, n_used, session, online, seen_at, since, said_last, said_at, unsent, unsent_since, copied_at,
	clock_offset, prices, prices_since, shows_gen, shows_seq, own_gen, own_seq, locked_at, lock_reason, locked_by, log_asked_at, log_at`

// Shows says that the till shows the global feed as far as a place in it.
func (t Till) Shows(p feed.Position) bool { return reached(t.ShowsGen, t.ShowsSeq, p) }

// backlog is how old what a till has not sent must be to be of note. A till says it every half a minute, and by then what was written just
// before it said so has come.
const backlog = time.Minute

// Oldest is when the till wrote the oldest of what it has not sent, as far as it is known; nil when all that it is known to have is here.
// Of a till that is not heard that is no more than it last said: what it has sold since nobody knows.
func (t Till) Oldest(now time.Time) *time.Time {
	if t.UnsentSince == nil || now.Sub(*t.UnsentSince) < backlog {
		return nil
	}
	return t.UnsentSince
}

// Behind is how many changes of the global feed, or of its own, the till does not show; the one of which it lacks more. A feed that began
// anew it lacks whole.
func (t Till) Behind(heads map[string]feed.Position) int64 {
	lacks := func(gen, seq int64, head feed.Position) int64 {
		if gen != head.Gen {
			return head.Seq
		}
		return max(head.Seq-seq, 0)
	}
	return max(lacks(t.ShowsGen, t.ShowsSeq, heads[feed.Global]), lacks(t.OwnGen, t.OwnSeq, heads[feed.Till(t.ID)]))
}

func reached(gen, seq int64, p feed.Position) bool { return p.Seq > 0 && gen == p.Gen && seq >= p.Seq }

// Registry keeps the tills.
type Registry struct {
	db  *db.DB
	now func() time.Time
}

// New keeps the tills in the database.
func New(db *db.DB, now func() time.Time) *Registry { return &Registry{db: db, now: now} }

// Identity is this headquarters' own key, made at the first call.
func (r *Registry) Identity(ctx context.Context) (ed25519.PrivateKey, error) {
	_, fresh, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("make the identity: %w", err)
	}
	_, err = r.db.Exec(ctx, `INSERT INTO tills.identity (private) VALUES ($1) ON CONFLICT DO NOTHING`, fresh.Seed())
	if err != nil {
		return nil, fmt.Errorf("store the identity: %w", err)
	}
	var seed []byte
	if err := r.db.QueryRow(ctx, `SELECT private FROM tills.identity`).Scan(&seed); err != nil {
		return nil, fmt.Errorf("read the identity: %w", err)
	}
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("read the identity: %d bytes, want %d", len(seed), ed25519.SeedSize)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// Key is the till's public keys and store, or wire.UnknownTill as the error.
func (r *Registry) Key(ctx context.Context, till uuid.UUID) (hub.Device, error) {
	t, err := one(r.db.Query(ctx, `SELECT `+columns+` FROM tills.till WHERE id = $1`, till))
	if err != nil {
		return hub.Device{}, err
	}
	d := hub.Device{Till: t.ID, Store: t.Store}
	if t.usable() == nil {
		d.Key = t.Key
	}
	rows, err := r.db.Query(ctx, `SELECT key FROM tills.old_key WHERE till_id = $1 ORDER BY since DESC LIMIT $2`, till, oldKeys)
	if err != nil {
		return d, fmt.Errorf("read the old keys of till %s: %w", till, err)
	}
	d.Old, err = pgx.CollectRows(rows, pgx.RowTo[ed25519.PublicKey])
	if err == nil && d.Key == nil && len(d.Old) == 0 {
		err = wire.UnknownTill
	}
	return d, err
}

// Key is a public key of a till.
type Key = ed25519.PublicKey

// Keys gives every key that one till, or each with uuid.Nil, has or had.
func Keys(ctx context.Context, tx *db.Tx, till uuid.UUID) (map[uuid.UUID][]Key, error) {
	rows, err := tx.Query(ctx, `
		SELECT id, key FROM tills.till WHERE key IS NOT NULL AND ($1 OR id = $2)
		UNION SELECT till_id, key FROM tills.old_key WHERE $1 OR till_id = $2`, till == uuid.Nil, till)
	if err != nil {
		return nil, fmt.Errorf("read the keys of tills: %w", err)
	}
	all := map[uuid.UUID][]Key{}
	var id [16]byte
	var key []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &key}, func() error {
		all[id] = append(all[id], bytes.Clone(key))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the keys of tills: %w", err)
	}
	return all, nil
}

// oldKeys is how many keys of a till that count no more may still send.
const oldKeys = 20

// ByID reads a till. The error is wire.UnknownTill.
func ByID(ctx context.Context, tx *db.Tx, till uuid.UUID) (Till, error) {
	return one(tx.Query(ctx, `SELECT `+columns+` FROM tills.till WHERE id = $1`, till))
}

// LockAny takes the lock of a till, also of one that may not connect. The error is wire.UnknownTill.
func LockAny(ctx context.Context, tx *db.Tx, till uuid.UUID) (Till, error) {
	return one(tx.Query(ctx, `SELECT `+columns+` FROM tills.till WHERE id = $1 FOR UPDATE`, till))
}

// LockByID takes the lock of a till that may connect. The error is wire.UnknownTill or wire.Revoked.
func LockByID(ctx context.Context, tx *db.Tx, till uuid.UUID) (Till, error) {
	t, err := LockAny(ctx, tx, till)
	if err != nil {
		return Till{}, err
	}
	return t, t.usable()
}

// Lock takes the lock of a till for its session: wire.Fenced is the error when the till has a newer one.
func Lock(ctx context.Context, tx *db.Tx, store, till, session uuid.UUID) error {
	t, err := one(tx.Query(ctx, `SELECT `+columns+` FROM tills.till WHERE store_id = $1 AND id = $2 FOR UPDATE`, store, till))
	switch {
	case err != nil:
		return err
	case t.usable() != nil:
		return t.usable()
	case t.Session == nil || *t.Session != session:
		return wire.Fenced
	}
	return nil
}

// LockStore takes the locks of all tills of a store, so that no entry of it is being stored, and gives their ids.
func LockStore(ctx context.Context, tx *db.Tx, store uuid.UUID) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, `SELECT id FROM tills.till WHERE store_id = $1 ORDER BY id FOR UPDATE`, store)
	if err != nil {
		return nil, fmt.Errorf("lock the tills of store %s: %w", store, err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

func one(rows pgx.Rows, err error) (Till, error) {
	if err != nil {
		return Till{}, fmt.Errorf("read till: %w", err)
	}
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Till])
	if errors.Is(err, pgx.ErrNoRows) {
		return Till{}, wire.UnknownTill
	}
	if err != nil {
		return Till{}, fmt.Errorf("read till: %w", err)
	}
	return t, nil
}

func (t Till) usable() error {
	switch {
	case t.RevokedAt != nil:
		return wire.Revoked
	case t.Key == nil:
		return wire.UnknownTill
	}
	return nil
}

// Revoke closes the till's key for good; only enrolling again opens another. What the key still sends is kept aside. A lock ends
// with it: who enrols a machine there means to work at it.
func (r *Registry) Revoke(ctx context.Context, till uuid.UUID) error {
	return r.db.InTx(ctx, func(tx *db.Tx) error { return r.RevokeTx(ctx, tx, till) })
}

// RevokeTx is Revoke in the caller's transaction.
func (r *Registry) RevokeTx(ctx context.Context, tx *db.Tx, till uuid.UUID) error {
	done, err := tx.Exec(ctx, `
		UPDATE tills.till SET revoked_at = coalesce(revoked_at, $2), session = NULL, online = false,
			locked_at = NULL, lock_reason = '', locked_by = '', log_asked_at = NULL WHERE id = $1`, till, r.now())
	if err != nil {
		return fmt.Errorf("revoke till %s: %w", till, err)
	}
	if done.RowsAffected() == 0 {
		return fmt.Errorf("revoke till %s: %w", till, wire.UnknownTill)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO tills.old_key SELECT id, key, revoked_at FROM tills.till WHERE id = $1 AND key IS NOT NULL
		ON CONFLICT DO NOTHING`, till)
	if err != nil {
		return fmt.Errorf("revoke till %s: %w", till, err)
	}
	feed.Remove(ctx, tx, feed.Till(till), retail.RowControl, till)
	feed.Remove(ctx, tx, feed.Till(till), retail.RowLogAsked, till)
	feed.Mark(tx, Topic)
	return nil
}

// List gives every till, by store and number.
func (r *Registry) List(ctx context.Context) ([]Till, error) {
	rows, err := r.db.Query(ctx, `SELECT `+columns+` FROM tills.till ORDER BY store_id, number`)
	if err != nil {
		return nil, fmt.Errorf("list tills: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Till])
	if err != nil {
		return nil, fmt.Errorf("list tills: %w", err)
	}
	for i := range list {
		t := &list[i]
		if t.Online && t.SeenAt != nil && t.SeenAt.Before(r.now().Add(-silence)) {
			t.Online, t.Since = false, t.SeenAt
		}
		if t.LockedAt == nil {
			continue
		}
		if t.LockHeard, err = r.heard(ctx, *t); err != nil {
			return nil, fmt.Errorf("list tills: %w", err)
		}
	}
	return list, nil
}
