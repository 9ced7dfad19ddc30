package importer

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"comptant/shared/retail"
)

// day is a date as a file has it: of 4/1/2019 only the whole file may say which is the month.
type day struct {
	year, first, second int
	// slashed is one written without the year in front: first and second are a day and a month, in either order.
	slashed bool
}

// days is what the dates of a file say about the order of its days and months.
type days struct{ dayFirst, monthFirst bool }

func (d *days) note(v day) {
	if v.slashed {
		d.dayFirst = d.dayFirst || v.first > 12
		d.monthFirst = d.monthFirst || v.second > 12
	}
}

// date is the day, once the order is known.
func (d day) date(monthFirst bool) retail.Date {
	month, of := d.first, d.second
	if d.slashed && !monthFirst {
		month, of = of, month
	}
	return retail.DateOf(time.Date(d.year, time.Month(month), of, 0, 0, 0, 0, time.UTC))
}

var (
	yearFirst = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$`)
	yearLast  = regexp.MustCompile(`^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$`)
)

const wantDay = "%s: %q is not a day such as 2026-11-22"

// moment reads the day of a sale, and the time if the file has it, in the same column or in its own; noon when it does not say.
func (r row) moment() (day, time.Duration, error) {
	text, _ := r.get(colDate)
	if text == "" {
		return day{}, 0, errors.New("no date")
	}
	date, clock, _ := strings.Cut(strings.Replace(text, "T", " ", 1), " ")
	if own, _ := r.get(colTime); own != "" {
		clock = own
	}
	d, err := readDay(date)
	if err != nil {
		return d, 0, fmt.Errorf(wantDay, colDate, text)
	}
	if clock = strings.TrimSpace(clock); clock == "" {
		return d, 12 * time.Hour, nil
	}
	for _, form := range []string{"15:04:05", "15:04", "3:04:05 PM", "3:04 PM"} {
		if t, err := time.Parse(form, strings.ToUpper(clock)); err == nil {
			return d, time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second, nil
		}
	}
	return d, 0, fmt.Errorf("%s: %q is not a time such as 14:32", colTime, clock)
}

func readDay(s string) (d day, err error) {
	part, slashed := yearFirst.FindStringSubmatch(s), false
	if part == nil {
		if part, slashed = yearLast.FindStringSubmatch(s), true; part == nil {
			return d, errors.New("no day")
		}
		part[1], part[2], part[3] = part[3], part[1], part[2]
	}
	numbers := [3]int{}
	for i := range numbers {
		numbers[i], _ = strconv.Atoi(part[i+1]) // they are digits
	}
	d = day{numbers[0], numbers[1], numbers[2], slashed}
	for _, monthFirst := range []bool{true, false} {
		month, of := d.first, d.second
		if slashed && !monthFirst {
			month, of = of, month
		}
		t := time.Date(d.year, time.Month(month), of, 0, 0, 0, 0, time.UTC)
		if d.year >= 1970 && int(t.Month()) == month && t.Day() == of {
			return d, nil
		}
	}
	return d, errors.New("no such day")
}

// settle decides what is the month in the dates of a file; where it cannot be known, every such row is bad.
func (f *File) settle(d days) {
	f.monthFirst = d.monthFirst
	if d.dayFirst != d.monthFirst {
		return
	}
	why := "date: day or month first? write 2026-11-22"
	unclear := func(line int, d day) bool {
		if d.slashed {
			f.bad(line, "%s", why)
		}
		return d.slashed
	}
	f.sales = slices.DeleteFunc(f.sales, func(r saleRow) bool { return unclear(r.line, r.day) })
	f.adjustments = slices.DeleteFunc(f.adjustments, func(r adjustmentRow) bool { return unclear(r.line, r.day) })
}
