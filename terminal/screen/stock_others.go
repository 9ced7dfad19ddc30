package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// otherLine is what a row says of another store.
type otherLine struct {
	name, stock, tag, coming, when string
	mark                           Mark
	stale                          bool
}

// otherHeight is how high the row of another store is.
const otherHeight = 42

// otherRow is what another store has of a product, as headquarters sees it.
type otherRow struct {
	widget.BaseWidget
	line                      *Box
	name, stock, coming, when *Label
	clock                     *Glyph
	tag                       *Tag
}

func newOtherRow() *otherRow {
	r := &otherRow{
		line:   NewBox(Separator, Transparent, 0, 0),
		name:   NewName("", SizeBody, Foreground),
		stock:  NewLabel("", SizeAmount, Foreground, fyne.TextAlignTrailing).Bold(),
		coming: NewLabel("", SizeCaption, Muted, fyne.TextAlignLeading),
		when:   NewLabel("", SizeCaption, Muted, fyne.TextAlignTrailing),
		clock:  NewGlyph(IconClock, 16, Warn),
		tag:    NewTag(MarkNeutral, ""),
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *otherRow) set(l otherLine) {
	r.name.SetText(l.name)
	r.stock.SetText(l.stock)
	r.coming.SetText(l.coming)
	r.when.SetText(l.when)
	r.when.SetBold(l.stale)
	r.when.SetColour(Muted)
	if l.stale {
		r.when.SetColour(Warn)
	}
	show(r.clock, l.stale)
	r.tag.Set(l.mark, l.tag)
	show(r.tag, l.tag != "")
	r.Refresh()
}

func (r *otherRow) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{r.line, r.name, r.stock, r.coming, r.when, r.clock, r.tag}
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, otherHeight), objects, func(size fyne.Size) {
		put(r.line, 14, size.Height-1, size.Width-28, 1)
		when := r.when.Width()
		put(r.when, size.Width-rowEnd-when, 0, when, size.Height)
		put(r.clock, size.Width-rowEnd-when-20, (size.Height-16)/2, 16, 16)
		const stock = 250 // where the figures end
		put(r.name, 14, 0, stock-64-14, size.Height)
		put(r.stock, stock-60, 0, 60, size.Height)
		x := float32(stock + gapMedium)
		if r.tag.Visible() {
			tag := r.tag.MinSize().Width
			put(r.tag, x, (size.Height-24)/2, tag, 24)
			x += tag + gapMedium
		}
		put(r.coming, x, 0, r.coming.Width(), size.Height)
	}))
}
