package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// panelForm is what a person may do about a product at a location. It stands below the levels, closed until somebody opens it or something
// of it is wrong: then it has what was typed, and why it was not done.
type panelForm struct {
	name   string // ends its address
	open   ui.Button
	text   string // what it is about, or what will happen
	action string
	hidden []hiddenField
	fields []ui.Field
	do     []ui.Button
	wrong  string
	typed  bool
}

// shelf is a product at a location, with what a form needs of the two.
type shelf struct {
	at      retail.Location
	product catalog.Product
	// query is that of the page, which a form leads back to.
	query string
}

// form begins one of this product at this location.
func (s shelf) form(name string) *panelForm {
	return &panelForm{name: name, action: "/stock/" + s.at.ID.String() + "/" + s.product.ID.String() + "/" + name + "?" + s.query}
}

// title names the two in the audit log.
func (s shelf) title(ctx context.Context) string {
	return s.at.Name + " · " + language(ctx, s.product.Name)
}

// shelfOf is what a form of the panel is about. Who has stores of their own changes nothing elsewhere.
func (s *site) shelfOf(r *http.Request) (sh shelf, err error) {
	ctx := r.Context()
	location, err := idOf(r.PathValue("location"))
	if err != nil {
		return sh, err
	}
	product, err := idOf(r.PathValue("product"))
	if err != nil {
		return sh, err
	}
	reach, err := s.reach(ctx)
	if err != nil {
		return sh, err
	}
	if reach != nil && !slices.Contains(reach, location) {
		return sh, &retail.Error{Code: retail.Forbidden, Key: "error.store"}
	}
	if sh.at, err = stock.Location(ctx, s.DB, location); err != nil {
		return sh, err
	}
	if sh.product, err = catalog.Get(ctx, s.DB, product); err != nil {
		return sh, err
	}
	if sh.product.MadeHere {
		return sh, &retail.Error{Code: retail.Invalid, Key: "product.made_here", Args: map[string]any{"sku": sh.product.SKU}}
	}
	sh.query = shelfQuery(r, product, location)
	return sh, nil
}

// shelfQuery is the page's, with a product and a location chosen.
func shelfQuery(r *http.Request, product, location uuid.UUID) string {
	values := r.URL.Query()
	values.Set("product", product.String())
	values.Set("at", location.String())
	return values.Encode()
}

// toPanel leads an address of a form, which only takes what is sent, to the page with the form: a browser asks for it when the language is
// changed, or after an error.
func (s *site) toPanel(w http.ResponseWriter, r *http.Request) error {
	location, err := idOf(r.PathValue("location"))
	if err != nil {
		return err
	}
	product, err := idOf(r.PathValue("product"))
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/stock?"+shelfQuery(r, product, location), http.StatusSeeOther)
	return nil
}

// page is the request for the page that the form stood on.
func (s shelf) page(r *http.Request) *http.Request {
	page := r.Clone(r.Context())
	page.Method, page.Form, page.PostForm = http.MethodGet, nil, nil
	page.URL.Path, page.URL.RawQuery = "/stock", s.query
	return page
}

// done says so on the page that the form stood on.
func (s shelf) done(w http.ResponseWriter, r *http.Request, text string) {
	flash(w, r, ui.ToneOK, text)
	http.Redirect(w, r, "/stock?"+s.query, http.StatusSeeOther)
}

// read takes what was typed.
func (f *panelForm) read(r *http.Request) {
	f.typed = true
	for i := range f.fields {
		field := &f.fields[i]
		field.Value = strings.TrimSpace(r.PostFormValue(field.Name))
		for j := range field.Options {
			field.Options[j].Selected = field.Options[j].Value == field.Value
		}
	}
}

// field is the one of a name.
func (f *panelForm) field(name string) *ui.Field {
	return &f.fields[slices.IndexFunc(f.fields, func(field ui.Field) bool { return field.Name == name })]
}

// quantity understands what was typed into a field, or says beside it that it is none.
func (f *panelForm) quantity(ctx context.Context, name string) money.Quantity {
	field := f.field(name)
	q, err := money.ParseQuantity(field.Value)
	if err != nil {
		field.Error = ui.T(ctx, "restock.quantity", "Value", field.Value)
	}
	return q
}

// ok tells whether nothing is wrong with what was typed.
func (f *panelForm) ok() bool {
	return f.wrong == "" && !slices.ContainsFunc(f.fields, func(field ui.Field) bool { return field.Error != "" })
}

// refused takes an error that a person is told beside what was typed; any other is left.
func (f *panelForm) refused(ctx context.Context, err error) error {
	var known *retail.Error
	if errors.As(err, &known) {
		f.wrong = ui.Explain(ctx, known)
		return nil
	}
	return err
}

// quantityInput is a field for a quantity.
func quantityInput(name, label, value string) ui.Field {
	return ui.Field{Name: name, Label: label, Value: value, Attrs: map[string]any{"inputmode": "decimal", "autocomplete": "off"}}
}

// panelForms are what the person may do about a product at a location; typed is what is wrong with one of them, if anything is.
func (s *site) panelForms(ctx context.Context, sh shelf, c stock.Cell, known bool, typed *panelForm) ([]*panelForm, error) {
	if sh.product.MadeHere {
		return nil, nil
	}
	reach, err := s.reach(ctx)
	if err != nil {
		return nil, err
	}
	within := reach == nil || slices.Contains(reach, sh.at.ID)
	var forms []*panelForm
	if within && known && may(ctx, users.SetThresholds) {
		forms = append(forms, thresholdForm(ctx, sh, c.Thresholds))
	}
	if within && may(ctx, users.AdjustStock) {
		forms = append(forms, adjustForm(ctx, sh))
	}
	for i, f := range forms {
		if typed != nil && typed.name == f.name {
			forms[i] = typed
		}
	}
	return forms, nil
}
