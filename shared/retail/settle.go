package retail

import (
	"slices"

	"comptant/shared/money"
)

// The keys of what a settlement refuses.
const (
	KeyPayDone         = "pay.done"
	KeyPayAmount       = "pay.amount"
	KeyPayCoins        = "pay.coins"          // amount
	KeyPayMoreThanLeft = "pay.more_than_left" // amount, left
)

// Settlement is how a total is being paid, one tender after the other. It is a value: a refused tender leaves the
// settlement it was offered to as it was.
//
// Cards settle to the cent. Cash settles what can be counted out: coins that cover a part, or the rounded remainder
// (Canada has had no cent since 2013). So at most one tender carries a rounding, the cash that closes the settlement.
type Settlement struct {
	Total    money.Amount
	Rounding money.Amount
	Tenders  []Tender
	// Step is what cash is rounded to; 0 for 5 cents.
	Step money.Amount
}

// Settle begins to settle a total of 0 or more, of a sale or of a refund.
func Settle(total money.Amount) Settlement { return SettleIn(0, total) }

// SettleIn is Settle where cash is rounded to a step.
func SettleIn(step, total money.Amount) Settlement { return Settlement{Total: total, Step: step} }

// Paid is what the tenders settle so far.
func (s Settlement) Paid() money.Amount {
	var sum money.Amount
	for _, t := range s.Tenders {
		sum += t.Amount
	}
	return sum
}

// Left is what a card would still pay, to the cent.
func (s Settlement) Left() money.Amount { return s.Total + s.Rounding - s.Paid() }

// LeftInCash is what coins would still pay, and what rounding adds to do so.
func (s Settlement) LeftInCash() (due, rounding money.Amount) {
	due = cashRound(s.Left(), s.Step)
	return due, due - s.Left()
}

// Done says that nothing is left to pay. A total of 0 needs a tender of 0, so that somebody has pressed the key.
func (s Settlement) Done() bool { return s.Left() == 0 && len(s.Tenders) > 0 }

// Cash settles what the coins and notes handed over cover: all of it, with change, or a part.
func (s Settlement) Cash(given money.Amount) (Settlement, error) {
	due, rounding := s.LeftInCash()
	switch {
	case s.Done():
		return s, &Error{Code: Conflict, Key: KeyPayDone}
	case given < 0 || given == 0 && due > 0:
		return s, &Error{Code: Invalid, Key: KeyPayAmount}
	case given != cashRound(given, s.Step):
		return s, &Error{Code: Invalid, Key: KeyPayCoins, Args: map[string]any{"amount": given}}
	case given < due:
		return s.with(Tender{Kind: TenderCash, Amount: given, Given: given}), nil
	}
	s.Rounding += rounding
	return s.with(Tender{Kind: TenderCash, Amount: due, Given: given}), nil
}

// Card settles amount, all that is left or less, with what the card terminal printed.
func (s Settlement) Card(amount money.Amount, approval, lastFour string) (Settlement, error) {
	switch left := s.Left(); {
	case s.Done():
		return s, &Error{Code: Conflict, Key: KeyPayDone}
	case amount <= 0:
		return s, &Error{Code: Invalid, Key: KeyPayAmount}
	case amount > left:
		return s, &Error{Code: Invalid, Key: KeyPayMoreThanLeft, Args: map[string]any{"amount": amount, "left": left}}
	}
	return s.with(Tender{Kind: TenderCard, Amount: amount, Approval: approval, LastFour: lastFour}), nil
}

func (s Settlement) with(t Tender) Settlement {
	s.Tenders = append(slices.Clip(s.Tenders), t)
	return s
}
