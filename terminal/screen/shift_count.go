package screen

import (
	"fmt"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// perGroup is how many denominations stand under each other: bills, coins, rolls.
const perGroup = 5

// countPage counts the drawer, one denomination after the other, without saying what should be in it.
type countPage struct {
	app   *App
	kinds []retail.Denomination
	typed []Entry
	at    int
	// wrong is why the count was refused.
	wrong string

	title, float, total, done, refusal *Label
	sums                               [3]*Label
	rows                               []*drawerRow
	confirm                            *Button
}

func newCount(a *App) *countPage {
	c := &countPage{app: a, kinds: till.Denominations()}
	c.typed = make([]Entry, len(c.kinds))
	for i := range c.typed {
		c.typed[i] = Entry{Max: 4, Digits: true, Changed: func(string) { c.show() }}
	}
	return c
}

func (c *countPage) build() (left, right fyne.CanvasObject) {
	w := c.app.words
	shift := c.app.Till.Shift()
	c.title = NewLabel(w.T("count.title", "Number", shift.Number), SizeHeading, Foreground, fyne.TextAlignLeading).Bold()
	c.float = NewLabel(w.T("count.float", "Amount", w.money(shift.Float)), SizeBody, Muted, fyne.TextAlignLeading)
	steps := newSteps(1, w.T("count.step_ticket"), w.T("count.step_count"), w.T("count.step_result"), w.T("count.step_printed"))
	groups := c.buildGroups()
	pad := c.buildPad()
	foot := c.buildFoot()
	objects := []fyne.CanvasObject{c.title, c.float, steps, groups, pad, foot}
	left = placed(fyne.Size{}, objects, func(size fyne.Size) {
		x, width := float32(gapLarge), size.Width-2*gapLarge
		put(c.title, x, gapMedium, c.title.Width(), 40)
		put(c.float, x+c.title.Width()+gapMedium, gapMedium, c.float.Width(), 40)
		put(steps, x+width-steps.MinSize().Width, gapMedium, steps.MinSize().Width, 40)
		put(groups, x, 62, width, 330)
		third := (width - 2*gap) / 3
		put(pad, x, 402, third, size.Height-402-gapMedium)
		put(foot, x+third+gap, 402, width-third-gap, size.Height-402-gapMedium)
	})
	return left, nil
}

func (c *countPage) buildGroups() fyne.CanvasObject {
	w := c.app.words
	c.rows = nil
	var groups []fyne.CanvasObject
	for g, name := range []string{"count.bills", "count.coins", "count.rolls"} {
		ground := NewBox(Surface, Separator, border, radius)
		head := NewName(w.T(name), SizeBody, Foreground).Bold()
		c.sums[g] = NewLabel("", SizeBody, Foreground, fyne.TextAlignTrailing).Bold()
		objects := []fyne.CanvasObject{ground, head, c.sums[g]}
		for i := range perGroup {
			n := g*perGroup + i
			row := newDrawerRow(c.name(c.kinds[n]), func() { c.step(n) })
			c.rows = append(c.rows, row)
			objects = append(objects, row)
		}
		sum, rows := c.sums[g], c.rows[g*perGroup:(g+1)*perGroup]
		groups = append(groups, placed(fyne.Size{}, objects, func(size fyne.Size) {
			put(ground, 0, 0, size.Width, size.Height)
			put(head, 14, 8, size.Width/2, 32)
			put(sum, size.Width/2, 8, size.Width/2-14, 32)
			for i, r := range rows {
				put(r, 14, 42+float32(i)*56, size.Width-28, 52)
			}
		}))
	}
	return NewGrid(3, gap, groups...)
}

// name is a note, a coin or a roll.
func (c *countPage) name(d retail.Denomination) string {
	text := pieceValue(c.app.words, d.Value)
	if d.Roll > 0 {
		text += fmt.Sprintf(" × %d", d.Roll)
	}
	return text
}

func (c *countPage) buildPad() fyne.CanvasObject {
	spec := KeypadSpec{Height: HeightMain, Target: c}
	spec.Left = NewBackspace(spec, Outlined)
	spec.Right = NewButton(ButtonSpec{Icon: IconEnter, Size: 28, Style: Quiet, Pressed: func() { c.step(c.at + 1) }})
	pad := NewKeypad(spec)
	ground := NewBox(Surface, Separator, border, radius)
	return placed(fyne.Size{}, []fyne.CanvasObject{ground, pad}, func(size fyne.Size) {
		put(ground, 0, 0, size.Width, size.Height)
		put(pad, 10, 10, size.Width-20, size.Height-20)
	})
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
	back := NewButton(ButtonSpec{Icon: IconBack, Text: w.T("shift.back"), Key: w.T("key.escape"), Height: HeightPay, Pressed: c.back})
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
		put(back, 20, bottom, 180, HeightPay)
		put(c.confirm, 208, bottom, size.Width-228, HeightPay)
	})
}

func (c *countPage) refresh() { c.show() }

func (c *countPage) show() {
	w := c.app.words
	counted := 0
	for i, row := range c.rows {
		if c.typed[i].Text() != "" {
			counted++
		}
		row.set(c.typed[i].Text(), w.plain(c.pieces(i).Amount()), i == c.at)
	}
	for g, label := range c.sums {
		label.SetText(w.money(retail.Counted(c.count()[g*perGroup : (g+1)*perGroup])))
	}
	c.total.SetText(w.money(c.sum()))
	c.done.SetText(w.T("count.lines", "Done", counted, "All", len(c.kinds)))
	c.refusal.SetText(c.wrong)
	c.app.shell.Refresh()
}

// pieces is what is typed of one denomination.
func (c *countPage) pieces(i int) retail.Denomination {
	d := c.kinds[i]
	d.Count, _ = strconv.ParseInt(c.typed[i].Text(), 10, 64) // nothing typed is none
	return d
}

func (c *countPage) count() []retail.Denomination {
	all := make([]retail.Denomination, len(c.kinds))
	for i := range all {
		all[i] = c.pieces(i)
	}
	return all
}

func (c *countPage) sum() money.Amount { return retail.Counted(c.count()) }

// step goes to a denomination.
func (c *countPage) step(i int) {
	c.at = min(max(i, 0), len(c.kinds)-1)
	c.show()
}

// back leaves the shift open.
func (c *countPage) back() {
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

func (c *countPage) Scanned(string) {}

func (c *countPage) Typed(r rune) { c.typed[c.at].Typed(r) }

func (c *countPage) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeyDown, fyne.KeyTab:
		c.step(c.at + 1)
	case fyne.KeyUp:
		c.step(c.at - 1)
	case fyne.KeyRight:
		c.step(c.at + perGroup)
	case fyne.KeyLeft:
		c.step(c.at - perGroup)
	case fyne.KeyBackspace:
		c.typed[c.at].Erase()
	case fyne.KeyDelete:
		c.typed[c.at].Clear()
	case fyne.KeyEscape:
		c.back()
	case fyne.KeyF9:
		c.close()
	}
}

// drawerRow is one denomination: its name, how many, and what they are worth.
type drawerRow struct {
	widget.BaseWidget
	name, worth *Label
	box         *NumberBox
}

func newDrawerRow(name string, pressed func()) *drawerRow {
	r := &drawerRow{
		name:  NewLabel(name, SizeAmount, Foreground, fyne.TextAlignLeading).Bold(),
		worth: NewLabel("", SizeBody, Muted, fyne.TextAlignTrailing),
		box:   NewNumberBox("", SizeHeading, 52, pressed),
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *drawerRow) set(count, worth string, active bool) {
	r.box.Set(count, active)
	r.worth.SetText(worth)
}

func (r *drawerRow) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, 52), []fyne.CanvasObject{r.name, r.box, r.worth}, func(size fyne.Size) {
		put(r.name, 0, 0, 110, size.Height)
		put(r.box, 110, 0, 84, size.Height)
		put(r.worth, 200, 0, size.Width-200, size.Height)
	}))
}
