package screen

import (
	"errors"

	"fyne.io/fyne/v2"

	"comptant/shared/retail"
	"comptant/terminal/till"
)

// dateDigits are a year, a month and a day: 20261122.
const dateDigits = 8

// askDate asks for the date where the till does not believe its own. What is typed counts; nothing typed is a yes to what
// the till thinks.
type askDate struct {
	app    *App
	thinks retail.Date
	typed  Entry
	box    *NumberBox
	dialog *Dialog
}

// askForDate asks who opens a shift.
func (a *App) askForDate(thinks retail.Date) {
	w := a.words
	d := &askDate{app: a, thinks: thinks, box: NewNumberBox(w.T("date.field"), SizeHeading, HeightMain, nil)}
	d.typed = Entry{Max: dateDigits, Digits: true, Changed: func(string) { d.show() }}
	spec := KeypadSpec{Order: PhoneOrder, Height: HeightMain, Target: d}
	spec.Left = NewBackspace(spec, Quiet)
	spec.Right = NewButton(ButtonSpec{Icon: IconEnter, Size: 28, Style: Filled, Height: HeightMain, Pressed: func() { d.answer(true) }})
	pad := NewKeypad(spec)
	height := HeightMain + gap + pad.MinSize().Height
	body := placed(fyne.NewSize(0, height), []fyne.CanvasObject{d.box, pad}, func(size fyne.Size) {
		put(d.box, 0, 0, size.Width, HeightMain)
		put(pad, 0, HeightMain+gap, size.Width, size.Height-HeightMain-gap)
	})
	d.dialog = a.ask(DialogSpec{
		Icon: IconClock, Title: w.T("date.title"), Text: w.T("date.text", "Date", thinks.String()), Body: body, Keys: d,
		Cancel: w.T("dialog.close"), Accept: w.T("date.accept"), Done: d.answer,
	})
	d.show()
}

// date is what is typed so far, as 2026-11-2.
func (d *askDate) date() string {
	text := d.typed.Text()
	if len(text) > 6 {
		text = text[:6] + "-" + text[6:]
	}
	if len(text) > 4 {
		text = text[:4] + "-" + text[4:]
	}
	return text
}

func (d *askDate) show() {
	if d.typed.Text() == "" {
		d.box.Set(d.thinks.String(), false)
	} else {
		d.box.Set(d.date(), true)
	}
	d.dialog.Allow(d.ready())
}

func (d *askDate) ready() bool {
	n := len(d.typed.Text())
	return n == 0 || n == dateDigits
}

func (d *askDate) answer(accepted bool) {
	a, date := d.app, d.thinks
	if !accepted {
		a.stage.Close()
		return
	}
	if !d.ready() {
		return
	}
	var err error
	if d.typed.Text() != "" {
		if date, err = retail.ParseDate(d.date()); err != nil {
			date = 0 // no such day: the till says so
		}
	}
	if err := a.Till.ConfirmDate(a.ctx, date); err != nil {
		d.dialog.Say(a.words.Error(err), Bad)
		return
	}
	a.stage.Close()
	a.sell()
}

func (d *askDate) Scanned(string) {}

func (d *askDate) Typed(r rune) { d.typed.Typed(r) }

func (d *askDate) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyBackspace:
		d.typed.Erase()
	case fyne.KeyDelete:
		d.typed.Clear()
	}
}

// dateAsked says that a shift waits for the date, and what the till thinks it is.
func dateAsked(err error) (thinks retail.Date, ok bool) {
	seen := (*retail.Error)(nil)
	if !errors.As(err, &seen) || seen.Key != till.KeyDate {
		return 0, false
	}
	thinks, ok = seen.Args["date"].(retail.Date)
	return thinks, ok
}
