package retail

import "comptant/shared/money"

// What a request is for: the days until it arrives, and the days it lasts from then on.
const (
	LeadDays  = 3
	CoverDays = 7
	// RestockDays is how many days of sale a store is filled up for.
	RestockDays = LeadDays + CoverDays
	// LongCoverDays is how many days of sale are more than a store should hold.
	LongCoverDays = 60
)

// Suggestion is how much to ask the warehouse for, with the arithmetic that a person can follow:
// PerDay x RestockDays - OnHand - InTransit = Need, in whole packs = Quantity.
type Suggestion struct {
	PerDay, OnHand, InTransit money.Quantity
	// Need is never below 0.
	Need money.Quantity
	// Pack is how many units one case holds, at least 1.
	Pack, Packs int
	Quantity    money.Quantity
}

// Suggest works out a request from the rate of sale, the stock of the store and what is on its way to it. Tills and headquarters suggest
// by it alone.
func Suggest(perDay, onHand, inTransit money.Quantity, pack int) Suggestion {
	s := Suggestion{PerDay: perDay, OnHand: onHand, InTransit: inTransit, Pack: max(pack, 1)}
	s.Need = max(perDay*RestockDays-onHand-inTransit, 0)
	whole := money.Quantity(s.Pack) * money.One
	s.Packs = int((s.Need + whole - 1) / whole)
	s.Quantity = money.Quantity(s.Packs) * whole
	return s
}
