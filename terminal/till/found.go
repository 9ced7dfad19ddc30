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
	return t.askFor(ctx, retail.ReceiptAsked{Printed: printed})
}

// AskLike asks headquarters for the receipts of this store's tills that are like what a customer knows: see
// retail.ParseReceiptLike. FoundLike gives the answer once it has come.
func (t *Till) AskLike(ctx context.Context, text string) (asked uuid.UUID, err error) {
	like, ok := retail.ParseReceiptLike(text)
	if !ok {
		return uuid.Nil, fail(retail.Invalid, KeyReceiptLike)
	}
	return t.askFor(ctx, retail.ReceiptAsked{Like: like})
}

func (t *Till) askFor(ctx context.Context, ask retail.ReceiptAsked) (asked uuid.UUID, err error) {
	if err := t.signedIn(); err != nil {
		return uuid.Nil, err
	}
	if t.training != nil {
		return uuid.Nil, fail(retail.Conflict, KeyTrainingOnly)
	}
	if !t.network().Online {
		return uuid.Nil, fail(retail.Failed, KeyRefundOffline)
	}
	ask.ID = uuid.Must(uuid.NewV7())
	if err := t.find(ctx, ask); err != nil {
		t.log.Warn("ask for a receipt", "err", err)
		return uuid.Nil, fail(retail.Failed, KeyRefundOffline)
	}
	return ask.ID, nil
}

// FoundLike are the receipts that are like what was asked for, newest first; ok is false until headquarters has answered.
func (t *Till) FoundLike(ctx context.Context, asked uuid.UUID) (found []retail.ReceiptMatch, ok bool, err error) {
	f, ok, err := t.book.Found(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("the receipts that were asked for: %w", err)
	}
	return f.Like, ok && f.ID == asked, nil
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
