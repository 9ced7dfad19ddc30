package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// Token is what a program signs in with, without the token itself.
type Token struct {
	ID        uuid.UUID     `json:"id"`
	Name      string        `json:"name"`
	Scopes    []users.Scope `json:"scopes"`
	CreatedAt time.Time     `json:"created_at"`
	CreatedBy string        `json:"created_by" doc:"Name of the person or program, or whom the command ran as"`
	ExpiresAt *time.Time    `json:"expires_at,omitempty" doc:"Absent for one that lasts until it is revoked"`
	UsedAt    *time.Time    `json:"used_at,omitempty" doc:"When it was last used; absent for one that nobody has used"`
	RevokedAt *time.Time    `json:"revoked_at,omitempty"`
}

// NewToken is a token that was just made.
type NewToken struct {
	Token
	Secret string `json:"secret" doc:"The token itself. Headquarters keeps a hash: it is answered this once"`
}

func tokenAs(t users.Token) Token {
	return Token{t.ID, t.Name, t.Scopes, t.CreatedAt.UTC(), t.CreatedBy, utc(t.ExpiresAt), utc(t.UsedAt), utc(t.RevokedAt)}
}

func (s *site) tokenOperations() {
	op := func(method, path, id, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{tagTokens}}
	}
	add(s, users.ReadUsers, op(http.MethodGet, "/tokens", "list-tokens", "The tokens of programs, the newest first, the revoked too"), s.listTokens)
	add(s, users.WriteTokens, made(op(http.MethodPost, "/tokens", "make-token", "A new token, which may no more and lasts no longer than the one that makes it")), s.makeToken)
	add(s, users.WriteTokens, op(http.MethodDelete, "/tokens/{token}", "revoke-token", "Have a token open nothing from now on, for good"), s.revokeToken)
}

func (s *site) listTokens(ctx context.Context, in *struct{ Paging }) (*List[Token], error) {
	all, err := users.Tokens(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	return cut(each(all, tokenAs), in.Paging, func(t Token) string { return t.ID.String() })
}

type makeTokenIn struct {
	Once
	Body struct {
		Name      string        `json:"name" minLength:"1" maxLength:"80" doc:"Of the program, in the audit log"`
		Scopes    []users.Scope `json:"scopes" minItems:"1" maxItems:"50"`
		ExpiresAt *time.Time    `json:"expires_at,omitempty" doc:"When this one ends, or never if this one never does, when it is not said"`
	}
}

func (s *site) makeToken(ctx context.Context, in *makeTokenIn) (*Made[NewToken], error) {
	maker, ends := tokenOf(ctx), in.Body.ExpiresAt
	for _, scope := range in.Body.Scopes {
		if !maker.May(scope) {
			return nil, &retail.Error{Code: retail.Forbidden, Key: "token.beyond", Args: map[string]any{"scope": scope}}
		}
	}
	if maker.ExpiresAt != nil && (ends == nil || ends.After(*maker.ExpiresAt)) {
		if ends != nil {
			return nil, &retail.Error{Code: retail.Forbidden, Key: "token.longer"}
		}
		ends = maker.ExpiresAt
	}
	return once(ctx, s, in, func(tx *db.Tx) (*Made[NewToken], error) {
		t, plain, err := users.NewToken(ctx, tx, users.Token{Name: in.Body.Name, Scopes: in.Body.Scopes, CreatedBy: maker.Name, ExpiresAt: ends}, s.Now())
		return &Made[NewToken]{Root + "/tokens", NewToken{tokenAs(t), plain}}, err
	})
}

func (s *site) revokeToken(ctx context.Context, in *struct {
	Token uuid.UUID `path:"token"`
},
) (*struct{}, error) {
	return nil, s.deed(ctx, in, func(tx *db.Tx) error {
		_, err := users.RevokeToken(ctx, tx, in.Token, s.Now())
		return err
	})
}
