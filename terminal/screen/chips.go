package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// chips is a line of words of which one is chosen. When they do not all fit, the last chip turns to those that follow.
type chips struct {
	widget.BaseWidget
	pressed func(i int)
	names   []string
	chosen  int
	first   int // of the shown ones
	line    *fyne.Container
	more    *Button
	fit     int
}

func newChips(pressed func(i int)) *chips {
	c := &chips{pressed: pressed}
	c.more = NewButton(ButtonSpec{Icon: IconMore, Style: Quiet, Height: HeightInRow, Pressed: c.turn})
	c.line = &fyne.Container{}
	c.ExtendBaseWidget(c)
	return c
}

func (c *chips) set(names []string, chosen int) {
	c.names, c.chosen = names, chosen
	if c.first >= len(names) {
		c.first = 0
	}
	c.arrange()
}

func (c *chips) turn() {
	c.first += c.fit
	if c.first >= len(c.names) {
		c.first = 0
	}
	c.arrange()
}

func (c *chips) Resize(size fyne.Size) {
	c.BaseWidget.Resize(size)
	c.arrange()
}

// arrange fills the line from the first chip on with as many as fit.
func (c *chips) arrange() {
	width := c.Size().Width
	if width == 0 {
		return
	}
	c.line.Objects = nil
	var made []*Button
	x := float32(0)
	all := true
	for i := c.first; i < len(c.names); i++ {
		style := Quiet
		if i == c.chosen {
			style = Filled
		}
		b := NewButton(ButtonSpec{Text: c.names[i], Size: 14, Style: style, Height: HeightInRow, Pressed: func() { c.pressed(i) }})
		w := b.MinSize().Width + 8
		rest := width
		if c.first > 0 || i < len(c.names)-1 {
			rest -= 48 + gap
		}
		if x+w > rest && len(made) > 0 {
			all = false
			break
		}
		put(b, x, 0, min(w, rest-x), HeightInRow)
		x += w + gap
		made = append(made, b)
	}
	c.fit = len(made)
	for _, b := range made {
		c.line.Add(b)
	}
	if !all || c.first > 0 {
		put(c.more, width-48, 0, 48, HeightInRow)
		c.line.Add(c.more)
	}
	c.Refresh()
}

func (c *chips) MinSize() fyne.Size { return fyne.NewSize(0, HeightInRow) }

func (c *chips) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(c.line) }
