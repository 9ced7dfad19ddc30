package screen

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// Figures as each language writes them.

func (w *Words) lang() string { return string(w.Language) }

// money is an amount with its currency.
func (w *Words) money(a money.Amount) string { return a.FormatIn(w.lang(), w.currency.Symbol) }

// plain is an amount in a column that says what it is.
func (w *Words) plain(a money.Amount) string { return a.Plain(w.lang()) }

func (w *Words) quantity(q money.Quantity) string { return q.Format(w.lang()) }

// rate is a quantity a day, with the decimals it needs.
func (w *Words) rate(q money.Quantity) string {
	text := w.quantity(q)
	if q%money.One != 0 {
		text = strings.TrimRight(text, "0")
	}
	return text
}

// number is a count, with its thousands parted.
func (w *Words) number(n uint64) string { return w.quantity(money.Quantity(n) * money.One) }

// version names a version: it is no quantity, and is written without spaces.
func version(n uint64) string { return strconv.FormatUint(n, 10) }

// day is a date in short: "22 nov.", "Nov 22".
func (w *Words) day(t time.Time) string {
	return w.T("time.day", "Day", t.Day(), "Month", w.month(t.Month()))
}

// moment is a day and an hour.
func (w *Words) moment(t time.Time) string { return w.day(t) + " " + t.Format("15:04") }

func (w *Words) month(m time.Month) string {
	return w.T([...]string{
		"month.1", "month.2", "month.3", "month.4", "month.5", "month.6",
		"month.7", "month.8", "month.9", "month.10", "month.11", "month.12",
	}[m-1])
}

// span is a length of time, as exact as it is worth: "12 min", "2 h 14", "3 days".
func (w *Words) span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return w.T("time.seconds", "Seconds", int(d.Seconds()))
	case d < time.Hour:
		return w.T("time.minutes", "Minutes", int(d.Minutes()))
	case d < 24*time.Hour:
		return w.T("time.hours", "Hours", int(d.Hours()), "Minutes", twoDigits(int(d.Minutes())%60))
	}
	return w.N("time.days", int(d.Hours()/24))
}

// ago is how old something is.
func (w *Words) ago(d time.Duration) string {
	if d < time.Minute {
		return w.T("time.now")
	}
	return w.T("time.ago", "Span", w.span(d))
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// counted is "7 lines · 17 items".
func (w *Words) counted(lines, items int) string {
	return w.N("ticket.lines", lines) + " · " + w.N("ticket.items", items)
}

// Error says what went wrong and what to do. What nobody foresaw has one sentence; the log knows more.
func (w *Words) Error(err error) string {
	var seen *retail.Error
	if !errors.As(err, &seen) {
		return w.T("error.unexpected")
	}
	args := make([]any, 0, 2*len(seen.Args))
	for name, value := range seen.Args {
		switch v := value.(type) {
		case money.Amount:
			value = w.money(v)
		case money.Quantity:
			value = w.quantity(v)
		case time.Time:
			value = v.Format("15:04:05")
		}
		args = append(args, name, value)
	}
	key := "error." + seen.Key
	text := w.T(key, args...)
	if text == key {
		return w.T("error.unexpected")
	}
	return text
}
