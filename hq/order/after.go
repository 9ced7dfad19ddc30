package order

import (
	"context"
	"errors"

	"comptant/shared/retail"
)

// After is an order that somebody did something with, which ended in an error. It is that error, unless the thing was done all the
// same and only what follows failed: that is written down and tried again.
func (d *Desk) After(ctx context.Context, before Order, failed error) (Order, error) {
	after, err := One(ctx, d.DB, before.ID)
	var said *retail.Error
	refused := errors.As(failed, &said) && said.Key == "order.state"
	if err != nil || refused || after.State == before.State && after.Tries == before.Tries {
		return before, failed
	}
	d.Log.Warn("an order does not go on after what was done with it", "order", after.Code, "error", failed)
	return after, nil
}
