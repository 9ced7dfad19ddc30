package order

import (
	"context"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/payments"
	"comptant/shared/retail"
)

// published says that the tills of the store are shown an order in this state.
func published(s retail.OrderState) bool {
	switch s {
	case retail.OrderConfirmed, retail.OrderAccepted, retail.OrderPicking, retail.OrderReady:
		return true
	}
	return false
}

// show tells the store's tills how the order stands.
func (o Order) show(ctx context.Context, tx *db.Tx, paid payments.Payment) error {
	shown := o.row()
	shown.Approval, shown.LastFour = paid.Approval, paid.LastFour
	row, err := feed.NewRow(retail.RowOrder, o.ID, shown)
	if err != nil {
		return err
	}
	feed.Publish(ctx, tx, feed.Store(o.Location), row)
	return nil
}

// row is the order as a till knows it, without how it was paid.
func (o Order) row() retail.Order {
	row := retail.Order{
		ID: o.ID, Code: o.Code, Attempt: uint64(o.Attempt), State: o.State, At: o.PlacedAt.UnixMilli(), Name: o.Name, Customer: o.Customer,
		Currency: o.Currency, Prices: o.Prices, Lines: o.Lines, Taxes: o.Taxes, Total: o.Total,
	}
	if o.Until != nil {
		row.Until = o.Until.UnixMilli()
	}
	return row
}
