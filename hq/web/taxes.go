package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

const (
	taxesPath   = "/catalogue/taxes"
	chargesPath = "/catalogue/charges"
)

var chargeNames = []string{"name_fr", "name_en", "amount", "tax_class"}

// taxesPage is what is charged on which class of product and since when, and the deposits and fees with a form for one of them.
type taxesPage struct {
	classes, rates, charges ui.Table
	code                    string // of the charge in the form; empty for a new one
	form                    entry
	version                 string
	wrong                   string
	options                 []ui.Option // the tax classes
}

func (p taxesPage) fresh() bool { return p.code == "" }

func (p taxesPage) action() string {
	if p.fresh() {
		return chargesPath
	}
	return chargesPath + "/" + url.PathEscape(p.code)
}

func chargeValues(ctx context.Context, c retail.Charge) url.Values {
	return url.Values{
		"code": {c.Code}, "name_fr": {c.Name.FR}, "name_en": {c.Name.EN}, "amount": {ui.PlainMoney(ctx, c.Unit)},
		"tax_class": {strconv.Itoa(int(c.Class))},
	}
}

// readCharge reads what was typed; what cannot be read is said beside its field.
func readCharge(ctx context.Context, e entry, code string) retail.Charge {
	e.short(ctx, "name_fr", mostName)
	e.short(ctx, "name_en", mostName)
	c := retail.Charge{
		Code: code, Name: retail.Text{FR: strings.TrimSpace(e.get("name_fr")), EN: strings.TrimSpace(e.get("name_en"))},
		Class: retail.TaxClass(e.number(ctx, "tax_class", 1, int(retail.MostClass))),
	}
	if c.Name == (retail.Text{}) {
		e.wrong["name_fr"] = ui.T(ctx, "charge.name")
	}
	var err error
	if c.Unit, err = money.Parse(e.get("amount")); err != nil || c.Unit < 0 {
		e.wrong["amount"] = ui.T(ctx, "charge.amount_wrong")
	}
	return c
}

func (s *site) taxes(w http.ResponseWriter, r *http.Request) error {
	return s.showTaxes(w, r, taxesPage{code: r.FormValue("charge")})
}

// showTaxes fills the form with what is there, unless somebody has filled it in.
func (s *site) showTaxes(w http.ResponseWriter, r *http.Request, p taxesPage) error {
	ctx := r.Context()
	rates, err := catalog.TaxRates(ctx, s.DB)
	if err != nil {
		return err
	}
	charges, err := catalog.Charges(ctx, s.DB)
	if err != nil {
		return err
	}
	stores, err := stock.Stores(ctx, s.DB)
	if err != nil {
		return err
	}
	if ctx, err = s.paidIn(ctx, stores); err != nil {
		return err
	}
	now := retail.Charge{Class: retail.Exempt}
	values := chargeValues(ctx, now)
	values.Del("amount")
	if !p.fresh() {
		at := slices.IndexFunc(charges, func(c retail.Charge) bool { return c.Code == p.code })
		if at < 0 {
			return &retail.Error{Code: retail.NotFound, Key: "charge.unknown"}
		}
		now = charges[at]
		values = chargeValues(ctx, now)
	}
	p.version = versionOf(chargeValues(ctx, now))
	if p.form.values == nil {
		p.form = newEntry(values)
	}
	for _, class := range taxClasses(rates, now.Class) {
		p.options = append(p.options, ui.Option{Value: strconv.Itoa(int(class)), Label: classWord(ctx, class)})
	}
	zone := zoneOf(stores)
	today := retail.DateOf(s.Now().In(zone))
	p.classes, p.rates, p.charges = classTable(ctx, rates, today), rateTable(ctx, rates, today), chargeTable(ctx, charges, p.code)
	v := view{title: ui.T(ctx, "catalogue.taxes"), tools: catalogueTabs(taxesPath)}
	if p.wrong != "" || len(p.form.wrong) > 0 {
		v.status = http.StatusUnprocessableEntity
	}
	return s.show(w, r.WithContext(ctx), v, taxesContent(p))
}

// classTable says what is charged today on each class of product.
func classTable(ctx context.Context, rates retail.TaxTable, today retail.Date) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "tax.classes"), Columns: []ui.Column{{Label: ui.T(ctx, "tax.class")}, {Label: ui.T(ctx, "tax.today")}}}
	for _, class := range taxClasses(rates, 0) {
		var charged []string
		for _, rate := range rates.On(today) {
			if slices.Contains(rate.Classes, class) {
				charged = append(charged, language(ctx, rate.Name)+" "+rate.Rate.Format(ui.Lang(ctx)))
			}
		}
		said := ui.T(ctx, "tax.nothing")
		if len(charged) > 0 {
			said = strings.Join(charged, " + ")
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: classWord(ctx, class)}, {Text: said}}})
	}
	return t
}

func rateTable(ctx context.Context, rates retail.TaxTable, today retail.Date) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "tax.rates"), Columns: []ui.Column{
		{Label: ui.T(ctx, "catalogue.tax")},
		{Label: ui.T(ctx, "tax.percent"), Figure: true},
		{Label: ui.T(ctx, "tax.from")},
		{Label: ui.T(ctx, "tax.to")},
		{Label: ui.T(ctx, "prices.state")},
		{Label: ui.T(ctx, "tax.charged_on")},
		{Label: ui.T(ctx, "tax.registration")},
	}}
	for _, rate := range rates {
		classes := make([]string, len(rate.Classes))
		for i, class := range rate.Classes {
			classes[i] = classWord(ctx, class)
		}
		on := ui.Cell{Text: strings.Join(classes, ", ")}
		if rate.Included {
			on.Sub = ui.T(ctx, "tax.included")
		}
		last := dash
		if rate.To != 0 {
			last = ui.Date(ctx, rate.To.Time(time.UTC).AddDate(0, 0, -1)) // the first day on which it is no longer charged is kept
		}
		registration := rate.Registration
		if registration == "" {
			registration = dash
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: language(ctx, rate.Name), Sub: rate.Code},
			{Text: rate.Rate.Format(ui.Lang(ctx)), Strong: true},
			{Text: ui.Date(ctx, rate.From.Time(time.UTC))},
			{Text: last},
			{Part: ui.Status(rateTag(ctx, rate, today))},
			on,
			{Text: registration},
		}})
	}
	return t
}

func rateTag(ctx context.Context, rate retail.TaxRate, today retail.Date) ui.Tag {
	switch {
	case rate.From > today:
		return bookTag(ctx, catalog.BookFuture)
	case rate.To != 0 && rate.To <= today:
		return bookTag(ctx, catalog.BookPast)
	}
	return bookTag(ctx, catalog.BookInForce)
}

func chargeTable(ctx context.Context, charges []retail.Charge, chosen string) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "charge.title"), Columns: []ui.Column{
		{Label: ui.T(ctx, "people.name")}, {Label: ui.T(ctx, "charge.amount"), Figure: true}, {Label: ui.T(ctx, "catalogue.tax")},
	}}
	for _, c := range charges {
		name := ui.Cell{Text: language(ctx, c.Name), Sub: c.Code}
		if may(ctx, users.EditCatalog) {
			name.Href = taxesPath + "?" + query("charge", c.Code) + "#charge"
		}
		t.Rows = append(t.Rows, ui.Row{Current: c.Code == chosen, Cells: []ui.Cell{
			name, {Text: ui.Money(ctx, c.Unit), Strong: true}, {Text: classWord(ctx, c.Class)},
		}})
	}
	return t
}

// chargeState is a deposit or fee as the audit log keeps it.
type chargeState struct {
	NameFR string          `json:"name_fr,omitempty"`
	NameEN string          `json:"name_en,omitempty"`
	Amount money.Amount    `json:"amount_cents"`
	Class  retail.TaxClass `json:"tax_class"`
}

func chargeStateOf(c retail.Charge) chargeState {
	return chargeState{c.Name.FR, c.Name.EN, c.Unit, c.Class}
}

func (s *site) addCharge(w http.ResponseWriter, r *http.Request) error {
	p := taxesPage{form: newEntry(r.PostForm)}
	c := readCharge(r.Context(), p.form, strings.ToUpper(strings.TrimSpace(p.form.get("code"))))
	return s.putCharge(w, r, p, c, func(was *retail.Charge) (users.Change, error) {
		if was != nil {
			return users.Change{}, &retail.Error{Code: retail.Conflict, Key: "charge.code_taken", Args: map[string]any{"code": c.Code}}
		}
		return users.Change{Kind: users.DidAddCharge}, nil
	})
}

func (s *site) editCharge(w http.ResponseWriter, r *http.Request) error {
	p := taxesPage{code: r.PathValue("code"), form: newEntry(r.PostForm)}
	p.form.values.Set("code", p.code)
	return s.putCharge(w, r, p, readCharge(r.Context(), p.form, p.code), func(was *retail.Charge) (users.Change, error) {
		if was == nil {
			return users.Change{}, &retail.Error{Code: retail.NotFound, Key: "charge.unknown"}
		}
		return users.Change{Kind: users.DidEditCharge, Before: chargeStateOf(*was)}, p.form.same(chargeValues(r.Context(), *was))
	})
}

// putCharge writes a charge when the one that was there, if any, is as it should be.
func (s *site) putCharge(
	w http.ResponseWriter, r *http.Request, p taxesPage, c retail.Charge, check func(was *retail.Charge) (users.Change, error),
) error {
	ctx := r.Context()
	if len(p.form.wrong) > 0 {
		return s.showTaxes(w, r, p)
	}
	var was *retail.Charge
	err := s.change(r, func(tx *db.Tx) (change users.Change, err error) {
		// Who writes charges waits here: what is read stays as it is.
		if err := catalog.Activate(ctx, tx, s.Now()); err != nil {
			return change, err
		}
		all, err := catalog.Charges(ctx, tx)
		if err != nil {
			return change, err
		}
		if at := slices.IndexFunc(all, func(known retail.Charge) bool { return known.Code == c.Code }); at >= 0 {
			was = &all[at]
		}
		if change, err = check(was); err != nil {
			return change, err
		}
		change.Subject, change.Title, change.After = c.Code, c.Code, chargeStateOf(c)
		return change, catalog.PutCharges(ctx, tx, c)
	})
	switch {
	case errors.Is(err, errMeanwhile):
		p.form.compare(ctx, chargeValues(ctx, *was), chargeNames, func(name string, values []string) string {
			return shownValue(ctx, name, values, nil)
		})
		p.wrong = ui.Explain(ctx, errMeanwhile)
		return s.showTaxes(w, r, p)
	case p.form.blame(ctx, err, map[string]string{"charge.wrong": "code", "charge.code_taken": "code"}):
		return s.showTaxes(w, r, p)
	case err != nil:
		return err
	}
	flash(w, r, ui.ToneOK, ui.T(ctx, "charge.saved", "Name", language(ctx, c.Name)))
	http.Redirect(w, r, taxesPath+"?"+query("charge", c.Code), http.StatusSeeOther)
	return nil
}
