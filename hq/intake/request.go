package intake

import (
	"context"

	"comptant/hq/db"
	"comptant/shared/retail"
)

// request passes on what a store asks of the warehouse, and what it found in a shipment.
func (l *lane) request(ctx context.Context, tx *db.Tx, it *item) error {
	switch it.body.(type) {
	case retail.RestockRequest, retail.Receive:
		return errNotYet
	}
	return nil
}
