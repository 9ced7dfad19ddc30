package importer

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// taxRow is a row of a file of tax rates: one tax from one day on. What is empty leaves what is known as it is.
type taxRow struct {
	line         int
	code, name   string
	names        retail.Text
	rate         money.Rate
	classes      []retail.TaxClass
	from, to     retail.Date
	included     *bool
	registration string
	order        int
}

func (p *parser) tax(r row) (err error) {
	v := taxRow{line: r.line}
	code, _ := r.get(colCode)
	if v.code = strings.ToUpper(code); !chargeForm.MatchString(v.code) {
		return fmt.Errorf("code: %q is not 1 to 20 letters, digits, points or hyphens", code)
	}
	if v.name, err = r.text(colName, maxName, false); err != nil {
		return err
	}
	if v.names.FR, err = r.text(colNameFR, maxName, false); err != nil {
		return err
	}
	if v.names.EN, err = r.text(colNameEN, maxName, false); err != nil {
		return err
	}
	if v.rate, err = r.rate(); err != nil {
		return err
	}
	if v.classes, err = r.taxClasses(); err != nil {
		return err
	}
	if v.from, err = r.date(colFrom); err != nil {
		return err
	}
	if v.from == 0 {
		return errors.New("from: no day")
	}
	if v.to, err = r.date(colTo); err != nil {
		return err
	}
	if v.to != 0 && v.to <= v.from {
		return fmt.Errorf("to: %s is not after %s", v.to, v.from)
	}
	if v.included, err = r.answer(colIncluded); err != nil {
		return err
	}
	if v.registration, err = r.text(colNumber, maxName, false); err != nil {
		return err
	}
	if place, _ := r.get(colPlace); place != "" {
		if v.order, err = strconv.Atoi(place); err != nil || v.order < 1 || v.order > 99 {
			return fmt.Errorf("place: %q is not a number from 1 to 99", place)
		}
	}
	if err := p.first("code and day", v.code+" "+v.from.String(), r.line); err != nil {
		return err
	}
	p.file.taxes = append(p.file.taxes, v)
	return nil
}

// rate reads a percentage: 9.975, 9,975 or 9,975 %.
func (r row) rate() (money.Rate, error) {
	text, _ := r.get(colRate)
	percent := strings.TrimSpace(strings.TrimSuffix(text, "%"))
	thousandths, err := money.ParseQuantity(percent)
	if err != nil || percent == "" || thousandths < 0 || thousandths > 100*money.One {
		return 0, fmt.Errorf("rate: %q is not a percentage from 0 to 100, with three decimals at most", text)
	}
	return money.Rate(thousandths), nil
}

// taxClasses reads the classes that a tax is charged on, parted by spaces; none for what the row does not say.
func (r row) taxClasses() (classes []retail.TaxClass, err error) {
	text, _ := r.get(colClasses)
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;/|", r) }) {
		class, known := taxClasses[fold(word)]
		if !known {
			return nil, fmt.Errorf("classes: %q is not a tax class", word)
		}
		classes = append(classes, class)
	}
	slices.Sort(classes)
	return slices.Compact(classes), nil
}

// date reads 2026-11-22; 0 for nothing.
func (r row) date(c column) (retail.Date, error) {
	text, _ := r.get(c)
	if text == "" {
		return 0, nil
	}
	day, err := retail.ParseDate(text)
	if err != nil {
		return 0, fmt.Errorf("%s: %q is not a day such as 2026-11-22", c, text)
	}
	return day, nil
}

func (f *File) compareTaxes(ctx context.Context, tx *db.Tx, plan *Plan) error {
	known, err := catalog.TaxRates(ctx, tx)
	if err != nil {
		return err
	}
	table, lines := slices.Clone(known), map[int]int{}
	var changed []retail.TaxRate
	for _, r := range f.taxes {
		at := slices.IndexFunc(table, func(t retail.TaxRate) bool { return t.Code == r.code && t.From == r.from })
		exists := at >= 0
		if !exists {
			at = len(table)
			table = append(table, r.begin(known))
		}
		before := table[at]
		r.change(&table[at])
		lines[at] = r.line
		plan.count(exists, exists && reflect.DeepEqual(table[at], before))
		if !exists || !reflect.DeepEqual(table[at], before) {
			changed = append(changed, table[at])
		}
	}
	checkTable(table, lines, plan)
	plan.write = func(ctx context.Context, tx *db.Tx, _ time.Time) error {
		return catalog.PutTaxRates(ctx, tx, changed...)
	}
	return nil
}

// begin is a rate nobody has heard of: as the newest of the same tax, which it follows.
func (r taxRow) begin(known retail.TaxTable) retail.TaxRate {
	t := retail.TaxRate{Classes: []retail.TaxClass{retail.Taxable}}
	for _, k := range known {
		if k.Code == r.code && k.From >= t.From {
			t = k
		}
	}
	t.ID, t.Code, t.From, t.To = newID("tax", r.code+" "+r.from.String()), r.code, r.from, 0
	return t
}

func (r taxRow) change(t *retail.TaxRate) {
	t.Name, t.Rate = named(t.Name, r.name, r.names), r.rate
	if len(r.classes) > 0 {
		t.Classes = r.classes
	}
	if r.to != 0 {
		t.To = r.to
	}
	if r.included != nil {
		t.Included = *r.included
	}
	if r.registration != "" {
		t.Registration = r.registration
	}
	if r.order != 0 {
		t.Order = r.order
	}
}

// checkTable says which rows of the file leave a table that cannot be: a tax that is nameless, or charged twice on a day.
func checkTable(table retail.TaxTable, lines map[int]int, plan *Plan) {
	for i, a := range table {
		line, said := lines[i]
		if said && a.Name == (retail.Text{}) {
			plan.bad(line, "no name")
		}
		for j, b := range table {
			// Each pair once, told on the row that begins later, or on the only one of the two that is in the file.
			if a.Code != b.Code || a.From >= b.From || a.To != 0 && a.To <= b.From {
				continue
			}
			at, there := lines[j]
			if !there {
				at, there = line, said
			}
			if there {
				plan.bad(at, "%s from %s is still charged when that from %s begins: give it an end", a.Code, a.From, b.From)
			}
		}
	}
}
