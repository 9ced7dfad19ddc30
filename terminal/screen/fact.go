package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// fact is a line with a caption at its left and what is so at its right.
type fact struct {
	widget.BaseWidget
	line            *Box
	caption, saying *Label
}

func newFact() *fact {
	f := &fact{
		line:    NewBox(Separator, Transparent, 0, 0),
		caption: NewName("", SizeBody, Muted),
		saying:  NewLabel("", SizeBody, Foreground, fyne.TextAlignTrailing),
	}
	f.ExtendBaseWidget(f)
	return f
}

func (f *fact) set(caption, saying string) {
	f.caption.SetText(caption)
	f.saying.SetText(saying)
	f.Refresh()
}

func (f *fact) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{f.line, f.caption, f.saying}
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, 34), objects, func(size fyne.Size) {
		width := f.saying.Width()
		put(f.line, 0, size.Height-1, size.Width, 1)
		put(f.caption, 0, 0, max(0, size.Width-width-gap), size.Height-1)
		put(f.saying, size.Width-width, 0, width, size.Height-1)
	}))
}

// empty is what a place says when there is nothing in it: a drawing, what is so, and what to do.
type empty struct {
	widget.BaseWidget
	icon        *Glyph
	title, text *Label
}

func newEmpty(icon Icon, title, text string) *empty {
	e := &empty{
		icon:  NewGlyph(icon, 40, Muted),
		title: NewLabel(title, SizeAmount, Foreground, fyne.TextAlignCenter).Bold(),
		text:  NewLabel(text, SizeBody, Muted, fyne.TextAlignCenter),
	}
	e.ExtendBaseWidget(e)
	return e
}

func (e *empty) set(icon Icon, title, text string) {
	e.icon.Set(icon, Muted)
	e.title.SetText(title)
	e.text.SetText(text)
	e.Refresh()
}

func (e *empty) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{e.icon, e.title, e.text}
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, 110), objects, func(size fyne.Size) {
		top := (size.Height - 110) / 2
		put(e.icon, (size.Width-40)/2, top, 40, 40)
		put(e.title, 0, top+52, size.Width, 26)
		put(e.text, 0, top+82, size.Width, 22)
	}))
}
