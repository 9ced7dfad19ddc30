package screen

import (
	"fyne.io/fyne/v2"
)

// Order is how digits stand on a keypad.
type Order int

const (
	CalculatorOrder Order = iota // 7 8 9 on top, for amounts and quantities
	PhoneOrder                   // 1 2 3 on top, for a PIN
)

// KeypadSpec says how a keypad looks. Its digits take the way of typed ones; the two corners beside 0 are the screen's.
type KeypadSpec struct {
	Order       Order
	Height      float32 // smallest, of one key
	Target      Target
	Left, Right *Button // beside 0
}

// NewKeypad returns twelve keys that share the space they get, 8 dp apart.
func NewKeypad(spec KeypadSpec) fyne.CanvasObject {
	digits := "789456123"
	if spec.Order == PhoneOrder {
		digits = "123456789"
	}
	keys := make([]fyne.CanvasObject, 0, 12)
	for _, d := range digits {
		keys = append(keys, digitKey(spec, d))
	}
	keys = append(keys, spec.Left, digitKey(spec, '0'), spec.Right)
	return NewGrid(3, gap, keys...)
}

func digitKey(spec KeypadSpec, d rune) *Button {
	return NewButton(ButtonSpec{
		Text: string(d), Size: SizeKey, Strong: true, Height: spec.Height,
		Pressed: func() { spec.Target.Typed(d) },
	})
}

// NewBackspace returns the key that takes the last digit away.
func NewBackspace(spec KeypadSpec, style Style) *Button {
	return NewButton(ButtonSpec{
		Icon: IconBackspace, Size: 28, Style: style, Height: spec.Height,
		Pressed: func() { spec.Target.Pressed(fyne.KeyBackspace) },
	})
}

// NewGrid returns objects in columns of one width and rows of one height, so many dp apart, filling their space.
func NewGrid(columns int, between float32, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: grid{columns, between}, Objects: objects}
}

type grid struct {
	columns int
	between float32
}

func (g grid) rows(n int) int { return (n + g.columns - 1) / g.columns }

func (g grid) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var cell fyne.Size
	for _, o := range objects {
		cell = cell.Max(o.MinSize())
	}
	columns, rows := float32(g.columns), float32(g.rows(len(objects)))
	return fyne.NewSize(columns*cell.Width+(columns-1)*g.between, rows*cell.Height+max(0, rows-1)*g.between)
}

func (g grid) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	columns, rows := float32(g.columns), float32(g.rows(len(objects)))
	width := (size.Width - (columns-1)*g.between) / columns
	height := (size.Height - (rows-1)*g.between) / rows
	for i, o := range objects {
		column, row := float32(i%g.columns), float32(i/g.columns)
		put(o, column*(width+g.between), row*(height+g.between), width, height)
	}
}
