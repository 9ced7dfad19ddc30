package till

import "comptant/shared/money"

// pieces are the notes and coins in circulation in Canada, largest first, in cents.
var pieces = []money.Amount{10000, 5000, 2000, 1000, 500, 200, 100, 25, 10, 5}

// largestCoin is two dollars.
const largestCoin money.Amount = 200

// Piece is a number of equal notes or coins.
type Piece struct {
	Value money.Amount
	Count int
}

// Coin says that it is a coin and not a note.
func (p Piece) Coin() bool { return p.Value <= largestCoin }

// HandOver counts change out in as few notes and coins as possible. What is below 5 cents cannot be counted out; a cash
// tender never leaves any.
func HandOver(change money.Amount) []Piece {
	var out []Piece
	for _, value := range pieces {
		if n := change / value; n > 0 {
			out = append(out, Piece{Value: value, Count: int(n)})
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

func quickCash(due money.Amount) []QuickCash {
	quick := []QuickCash{{Amount: due}}
	for _, step := range []money.Amount{100, 500, 1000, 2000} {
		up := (due + step - 1) / step * step
		if up > quick[len(quick)-1].Amount {
			quick = append(quick, QuickCash{Amount: up, Step: step})
		}
	}
	return quick
}
