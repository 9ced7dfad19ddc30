package intake

import (
	"context"
	"time"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/shared/retail"
)

// request passes on what a store asks of the warehouse, what it sends to another, and what it found in a shipment.
func (l *lane) request(ctx context.Context, tx *db.Tx, it *item) error {
	by := l.clocks.by(it.link.Epoch, it.link.Seq)
	switch b := it.body.(type) {
	case retail.RestockRequest:
		return stock.RequestRestock(ctx, tx, stock.RestockRequest{
			Location: l.store, ID: b.ID, By: it.entry.User, At: it.entry.At().Add(by), Lines: b.Lines,
		})
	case retail.TransferOut:
		return l.send(ctx, tx, it, b, by)
	case retail.Receive:
		return stock.ReceiveShipment(ctx, tx, l.receipt(it, b, by))
	}
	return nil
}

func (l *lane) receipt(it *item, r retail.Receive, by time.Duration) stock.Receipt {
	return stock.Receipt{
		Location: l.store, Shipment: r.Shipment, By: it.entry.User, At: it.entry.At(), Off: by,
		Entry: it.link.Hash[:], Till: l.till, Epoch: it.link.Epoch, Seq: it.link.Seq, Lines: r.Lines,
	}
}
