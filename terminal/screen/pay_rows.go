package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// methodCard is a way to pay, with what it comes to.
type methodCard struct {
	widget.BaseWidget
	pressed                  func()
	icon                     Icon
	box                      *Box
	glyph, chosen            *Glyph
	name, amount, note, more *Label
}

func newMethodCard(icon Icon, name string, pressed func()) *methodCard {
	m := &methodCard{
		pressed: pressed, icon: icon,
		box:    NewBox(Surface, Control, border, radius),
		glyph:  NewGlyph(icon, 24, Foreground),
		chosen: NewGlyph(IconOK, 22, OnTint),
		name:   NewLabel(name, SizeAmount, Foreground, fyne.TextAlignLeading).Bold(),
		amount: NewLabel("", 32, Foreground, fyne.TextAlignTrailing).Bold(),
		note:   NewLabel("", SizeCaption, Muted, fyne.TextAlignLeading),
		more:   NewLabel("", SizeCaption, Muted, fyne.TextAlignLeading),
	}
	m.ExtendBaseWidget(m)
	return m
}

func (m *methodCard) set(amount, note, more string, chosen bool) {
	m.amount.SetText(amount)
	m.note.SetText(note)
	m.more.SetText(more)
	show(m.chosen, chosen)
	main, minor := Foreground, Muted
	if chosen {
		m.box.Paint(Tint, Primary, borderSelected)
		main, minor = OnTint, OnTint
	} else {
		m.box.Paint(Surface, Control, border)
	}
	m.glyph.Set(m.icon, main)
	m.name.SetColour(main)
	m.note.SetColour(minor)
	m.more.SetColour(minor)
	m.Refresh()
}

func (m *methodCard) Tapped(*fyne.PointEvent) { m.pressed() }

func (m *methodCard) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{m.box, m.glyph, m.chosen, m.name, m.amount, m.note, m.more}
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, 104), objects, func(size fyne.Size) {
		put(m.box, 0, 0, size.Width, size.Height)
		put(m.glyph, 16, 12, 24, 24)
		put(m.name, 48, 12, size.Width-48-48, 24)
		put(m.chosen, size.Width-38, 13, 22, 22)
		big := float32(32)
		for big > SizeHeading && fyne.MeasureText(m.amount.full, big, fyne.TextStyle{Bold: true}).Width > size.Width-32 {
			big -= 2
		}
		m.amount.SetSize(big)
		width := m.amount.Width()
		put(m.amount, size.Width-16-width, 50, width, 44)
		top := float32(73)
		if m.more.full != "" || m.note.Width()+width > size.Width-40 {
			top = 54
		}
		if m.note.Width()+width > size.Width-40 {
			top = 36
		}
		put(m.note, 16, top, m.note.Width(), 18)
		put(m.more, 16, top+19, m.more.Width(), 18)
	}))
}

// tenderRow is a part of a payment, 48 high: taken, or being typed.
type tenderRow struct {
	widget.BaseWidget
	line               *Box
	icon               *Glyph
	name, note, amount *Label
}

func newTenderRow() *tenderRow {
	r := &tenderRow{
		line:   NewBox(Separator, Transparent, 0, 0),
		icon:   NewGlyph(IconUnchecked, 22, Muted),
		name:   NewLabel("", SizeBody, Foreground, fyne.TextAlignLeading).Bold(),
		note:   NewName("", SizeBody, Muted),
		amount: NewLabel("", SizeAmount, Foreground, fyne.TextAlignTrailing).Bold(),
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *tenderRow) set(taken bool, name, note, amount string) {
	if taken {
		r.icon.Set(IconOK, OK)
	} else {
		r.icon.Set(IconPending, Muted)
	}
	r.name.SetText(name)
	r.note.SetText(note)
	r.amount.SetText(amount)
	show(r.line, taken)
	r.Refresh()
}

func (r *tenderRow) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{r.line, r.icon, r.name, r.note, r.amount}
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, 48), objects, func(size fyne.Size) {
		name, amount := r.name.Width(), r.amount.Width()
		put(r.line, 14, size.Height-1, size.Width-28, 1)
		put(r.icon, 14, 13, 22, 22)
		put(r.name, 46, 0, name, size.Height)
		put(r.note, 46+name+10, 0, max(0, size.Width-46-name-10-amount-14-gap), size.Height)
		put(r.amount, size.Width-14-amount, 0, amount, size.Height)
	}))
}
