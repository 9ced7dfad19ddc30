package retail

import (
	"cmp"
	"slices"

	"comptant/shared/money"

	"github.com/google/uuid"
)

// Currency is what a drawer of a country holds and how an amount is paid with it. Like the table of tax rates it is data:
// another country is another row.
type Currency struct {
	// Code is the ISO 4217 code; Symbol stands beside amounts, Minor beside what is less than one unit.
	Code   string `cbor:"1,keyasint"`
	Symbol string `cbor:"2,keyasint"`
	Minor  string `cbor:"3,keyasint"`
	// Notes and Coins are in circulation, largest first, in minor units.
	Notes []money.Amount `cbor:"4,keyasint"`
	Coins []money.Amount `cbor:"5,keyasint"`
	// Rolls are how many of each of the Coins the bank puts in a roll; 0 for a coin that it does not roll.
	Rolls []int64 `cbor:"6,keyasint,omitempty"`
	// CashStep is what the part paid in cash is rounded to, half up; 1 for a currency in which nothing is rounded.
	CashStep money.Amount `cbor:"7,keyasint"`
}

// DefaultCurrency is that of a store of which nothing else is said.
const DefaultCurrency = "CAD"

// PaysIn is the code of the currency that is paid at the location.
func (l Location) PaysIn() string { return cmp.Or(l.Currency, DefaultCurrency) }

// PaidIn are the codes of the currencies that are paid at locations, that of the first one first.
func PaidIn(locations []Location) []string {
	var codes []string
	for _, l := range locations {
		if code := l.PaysIn(); !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return codes
}

// PayingIn are the locations where one currency is paid; amounts in different ones are never added up.
func PayingIn(locations []Location, code string) []Location {
	var paying []Location
	for _, l := range locations {
		if l.PaysIn() == code {
			paying = append(paying, l)
		}
	}
	return paying
}

// Currencies are those the program brings along.
//
// Canada: notes of the Bank of Canada, coins of the Royal Canadian Mint (no cents since 2013); rounding as the Department of
// Finance has it ("Eliminating the Penny"). Euro area: notes and coins of the ECB, without the note of 500 that is no longer
// issued; rolls of Regulation (EC) 2182/2004's mints. France rounds nothing.
func Currencies() []Currency {
	return []Currency{
		{
			Code: "CAD", Symbol: "$", Minor: "¢", Notes: []money.Amount{10000, 5000, 2000, 1000, 500},
			Coins: []money.Amount{200, 100, 25, 10, 5}, Rolls: []int64{25, 25, 40, 50, 40}, CashStep: 5,
		},
		{
			Code: "EUR", Symbol: "€", Minor: "c", Notes: []money.Amount{20000, 10000, 5000, 2000, 1000, 500},
			Coins: []money.Amount{200, 100, 50, 20, 10, 5, 2, 1}, Rolls: []int64{25, 25, 40, 40, 40, 50, 50, 50}, CashStep: 1,
		},
	}
}

// CurrencyOf is one of those the program brings along; ok is false for any other.
func CurrencyOf(code string) (c Currency, ok bool) {
	all := Currencies()
	i := slices.IndexFunc(all, func(c Currency) bool { return c.Code == code })
	if i < 0 {
		return Currency{Code: code, Symbol: code, CashStep: 1}, false
	}
	return all[i], true
}

// RowID is that of the currency's row in the feed.
func (c Currency) RowID() uuid.UUID { return uuid.NewSHA1(uuid.Nil, []byte(c.Code)) }

// Valid says that amounts can be paid and counted with it.
func (c Currency) Valid() bool {
	falls := func(a, b money.Amount) int { return int(b - a) }
	return len(c.Code) == 3 && c.Symbol != "" && c.CashStep > 0 && len(c.Notes)+len(c.Coins) > 0 &&
		(len(c.Rolls) == 0 || len(c.Rolls) == len(c.Coins)) &&
		slices.IsSortedFunc(c.Notes, falls) && slices.IsSortedFunc(c.Coins, falls) &&
		!slices.ContainsFunc(slices.Concat(c.Notes, c.Coins), func(a money.Amount) bool { return a <= 0 })
}

// Payable says that an amount can be paid in cash.
func (c Currency) Payable(a money.Amount) bool { return cashRound(a, c.CashStep) == a }

// Step is what documents say of CashStep: nothing where it is Canada's, as all of them did when there was no other.
func (c Currency) Step() money.Amount {
	if c.CashStep == canadaStep {
		return 0
	}
	return c.CashStep
}

// canadaStep is what the zero CashStep of a document means.
const canadaStep money.Amount = 5

// cashRound is what is paid in cash for a; step is a document's.
func cashRound(a, step money.Amount) money.Amount {
	if step == 0 {
		step = canadaStep
	}
	return money.RoundTo(a, step)
}
