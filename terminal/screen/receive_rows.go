package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// shipmentLine is what a row of shipments says.
type shipmentLine struct {
	code, when, what string
	chosen           bool
	pressed          func()
}

// shipmentRow is a shipment to receive, 64 high.
type shipmentRow struct {
	widget.BaseWidget
	frame
	pressed          func()
	truck, next      *Glyph
	code, when, what *Label
}

func newShipmentRow() *shipmentRow {
	r := &shipmentRow{
		frame: newFrame(),
		truck: NewGlyph(IconTruck, 26, Muted),
		next:  NewGlyph(IconNext, 22, Muted),
		code:  NewLabel("", SizeAmount, Foreground, fyne.TextAlignLeading).Bold(),
		when:  NewName("", SizeCaption, Muted),
		what:  NewLabel("", SizeBody, Foreground, fyne.TextAlignTrailing),
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *shipmentRow) set(l shipmentLine) {
	r.pressed = l.pressed
	r.code.SetText(l.code)
	r.when.SetText(l.when)
	r.what.SetText(l.what)
	r.choose(l.chosen)
	r.Refresh()
}

func (r *shipmentRow) Tapped(*fyne.PointEvent) {
	if r.pressed != nil {
		r.pressed()
	}
}

func (r *shipmentRow) CreateRenderer() fyne.WidgetRenderer {
	objects := r.with(r.truck, r.next, r.code, r.when, r.what)
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, HeightResult), objects, func(size fyne.Size) {
		r.put(size)
		put(r.truck, 14, 19, 26, 26)
		put(r.code, 54, 10, r.code.Width(), 24)
		put(r.next, size.Width-36, 21, 22, 22)
		what := r.what.Width()
		put(r.what, size.Width-44-what, 0, what, size.Height)
		put(r.when, 54, 35, size.Width-54-44-what-gap, 18)
	}))
}

// countLine is what a row of a count says.
type countLine struct {
	name, group, code, found, shipped string
	mark                              Mark
	tag                               string // "" while nothing was found
	chosen                            bool
	pressed                           func()
}

// countRow is a product of a shipment, 64 high: found, of how many, and the difference.
type countRow struct {
	widget.BaseWidget
	frame
	pressed                    func()
	initials                   *Initials
	name, code, found, shipped *Label
	tag                        *Tag
}

func newCountRow() *countRow {
	r := &countRow{
		frame:    newFrame(),
		initials: NewInitials("", "", 32),
		name:     NewName("", SizeBody, Foreground),
		code:     NewName("", SizeCaption, Muted),
		found:    NewLabel("", SizeHeading, Foreground, fyne.TextAlignTrailing).Bold(),
		shipped:  NewLabel("", SizeCaption, Muted, fyne.TextAlignTrailing),
		tag:      NewTag(MarkNeutral, ""),
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *countRow) set(l countLine) {
	r.pressed = l.pressed
	r.initials.Set(l.name, l.group)
	r.name.SetText(l.name)
	r.code.SetText(l.code)
	r.found.SetText(l.found)
	r.shipped.SetText(l.shipped)
	r.tag.Set(l.mark, l.tag)
	show(r.tag, l.tag != "")
	r.choose(l.chosen)
	r.Refresh()
}

func (r *countRow) Tapped(*fyne.PointEvent) {
	if r.pressed != nil {
		r.pressed()
	}
}

func (r *countRow) CreateRenderer() fyne.WidgetRenderer {
	objects := r.with(r.initials, r.name, r.code, r.found, r.shipped, r.tag)
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, HeightResult), objects, func(size fyne.Size) {
		r.put(size)
		right := size.Width - rowEnd
		put(r.initials, 12, 16, 32, 32)
		const figures = 84
		put(r.found, right-figures, 8, figures, 28)
		put(r.shipped, right-figures, 36, figures, 18)
		right -= figures + gap
		tag := float32(0)
		if r.tag.Visible() {
			tag = r.tag.MinSize().Width
		}
		put(r.tag, right-tag, 20, tag, 24)
		put(r.name, 56, 11, max(0, right-tag-gap-56), 22)
		put(r.code, 56, 33, max(0, right-tag-gap-56), 18)
	}))
}
