package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Size of a product tile, in dp, without the gap to the next.
const (
	tileWidth  = 122
	tileHeight = 95
)

// Tile is a product to touch: initials, price, name on two lines.
type Tile struct {
	widget.BaseWidget
	Pressed func()

	name     string
	box      *Box
	initials *Initials
	price    *Label
	lines    [2]*Label
}

// NewTile returns an empty tile.
func NewTile() *Tile {
	t := &Tile{
		box:      NewBox(Surface, Separator, border, radius),
		initials: NewInitials("", "", 32),
		price:    NewLabel("", SizeBody, Foreground, fyne.TextAlignTrailing).Bold(),
	}
	for i := range t.lines {
		t.lines[i] = NewLabel("", 13, Foreground, fyne.TextAlignLeading)
	}
	t.ExtendBaseWidget(t)
	return t
}

// Set changes the product. The group gives the colour.
func (t *Tile) Set(name, group, price string, pressed func()) {
	t.name, t.Pressed = name, pressed
	t.initials.Set(name, group)
	t.price.SetText(price)
	t.Refresh()
}

func (t *Tile) Tapped(*fyne.PointEvent) {
	if t.Pressed != nil {
		t.Pressed()
	}
}

func (t *Tile) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{t.box, t.initials, t.price, t.lines[0], t.lines[1]}
	return widget.NewSimpleRenderer(placed(fyne.NewSize(tileWidth+gap, tileHeight+gap), objects, t.arrange))
}

func (t *Tile) arrange(size fyne.Size) {
	const edge = gap / 2
	width, height := size.Width-gap, size.Height-gap
	put(t.box, edge, edge, width, height)
	put(t.initials, edge+9, edge+9, 32, 32)
	put(t.price, edge+45, edge+9, width-45-9, 32)
	t.lines[0].SetText("")
	t.lines[1].SetText("")
	for i, line := range wrap(t.name, 2, width-18, 13) {
		t.lines[i].SetText(line)
		put(t.lines[i], edge+9, edge+50+float32(i)*18, width-18, 18)
	}
}

// Tiles is a scrolling grid of products: four columns in the narrowest window, more in a wider one. Only tiles in
// sight exist. Half a gap stands around each tile, and the scroll bar stands beside them in the left side's margin.
type Tiles struct {
	widget.BaseWidget
	grid *widget.GridWrap
}

// NewTiles returns a grid; show fills the tile of product i.
func NewTiles(length func() int, show func(i int, t *Tile)) *Tiles {
	grid := widget.NewGridWrap(length,
		func() fyne.CanvasObject { return NewTile() },
		func(i widget.GridWrapItemID, o fyne.CanvasObject) { show(i, o.(*Tile)) })
	t := &Tiles{grid: grid}
	t.ExtendBaseWidget(t)
	return t
}

func (t *Tiles) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(t.grid) }

// Put places the tiles so that their edges, and not half a gap around them, are at x, y and as wide as width.
func (t *Tiles) Put(x, y, width, height float32) {
	put(t, x-gap/2, y-gap/2, width+gap/2+LeftPadding, height+gap)
	t.grid.Refresh() // its scroll bar would stay as it was
}

// Update shows the products again, from the top.
func (t *Tiles) Update() {
	t.grid.ScrollToTop()
	t.grid.Refresh()
}
