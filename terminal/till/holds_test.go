package till_test

import (
	"context"
	"log/slog"
	"testing"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

// other is a receipt of another till.
func other(w *world, state retail.HoldState) retail.HoldGiven {
	r, err := w.Refundable(w.t.Context(), 1, 1)
	require.NoError(w.t, err)
	hold := retail.RefundHold{ID: id(201), Receipt: retail.ReceiptID{Till: id(98), Epoch: 1, Number: 7}, For: id(99)}
	if state == retail.HoldGranted {
		hold.Parts = onePen
	}
	return retail.HoldGiven{Hold: hold, State: state, Sale: r.Sale}
}

func TestAnotherTillsReceiptNeedsAHold(t *testing.T) {
	w, _ := sold(t)
	ask := retail.ReceiptID{Till: id(98), Epoch: 1, Number: 7}
	hold, err := w.AskHold(t.Context(), ask, onePen)
	require.NoError(t, err)
	require.Equal(t, []retail.HoldAsked{{ID: hold, Receipt: ask, For: id(99), Parts: onePen}}, w.book.Sent)
	_, ok, err := w.HeldFor(t.Context(), hold)
	require.NoError(t, err)
	require.False(t, ok)

	w.book.Given = []retail.HoldGiven{other(w, retail.HoldWaits)}
	r, ok, err := w.HeldFor(t.Context(), id(201))
	require.NoError(t, err)
	require.True(t, ok)
	_, err = w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
	refused(t, till.KeyRefundHold, err)
	override, err := w.Refund(t.Context(), r, onePen, inCash, "cassé", w.approval(retail.Need{Deed: retail.DeedUnheld}))
	require.NoError(t, err)
	require.Equal(t, sophie, override.Refund.Approver)
	require.Zero(t, override.Refund.Hold, "headquarters flags it")
	released := w.journal.Drafts[len(w.journal.Drafts)-1].Body.(retail.RefundHold)
	require.True(t, released.Released, "the till that sold shall have it again, should it answer")

	granted := other(w, retail.HoldGranted)
	granted.Hold.ID = id(202)
	w.book.Given = []retail.HoldGiven{granted}
	r, _, err = w.HeldFor(t.Context(), id(202))
	require.NoError(t, err)
	back, err := w.Refund(t.Context(), r, pens, inCash, "cassé", till.Approval{})
	require.NoError(t, err)
	require.Equal(t, id(202), back.Refund.Hold)
	require.Equal(t, onePen, back.Refund.Parts(), "exactly what was granted")
	_, err = w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
	refused(t, till.KeyRefundSpent, err)
	refused(t, till.KeyRefundSpent, w.ReleaseHold(t.Context(), r))
}

func TestAHoldRefusedOrGivenUp(t *testing.T) {
	w, _ := sold(t)
	w.book.Given = []retail.HoldGiven{other(w, retail.HoldRefused)}
	_, ok, err := w.HeldFor(t.Context(), id(201))
	require.True(t, ok)
	refused(t, till.KeyRefundRefused, err)

	w.book.Given = []retail.HoldGiven{other(w, retail.HoldGranted)}
	r, _, err := w.HeldFor(t.Context(), id(201))
	require.NoError(t, err)
	require.NoError(t, w.ReleaseHold(t.Context(), r))
	_, err = w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
	refused(t, till.KeyRefundSpent, err)
}

// Headquarters tells of a receipt of another store, and of one of this till that it has not any more.
func TestAReceiptThisTillDoesNotHave(t *testing.T) {
	w, own := sold(t)
	printed := retail.Printed{Store: "NO", Till: 2, Epoch: 1, Number: 7}
	asked, err := w.AskReceipt(t.Context(), printed)
	require.NoError(t, err)
	require.Equal(t, []retail.ReceiptAsked{{ID: asked, Printed: printed}}, w.book.Looked)
	_, ok, err := w.FoundReceipt(t.Context(), asked)
	require.NoError(t, err)
	require.False(t, ok)
	w.book.Came = &retail.ReceiptFound{ID: asked}
	_, ok, err = w.FoundReceipt(t.Context(), asked)
	require.True(t, ok)
	refused(t, till.KeyReceiptUnknown, err)
	_, ok, err = w.FoundReceipt(t.Context(), id(50))
	require.NoError(t, err)
	require.False(t, ok, "the answer to an older question")

	w.book.Came = &retail.ReceiptFound{
		ID: asked, Receipt: retail.ReceiptID{Till: id(97), Epoch: 1, Number: 7}, Sale: own.Sale, Before: onePen, Place: "Magasin Nord",
	}
	r, _, err := w.FoundReceipt(t.Context(), asked)
	require.NoError(t, err)
	require.Equal(t, []money.Quantity{2 * money.One}, r.Left())
	_, err = w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
	refused(t, till.KeyRefundHold, err)
	back, err := w.Refund(t.Context(), r, onePen, inCash, "cassé", w.approval(retail.Need{Deed: retail.DeedUnheld}))
	require.NoError(t, err)
	require.Equal(t, r.Receipt, back.Refund.Receipt)
	require.False(t, back.Refund.Doubt)

	w.book.Came.Receipt.Till, w.book.Doubt = id(99), true // as of any receipt that is not here
	r, _, err = w.FoundReceipt(t.Context(), asked)
	require.NoError(t, err)
	_, err = w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
	refused(t, till.KeyRefundDoubt, err)
	back, err = w.Refund(t.Context(), r, onePen, inCash, "cassé", w.approval(retail.Need{Deed: retail.DeedUnheld}))
	require.NoError(t, err)
	require.True(t, back.Refund.Doubt)

	w.network.Online = false
	_, err = w.AskReceipt(t.Context(), printed)
	refused(t, till.KeyRefundOffline, err)
}

func TestAHoldNeedsTheLine(t *testing.T) {
	w, r := sold(t)
	w.network.Online = false
	_, err := w.AskHold(t.Context(), r.Receipt, onePen)
	refused(t, till.KeyRefundOffline, err)
	require.Empty(t, w.book.Sent)
	w.network.Online, w.book.Fails = true, context.DeadlineExceeded
	_, err = w.AskHold(t.Context(), r.Receipt, onePen)
	refused(t, till.KeyRefundOffline, err)
}

func TestTheTillThatSoldPromisesAtMostWhatIsLeft(t *testing.T) {
	w, r := sold(t)
	holds := till.Holds{Till: id(99), Journal: w.journal, Book: w.book, Log: slog.New(slog.DiscardHandler)}
	ask := func(n int, q money.Quantity) retail.HoldAsked {
		return retail.HoldAsked{ID: id(n), Receipt: r.Receipt, For: id(98), Parts: []retail.RefundPart{{Of: 0, Quantity: q}}}
	}
	w.book.Asked = []retail.HoldAsked{ask(210, 2*money.One), ask(211, 2*money.One)}
	require.NoError(t, holds.Answer(t.Context()))
	require.NoError(t, holds.Answer(t.Context()), "and each answers once")
	answers := func() (holds []retail.RefundHold) {
		for _, d := range w.journal.Drafts {
			if h, ok := d.Body.(retail.RefundHold); ok {
				require.Equal(t, journal.KindRefundHold, d.Kind)
				holds = append(holds, h)
			}
		}
		return holds
	}
	require.Len(t, answers(), 2)
	require.Len(t, answers()[0].Parts, 1)
	require.Empty(t, answers()[1].Parts, "refused: one is left")
	require.Equal(t, []retail.RefundPart{{Of: 0, Quantity: 2 * money.One}}, answers()[1].Before)

	r, err := w.Refundable(t.Context(), 1, 1)
	require.NoError(t, err)
	_, err = w.Refund(t.Context(), r, pens, inCash, "cassé", till.Approval{})
	refused(t, retail.KeyRefundQuantity, err)

	// Given up by the other till: all three are this till's again.
	released := ask(210, 0)
	released.Released = true
	w.book.Asked = []retail.HoldAsked{released}
	require.NoError(t, holds.Answer(t.Context()))
	require.NoError(t, holds.Answer(t.Context()))
	require.Len(t, answers(), 3)
	r, err = w.Refundable(t.Context(), 1, 1)
	require.NoError(t, err)
	_, err = w.Refund(t.Context(), r, pens, inCash, "cassé", till.Approval{})
	require.NoError(t, err)
}

// A till that lacks entries gives nothing back on its own word, whoever is signed in, and promises nothing.
func TestATillThatLacksEntriesNeedsASupervisor(t *testing.T) {
	w, r := sold(t)
	w.book.Doubt = true
	_, err := w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
	refused(t, till.KeyRefundDoubt, err)
	need, ok := till.NeedOf(err)
	require.True(t, ok)
	w.Lock()
	require.NoError(t, w.SignIn(t.Context(), sophie, "777777"))
	_, err = w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
	refused(t, till.KeyRefundDoubt, err)
	back, err := w.Refund(t.Context(), r, onePen, inCash, "cassé", w.approval(need))
	require.NoError(t, err)
	require.True(t, back.Refund.Doubt, "headquarters flags it")
	require.Equal(t, sophie, back.Refund.Approver)

	holds := till.Holds{Till: id(99), Journal: w.journal, Book: w.book, Log: slog.New(slog.DiscardHandler)}
	w.book.Asked = []retail.HoldAsked{{ID: id(210), Receipt: r.Receipt, For: id(98), Parts: onePen}}
	require.NoError(t, holds.Answer(t.Context()))
	answer := w.journal.Drafts[len(w.journal.Drafts)-1].Body.(retail.RefundHold)
	require.True(t, answer.Doubt)
	require.Empty(t, answer.Parts)
	require.Equal(t, onePen, answer.Before)

	w.book.Doubt = false
	r, err = w.Refundable(t.Context(), 1, 1)
	require.NoError(t, err)
	require.False(t, r.Doubt)
	back, err = w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
	require.NoError(t, err)
	require.False(t, back.Refund.Doubt)
	require.Zero(t, back.Refund.Approver)
}

// Headquarters tells of what is missing while the cashier looks at the receipt.
func TestADoubtThatComesLastCounts(t *testing.T) {
	w, r := sold(t)
	w.journal.Before = func() { w.book.Doubt = true }
	_, err := w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
	refused(t, till.KeyRefundChanged, err)
	require.Len(t, w.journal.Drafts, 3, "nothing was written") // sign-in, shift, sale
}

// The till that sold cannot tell: a supervisor of this one goes on without.
func TestAHoldInDoubt(t *testing.T) {
	w, _ := sold(t)
	w.book.Given = []retail.HoldGiven{other(w, retail.HoldInDoubt)}
	r, ok, err := w.HeldFor(t.Context(), id(201))
	require.NoError(t, err)
	require.True(t, ok)
	_, err = w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
	refused(t, till.KeyRefundHold, err)
	back, err := w.Refund(t.Context(), r, onePen, inCash, "cassé", w.approval(retail.Need{Deed: retail.DeedUnheld}))
	require.NoError(t, err)
	require.Zero(t, back.Refund.Hold)
	require.False(t, back.Refund.Doubt)
}

func TestAReceiptNobodyKnowsIsNotPromised(t *testing.T) {
	w, r := sold(t)
	holds := till.Holds{Till: id(99), Journal: w.journal, Book: w.book, Log: slog.New(slog.DiscardHandler)}
	unknown := r.Receipt
	unknown.Number = 99
	w.book.Asked = []retail.HoldAsked{
		{ID: id(220), Receipt: unknown, Parts: onePen},
		{ID: id(221), Receipt: retail.ReceiptID{Till: id(98), Epoch: 1, Number: 1}, Parts: onePen},
	}
	require.NoError(t, holds.Answer(t.Context()))
	last := w.journal.Drafts[len(w.journal.Drafts)-1].Body.(retail.RefundHold)
	require.Equal(t, id(220), last.ID, "another till's receipt is not ours to answer for")
	require.Empty(t, last.Parts)
	require.True(t, last.Doubt, "a supervisor of the other till decides")
}

// Receipts of the store's other tills are looked for by what a customer knows.
func TestReceiptsLikeWhatACustomerKnows(t *testing.T) {
	w := signedIn(t)
	_, err := w.AskLike(t.Context(), "Marie")
	refused(t, till.KeyReceiptLike, err)
	asked, err := w.AskLike(t.Context(), "43,90")
	require.NoError(t, err)
	require.Equal(t, retail.ReceiptLike{Paid: 4390}, w.book.Looked[0].Like)
	_, ok, err := w.FoundLike(t.Context(), asked)
	require.NoError(t, err)
	require.False(t, ok)
	match := retail.ReceiptMatch{Printed: retail.Printed{Store: "CV", Till: 2, Epoch: 1, Number: 7}, Paid: 4390}
	w.book.Came = &retail.ReceiptFound{ID: asked, Like: []retail.ReceiptMatch{match}}
	found, ok, err := w.FoundLike(t.Context(), asked)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, []retail.ReceiptMatch{match}, found)
	w.network.Online = false
	_, err = w.AskLike(t.Context(), "43,90")
	refused(t, till.KeyRefundOffline, err)
}
