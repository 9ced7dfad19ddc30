package till

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// Holds gives other tills the right to refund receipts of this one, when headquarters asks for it. The right to refund a
// receipt is the selling till's; what it promises here it cannot give back itself any more. A till that cannot tell what is left
// promises nothing, and says so: a person decides. It needs nobody signed in, and
// keeps nothing: what was asked is in the till's feed, what was answered in its journal.
type Holds struct {
	Till    uuid.UUID
	Journal Journal
	Book    Book
	Log     *slog.Logger
}

// errAnswered says that a hold needs no answer any more.
var errAnswered = errors.New("answered already")

// Answer journals an answer to everything that was asked and is not answered. One that fails is left for the next time.
func (h Holds) Answer(ctx context.Context) error {
	asked, err := h.Book.HoldsAsked(ctx)
	if err != nil {
		return fmt.Errorf("holds that were asked for: %w", err)
	}
	var failed []error
	for _, a := range asked {
		if err := h.answer(ctx, a); err != nil && !errors.Is(err, errAnswered) {
			failed = append(failed, fmt.Errorf("hold %s: %w", a.ID, err))
		}
	}
	return errors.Join(failed...)
}

func (h Holds) answer(ctx context.Context, a retail.HoldAsked) error {
	// A look before the lock is taken: almost always there is nothing to do.
	if known, err := h.Book.Hold(ctx, a.ID); err != nil || h.done(known, a) {
		return err
	}
	var answer retail.RefundHold
	_, err := h.Journal.Commit(ctx, Draft{
		Kind: journal.KindRefundHold,
		Check: func(ctx context.Context) (err error) {
			answer, err = h.decide(ctx, a)
			return err
		},
		Body: func(uint64) any { return answer },
	})
	return err
}

func (h Holds) done(known Hold, a retail.HoldAsked) bool {
	return a.Receipt.Till != h.Till || known.Released || known.Answered && !a.Released
}

// decide is called under the journal's lock.
func (h Holds) decide(ctx context.Context, a retail.HoldAsked) (retail.RefundHold, error) {
	known, err := h.Book.Hold(ctx, a.ID)
	if err != nil {
		return retail.RefundHold{}, err
	}
	if h.done(known, a) {
		return retail.RefundHold{}, errAnswered
	}
	answer := retail.RefundHold{ID: a.ID, Receipt: a.Receipt, For: a.For, Released: a.Released}
	if a.Released {
		answer.Parts, answer.Before = known.Entry.Parts, known.Entry.Before
		return answer, nil
	}
	answer.Before, err = h.Book.GivenBack(ctx, a.Receipt.Epoch, a.Receipt.Number)
	if err != nil {
		return answer, err
	}
	receipt, err := h.Journal.Receipt(ctx, a.Receipt.Epoch, a.Receipt.Number)
	if e := (*retail.Error)(nil); errors.As(err, &e) {
		// A till that does not know the receipt any more, restored or after its time, has nothing to give away.
		answer.Doubt = true
		return answer, nil
	}
	if err != nil {
		return answer, err
	}
	if answer.Doubt, err = h.Book.InDoubt(ctx, a.Receipt.Epoch, a.Receipt.Number); err != nil || answer.Doubt {
		return answer, err
	}
	if _, err := retail.NewRefund(receipt.Sale, answer.Before, a.Parts); err == nil {
		answer.Parts = slices.Clone(a.Parts)
	}
	return answer, nil
}
