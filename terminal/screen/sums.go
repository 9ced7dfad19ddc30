package screen

import (
	"cmp"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// sums is a column of captions and amounts, each line as high as there is room, 20 dp at most. Where too many lines would be
// too low to read, they stand in two columns.
type sums struct {
	widget.BaseWidget
	lines *fyne.Container
	list  []sumLine
	most  float32
}

type sumLine struct{ caption, amount *Label }

func newSums() *sums {
	s := &sums{most: 20}
	s.lines = fitted(func() fyne.Size { return fyne.Size{} }, nil, s.arrange)
	s.ExtendBaseWidget(s)
	return s
}

// set writes the lines in the way of a language.
func (s *sums) set(w *Words, list []sum) {
	for len(s.list) < len(list) {
		l := sumLine{
			caption: NewName("", 14, Muted),
			amount:  NewLabel("", 14, Foreground, fyne.TextAlignTrailing),
		}
		s.list = append(s.list, l)
		s.lines.Objects = append(s.lines.Objects, l.caption, l.amount)
	}
	for i, l := range s.list {
		show(l.caption, i < len(list))
		show(l.amount, i < len(list))
		if i >= len(list) {
			continue
		}
		l.caption.SetText(list[i].caption)
		l.amount.SetText(cmp.Or(list[i].number, w.plain(list[i].amount)))
		colour, size := Muted, float32(14)
		if list[i].strong {
			colour, size = Foreground, 16
			l.amount.SetText(w.money(list[i].amount))
		}
		l.caption.SetColour(colour)
		for _, part := range []*Label{l.caption, l.amount} {
			part.SetBold(list[i].strong)
			part.SetSize(size)
		}
	}
	s.Refresh()
}

func (s *sums) arrange(size fyne.Size) {
	n := 0
	for _, l := range s.list {
		if l.caption.Visible() {
			n++
		}
	}
	if n == 0 {
		return
	}
	rows, wide := n, size.Width
	if size.Height/float32(n) < 15 {
		rows, wide = (n+1)/2, (size.Width-gapLarge)/2
	}
	height := min(s.most, size.Height/float32(rows))
	for i, l := range s.list[:n] {
		x, y := float32(i/rows)*(wide+gapLarge), float32(i%rows)*height
		width := l.amount.Width()
		put(l.caption, x, y, wide-width-gap, height)
		put(l.amount, x+wide-width, y, width, height)
	}
}

func (s *sums) Refresh() {
	s.arrange(s.Size())
	s.BaseWidget.Refresh()
}

func (s *sums) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(s.lines) }
