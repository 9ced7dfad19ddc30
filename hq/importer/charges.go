package importer

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// chargeRow is a row of a file of deposits and fees. What is empty, or 0, leaves what is known as it is.
type chargeRow struct {
	line   int
	code   string
	name   string
	names  retail.Text
	amount money.Amount
	class  retail.TaxClass
}

var chargeForm = regexp.MustCompile(`^[A-Z0-9.-]{1,20}$`)

func (p *parser) charge(r row) (err error) {
	v := chargeRow{line: r.line}
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
	if v.name+v.names.FR+v.names.EN == "" {
		return errors.New("no name")
	}
	amount, err := r.amount(colPrice)
	if err != nil {
		return err
	}
	if amount == nil {
		return errors.New("no amount")
	}
	v.amount = *amount
	if v.class, err = r.taxClass(); err != nil {
		return err
	}
	if err := p.first("code", v.code, r.line); err != nil {
		return err
	}
	p.file.charges = append(p.file.charges, v)
	return nil
}

func (f *File) compareCharges(ctx context.Context, tx *db.Tx, plan *Plan) error {
	known, err := catalog.Charges(ctx, tx)
	if err != nil {
		return err
	}
	var changed []retail.Charge
	for _, r := range f.charges {
		i := slices.IndexFunc(known, func(c retail.Charge) bool { return c.Code == r.code })
		c := retail.Charge{Code: r.code, Class: retail.Exempt}
		if i >= 0 {
			c = known[i]
		}
		before := c
		c.Unit, c.Name = r.amount, named(c.Name, r.name, r.names)
		if r.class != 0 {
			c.Class = r.class
		}
		plan.count(i >= 0, c == before)
		if i < 0 || c != before {
			changed = append(changed, c)
		}
	}
	plan.write = func(ctx context.Context, tx *db.Tx, _ time.Time) error {
		return catalog.PutCharges(ctx, tx, changed...)
	}
	return nil
}

// named is a name with what a row says of it. One without a language is the French one, unless it is known as the English one.
func named(known retail.Text, name string, names retail.Text) retail.Text {
	if name != "" && name != known.EN {
		known.FR = name
	}
	if names.FR != "" {
		known.FR = names.FR
	}
	if names.EN != "" {
		known.EN = names.EN
	}
	return known
}

// carried is what a row of a products file says of its charges and of the class that depends on the sale. What is nil leaves
// what is known as it is.
type carried struct {
	charges []string
	rule    *retail.ClassRule
}

// none are the words for no charges and no rule, folded; a lone hyphen folds to nothing.
var none = map[string]bool{"": true, "none": true, "aucun": true, "aucune": true, "0": true}

func (r row) carried() (c carried, err error) {
	if s, _ := r.get(colCharges); s != "" {
		c.charges = []string{}
		if !none[fold(s)] {
			c.charges = strings.FieldsFunc(strings.ToUpper(s), func(r rune) bool { return strings.ContainsRune(" ,;/|", r) })
		}
	}
	s, _ := r.get(colTaxRule)
	if s == "" {
		return c, nil
	}
	c.rule = &retail.ClassRule{}
	if none[fold(s)] {
		return c, nil
	}
	wrong := fmt.Errorf("tax rule: %q is not of the form group:6:zero-rated", s)
	part := strings.Split(s, ":")
	if len(part) != 3 || strings.TrimSpace(part[0]) == "" {
		return c, wrong
	}
	from, err := money.ParseQuantity(strings.TrimSpace(part[1]))
	class, known := taxClasses[fold(part[2])]
	if err != nil || from <= 0 || !known {
		return c, wrong
	}
	*c.rule = retail.ClassRule{Group: strings.ToLower(strings.TrimSpace(part[0])), From: from, Class: class}
	return c, nil
}

// change brings a product to what the row says; known are the charges there are.
func (c carried) change(p *catalog.Product, known []retail.Charge) error {
	if c.rule != nil {
		p.Rule = *c.rule
	}
	if c.charges == nil {
		return nil
	}
	p.Charges = nil
	for _, code := range c.charges {
		i := slices.IndexFunc(known, func(c retail.Charge) bool { return c.Code == code })
		if i < 0 {
			return fmt.Errorf("charges: there is no %s", code)
		}
		p.Charges = append(p.Charges, known[i])
	}
	return nil
}
