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

// signedIn lets through who has a token with the scope of the operation, and has not asked too much.
func (s *site) signedIn(ctx huma.Context, next func(huma.Context)) {
	plain, ok := strings.CutPrefix(ctx.Header("Authorization"), "Bearer ")
	if !ok {
		s.turnAway(ctx, http.StatusUnauthorized, `Bearer realm="comptant"`, &retail.Error{Code: retail.Forbidden, Key: "token.missing"})
		return
	}
	token, err := s.Tokens.Use(ctx.Context(), plain, s.Now())
	var known *retail.Error
	switch {
	case errors.As(err, &known):
		s.turnAway(ctx, http.StatusUnauthorized, `Bearer realm="comptant", error="invalid_token"`, err)
		return
	case err != nil:
		s.turnAway(ctx, http.StatusServiceUnavailable, "", err)
		return
	}
	if wait := s.limits.wait(token.ID, s.Now()); wait > 0 {
		seconds := int(wait/time.Second) + 1
		ctx.SetHeader("Retry-After", strconv.Itoa(seconds))
		s.turnAway(ctx, http.StatusTooManyRequests, "", &retail.Error{Code: retail.Conflict, Key: "token.wait", Args: map[string]any{"seconds": seconds}})
		return
	}
	if scope := scopeOf(ctx.Operation()); !token.May(scope) {
		s.turnAway(ctx, http.StatusForbidden, `Bearer realm="comptant", error="insufficient_scope", scope="`+string(scope)+`"`,
			&retail.Error{Code: retail.Forbidden, Key: "token.scope", Args: map[string]any{"scope": scope}})
		return
	}
	next(huma.WithValue(huma.WithValue(ctx, tokenKey{}, token), secretKey{}, plain))
	if ctx.Method() != http.MethodGet {
		s.Log.Info("api", "method", ctx.Method(), "path", ctx.URL().Path, "status", ctx.Status(), "token", token.Name, "by", token.ID)
	}
}

// scopeOf is what opens an operation, as its document says.
func scopeOf(op *huma.Operation) users.Scope { return users.Scope(op.Security[0][tokenScheme][0]) }

func (s *site) turnAway(ctx huma.Context, status int, challenge string, err error) {
	p := s.problem(ctx.Context(), err)
	p.Status, p.Title = status, http.StatusText(status)
	if challenge != "" {
		ctx.SetHeader("WWW-Authenticate", challenge)
	}
	ctx.SetHeader("Content-Type", problemJSON)
	ctx.SetStatus(status)
	if err := s.api.Marshal(ctx.BodyWriter(), problemJSON, p); err != nil {
		s.Log.Debug("api", "error", err) // the client has gone
	}
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
