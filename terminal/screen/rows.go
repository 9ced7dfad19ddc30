package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Rows is a scrolling list of one kind of row. Only rows in sight exist.
type Rows struct {
	widget.BaseWidget
	list *widget.List
}

// NewRows returns a list; show fills the row of item i, and must set all of it: rows are used again.
func NewRows[R fyne.CanvasObject](length func() int, row func() R, show func(i int, r R)) *Rows {
	list := widget.NewList(length,
		func() fyne.CanvasObject { return newAlert(row()) },
		func(i widget.ListItemID, o fyne.CanvasObject) { show(i, o.(*alert).row.(R)) })
	list.HideSeparators = true
	r := &Rows{list: list}
	r.ExtendBaseWidget(r)
	return r
}

func (r *Rows) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.list) }

// Update shows the items again.
func (r *Rows) Update() { r.list.Refresh() }

// Reveal scrolls as little as needed to show item i.
func (r *Rows) Reveal(i int) { r.list.ScrollTo(i) }

// rowEnd is the space after a row's figures: the scroll bar has room in it.
const rowEnd = 18

// frame is what every row has: a ground, a bar when selected, a line below.
type frame struct {
	ground, bar, line *Box
}

func newFrame() frame {
	return frame{
		ground: NewBox(Surface, Transparent, 0, 0),
		bar:    NewBox(Primary, Transparent, 0, 0),
		line:   NewBox(Separator, Transparent, 0, 0),
	}
}

func (f frame) with(objects ...fyne.CanvasObject) []fyne.CanvasObject {
	return append([]fyne.CanvasObject{f.ground, f.bar, f.line}, objects...)
}

func (f frame) choose(on bool) {
	show(f.bar, on)
	if on {
		f.ground.Paint(Tint, Transparent, 0)
	} else {
		f.ground.Paint(Surface, Transparent, 0)
	}
}

func (f frame) put(size fyne.Size) {
	put(f.ground, 0, 0, size.Width, size.Height)
	put(f.bar, 0, 0, 4, size.Height)
	put(f.line, 0, size.Height-1, size.Width, 1)
}
