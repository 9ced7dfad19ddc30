package users

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/retail"
	"comptant/shared/secret"
)

const (
	checksAtOnce = 4
	// freeFailures are mistakes a person makes; from then on every wrong password doubles the wait.
	freeFailures = 3
	firstWait    = 2 * time.Second
	longestWait  = 5 * time.Minute
	// forgetAfter is when old failures no longer count.
	forgetAfter = 24 * time.Hour
)

// noPassword is what a password is checked against when nobody has the e-mail address, so that the answer takes as long:
// the hash of a token that was thrown away.
func noPassword() string {
	phc, err := secret.Hash(secret.Token(), secret.Password)
	if err != nil {
		panic(err) // neither the token nor the cost is wrong
	}
	return phc
}

// SignIn checks an e-mail address and password and opens a session; the token goes into the cookie. Errors for a person:
// signin.wrong (address or password, which of them is not said), signin.wait with seconds, and signin.role when the
// role has nothing to do here.
func (s *Sessions) SignIn(ctx context.Context, email, password, agent, address string) (token string, staff Staff, err error) {
	id, err := s.Check(ctx, email, password)
	if err != nil {
		return "", Staff{}, err
	}
	if staff, err = Get(ctx, s.db, id); err != nil {
		return "", Staff{}, err
	}
	if !May(staff.Role, SeeOverview) {
		return "", Staff{}, &retail.Error{Code: retail.Forbidden, Key: "signin.role"}
	}
	token, err = s.open(ctx, id, agent, address)
	return token, staff, err
}

// Check gives whose e-mail address and password they are. Its errors are those of SignIn.
func (s *Sessions) Check(ctx context.Context, email, password string) (uuid.UUID, error) {
	email = canonical(email)
	if err := s.admit(ctx, email); err != nil {
		return uuid.Nil, err
	}
	id, phc, err := s.passwordOf(ctx, email)
	if err != nil {
		return uuid.Nil, err
	}
	ok, err := s.verify(ctx, phc, password)
	if err != nil {
		return uuid.Nil, fmt.Errorf("sign in: %w", err)
	}
	if !ok || id == uuid.Nil {
		return uuid.Nil, &retail.Error{Code: retail.Forbidden, Key: "signin.wrong"}
	}
	if _, err := s.db.Exec(ctx, `DELETE FROM users.attempt WHERE email = $1`, email); err != nil {
		return uuid.Nil, fmt.Errorf("sign in: %w", err)
	}
	return id, nil
}

// admit counts a try before it is made, so that many at once count too, and refuses it while the address must wait.
func (s *Sessions) admit(ctx context.Context, email string) error {
	now := s.now()
	var blocked time.Time
	err := s.db.QueryRow(ctx, `
		INSERT INTO users.attempt AS a (email, failures, blocked_to) VALUES ($1, 1, $2)
		ON CONFLICT (email) DO UPDATE SET
			failures = CASE WHEN a.blocked_to < $3 THEN 1 ELSE a.failures + 1 END,
			blocked_to = $2 + CASE WHEN a.failures < $4 OR a.blocked_to < $3 THEN interval '0'
				ELSE least($5::interval * power(2, least(a.failures - $4, 20)), $6::interval) END
		WHERE a.blocked_to <= $2
		RETURNING blocked_to`, email, now, now.Add(-forgetAfter), freeFailures, firstWait, longestWait).Scan(&blocked)
	if err == nil {
		return nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("count sign-in: %w", err)
	}
	err = s.db.QueryRow(ctx, `SELECT blocked_to FROM users.attempt WHERE email = $1`, email).Scan(&blocked)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) { // gone: somebody just signed in
		return fmt.Errorf("count sign-in: %w", err)
	}
	seconds := max(int((blocked.Sub(now)+time.Second-1)/time.Second), 1)
	return &retail.Error{Code: retail.Forbidden, Key: "signin.wait", Args: map[string]any{"seconds": seconds}}
}

// passwordOf gives the hash to check against; the id is zero when it is nobody's.
func (s *Sessions) passwordOf(ctx context.Context, email string) (id uuid.UUID, phc string, err error) {
	err = s.db.QueryRow(ctx, `
		SELECT id, password FROM users.staff WHERE email = $1 AND password IS NOT NULL AND disabled_at IS NULL`, email).Scan(&id, &phc)
	if errors.Is(err, pgx.ErrNoRows) {
		_, err := s.db.Exec(ctx, `DELETE FROM users.attempt WHERE blocked_to < $1`, s.now().Add(-forgetAfter))
		return uuid.Nil, s.nobody(), err
	}
	if err != nil {
		return uuid.Nil, "", fmt.Errorf("read password: %w", err)
	}
	return id, phc, nil
}

// verify waits for its turn.
func (s *Sessions) verify(ctx context.Context, phc, password string) (bool, error) {
	select {
	case s.checks <- struct{}{}:
		defer func() { <-s.checks }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	return secret.Verify(phc, password)
}
