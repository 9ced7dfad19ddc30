package retail

import "comptant/shared/money"

// Discount is a part that is taken off: a rate, or an amount when Rate is 0.
type Discount struct {
	Rate   money.Rate   `cbor:"1,keyasint,omitempty"`
	Amount money.Amount `cbor:"2,keyasint,omitempty"`
	Reason string       `cbor:"3,keyasint"`
}

// Of is what the discount takes off a whole: never more than it, never less than nothing.
func (d Discount) Of(whole money.Amount) money.Amount {
	off := d.Amount
	if d.Rate > 0 {
		off = d.Rate.Of(whole)
	}
	return max(min(off, whole), 0)
}

// On is what the discount takes off a line at its price.
func (d Discount) On(l Line) money.Amount { return d.Of(l.UnitPrice.Mul(l.Quantity)) }

// TakeOff gives the line with a discount of its own.
func (l Line) TakeOff(d Discount) Line {
	l.Off, l.Discount, l.Share = d, d.On(l), 0
	l.Amount = l.UnitPrice.Mul(l.Quantity) - l.Discount
	return l
}

// TakeOff takes a discount off the sum of lines and gives each its share, in proportion to its amount and by the largest
// remainder: the shares add up to the discount, no line falls below zero, and taxes and refunds follow from the lines.
func TakeOff(lines []Line, d Discount) []Line {
	weights, sum := make([]int64, len(lines)), money.Amount(0)
	for i, l := range lines {
		weights[i] = int64(l.Amount)
		sum += l.Amount
	}
	shares := money.Allocate(d.Of(sum), weights)
	out := make([]Line, len(lines))
	for i, l := range lines {
		l.Share = shares[i]
		l.Discount, l.Amount = l.Discount+l.Share, l.Amount-l.Share
		out[i] = l
	}
	return out
}

// AccuracyMost bounds what a wrong price costs the shop: up to 15 $ the item is free, above it 15 $ are taken off.
// Source: Québec, "Politique d’exactitude des prix", since 2025-05-07.
const AccuracyMost money.Amount = 1500

// AccuracyOff is the discount for an item that was announced at a lower price than the till's: off one piece, or off a
// weighed item, whatever the quantity.
func AccuracyOff(l Line, weighed bool) Discount {
	item := l.UnitPrice
	if weighed {
		item = l.UnitPrice.Mul(l.Quantity)
	}
	return Discount{Amount: min(item, AccuracyMost), Reason: Reasons(DeedAccuracy)[0]}
}
