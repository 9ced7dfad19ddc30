package screen

import (
	"fyne.io/fyne/v2"
)

// floatPage counts the float a shift opens with by its notes, coins and rolls.
type floatPage struct {
	drawer
	app *App
	// wrong is why the shift was not opened.
	wrong string

	total, done, refusal *Label
	open                 *Button
}

func newFloat(a *App) *floatPage {
	f := &floatPage{app: a}
	f.drawer = newDrawer(a.Till.Currency(), a.Till.Denominations(), func() { f.wrong = ""; f.show() })
	return f
}

func (f *floatPage) build() (left, right fyne.CanvasObject) {
	w := f.app.words
	title := NewName(w.T("float.title"), SizeHeading, Foreground).Bold()
	groups, pad, foot := f.drawer.build(w), f.buildPad(f), f.buildFoot()
	left = placed(fyne.Size{}, []fyne.CanvasObject{title, groups, pad, foot}, func(size fyne.Size) {
		x, width := float32(gapLarge), size.Width-2*gapLarge
		put(title, x, gapMedium, width, 40)
		top := 62 + f.height()
		put(groups, x, 62, width, f.height())
		third := (width - 2*gap) / 3
		put(pad, x, top+10, third, size.Height-top-10-gapMedium)
		put(foot, x+third+gap, top+10, width-third-gap, size.Height-top-10-gapMedium)
	})
	return left, nil
}

func (f *floatPage) buildFoot() fyne.CanvasObject {
	w := f.app.words
	ground := NewBox(Surface, Separator, border, radius)
	caption := NewName(w.T("shift.float"), SizeBody, Muted)
	f.total = NewLabel("", SizeCounted, Foreground, fyne.TextAlignLeading).Bold()
	f.done, f.refusal = NewName("", 14, Muted), NewName("", 14, Bad)
	back := NewButton(ButtonSpec{Icon: IconBack, Text: w.T("shift.back"), Key: w.T("key.escape"), Height: HeightPay, Pressed: f.back})
	f.open = NewButton(ButtonSpec{
		Text: w.T("shift.open"), Key: "F9", Style: Filled, Size: SizeAmount, Height: HeightPay, Pressed: f.confirm,
	})
	objects := []fyne.CanvasObject{ground, caption, f.total, f.done, f.refusal, back, f.open}
	return placed(fyne.Size{}, objects, func(size fyne.Size) {
		put(ground, 0, 0, size.Width, size.Height)
		put(caption, 20, 14, size.Width-40, 24)
		put(f.total, 20, 40, size.Width-40, 68)
		put(f.done, 20, 110, size.Width-40, 22)
		put(f.refusal, 20, 140, size.Width-40, 22)
		bottom := size.Height - HeightPay - 14
		put(back, 20, bottom, 180, HeightPay)
		put(f.open, 208, bottom, size.Width-228, HeightPay)
	})
}

func (f *floatPage) refresh() { f.show() }

func (f *floatPage) show() {
	w := f.app.words
	counted := f.drawer.show()
	f.total.SetText(w.money(f.sum()))
	f.done.SetText(w.T("count.lines", "Done", counted, "All", len(f.kinds)))
	f.refusal.SetText(f.wrong)
	f.open.Update(func(b *ButtonSpec) { b.Off = counted == 0 })
	f.app.shell.Refresh()
}

func (f *floatPage) back() { f.app.visit(PlaceShift) }

// confirm opens the shift with what was counted.
func (f *floatPage) confirm() {
	if !f.some() {
		return
	}
	f.app.opened(f.app.Till.OpenShiftCounted(f.app.ctx, f.count()), func(err error) {
		f.wrong = f.app.words.Error(err)
		f.app.fail(nil, err)
		f.show()
	})
}

func (f *floatPage) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyEscape:
		f.back()
	case fyne.KeyF9:
		f.confirm()
	default:
		f.drawer.Pressed(key)
	}
}
