package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"comptant/hq/db"
	"comptant/hq/ui"
	"comptant/shared/retail"
)

const problemJSON = "application/problem+json"

var statuses = map[retail.Code]int{
	retail.Invalid:   http.StatusUnprocessableEntity,
	retail.NotFound:  http.StatusNotFound,
	retail.Conflict:  http.StatusConflict,
	retail.Forbidden: http.StatusForbidden,
	retail.Failed:    http.StatusServiceUnavailable,
}

// problemType names what went wrong for programs: it does not change with the language.
func problemType(key string) string { return "urn:comptant:" + key }

// problem is an error as it is answered. What is not a retail.Error is ours, and only logged in full.
func (s *site) problem(ctx context.Context, err error) *huma.ErrorModel {
	var known *retail.Error
	switch {
	case errors.As(err, &known):
	case db.Unfit(err):
		known = &retail.Error{Code: retail.Invalid, Key: "error.invalid"}
	default:
		if !errors.Is(err, context.Canceled) { // else the client has gone
			s.Log.Error("api", "operation", operationOf(ctx), "error", err)
		}
		known = &retail.Error{Code: retail.Failed, Key: "error.failed"}
	}
	status := statuses[known.Code]
	p := &huma.ErrorModel{
		Type: problemType(known.Key), Title: http.StatusText(status), Status: status, Detail: ui.Explain(ctx, known),
	}
	for _, name := range sorted(known.Args) {
		p.Errors = append(p.Errors, &huma.ErrorDetail{Location: name, Value: known.Args[name]})
	}
	return p
}

// invalid refuses what an operation was given.
func invalid(key string, pairs ...any) error {
	args := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		args[pairs[i].(string)] = pairs[i+1]
	}
	return &retail.Error{Code: retail.Invalid, Key: key, Args: args}
}
