package ui

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"comptant/shared/money"
	"comptant/shared/retail"
)

const (
	minus = "−"      // U+2212, as wide as a figure
	nbsp  = "\u00a0" // before %, h and between thousands in French
)

// Number writes a whole number with its thousands apart: 3 214 or 3,214.
func Number(ctx context.Context, n int64) string {
	digits := strings.TrimPrefix(strconv.FormatInt(n, 10), "-")
	separator := nbsp
	if Lang(ctx) == "en" {
		separator = ","
	}
	var b strings.Builder
	if n < 0 {
		b.WriteString(minus)
	}
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(separator)
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Currency is what amounts are in: its code, and the symbol beside them.
type Currency struct{ Code, Symbol string }

type currencyKey struct{}

// WithCurrency returns a context in which amounts are written in c.
func WithCurrency(ctx context.Context, c Currency) context.Context {
	return context.WithValue(ctx, currencyKey{}, c)
}

// CurrencyOf is what amounts are written in: dollars where nothing is said.
func CurrencyOf(ctx context.Context) Currency {
	c, ok := ctx.Value(currencyKey{}).(Currency)
	if !ok {
		return Currency{retail.DefaultCurrency, "$"}
	}
	return c
}

// Money writes an amount with its currency: 10 456,75 $ or $10,456.75.
func Money(ctx context.Context, a money.Amount) string {
	return trueMinus(a.FormatIn(Lang(ctx), CurrencyOf(ctx).Symbol))
}

// PlainMoney writes an amount without its currency, for columns whose heading says it.
func PlainMoney(ctx context.Context, a money.Amount) string {
	return trueMinus(a.Plain(Lang(ctx)))
}

// Quantity writes units: 24, or 1,240 (French) and 1.240 (English) for what is weighed.
func Quantity(ctx context.Context, q money.Quantity) string {
	return trueMinus(q.Format(Lang(ctx)))
}

// Rate writes how much goes in a day as closely as anybody reads it: 12; 1,9; 0,04.
func Rate(ctx context.Context, q money.Quantity) string {
	step := money.One / 100
	switch {
	case q >= 10*money.One:
		step = money.One
	case q >= money.One:
		step = money.One / 10
	}
	text := Quantity(ctx, (q+step/2)/step*step)
	if strings.ContainsAny(text, ",.") {
		text = strings.TrimRight(text, "0")
	}
	return text
}

// trueMinus: package money writes an en dash because the till's typeface lacks U+2212; the pages' has it.
func trueMinus(text string) string { return strings.Replace(text, "–", minus, 1) }

// Percent writes thousandths as a percentage with one decimal: 384 is 38,4 % or 38.4%.
func Percent(ctx context.Context, thousandths int64) string {
	if Lang(ctx) == "en" {
		return PlainPercent(ctx, thousandths) + "%"
	}
	return PlainPercent(ctx, thousandths) + nbsp + "%"
}

// PlainPercent is Percent without its sign, for what is counted in points: 0,4 or 0.4.
func PlainPercent(ctx context.Context, thousandths int64) string {
	sign, point, n := "", ",", thousandths
	if n < 0 {
		sign, n = minus, -n
	}
	if Lang(ctx) == "en" {
		point = "."
	}
	return fmt.Sprintf("%s%s%s%d", sign, Number(ctx, n/10), point, n%10)
}

var (
	weekdays = map[string][]string{
		"fr": {"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
		"en": {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	}
	months = map[string][]string{
		"fr": {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
		"en": {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	}
	shortMonths = map[string][]string{
		"fr": {"janv.", "févr.", "mars", "avr.", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.", "déc."},
		"en": {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
	}
)

// Weekday is the day's name inside a sentence: dimanche, Sunday.
func Weekday(ctx context.Context, day time.Weekday) string { return weekdays[Lang(ctx)][day] }

// LongDate heads a page: Dimanche 22 novembre 2026; Sunday, 22 November 2026. All dates are written in t's own zone.
func LongDate(ctx context.Context, t time.Time) string {
	lang := Lang(ctx)
	day, rest := upperFirst(weekdays[lang][t.Weekday()]), fmt.Sprintf("%s %s %d", dayOfMonth(lang, t), months[lang][t.Month()-1], t.Year())
	if lang == "en" {
		return day + ", " + rest
	}
	return day + " " + rest
}

// Date is a day in a table: 22 nov. 2026; 22 Nov 2026.
func Date(ctx context.Context, t time.Time) string {
	return fmt.Sprintf("%s %d", ShortDate(ctx, t), t.Year())
}

// ShortDate is a day of this year: 22 nov.; 22 Nov.
func ShortDate(ctx context.Context, t time.Time) string {
	lang := Lang(ctx)
	return dayOfMonth(lang, t) + nbsp + shortMonths[lang][t.Month()-1]
}

// DateTime is a moment in a table: 22 nov. 16:05; 22 Nov 16:05.
func DateTime(ctx context.Context, t time.Time) string {
	return ShortDate(ctx, t) + " " + TimeOfDay(t)
}

// TimeOfDay is 16:05 in both languages.
func TimeOfDay(t time.Time) string { return t.Format("15:04") }

// Clock is 16:05:09 in both languages.
func Clock(t time.Time) string { return t.Format("15:04:05") }

// Hour names an hour of the day on an axis: 8 h; 8:00.
func Hour(ctx context.Context, hour int) string {
	if Lang(ctx) == "en" {
		return fmt.Sprintf("%d:00", hour)
	}
	return fmt.Sprintf("%d"+nbsp+"h", hour)
}

// Ago says how old something is: maintenant, il y a 12 min, il y a 3 jours; now, 12 minutes ago, 3 days ago.
func Ago(ctx context.Context, age time.Duration) string {
	switch minutes := int(age / time.Minute); {
	case minutes < 1:
		return T(ctx, "age.now")
	case minutes < 60:
		return T(ctx, "age.minutes", "Count", minutes)
	case minutes < 48*60:
		return T(ctx, "age.hours", "Count", minutes/60)
	default:
		return T(ctx, "age.days", "Count", minutes/(24*60))
	}
}

// Age is Ago where there is little room: 12 min, 2 h 14, 3 j; 12 min, 2 h 14, 3 d.
func Age(ctx context.Context, age time.Duration) string {
	switch minutes := int(age / time.Minute); {
	case minutes < 1:
		return T(ctx, "age.now")
	case minutes < 60:
		return fmt.Sprintf("%d"+nbsp+"min", minutes)
	case minutes < 48*60:
		return fmt.Sprintf("%d"+nbsp+"h"+nbsp+"%02d", minutes/60, minutes%60)
	default:
		return T(ctx, "age.short_days", "Count", minutes/(24*60))
	}
}

// dayOfMonth: French alone writes the first as 1er.
func dayOfMonth(lang string, t time.Time) string {
	if lang == "fr" && t.Day() == 1 {
		return "1er"
	}
	return strconv.Itoa(t.Day())
}

func upperFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}
