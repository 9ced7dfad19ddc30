package order

import (
	"context"
	"errors"

	"github.com/google/uuid"
)

// unfinished is an error of what follows something that was done with an order: it is written down and tried again.
type unfinished struct{ error }

func (u unfinished) Unwrap() error { return u.error }

// goOn drives an order on that somebody did something with.
func (d *Desk) goOn(ctx context.Context, id uuid.UUID) (Order, error) {
	o, err := d.Advance(ctx, id)
	if err != nil {
		return o, unfinished{err}
	}
	return o, nil
}

// After is an order that somebody did something with, which ended in an error. It is that error, unless the thing was done all the
// same and only what follows failed.
func (d *Desk) After(ctx context.Context, before Order, failed error) (Order, error) {
	var rest unfinished
	if !errors.As(failed, &rest) {
		return before, failed
	}
	after, err := One(ctx, d.DB, before.ID)
	if err != nil {
		return before, err
	}
	d.Log.Warn("an order does not go on after what was done with it", "order", after.Code, "error", failed)
	return after, nil
}
