package api

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"comptant/hq/users"
)

type operationKey struct{}

// operationOf is the id of the operation that is being answered.
func operationOf(ctx context.Context) string {
	name, _ := ctx.Value(operationKey{}).(string)
	return name
}

// add registers an operation that a scope opens.
func add[I, O any](s *site, scope users.Scope, op huma.Operation, do func(context.Context, *I) (*O, error)) {
	op.Security = []map[string][]string{{tokenScheme: {string(scope)}}}
	op.MaxBodyBytes = cmp.Or(op.MaxBodyBytes, bodyLimit)
	op.Errors = []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusUnprocessableEntity}
	if strings.Contains(op.Path, "{") {
		op.Errors = append(op.Errors, http.StatusNotFound)
	}
	if op.Method != http.MethodGet {
		op.Errors = append(op.Errors, http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusNotFound)
	}
	if op.Method == http.MethodPost || op.Method == http.MethodPut {
		op.Errors = append(op.Errors, http.StatusUnsupportedMediaType)
	}
	var in I
	switch any(&in).(type) {
	case interface{ unchanged(string) error }:
		op.Responses = map[string]*huma.Response{"304": {Description: "It is what If-None-Match names."}}
	case interface {
		same(context.Context, string) error
	}:
		op.Errors = append(op.Errors, http.StatusPreconditionFailed)
	}
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := do(context.WithValue(ctx, operationKey{}, op.OperationID), in)
		var answered huma.StatusError
		if err == nil || errors.As(err, &answered) {
			return out, err
		}
		return nil, s.problem(ctx, err)
	})
}

// sorted are the keys of a map in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
