package till

import (
	"context"
	"fmt"
	"time"

	"comptant/shared/retail"

	"github.com/google/uuid"
)

// AskReceipt asks headquarters for a receipt that this till does not have: another till's or store's, or one of its own from
// long ago. FoundReceipt gives the answer once it has come.
func (t *Till) AskReceipt(ctx context.Context, printed retail.Printed) (asked uuid.UUID, err error) {
	if err := t.signedIn(); err != nil {
		return uuid.Nil, err
	}
	if !t.network().Online {
		return uuid.Nil, fail(retail.Failed, KeyRefundOffline)
	}
	ask := retail.ReceiptAsked{ID: uuid.Must(uuid.NewV7()), Printed: printed}
	if err := t.find(ctx, ask); err != nil {
		t.log.Warn("ask for a receipt", "err", err)
		return uuid.Nil, fail(retail.Failed, KeyRefundOffline)
	}
	return ask.ID, nil
}

// FoundReceipt is what headquarters has of a receipt that was asked for; ok is false until it has answered. The error says that
// it knows no such receipt. What it gives is for a supervisor, until the till that sold has given the right: see AskHold.
func (t *Till) FoundReceipt(ctx context.Context, asked uuid.UUID) (r Refundable, ok bool, err error) {
	f, ok, err := t.book.Found(ctx)
	if err != nil {
		return Refundable{}, false, fmt.Errorf("the receipt that was asked for: %w", err)
	}
	if !ok || f.ID != asked {
		return Refundable{}, false, nil
	}
	if f.Sale.Number == 0 {
		return Refundable{}, true, fail(retail.NotFound, KeyReceiptUnknown)
	}
	return Refundable{
		Receipt: f.Receipt, Sale: f.Sale, Before: f.Before, At: time.UnixMilli(f.At).In(t.location()), Told: true, Place: f.Place,
		Doubt: f.Receipt.Till == t.Identity().Till,
	}, true, nil
}
