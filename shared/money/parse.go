package money

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What Parse and ParseQuantity refuse. The error they return wraps one of these and quotes the text.
var (
	ErrSyntax    = errors.New("not a number")
	ErrDecimals  = errors.New("too many decimals")
	ErrAmbiguous = errors.New("thousands or decimals? write 1234.00 or 1,234.00")
	ErrRange     = errors.New("number too large")
)

// spaces are what people and spreadsheets put between thousands and around a number.
const spaces = " \t\r\n\u00a0\u2009\u202f"

// Parse reads an amount as people and spreadsheets write it: "15.99", "$15.99 ", "0,90 €", "1 234,56", "1,234.56",
// "-3.10", "(3.10)", and whatever Format and Plain return. One currency sign ($ or €) is dropped, not converted.
//
// When both a comma and a point are there, the last is the decimal one. A lone separator before one or two digits is
// decimal; "1,234" and "1.234" are refused with ErrAmbiguous or ErrDecimals, because a wrong guess is a price a thousand
// times off.
func Parse(s string) (Amount, error) {
	body, negative, err := strip(s, "$€")
	if err != nil {
		return 0, fmt.Errorf("amount %q: %w", s, err)
	}
	whole, decimals, err := separate(body)
	if err != nil {
		return 0, fmt.Errorf("amount %q: %w", s, err)
	}
	m, err := fixed(whole, decimals, 2)
	if err != nil {
		return 0, fmt.Errorf("amount %q: %w", s, err)
	}
	return signed(m, negative), nil
}

// ParseQuantity reads a quantity: "2", "0.5", "1,240", "-3", "1 240". A comma or a point is always decimal; only spaces
// part thousands.
func ParseQuantity(s string) (Quantity, error) {
	body, negative, err := strip(s, "")
	if err != nil {
		return 0, fmt.Errorf("quantity %q: %w", s, err)
	}
	whole, decimals := body, ""
	if i := strings.IndexAny(body, ".,"); i >= 0 {
		whole, decimals = body[:i], body[i+1:]
		if decimals == "" {
			return 0, fmt.Errorf("quantity %q: %w", s, ErrSyntax)
		}
	}
	whole, err = ungroup(whole, spaces)
	if err != nil {
		return 0, fmt.Errorf("quantity %q: %w", s, err)
	}
	m, err := fixed(whole, decimals, 3)
	if err != nil {
		return 0, fmt.Errorf("quantity %q: %w", s, err)
	}
	return Quantity(signed(m, negative)), nil
}

// strip takes off the spaces around a number, its sign or parentheses, and one of the given currency signs.
func strip(s, currencies string) (body string, negative bool, err error) {
	body = strings.Trim(s, spaces)
	if inner, ok := strings.CutPrefix(body, "("); ok {
		if inner, ok = strings.CutSuffix(inner, ")"); !ok {
			return "", false, ErrSyntax
		}
		body, negative = strings.Trim(inner, spaces), true
	}
	var signSeen, currencySeen bool
	for body != "" {
		first, size := utf8.DecodeRuneInString(body)
		switch {
		case !signSeen && !negative && strings.ContainsRune("-–−", first):
			signSeen, negative = true, true
		case !currencySeen && strings.ContainsRune(currencies, first):
			currencySeen = true
		default:
			if !currencySeen && currencies != "" {
				body = strings.TrimRight(body, spaces)
				for _, c := range currencies {
					if cut, ok := strings.CutSuffix(body, string(c)); ok {
						body = cut
						break
					}
				}
			}
			return strings.Trim(body, spaces), negative, nil
		}
		body = strings.TrimLeft(body[size:], spaces)
	}
	return "", false, ErrSyntax
}

// separate finds the decimal separator of an amount, and takes the others out of its whole part.
func separate(body string) (whole, decimals string, err error) {
	last := strings.LastIndexAny(body, ".,")
	if last < 0 {
		whole, err = ungroup(body, spaces)
		return whole, "", err
	}
	mark := body[last : last+1]
	other := map[string]string{".": ",", ",": "."}[mark]
	whole, decimals = body[:last], body[last+1:]
	switch {
	case strings.Contains(whole, mark): // 1,234,567: a decimal separator stands once
		if strings.Contains(whole, other) {
			return "", "", ErrSyntax
		}
		whole, err = ungroup(body, mark)
		return whole, "", err
	case decimals == "":
		return "", "", ErrSyntax
	case mark == "," && len(decimals) == 3 && len(whole) <= 3 && whole != "" && whole[0] != '0':
		return "", "", ErrAmbiguous
	case strings.Contains(whole, other):
		whole, err = ungroup(whole, other)
	default:
		whole, err = ungroup(whole, spaces)
	}
	return whole, decimals, err
}

// ungroup joins thousands parted by one of the separators: one to three digits, then always three.
func ungroup(s, separators string) (string, error) {
	groups := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(separators, r) })
	if len(groups) < 2 {
		return s, nil
	}
	for i, g := range groups {
		if len(g) > 3 || i > 0 && len(g) != 3 {
			return "", ErrSyntax
		}
	}
	joined := strings.Join(groups, "")
	if gaps := utf8.RuneCountInString(s) - len(joined); gaps != len(groups)-1 {
		return "", ErrSyntax
	}
	return joined, nil
}

// fixed reads whole and decimals as one integer with the given number of decimals.
func fixed(whole, decimals string, places int) (uint64, error) {
	digits := whole + decimals
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, ErrSyntax
	}
	if len(decimals) > places {
		return 0, ErrDecimals
	}
	m, err := strconv.ParseUint(digits+strings.Repeat("0", places-len(decimals)), 10, 64)
	if err != nil || m > math.MaxInt64 {
		return 0, ErrRange
	}
	return m, nil
}
