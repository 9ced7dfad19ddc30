package users

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/retail"
	"comptant/shared/secret"
)

// ResetLife is how long a link to set a new password works.
const ResetLife = 30 * time.Minute

// Forgot makes the token of a link for who has forgotten their password; the link sent before works no more. The token is empty
// when nobody may sign in with the address: who asks is told the same. After three times each asks for a growing wait, the error
// signin.wait, whether or not anybody has the address.
func (s *Sessions) Forgot(ctx context.Context, email string) (token string, staff Staff, err error) {
	email = canonical(email)
	if err := s.admit(ctx, "forgot "+email); err != nil { // a space is in no address: these waits are apart from the sign-in's
		return "", Staff{}, err
	}
	found, err := list(ctx, s.db, "s.email = $1 AND s.disabled_at IS NULL", email)
	if err != nil {
		return "", Staff{}, fmt.Errorf("find %s: %w", email, err)
	}
	if len(found) == 0 || !May(found[0].Role, SeeOverview) {
		return "", Staff{}, nil
	}
	token = secret.Token()
	hash := secret.HashToken(token)
	_, err = s.db.Exec(ctx, `
		INSERT INTO users.reset (token_hash, staff_id, expires_at) VALUES ($1, $2, $3)
		ON CONFLICT (staff_id) DO UPDATE SET token_hash = excluded.token_hash, expires_at = excluded.expires_at`,
		hash[:], found[0].ID, s.now().Add(ResetLife))
	if err != nil {
		return "", Staff{}, fmt.Errorf("write a link for staff %s: %w", found[0].ID, err)
	}
	return token, found[0], nil
}

// ResetOf gives who may set a new password with a token. The error is reset.gone when it is nobody's, was used, or is too old.
func ResetOf(ctx context.Context, q Querier, token string, now time.Time) (Staff, error) {
	hash := secret.HashToken(token)
	found, err := list(ctx, q, `s.disabled_at IS NULL AND s.id = (
		SELECT staff_id FROM users.reset WHERE token_hash = $1 AND expires_at > $2)`, hash[:], now)
	if err != nil {
		return Staff{}, fmt.Errorf("read a link: %w", err)
	}
	if len(found) == 0 {
		return Staff{}, gone()
	}
	return found[0], nil
}

// Reset uses a token up and sets the new password. The waits of who guessed at the old one are over.
func Reset(ctx context.Context, tx *db.Tx, token string, password Password, now time.Time) (Staff, error) {
	hash := secret.HashToken(token)
	var id uuid.UUID
	err := tx.QueryRow(ctx, `DELETE FROM users.reset WHERE token_hash = $1 AND expires_at > $2 RETURNING staff_id`, hash[:], now).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Staff{}, gone()
	}
	if err != nil {
		return Staff{}, fmt.Errorf("use a link: %w", err)
	}
	staff, err := Get(ctx, tx, id)
	if err != nil {
		return Staff{}, err
	}
	if staff.DisabledAt != nil {
		return Staff{}, gone()
	}
	if _, err := tx.Exec(ctx, `DELETE FROM users.attempt WHERE email IN ($1, 'forgot ' || $1)`, staff.Email); err != nil {
		return Staff{}, fmt.Errorf("use a link: %w", err)
	}
	return staff, SetPassword(ctx, tx, id, password, "")
}

func gone() error { return &retail.Error{Code: retail.NotFound, Key: "reset.gone"} }
