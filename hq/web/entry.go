package web

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"comptant/hq/ui"
	"comptant/shared/retail"
)

// entry is a form as a person filled it in: what was typed stays, and what is wrong with it is said beside its field.
type entry struct {
	values url.Values
	wrong  map[string]string // by the name of the field, already translated
}

func newEntry(values url.Values) entry { return entry{values, map[string]string{}} }

func (e entry) get(name string) string { return e.values.Get(name) }

// field is a field with what was typed into it.
func (e entry) field(f ui.Field) ui.Field {
	f.Value, f.Error = e.get(f.Name), e.wrong[f.Name]
	return f
}

// choice is a select with what was chosen.
func (e entry) choice(name, label string, options []ui.Option) ui.Field {
	for i := range options {
		options[i].Selected = options[i].Value == e.get(name)
	}
	return e.field(ui.Field{Name: name, Label: label, Options: options})
}

// ticked tells whether a box was ticked.
func (e entry) ticked(name, value string) bool { return slices.Contains(e.values[name], value) }

// blame says an error beside the field it is about, by its key; false for one that is about none of them.
func (e entry) blame(ctx context.Context, err error, fields map[string]string) bool {
	var known *retail.Error
	if !errors.As(err, &known) || fields[known.Key] == "" {
		return false
	}
	e.wrong[fields[known.Key]] = ui.Explain(ctx, known)
	return true
}

// short refuses a text of more characters than it may have.
func (e entry) short(ctx context.Context, name string, most int) {
	if len([]rune(e.get(name))) > most {
		e.wrong[name] = ui.T(ctx, "error.long", "Most", most)
	}
}

// plainText are the attributes of a field that is typed afresh; most characters, or as many as one likes when it is 0.
func plainText(most int) templ.Attributes {
	attrs := templ.Attributes{"autocomplete": "off"}
	if most > 0 {
		attrs["maxlength"] = strconv.Itoa(most)
	}
	return attrs
}

// decimal are those of an amount or a quantity.
func decimal() templ.Attributes {
	return templ.Attributes{"autocomplete": "off", "inputmode": "decimal"}
}
