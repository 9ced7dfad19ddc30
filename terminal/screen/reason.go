package screen

import (
	"errors"

	"fyne.io/fyne/v2"

	"comptant/shared/retail"
	"comptant/terminal/till"
)

// askReason asks who may do a deed alone why it is done.
type askReason struct {
	app    *App
	deed   retail.Deed
	chosen int
	row    *chips
	done   func(reason string)
}

// because asks for the reason of a deed, and goes on with it.
func (a *App) because(d retail.Deed, icon Icon, title, text, accept string, done func(reason string)) {
	r := &askReason{app: a, deed: d, done: done}
	r.row = newChips(func(i int) { r.chosen = i; r.show() })
	a.ask(DialogSpec{
		Icon: icon, Title: title, Text: text, Body: column(r.row), Keys: r,
		Cancel: a.words.T("approve.cancel"), Accept: accept, Done: r.answer,
	})
	r.show()
}

func (r *askReason) show() { r.row.set(r.app.words.reasons(r.deed), r.chosen) }

func (r *askReason) answer(accepted bool) {
	r.app.stage.Close()
	if accepted {
		r.done(retail.Reasons(r.deed)[r.chosen])
	}
}

func (r *askReason) Scanned(string) {}

func (r *askReason) Typed(rune) {}

func (r *askReason) Pressed(key fyne.KeyName) {
	last := len(retail.Reasons(r.deed)) - 1
	switch key {
	case fyne.KeyLeft, fyne.KeyUp:
		r.chosen = max(r.chosen-1, 0)
	case fyne.KeyRight, fyne.KeyDown:
		r.chosen = min(r.chosen+1, last)
	}
	r.show()
}

// deed does what not everybody may do: alone with a reason, or with an approval, which brings one.
func (a *App) deed(d retail.Deed, icon Icon, title, text, accept string, do func(reason string, by till.Approval) error, done func(error)) {
	a.approved("", func(by till.Approval) error { return do("", by) }, func(err error) {
		seen := (*retail.Error)(nil)
		if !errors.As(err, &seen) || seen.Key != till.KeyReason {
			done(err)
			return
		}
		a.because(d, icon, title, text, accept, func(reason string) { done(do(reason, till.Approval{})) })
	})
}
