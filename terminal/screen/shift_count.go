package screen

import (
	"fyne.io/fyne/v2"

	"comptant/terminal/till"
)

// countPage counts the drawer, one denomination after the other, without saying what should be in it.
type countPage struct {
	drawer
	app *App
	// wrong is why the count was refused.
	wrong string
	// kept is the count that goes on, if one does.
	kept    till.DrawerCount
	resumed bool

	title, float, total, done, refusal *Label
	confirm                            *Button
}

// newCount counts on where somebody left off.
func newCount(a *App) *countPage {
	c := &countPage{app: a}
	c.drawer = newDrawer(a.Till.Currency(), a.Till.Denominations(), func() { c.keep(); c.show() })
	if c.kept, c.resumed = a.Till.KeptDrawer(a.ctx); c.resumed {
		c.fill(c.kept.Count)
	}
	return c
}

func (c *countPage) build() (left, right fyne.CanvasObject) {
	w := c.app.words
	shift := c.app.Till.Shift()
	c.title = NewLabel(w.T("count.title", "Number", shift.Number), SizeHeading, Foreground, fyne.TextAlignLeading).Bold()
	c.float = NewLabel(w.T("count.float", "Amount", w.money(shift.Float)), SizeBody, Muted, fyne.TextAlignLeading)
	steps := newSteps(1, w.T("count.step_ticket"), w.T("count.step_count"), w.T("count.step_result"), w.T("count.step_printed"))
	groups := c.drawer.build(w)
	pad := c.buildPad(c)
	foot := c.buildFoot()
	objects := []fyne.CanvasObject{c.title, c.float, steps, groups, pad, foot}
	left = placed(fyne.Size{}, objects, func(size fyne.Size) {
		x, width := float32(gapLarge), size.Width-2*gapLarge
		put(c.title, x, gapMedium, c.title.Width(), 40)
		put(c.float, x+c.title.Width()+gapMedium, gapMedium, c.float.Width(), 40)
		put(steps, x+width-steps.MinSize().Width, gapMedium, steps.MinSize().Width, 40)
		put(groups, x, 62, width, c.height())
		third, top := (width-2*gap)/3, 62+c.height()+10
		put(pad, x, top, third, size.Height-top-gapMedium)
		put(foot, x+third+gap, top, width-third-gap, size.Height-top-gapMedium)
	})
	return left, nil
}

func (c *countPage) buildFoot() fyne.CanvasObject {
	w := c.app.words
	ground := NewBox(Surface, Separator, border, radius)
	caption := NewName(w.T("count.so_far"), SizeBody, Muted)
	c.total = NewLabel("", SizeCounted, Foreground, fyne.TextAlignLeading).Bold()
	c.done = NewName("", 14, Muted)
	c.refusal = NewName("", 14, Bad)
	lock := NewGlyph(IconLock, 20, Muted)
	blind := NewParagraph(w.T("count.blind"), 14, Muted, 210)
	waits, waiting := NewGlyph("", 20, Warn), NewParagraph("", 14, Foreground, 210)
	if status, err := c.app.Till.Status(c.app.ctx); err == nil && status.Count > 0 {
		waits.Set(IconOffline, Warn)
		waiting.Set(w.N("count.waiting", status.Count), Foreground)
	}
	back := NewButton(ButtonSpec{Icon: IconBack, Text: w.T("count.later"), Key: w.T("key.escape"), Height: HeightPay, Pressed: c.later})
	c.confirm = NewButton(ButtonSpec{
		Text: w.T("count.confirm"), Key: "F9", Style: Filled, Size: SizeAmount, Height: HeightPay, Pressed: c.close,
	})
	objects := []fyne.CanvasObject{ground, caption, c.total, c.done, c.refusal, lock, blind, waits, waiting, back, c.confirm}
	return placed(fyne.Size{}, objects, func(size fyne.Size) {
		put(ground, 0, 0, size.Width, size.Height)
		put(caption, 20, 14, size.Width-290, 24)
		put(c.total, 20, 40, size.Width-290, 68)
		put(c.done, 20, 110, size.Width-290, 22)
		put(c.refusal, 20, 150, size.Width-40, 22)
		aside := size.Width - 250
		put(lock, aside, 16, 20, 20)
		put(blind, aside+28, 14, 210, 60)
		put(waits, aside, 76, 20, 20)
		put(waiting, aside+28, 74, 210, 60)
		bottom := size.Height - HeightPay - 14
		put(back, 20, bottom, 230, HeightPay)
		put(c.confirm, 258, bottom, size.Width-278, HeightPay)
	})
}

func (c *countPage) refresh() { c.show() }

func (c *countPage) show() {
	w := c.app.words
	counted := c.drawer.show()
	c.total.SetText(w.money(c.sum()))
	c.done.SetText(w.T("count.lines", "Done", counted, "All", len(c.kinds)))
	said, colour := "", Muted
	switch {
	case c.wrong != "":
		said, colour = c.wrong, Bad
	case c.resumed:
		said = w.T("count.resumed", "Name", c.kept.By, "At", w.moment(c.kept.At))
	}
	c.refusal.SetText(said)
	c.refusal.SetColour(colour)
	c.app.shell.Refresh()
}

// keep keeps what is typed: a restart must not cost a count.
func (c *countPage) keep() { c.app.Till.KeepDrawer(c.count()) }

// later leaves the shift open and keeps what is counted.
func (c *countPage) later() {
	c.keep()
	c.app.Till.StopCount()
	c.app.visit(PlaceShift)
}

// close writes the Z and says what is over or short.
func (c *countPage) close() {
	a := c.app
	closed, err := a.Till.CloseShift(a.ctx, c.count())
	if err != nil {
		c.wrong = a.words.Error(err)
		a.fail(nil, err)
		c.show()
		return
	}
	a.open(newClosed(a, closed))
}

func (c *countPage) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyEscape:
		c.later()
	case fyne.KeyF9:
		c.close()
	default:
		c.drawer.Pressed(key)
	}
}
