package users

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/retail"
	"comptant/shared/secret"
)

const (
	// sessionLife is how long nobody needs to sign in again, from the last use.
	sessionLife = 12 * time.Hour
	// longestSession ends a session that is always in use.
	longestSession = 7 * 24 * time.Hour
	// seenEvery spares a write for each page.
	seenEvery = time.Minute
)

// Session is one browser that is signed in.
type Session struct {
	ID        string // to end it by; says nothing about the token
	Staff     uuid.UUID
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time
	Agent     string // the browser, as it calls itself
	Address   string
}

// Sessions signs people in and out.
type Sessions struct {
	db  *db.DB
	now func() time.Time
	// checks bounds how many passwords are checked at once: each takes 64 MiB.
	checks chan struct{}
	nobody func() string
}

// NewSessions keeps its sessions in the database.
func NewSessions(db *db.DB, now func() time.Time) *Sessions {
	return &Sessions{db: db, now: now, checks: make(chan struct{}, checksAtOnce), nobody: sync.OnceValue(noPassword)}
}

// open starts a session and gives its token.
func (s *Sessions) open(ctx context.Context, staff uuid.UUID, agent, address string) (string, error) {
	token, now := secret.Token(), s.now()
	hash := secret.HashToken(token)
	_, err := s.db.Exec(ctx, `
		WITH old AS (DELETE FROM users.session WHERE staff_id = $2 AND expires_at <= $3),
			seen AS (UPDATE users.staff SET signed_in_at = $3 WHERE id = $2)
		INSERT INTO users.session (token_hash, staff_id, created_at, seen_at, expires_at, agent, address)
		VALUES ($1, $2, $3, $3, $4, $5, $6)`, hash[:], staff, now, now.Add(sessionLife), cut(agent, 200), cut(address, 60))
	if err != nil {
		return "", fmt.Errorf("open session: %w", err)
	}
	return token, nil
}

func cut(s string, n int) string { return s[:min(len(s), n)] }

// Session gives who the token belongs to, and keeps the session alive. retail.Forbidden says to sign in (again).
func (s *Sessions) Session(ctx context.Context, token string) (Staff, error) {
	hash, now := secret.HashToken(token), s.now()
	var id uuid.UUID
	var created, seen time.Time
	err := s.db.QueryRow(ctx, `SELECT staff_id, created_at, seen_at FROM users.session WHERE token_hash = $1 AND expires_at > $2`, hash[:], now).
		Scan(&id, &created, &seen)
	if errors.Is(err, pgx.ErrNoRows) {
		return Staff{}, &retail.Error{Code: retail.Forbidden, Key: "session.none"}
	}
	if err != nil {
		return Staff{}, fmt.Errorf("read session: %w", err)
	}
	staff, err := Get(ctx, s.db, id)
	if err != nil {
		return Staff{}, err
	}
	if now.Sub(seen) >= seenEvery {
		expires := now.Add(sessionLife)
		if end := created.Add(longestSession); expires.After(end) {
			expires = end
		}
		_, err := s.db.Exec(ctx, `UPDATE users.session SET seen_at = $2, expires_at = $3 WHERE token_hash = $1`, hash[:], now, expires)
		if err != nil {
			return Staff{}, fmt.Errorf("keep session: %w", err)
		}
	}
	return staff, nil
}

// SignOut ends the session of a token, if there is one.
func (s *Sessions) SignOut(ctx context.Context, token string) error {
	hash := secret.HashToken(token)
	if _, err := s.db.Exec(ctx, `DELETE FROM users.session WHERE token_hash = $1`, hash[:]); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// List gives the open sessions of a person, the last used first.
func (s *Sessions) List(ctx context.Context, staff uuid.UUID) ([]Session, error) {
	rows, err := s.db.Query(ctx, `
		SELECT encode(sha256(token_hash), 'hex'), staff_id, created_at, seen_at, expires_at, agent, address FROM users.session
		WHERE staff_id = $1 AND expires_at > $2 ORDER BY seen_at DESC`, staff, s.now())
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	open, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Session])
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return open, nil
}

// SessionID names the session of a token, as List does.
func SessionID(token string) string {
	hash := secret.HashToken(token)
	id := sha256.Sum256(hash[:])
	return hex.EncodeToString(id[:])
}

// Revoke ends one session of a person. It is false when there is none.
func Revoke(ctx context.Context, tx *db.Tx, staff uuid.UUID, session string) (done bool, err error) {
	id, err := hex.DecodeString(session)
	if err != nil {
		return false, nil
	}
	tag, err := tx.Exec(ctx, `DELETE FROM users.session WHERE staff_id = $1 AND sha256(token_hash) = $2`, staff, id)
	if err != nil {
		return false, fmt.Errorf("revoke session: %w", err)
	}
	return tag.RowsAffected() > 0, nil
}

// RevokeAll ends every session of a person but the one of the token keep, if any.
func RevokeAll(ctx context.Context, tx *db.Tx, staff uuid.UUID, keep string) error {
	hash := secret.HashToken(keep)
	if _, err := tx.Exec(ctx, `DELETE FROM users.session WHERE staff_id = $1 AND token_hash <> $2`, staff, hash[:]); err != nil {
		return fmt.Errorf("end sessions of staff %s: %w", staff, err)
	}
	return nil
}
