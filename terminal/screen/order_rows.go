package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// orderRowLine is what a row of Orders says.
type orderRowLine struct {
	code, about, tag string
	mark             Mark
	chosen           bool
	pressed          func()
}

// orderRow is an order of the shop, 64 high.
type orderRow struct {
	widget.BaseWidget
	frame
	pressed     func()
	code, about *Label
	tag         *Tag
	next        *Glyph
}

func newOrderRow() *orderRow {
	r := &orderRow{
		frame: newFrame(),
		code:  NewLabel("", SizeAmount, Foreground, fyne.TextAlignLeading).Bold(),
		about: NewName("", SizeCaption, Muted),
		tag:   NewTag(MarkNeutral, ""),
		next:  NewGlyph(IconNext, 22, Muted),
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *orderRow) set(l orderRowLine) {
	r.pressed = l.pressed
	r.code.SetText(l.code)
	r.about.SetText(l.about)
	r.tag.Set(l.mark, l.tag)
	r.choose(l.chosen)
	r.Refresh()
}

func (r *orderRow) Tapped(*fyne.PointEvent) {
	if r.pressed != nil {
		r.pressed()
	}
}

func (r *orderRow) CreateRenderer() fyne.WidgetRenderer {
	objects := r.with(r.code, r.about, r.tag, r.next)
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, HeightResult), objects, func(size fyne.Size) {
		r.put(size)
		tag := r.tag.MinSize().Width
		put(r.next, size.Width-rowEnd-22, 21, 22, 22)
		put(r.tag, size.Width-rowEnd-30-tag, 10, tag, 24)
		put(r.code, 18, 10, max(0, size.Width-rowEnd-30-tag-gap-18), 24)
		put(r.about, 18, 36, max(0, size.Width-rowEnd-30-18), 18)
	}))
}

// orderLine is what a row says of a line of an order.
type orderLine struct {
	quantity, name, code, tag string
	mark                      Mark
}

// orderLineRow is a line of an order: how much, of what, and what is here of it.
type orderLineRow struct {
	widget.BaseWidget
	line                 *Box
	quantity, name, code *Label
	tag                  *Tag
}

func newOrderLineRow() *orderLineRow {
	r := &orderLineRow{
		line:     NewBox(Separator, Transparent, 0, 0),
		quantity: NewLabel("", SizeAmount, Foreground, fyne.TextAlignTrailing).Bold(),
		name:     NewName("", SizeBody, Foreground),
		code:     NewName("", SizeCaption, Muted),
		tag:      NewTag(MarkNeutral, ""),
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *orderLineRow) set(l orderLine) {
	r.quantity.SetText(l.quantity)
	r.name.SetText(l.name)
	r.code.SetText(l.code)
	r.tag.Set(l.mark, l.tag)
	r.Refresh()
}

func (r *orderLineRow) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{r.line, r.quantity, r.name, r.code, r.tag}
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, 52), objects, func(size fyne.Size) {
		put(r.line, 18, size.Height-1, size.Width-36, 1)
		tag := r.tag.MinSize().Width
		put(r.quantity, 8, 0, 50, size.Height)
		put(r.name, 70, 6, max(0, size.Width-rowEnd-tag-gap-70), 22)
		put(r.code, 70, 27, max(0, size.Width-rowEnd-tag-gap-70), 18)
		put(r.tag, size.Width-rowEnd-tag, (size.Height-24)/2, tag, 24)
	}))
}
