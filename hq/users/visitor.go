package users

import (
	"context"
	"fmt"
	"time"

	"comptant/shared/retail"
)

const (
	// visitorFailures is how much may fail from one network address within visitorSpan: the people of a shop share one.
	visitorFailures = 30
	visitorSpan     = 10 * time.Minute
)

// Welcome refuses an address from which too much has failed lately, with the error signin.often.
func (s *Sessions) Welcome(ctx context.Context, address string) error {
	var often bool
	err := s.db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM users.visitor WHERE address = $1 AND failures >= $2 AND since > $3)`,
		address, visitorFailures, s.now().Add(-visitorSpan)).Scan(&often)
	if err != nil {
		return fmt.Errorf("count failures: %w", err)
	}
	if often {
		return &retail.Error{Code: retail.Forbidden, Key: "signin.often", Args: map[string]any{"minutes": int(visitorSpan.Minutes())}}
	}
	return nil
}

// Failed counts what failed from an address.
func (s *Sessions) Failed(ctx context.Context, address string) error {
	over := s.now().Add(-visitorSpan)
	_, err := s.db.Exec(ctx, `
		WITH old AS (DELETE FROM users.visitor WHERE since <= $3 AND address <> $1)
		INSERT INTO users.visitor AS v (address, failures, since) VALUES ($1, 1, $2)
		ON CONFLICT (address) DO UPDATE SET
			failures = CASE WHEN v.since <= $3 THEN 1 ELSE v.failures + 1 END, since = CASE WHEN v.since <= $3 THEN $2 ELSE v.since END`,
		address, s.now(), over)
	if err != nil {
		return fmt.Errorf("count failures: %w", err)
	}
	return nil
}
