package till_test

import (
	"context"
	"log/slog"
	"testing"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// memoryBook derives what was given back from the journal's entries; the feed's side is set by the test.
type memoryBook struct {
	journal *memoryJournal
	asked   []retail.HoldAsked
	given   []retail.HoldGiven
	sent    []retail.HoldAsked
	askErr  error
	doubt   bool
	found   *retail.ReceiptFound
	looked  []retail.ReceiptAsked
}

func (b *memoryBook) find(_ context.Context, a retail.ReceiptAsked) error {
	b.looked = append(b.looked, a)
	return b.askErr
}

func (b *memoryBook) Found(context.Context) (f retail.ReceiptFound, ok bool, err error) {
	if b.found == nil {
		return f, false, nil
	}
	return *b.found, true, nil
}

func (b *memoryBook) ask(_ context.Context, a retail.HoldAsked) error {
	b.sent = append(b.sent, a)
	return b.askErr
}

func (b *memoryBook) HoldsAsked(context.Context) ([]retail.HoldAsked, error) { return b.asked, nil }
func (b *memoryBook) HoldsGiven(context.Context) ([]retail.HoldGiven, error) { return b.given, nil }

func (b *memoryBook) InDoubt(context.Context, uint64, uint64) (bool, error) { return b.doubt, nil }

func (b *memoryBook) GivenBack(_ context.Context, epoch, number uint64) ([]retail.RefundPart, error) {
	gone := map[int]money.Quantity{}
	add := func(r retail.ReceiptID, parts []retail.RefundPart, sign money.Quantity) {
		if r.Till == id(99) && r.Epoch == epoch && r.Number == number {
			for _, p := range parts {
				gone[p.Of] += sign * p.Quantity
			}
		}
	}
	for _, d := range b.journal.drafts {
		switch body := d.Body.(type) {
		case retail.Refund:
			add(body.Receipt, body.Parts(), 1)
		case retail.Void:
			add(body.Receipt, retail.Refund(body).Parts(), 1)
		case retail.RefundHold:
			if body.Released {
				add(body.Receipt, body.Parts, -1)
			} else {
				add(body.Receipt, body.Parts, 1)
			}
		}
	}
	var parts []retail.RefundPart
	for of := range 10 {
		if q := gone[of]; q != 0 {
			parts = append(parts, retail.RefundPart{Of: of, Quantity: q})
		}
	}
	return parts, nil
}

func (b *memoryBook) Hold(_ context.Context, hold uuid.UUID) (till.Hold, error) {
	var h till.Hold
	for _, d := range b.journal.drafts {
		switch body := d.Body.(type) {
		case retail.Refund:
			h.Used = h.Used || body.Hold == hold
		case retail.RefundHold:
			if body.ID == hold {
				h.Answered, h.Released, h.Entry = true, h.Released || body.Released, body
			}
		}
	}
	return h, nil
}

// sold is a world in which three pens were sold for 3.80.
func sold(t *testing.T) (*world, till.Refundable) {
	w := signedIn(t)
	w.scan("3*012345678905")
	p := w.pay()
	_, err := w.TenderCash(t.Context(), p.Turn, 500)
	require.NoError(t, err)
	r, err := w.Refundable(t.Context(), 1, 1)
	require.NoError(t, err)
	return w, r
}

var (
	inCash = till.Payback{Kind: retail.TenderCash}
	onePen = []retail.RefundPart{{Of: 0, Quantity: money.One}}
	pens   = []retail.RefundPart{{Of: 0, Quantity: 3 * money.One}}
)

func TestThreeRefundsGiveBackExactlyWhatWasPaid(t *testing.T) {
	w, r := sold(t)
	var sum, cash money.Amount
	for n := range 3 {
		back, err := w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
		require.NoError(t, err)
		require.EqualValues(t, n+2, back.Refund.Number, "refunds take receipt numbers")
		require.Equal(t, retail.ReceiptCode("CV", 1, 1, back.Number), back.Code)
		require.NoError(t, back.Refund.Check())
		sum += back.Refund.Total
		cash += back.Refund.Tenders[0].Amount
		r, err = w.Refundable(t.Context(), 1, 1)
		require.NoError(t, err)
	}
	require.EqualValues(t, 380, sum)
	require.EqualValues(t, 375, cash, "1.27, 1.26 and 1.27, each rounded as the cash of a sale is")
	_, err := w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
	refused(t, retail.KeyRefundQuantity, err)
}

func TestTheSamePressTwiceRefundsOnce(t *testing.T) {
	w, r := sold(t)
	_, err := w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
	require.NoError(t, err)
	_, err = w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
	refused(t, till.KeyRefundChanged, err)
}

func TestARefundNeedsAReasonAndSomebody(t *testing.T) {
	w, r := sold(t)
	_, err := w.Refund(t.Context(), r, onePen, inCash, "", till.Approval{})
	refused(t, till.KeyRefundReason, err)
	_, err = w.Refund(t.Context(), r, nil, inCash, "cassé", till.Approval{})
	refused(t, retail.KeyRefundEmpty, err)
	w.Lock()
	_, err = w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
	refused(t, till.KeySignInNeeded, err)
}

func TestARefundToACardIsExact(t *testing.T) {
	w, r := sold(t)
	toCard := till.Payback{Kind: retail.TenderCard, Approval: "7", LastFour: "4242"}
	_, err := w.Refund(t.Context(), r, onePen, toCard, "cassé", till.Approval{})
	refused(t, till.KeyApproval, err)
	need, ok := till.NeedOf(err)
	require.True(t, ok)
	require.Equal(t, retail.DeedTender, need.Deed, "it was paid in cash")
	back, err := w.Refund(t.Context(), r, onePen, toCard, "cassé", w.approval(need))
	require.NoError(t, err)
	require.Equal(t, sophie, back.Refund.Approver)
	require.Equal(t, "4242", back.Refund.Tenders[0].LastFour)
	require.Equal(t, back.Refund.Total, back.Refund.Tenders[0].Amount)
	require.Zero(t, back.Refund.Rounding)
}

// What was paid by card and in cash goes back by card and in cash, without anybody's approval.
func TestARefundGoesBackAsItWasPaid(t *testing.T) {
	w := signedIn(t)
	w.scan("3*012345678905")
	p := w.pay()
	p, err := w.TenderCard(t.Context(), p.Turn, 200, "083214", "4417")
	require.NoError(t, err)
	_, err = w.TenderCash(t.Context(), p.Turn, 180)
	require.NoError(t, err)
	r, err := w.Refundable(t.Context(), 1, 1)
	require.NoError(t, err)
	back, err := w.Refund(t.Context(), r, pens, till.Payback{}, "cassé", till.Approval{})
	require.NoError(t, err)
	require.Equal(t, []retail.Tender{
		{Kind: retail.TenderCard, Amount: 200, LastFour: "4417"}, {Kind: retail.TenderCash, Amount: 180, Given: 180},
	}, back.Refund.Tenders)
	require.Zero(t, back.Refund.Approver)
	require.NoError(t, back.Refund.Check())
}

// Who answers for a refund without the till that sold may give so much back.
func TestAnApproverHasALimit(t *testing.T) {
	w, _ := sold(t)
	given := other(w, retail.HoldWaits)
	given.Sale.Lines[0].Amount = 200_000_00
	w.book.given = []retail.HoldGiven{given}
	r, _, err := w.HeldFor(t.Context(), id(201))
	require.NoError(t, err)
	_, err = w.Refund(t.Context(), r, onePen, inCash, "cassé", w.approval(retail.Need{Deed: retail.DeedUnheld}))
	refused(t, till.KeyApprovalRole, err)
}

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
	require.Equal(t, []retail.HoldAsked{{ID: hold, Receipt: ask, For: id(99), Parts: onePen}}, w.book.sent)
	_, ok, err := w.HeldFor(t.Context(), hold)
	require.NoError(t, err)
	require.False(t, ok)

	w.book.given = []retail.HoldGiven{other(w, retail.HoldWaits)}
	r, ok, err := w.HeldFor(t.Context(), id(201))
	require.NoError(t, err)
	require.True(t, ok)
	_, err = w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
	refused(t, till.KeyRefundHold, err)
	override, err := w.Refund(t.Context(), r, onePen, inCash, "cassé", w.approval(retail.Need{Deed: retail.DeedUnheld}))
	require.NoError(t, err)
	require.Equal(t, sophie, override.Refund.Approver)
	require.Zero(t, override.Refund.Hold, "headquarters flags it")
	released := w.journal.drafts[len(w.journal.drafts)-1].Body.(retail.RefundHold)
	require.True(t, released.Released, "the till that sold shall have it again, should it answer")

	granted := other(w, retail.HoldGranted)
	granted.Hold.ID = id(202)
	w.book.given = []retail.HoldGiven{granted}
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
	w.book.given = []retail.HoldGiven{other(w, retail.HoldRefused)}
	_, ok, err := w.HeldFor(t.Context(), id(201))
	require.True(t, ok)
	refused(t, till.KeyRefundRefused, err)

	w.book.given = []retail.HoldGiven{other(w, retail.HoldGranted)}
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
	require.Equal(t, []retail.ReceiptAsked{{ID: asked, Printed: printed}}, w.book.looked)
	_, ok, err := w.FoundReceipt(t.Context(), asked)
	require.NoError(t, err)
	require.False(t, ok)
	w.book.found = &retail.ReceiptFound{ID: asked}
	_, ok, err = w.FoundReceipt(t.Context(), asked)
	require.True(t, ok)
	refused(t, till.KeyReceiptUnknown, err)
	_, ok, err = w.FoundReceipt(t.Context(), id(50))
	require.NoError(t, err)
	require.False(t, ok, "the answer to an older question")

	w.book.found = &retail.ReceiptFound{
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

	w.book.found.Receipt.Till, w.book.doubt = id(99), true // as of any receipt that is not here
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
	require.Empty(t, w.book.sent)
	w.network.Online, w.book.askErr = true, context.DeadlineExceeded
	_, err = w.AskHold(t.Context(), r.Receipt, onePen)
	refused(t, till.KeyRefundOffline, err)
}

func TestTheTillThatSoldPromisesAtMostWhatIsLeft(t *testing.T) {
	w, r := sold(t)
	holds := till.Holds{Till: id(99), Journal: w.journal, Book: w.book, Log: slog.New(slog.DiscardHandler)}
	ask := func(n byte, q money.Quantity) retail.HoldAsked {
		return retail.HoldAsked{ID: id(n), Receipt: r.Receipt, For: id(98), Parts: []retail.RefundPart{{Of: 0, Quantity: q}}}
	}
	w.book.asked = []retail.HoldAsked{ask(210, 2*money.One), ask(211, 2*money.One)}
	require.NoError(t, holds.Answer(t.Context()))
	require.NoError(t, holds.Answer(t.Context()), "and each answers once")
	answers := func() (holds []retail.RefundHold) {
		for _, d := range w.journal.drafts {
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
	w.book.asked = []retail.HoldAsked{released}
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
	w.book.doubt = true
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
	w.book.asked = []retail.HoldAsked{{ID: id(210), Receipt: r.Receipt, For: id(98), Parts: onePen}}
	require.NoError(t, holds.Answer(t.Context()))
	answer := w.journal.drafts[len(w.journal.drafts)-1].Body.(retail.RefundHold)
	require.True(t, answer.Doubt)
	require.Empty(t, answer.Parts)
	require.Equal(t, onePen, answer.Before)

	w.book.doubt = false
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
	w.journal.before = func() { w.book.doubt = true }
	_, err := w.Refund(t.Context(), r, onePen, inCash, "cassé", till.Approval{})
	refused(t, till.KeyRefundChanged, err)
	require.Len(t, w.journal.drafts, 3, "nothing was written") // sign-in, shift, sale
}

// The till that sold cannot tell: a supervisor of this one goes on without.
func TestAHoldInDoubt(t *testing.T) {
	w, _ := sold(t)
	w.book.given = []retail.HoldGiven{other(w, retail.HoldInDoubt)}
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
	w.book.asked = []retail.HoldAsked{
		{ID: id(220), Receipt: unknown, Parts: onePen},
		{ID: id(221), Receipt: retail.ReceiptID{Till: id(98), Epoch: 1, Number: 1}, Parts: onePen},
	}
	require.NoError(t, holds.Answer(t.Context()))
	last := w.journal.drafts[len(w.journal.drafts)-1].Body.(retail.RefundHold)
	require.Equal(t, id(220), last.ID, "another till's receipt is not ours to answer for")
	require.Empty(t, last.Parts)
	require.True(t, last.Doubt, "a supervisor of the other till decides")
}
