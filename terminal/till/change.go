package till

import (
	"context"
	"fmt"
	"slices"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// Currency is what the drawer holds and customers pay with.
func (t *Till) Currency() retail.Currency { return t.currency }

func (t *Till) readCurrency(ctx context.Context) error {
	c, err := t.catalogue.Currency(ctx)
	if err != nil {
		return fmt.Errorf("read the currency: %w", err)
	}
	t.currency = c
	return nil
}

// Piece is a number of equal notes or coins.
type Piece struct {
	Value money.Amount
	Count int
	// Coin says that it is a coin and not a note.
	Coin bool
}

// HandOver counts change out in as few notes and coins as the currency allows. What is below the smallest coin cannot be
// counted out; a cash tender never leaves any.
func HandOver(c retail.Currency, change money.Amount) []Piece {
	var out []Piece
	for i, value := range slices.Concat(c.Notes, c.Coins) {
		if n := change / value; n > 0 {
			out = append(out, Piece{Value: value, Count: int(n), Coin: i >= len(c.Notes)})
			change -= n * value
		}
	}
	return out
}

// QuickCash is an amount a customer is likely to hand over: what is due, rounded up to a multiple of Step; Step 0 is
// exactly what is due.
type QuickCash struct {
	Amount, Step money.Amount
}

const (
	unit = 100 // minor units in one
	// likelyNotes is how many of the smallest notes customers round up to.
	likelyNotes = 3
)

func quickCash(c retail.Currency, due money.Amount) []QuickCash {
	steps := append([]money.Amount{unit}, c.Notes[max(0, len(c.Notes)-likelyNotes):]...)
	slices.Sort(steps)
	quick := []QuickCash{{Amount: due}}
	for _, step := range steps {
		up := (due + step - 1) / step * step
		if up > quick[len(quick)-1].Amount {
			quick = append(quick, QuickCash{Amount: up, Step: step})
		}
	}
	return quick
}
