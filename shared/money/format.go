package money

import (
	"strconv"
	"strings"
)

const (
	// minus is an en dash: the bundled typeface has no U+2212, and a hyphen is too short beside figures.
	minus = "–"
	// space is U+00A0, both between thousands and before a symbol: the bundled typeface has no narrow one (U+202F).
	space = "\u00a0"
)

// Format returns a with its currency: "$1,234.56" in English, "1 234,56 $" in French ("fr", "fr-CA", ...), with
// no-break spaces and an en dash for minus: "–$2.00", "–2,00 $".
func (a Amount) Format(lang string) string { return a.FormatIn(lang, "") }

// FormatIn is Format with the symbol of another currency; "" for the dollar.
func (a Amount) FormatIn(lang, symbol string) string {
	if symbol == "" {
		symbol = "$"
	}
	if isFrench(lang) {
		return a.Plain(lang) + space + symbol
	}
	return sign(a) + symbol + a.digits(lang)
}

// Plain returns a without its currency, for columns whose heading says it: "1,234.56" or "1 234,56".
func (a Amount) Plain(lang string) string {
	return sign(a) + a.digits(lang)
}

func (a Amount) digits(lang string) string {
	whole, cents := split(magnitude(a), 2)
	if isFrench(lang) {
		return group(whole, space) + "," + cents
	}
	return group(whole, ",") + "." + cents
}

// Format returns q without decimals when it is whole, else with three: "2", "1.240" in English and "1,240" in French.
// Thousands are parted by a no-break space in both languages, so that a comma in a quantity is never a thousand.
func (q Quantity) Format(lang string) string {
	whole, thousandths := split(magnitude(q), 3)
	s := sign(q) + group(whole, space)
	if thousandths == "000" {
		return s
	}
	return s + point(lang) + thousandths
}

// Format returns r as a percentage with the decimals it needs: "9.975%" in English, "9,975 %" in French.
func (r Rate) Format(lang string) string {
	whole, decimals := split(magnitude(r), 3)
	s := sign(r) + whole
	if decimals = strings.TrimRight(decimals, "0"); decimals != "" {
		s += point(lang) + decimals
	}
	if isFrench(lang) {
		return s + space + "%"
	}
	return s + "%"
}

func isFrench(lang string) bool {
	primary, _, _ := strings.Cut(lang, "-")
	return strings.EqualFold(primary, "fr")
}

func point(lang string) string {
	if isFrench(lang) {
		return ","
	}
	return "."
}

func sign[T ~int64](v T) string {
	if v < 0 {
		return minus
	}
	return ""
}

// split writes m with at least one digit before the given number of decimals, and cuts it there.
func split(m uint64, decimals int) (whole, rest string) {
	s := strconv.FormatUint(m, 10)
	if short := decimals + 1 - len(s); short > 0 {
		s = strings.Repeat("0", short) + s
	}
	cut := len(s) - decimals
	return s[:cut], s[cut:]
}

// group puts sep between each three digits.
func group(digits, sep string) string {
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(sep)
		}
		b.WriteRune(d)
	}
	return b.String()
}
