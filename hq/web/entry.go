package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

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

// errMeanwhile is that somebody else has changed what a form is about since it was shown.
var errMeanwhile = &retail.Error{Code: retail.Conflict, Key: "form.changed"}

// versionOf is another when the values of a form are. The form sends it back.
func versionOf(values url.Values) string {
	sum := sha256.Sum256([]byte(values.Encode()))
	return hex.EncodeToString(sum[:12])
}

// same refuses a form that was shown with other values than there are now.
func (e entry) same(now url.Values) error {
	if e.get("version") != versionOf(now) {
		return errMeanwhile
	}
	return nil
}

// compare says beside each field what is there by now, where it is not what was typed.
func (e entry) compare(ctx context.Context, now url.Values, names []string, say func(name string, values []string) string) {
	for _, name := range names {
		if !slices.Equal(full(now[name]), full(e.values[name])) {
			e.wrong[name] = ui.T(ctx, "form.now", "Value", say(name, now[name]))
		}
	}
}

// plainly says values as they are.
func plainly(ctx context.Context) func(name string, values []string) string {
	return func(_ string, values []string) string {
		if said := strings.Join(full(values), ", "); said != "" {
			return said
		}
		return ui.T(ctx, "answer.none")
	}
}

// full are the values that say something: an empty field is sent, and a box that is not ticked is not.
func full(values []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
}

// short refuses a text of more characters than it may have.
func (e entry) short(ctx context.Context, name string, most int) {
	if len([]rune(e.get(name))) > most {
		e.wrong[name] = ui.T(ctx, "error.long", "Most", most)
	}
}

// number is a whole number, 0 when nothing was typed; any other is refused.
func (e entry) number(ctx context.Context, name string, least, most int) int {
	typed := strings.TrimSpace(e.get(name))
	if typed == "" {
		return 0
	}
	n, err := strconv.Atoi(typed)
	if err != nil || n < least || n > most {
		e.wrong[name] = ui.T(ctx, "form.number", "Least", least, "Most", most)
	}
	return n
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
