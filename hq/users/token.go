package users

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/retail"
	"comptant/shared/secret"
)

// Scope is what a token may do by the API.
type Scope string

// The scopes. Each says what it means to read or write of one domain; who may write may not read by that alone.
const (
	ReadCatalog  Scope = "catalog:read"
	WriteCatalog Scope = "catalog:write"
	ReadStock    Scope = "stock:read"
	WriteStock   Scope = "stock:write"
	ReadSales    Scope = "sales:read"
	ReadTills    Scope = "tills:read"
	WriteTills   Scope = "tills:write"
	// WriteLocks is for who may keep people out of a till for a while, and not end it. WriteTills holds it.
	WriteLocks  Scope = "tills:lock"
	ReadUsers   Scope = "users:read"
	WriteUsers  Scope = "users:write"
	ReadOrders  Scope = "orders:read"
	WriteOrders Scope = "orders:write"
	// ReadJournal reads what the tills wrote, and what is wrong with it; WriteJournal says what was done about that.
	ReadJournal  Scope = "journal:read"
	WriteJournal Scope = "journal:write"
	ReadAudit    Scope = "audit:read"
	// WriteTokens makes tokens that may no more than the one that makes them.
	WriteTokens  Scope = "tokens:write"
	WriteImports Scope = "imports:write"
	// ReadMetrics is for Prometheus: how headquarters and its tills do.
	ReadMetrics Scope = "metrics:read"
)

// Scopes are all there are.
var Scopes = []Scope{ReadCatalog, WriteCatalog, ReadStock, WriteStock, ReadSales, ReadTills, WriteLocks, WriteTills, ReadUsers, WriteUsers, ReadOrders, WriteOrders, ReadJournal, WriteJournal, ReadAudit, WriteTokens, WriteImports, ReadMetrics}

const (
	// tokenPrefix lets people, and programs that look for secrets in the wrong place, know one.
	tokenPrefix  = "comptant_"
	maxTokenName = 80 // characters
)

// Token is what a program signs in with, without the token itself.
type Token struct {
	ID        uuid.UUID
	Name      string
	Scopes    []Scope
	CreatedAt time.Time
	// CreatedBy is the name of who made it, or whom the command line ran as.
	CreatedBy string
	// ExpiresAt is nil for a token that lasts until it is revoked, UsedAt for one that nobody has used.
	ExpiresAt, UsedAt, RevokedAt *time.Time
}

// May tells whether the token has a scope.
func (t Token) May(s Scope) bool {
	return slices.Contains(t.Scopes, s) || s == WriteLocks && slices.Contains(t.Scopes, WriteTills)
}

// NewToken makes a token, and gives the secret that is shown this once. The id and the times of t are given here.
func NewToken(ctx context.Context, tx *db.Tx, t Token, now time.Time) (Token, string, error) {
	t.Name = strings.TrimSpace(t.Name)
	switch {
	case t.Name == "" || len([]rune(t.Name)) > maxTokenName:
		return t, "", &retail.Error{Code: retail.Invalid, Key: "token.name", Args: map[string]any{"max": maxTokenName}}
	case len(t.Scopes) == 0:
		return t, "", &retail.Error{Code: retail.Invalid, Key: "token.scopes"}
	case t.ExpiresAt != nil && !t.ExpiresAt.After(now):
		return t, "", &retail.Error{Code: retail.Invalid, Key: "token.expiry"}
	}
	for _, s := range t.Scopes {
		if !slices.Contains(Scopes, s) {
			return t, "", &retail.Error{Code: retail.Invalid, Key: "token.scopes", Args: map[string]any{"value": s}}
		}
	}
	var err error
	if t.ID, err = uuid.NewV7(); err != nil {
		return t, "", err
	}
	t.CreatedAt, t.UsedAt, t.RevokedAt = now, nil, nil
	plain := tokenPrefix + secret.Token()
	hash := secret.HashToken(plain)
	_, err = tx.Exec(ctx, `
		INSERT INTO users.token (id, name, hash, scopes, created_at, created_by, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		t.ID, t.Name, hash[:], t.Scopes, t.CreatedAt, t.CreatedBy, t.ExpiresAt)
	if err != nil {
		return t, "", fmt.Errorf("write token %s: %w", t.Name, err)
	}
	return t, plain, nil
}

// TokenDesk lets programs in, and remembers those that come often.
type TokenDesk struct {
	db   *db.DB
	kept *feed.Kept[[32]byte, *knownToken]
}

// knownToken is a token that came lately.
type knownToken struct {
	Token
	noted atomic.Int64 // the use that was noted last, in Unix microseconds
}

// tokenTopic is marked when one is revoked.
const tokenTopic = "tokens"

// NewTokenDesk makes a desk; the notifier brings what other processes revoke.
func NewTokenDesk(d *db.DB, n *feed.Notifier) *TokenDesk {
	return &TokenDesk{d, feed.Keep(n, func(ctx context.Context, hash [32]byte) (*knownToken, error) {
		found, err := tokens(ctx, d, "hash = $1 AND revoked_at IS NULL", hash[:])
		if err != nil {
			return nil, fmt.Errorf("read token: %w", err)
		}
		if len(found) == 0 {
			return nil, &retail.Error{Code: retail.Forbidden, Key: "token.none"}
		}
		t := &knownToken{Token: found[0]}
		if t.UsedAt != nil {
			t.noted.Store(t.UsedAt.UnixMicro())
		}
		return t, nil
	}, tokenTopic)}
}

// Use gives whose secret it is, and notes that it was used. retail.Forbidden says that it opens nothing (any more).
func (k *TokenDesk) Use(ctx context.Context, plain string, now time.Time) (Token, error) {
	t, err := k.kept.Get(ctx, secret.HashToken(plain))
	if err != nil {
		return Token{}, err
	}
	if t.ExpiresAt != nil && !t.ExpiresAt.After(now) {
		return Token{}, &retail.Error{Code: retail.Forbidden, Key: "token.none"}
	}
	if now.Sub(time.UnixMicro(t.noted.Load())) >= seenEvery {
		if _, err := k.db.Exec(ctx, `UPDATE users.token SET used_at = $2 WHERE id = $1`, t.ID, now); err != nil {
			return Token{}, fmt.Errorf("note the use of token %s: %w", t.Name, err)
		}
		t.noted.Store(now.UnixMicro())
	}
	return t.Token, nil
}

// Tokens gives all, the newest first, also those that open nothing any more.
func Tokens(ctx context.Context, q Querier) ([]Token, error) {
	found, err := tokens(ctx, q, "true")
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	return found, nil
}

func tokens(ctx context.Context, q Querier, where string, args ...any) ([]Token, error) {
	rows, err := q.Query(ctx, `
		SELECT id, name, scopes, created_at, created_by, expires_at, used_at, revoked_at FROM users.token
		WHERE `+where+` ORDER BY created_at DESC, id`, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Token])
}

// RevokeToken has a token open nothing from now on. One that is revoked stays so.
func RevokeToken(ctx context.Context, tx *db.Tx, id uuid.UUID, now time.Time) (Token, error) {
	var t Token
	rows, err := tx.Query(ctx, `
		UPDATE users.token SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1
		RETURNING id, name, scopes, created_at, created_by, expires_at, used_at, revoked_at`, id, now)
	if err == nil {
		t, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Token])
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return t, &retail.Error{Code: retail.NotFound, Key: "token.unknown", Args: map[string]any{"id": id}}
	}
	if err != nil {
		return t, fmt.Errorf("revoke token %s: %w", id, err)
	}
	feed.Mark(tx, tokenTopic)
	return t, nil
}
