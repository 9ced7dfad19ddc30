package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"
	"golang.org/x/time/rate"

	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// tokenScheme is what the document calls a token.
const tokenScheme = "token"

// What one token may ask of one process of headquarters.
const (
	perSecond = 50
	burst     = 200
)

type tokenKey struct{}

// tokenOf is who asks.
func tokenOf(ctx context.Context) users.Token {
	t, _ := ctx.Value(tokenKey{}).(users.Token)
	return t
}

type secretKey struct{}

// bearer is the token of a request's header; empty where it has none.
func bearer(authorization string) string {
	plain, ok := strings.CutPrefix(authorization, "Bearer ")
	if !ok {
		return ""
	}
	return plain
}

// signedIn lets through who has a token with the scope of the operation, and has not asked too much.
func (s *site) signedIn(ctx huma.Context, next func(huma.Context)) {
	if admitted, _ := ctx.Context().Value(admittedKey{}).(bool); admitted {
		next(ctx)
		return
	}
	plain := bearer(ctx.Header("Authorization"))
	token, refused := s.admit(ctx.Context(), plain, scopeOf(ctx.Operation()))
	if refused != nil {
		r, w := humago.Unwrap(ctx)
		s.turnAway(w, r, refused)
		return
	}
	next(huma.WithValue(huma.WithValue(ctx, tokenKey{}, token), secretKey{}, plain))
	if ctx.Method() != http.MethodGet {
		s.Log.Info("api", "method", ctx.Method(), "path", ctx.URL().Path, "status", ctx.Status(), "token", token.Name, "by", token.ID)
	}
}

// refusal is why who asks is turned away.
type refusal struct {
	status    int
	challenge string        // what would be let in, for WWW-Authenticate
	wait      time.Duration // until it may ask again
	err       error
}

// admit gives whose token it is, if it has the scope and has not asked too much.
func (s *site) admit(ctx context.Context, plain string, scope users.Scope) (users.Token, *refusal) {
	if plain == "" {
		return users.Token{}, &refusal{
			status: http.StatusUnauthorized, challenge: `Bearer realm="comptant"`,
			err: &retail.Error{Code: retail.Forbidden, Key: "token.missing"},
		}
	}
	token, err := s.Tokens.Use(ctx, plain, s.Now())
	var known *retail.Error
	switch {
	case errors.As(err, &known):
		return token, &refusal{status: http.StatusUnauthorized, challenge: `Bearer realm="comptant", error="invalid_token"`, err: err}
	case err != nil:
		return token, &refusal{status: http.StatusServiceUnavailable, err: err}
	}
	if wait := s.limits.wait(token.ID, s.Now()); wait > 0 {
		wait = wait.Truncate(time.Second) + time.Second
		return token, &refusal{
			status: http.StatusTooManyRequests, wait: wait,
			err: &retail.Error{Code: retail.Conflict, Key: "token.wait", Args: map[string]any{"seconds": int(wait / time.Second)}},
		}
	}
	if !token.May(scope) {
		return token, &refusal{
			status: http.StatusForbidden, challenge: `Bearer realm="comptant", error="insufficient_scope", scope="` + string(scope) + `"`,
			err: &retail.Error{Code: retail.Forbidden, Key: "token.scope", Args: map[string]any{"scope": scope}},
		}
	}
	return token, nil
}

// scopeOf is what opens an operation, as its document says.
func scopeOf(op *huma.Operation) users.Scope { return users.Scope(op.Security[0][tokenScheme][0]) }

func (s *site) turnAway(w http.ResponseWriter, r *http.Request, why *refusal) {
	p := s.problem(r.Context(), why.err)
	p.Status, p.Title = why.status, http.StatusText(why.status)
	if why.challenge != "" {
		w.Header().Set("WWW-Authenticate", why.challenge)
	}
	if why.wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(why.wait/time.Second)))
	}
	s.write(w, p)
}

// limits is how much each token may ask for. Every process has its own: it protects the process.
type limits struct {
	mu sync.Mutex
	of map[uuid.UUID]*rate.Limiter
}

// wait is how long the token has to wait; 0 lets it through.
func (l *limits) wait(token uuid.UUID, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of == nil {
		l.of = map[uuid.UUID]*rate.Limiter{}
	}
	if l.of[token] == nil {
		l.of[token] = rate.NewLimiter(perSecond, burst)
	}
	r := l.of[token].ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

// lang is the language of an answer's words.
func lang(ctx context.Context) string { return ui.Lang(ctx) }
