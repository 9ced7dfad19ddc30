package ui

import "github.com/a-h/templ"

// ButtonKind is how much a button asks for attention.
type ButtonKind string

// At most one ButtonMain a page or panel.
const (
	ButtonPlain  ButtonKind = "plain"
	ButtonMain   ButtonKind = "main"
	ButtonDanger ButtonKind = "danger" // outlined in red: cancels or removes
)

// Button submits its form, or is a link when Href is set.
type Button struct {
	Label string
	Icon  Icon // optional
	Kind  ButtonKind
	Href  string
	Name  string // sent with Value when set
	Value string
	Attrs templ.Attributes // hx-*, form, formaction, data-print, download
}

// Field is an input with its label and, beside it, what is wrong with it.
type Field struct {
	Name     string
	Label    string
	Type     string // of the input; "" is text
	Value    string
	Hint     string
	Error    string // already translated
	Required bool
	Options  []Option         // makes it a select
	Attrs    templ.Attributes // min, max, step, inputmode, autocomplete, hx-*, data-submit
}

// Option is one choice of a select.
type Option struct {
	Value    string
	Label    string
	Selected bool
}

// Segment is one of a few exclusive filters, each a link.
type Segment struct {
	Label   string
	Count   string // formatted; optional
	Href    string
	Icon    Icon
	Tone    Tone
	Current bool
}

func (f Field) inputType() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

func (f Field) id() string { return "field-" + f.Name }

// note is the id of what describes the field, for a screen reader.
func (f Field) note() string { return f.id() + "-note" }

// state are the attributes input and select share.
func (f Field) state() templ.Attributes {
	attrs := templ.Attributes{"id": f.id(), "name": f.Name, "required": f.Required}
	if f.Error != "" {
		attrs["aria-invalid"] = "true"
	}
	if f.Error != "" || f.Hint != "" {
		attrs["aria-describedby"] = f.note()
	}
	return attrs
}

func pressed(yes bool) string {
	if yes {
		return "true"
	}
	return "false"
}
