package ui

import (
	"context"

	"comptant/shared/retail"
)

// Explain is the wording of an error, or of its code when nobody worded it.
func Explain(ctx context.Context, e *retail.Error) string {
	args := make([]any, 0, 2*len(e.Args))
	for name, value := range e.Args {
		args = append(args, name, value)
	}
	text := T(ctx, e.Key, args...)
	if text != e.Key {
		return text
	}
	switch e.Code {
	case retail.NotFound:
		return T(ctx, "error.not_found")
	case retail.Conflict:
		return T(ctx, "error.conflict")
	case retail.Forbidden:
		return T(ctx, "error.role")
	case retail.Invalid:
		return T(ctx, "error.invalid")
	default:
		return T(ctx, "error.failed")
	}
}
