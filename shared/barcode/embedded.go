package barcode

import (
	"fmt"
	"strconv"
	"strings"

	"comptant/shared/money"
)

// Value says what the last digits of an in-store code stand for.
type Value int

// The values a scale prints: grams, read as thousandths of a kilogram, or cents.
const (
	Weight Value = iota
	Price
)

// Scheme is how one retailer's scales lay out their codes in the 12 digits before the check digit:
//
//	prefix | item | price check digit, if any | value
//
// A UPC-A with number system 2, as scales in North America print it, is {Prefix: "02", Item: 5, Digits: 4, Value: Price,
// PriceCheck: true}.
type Scheme struct {
	Prefix     string // "02", "2", "21" ... of the 13-digit form
	Item       int    // how many digits name the product
	Digits     int    // how many digits hold the value
	Value      Value
	PriceCheck bool // a digit before the value checks it: GS1 defines it for 4 and 5 digits
}

// Embedded is what a weight- or price-embedded code says.
type Embedded struct {
	// GTIN is the code with value and price check digit at zero and its own check digit: the number the product is stored
	// under, whatever this piece weighs.
	GTIN     string
	Item     string         // the item digits
	Quantity money.Quantity // thousandths of a kilogram; 0 when the code carries a price
	Price    money.Amount   // cents for the piece; 0 when the code carries a weight
}

// Validate tells why a scheme can match no code.
func (s Scheme) Validate() error {
	total := len(s.Prefix) + s.Item + s.Digits
	if s.PriceCheck {
		total++
	}
	switch {
	case !isDigits(s.Prefix) || !inStore(s.Prefix):
		return fmt.Errorf("scheme %q: the prefix must begin with 2 or 02", s.Prefix)
	case s.Item < 1 || s.Digits < 1:
		return fmt.Errorf("scheme %q: item and value need at least one digit", s.Prefix)
	case total != 12:
		return fmt.Errorf("scheme %q: %d digits before the check digit instead of 12", s.Prefix, total)
	case s.PriceCheck && s.Digits != 4 && s.Digits != 5:
		return fmt.Errorf("scheme %q: a price check digit needs a price of 4 or 5 digits", s.Prefix)
	}
	return nil
}

// ParseEmbedded takes a code apart by a scheme. It is false when the code is not of that scheme or one of its check digits
// is wrong: such a label must be scanned again or typed, never sold at a price nobody checked.
func ParseEmbedded(code string, s Scheme) (Embedded, bool) {
	gtin, ok := Normalize(code)
	if !ok || len(gtin) != 13 || s.Validate() != nil || !strings.HasPrefix(gtin, s.Prefix) {
		return Embedded{}, false
	}
	item := gtin[len(s.Prefix):][:s.Item]
	digits := gtin[12-s.Digits : 12]
	if s.PriceCheck && gtin[11-s.Digits] != priceCheckDigit(digits) {
		return Embedded{}, false
	}
	value, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return Embedded{}, false
	}
	head := s.Prefix + item
	body := head + strings.Repeat("0", 12-len(head))
	e := Embedded{GTIN: body + string(CheckDigit(body)), Item: item}
	switch s.Value {
	case Weight:
		e.Quantity = money.Quantity(value)
	case Price:
		e.Price = money.Amount(value)
	}
	return e, true
}

// Make returns the code a scale would print for item number n with a value in grams or cents, and "" when either does not
// fit.
func (s Scheme) Make(n int, value int64) string {
	item, itemFits := pad(int64(n), s.Item)
	digits, valueFits := pad(value, s.Digits)
	if s.Validate() != nil || !itemFits || !valueFits {
		return ""
	}
	body := s.Prefix + item
	if s.PriceCheck {
		body += string(priceCheckDigit(digits))
	}
	body += digits
	return body + string(CheckDigit(body))
}

// The weighting factors of the price check digit, as GS1 General Specifications 7.9.2 to 7.9.4 list them for the digits 0
// to 9.
var (
	twoMinus  = [10]int{0, 2, 4, 6, 8, 9, 1, 3, 5, 7}
	three     = [10]int{0, 3, 6, 9, 2, 5, 8, 1, 4, 7}
	fiveMinus = [10]int{0, 5, 9, 4, 8, 3, 7, 2, 6, 1}
	fivePlus  = [10]int{0, 5, 1, 6, 2, 7, 3, 8, 4, 9}
)

// priceCheckDigit returns the digit that checks a price of 4 or 5 digits.
func priceCheckDigit(price string) byte {
	if len(price) == 4 {
		return '0' + byte(weigh(price, twoMinus, twoMinus, three, fiveMinus)*3%10)
	}
	rest := (10 - weigh(price, fivePlus, twoMinus, fiveMinus, fivePlus, twoMinus)%10) % 10
	for d, weighted := range fiveMinus {
		if weighted == rest {
			return '0' + byte(d)
		}
	}
	panic("barcode: factor 5- takes each digit once") // a table above was edited
}

func weigh(digits string, factors ...[10]int) (sum int) {
	for i, f := range factors {
		sum += f[digits[i]-'0']
	}
	return sum
}

// pad writes n in exactly width digits, and tells whether it fits.
func pad(n int64, width int) (string, bool) {
	s := strconv.FormatInt(n, 10)
	if n < 0 || len(s) > width {
		return "", false
	}
	return strings.Repeat("0", width-len(s)) + s, true
}
