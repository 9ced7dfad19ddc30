package intake

import (
	"context"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/shared/retail"
)

// request passes on what a store asks of the warehouse, and what it found in a shipment.
func (l *lane) request(ctx context.Context, tx *db.Tx, it *item) error {
	at, by := it.entry.At(), it.entry.User
	switch b := it.body.(type) {
	case retail.RestockRequest:
		return stock.RequestRestock(ctx, tx, stock.RestockRequest{Location: l.store, ID: b.ID, By: by, At: at, Lines: b.Lines})
	case retail.Receive:
		return stock.ReceiveShipment(ctx, tx, stock.Receipt{
			Location: l.store, Shipment: b.Shipment, By: by, At: at, Entry: it.link.Hash[:], Lines: b.Lines,
		})
	}
	return nil
}
