package screen

import (
	"embed"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Icon names a filled 24 px drawing of icons/, after Material Icons (Apache 2.0).
type Icon string

const (
	IconBack      Icon = "back"
	IconBackspace Icon = "backspace"
	IconBadge     Icon = "badge"
	IconCard      Icon = "card"
	IconCash      Icon = "cash"
	IconCheck     Icon = "check"
	IconChecked   Icon = "checked"
	IconClock     Icon = "clock"
	IconClose     Icon = "close"
	IconCount     Icon = "count"
	IconDelete    Icon = "delete"
	IconDown      Icon = "down"
	IconEnter     Icon = "enter"
	IconError     Icon = "error"
	IconHeld      Icon = "held"
	IconJournal   Icon = "journal"
	IconLock      Icon = "lock"
	IconMinus     Icon = "minus"
	IconMore      Icon = "more"
	IconNext      Icon = "next"
	IconOffline   Icon = "offline"
	IconOK        Icon = "ok"
	IconOnline    Icon = "online"
	IconOrders    Icon = "orders"
	IconPending   Icon = "pending"
	IconPerson    Icon = "person"
	IconPlus      Icon = "plus"
	IconPrint     Icon = "print"
	IconSearch    Icon = "search"
	IconSell      Icon = "sell"
	IconSettings  Icon = "settings"
	IconSpent     Icon = "spent"
	IconStock     Icon = "stock"
	IconTruck     Icon = "truck"
	IconUnchecked Icon = "unchecked"
	IconUndo      Icon = "undo"
	IconUp        Icon = "up"
	IconWarning   Icon = "warning"
)

//go:embed icons/*.svg
var drawings embed.FS

func (i Icon) resource() fyne.Resource {
	svg, err := drawings.ReadFile("icons/" + string(i) + ".svg")
	if err != nil {
		panic(err) // an Icon is one of the constants above, and icons_test.go reads them all
	}
	return fyne.NewStaticResource(string(i)+".svg", svg)
}

// Glyph draws an icon in the colour of a role.
type Glyph struct {
	widget.BaseWidget
	icon   Icon
	side   float32
	colour fyne.ThemeColorName
	image  *canvas.Image
	drawn  color.Color
}

// NewGlyph returns an icon with sides of so many dp. An empty icon draws nothing.
func NewGlyph(icon Icon, side float32, colour fyne.ThemeColorName) *Glyph {
	g := &Glyph{icon: icon, side: side, colour: colour, image: &canvas.Image{FillMode: canvas.ImageFillContain}}
	g.image.SetMinSize(fyne.NewSquareSize(side))
	g.load()
	g.ExtendBaseWidget(g)
	return g
}

// Set changes what is drawn and its colour.
func (g *Glyph) Set(icon Icon, colour fyne.ThemeColorName) {
	if g.icon == icon && g.colour == colour {
		return
	}
	g.icon, g.colour = icon, colour
	g.load()
	g.Refresh()
}

func (g *Glyph) load() {
	g.image.Resource, g.drawn = nil, nil
	if g.icon != "" {
		g.image.Resource = theme.NewColoredResource(g.icon.resource(), g.colour)
	}
}

// Refresh draws again what has another colour now: Fyne would read the drawing anew each time.
func (g *Glyph) Refresh() {
	if c := theme.Color(g.colour); c != g.drawn {
		g.drawn = c
		g.image.Refresh()
	}
}

func (g *Glyph) CreateRenderer() fyne.WidgetRenderer {
	side := fyne.NewSquareSize(g.side)
	return widget.NewSimpleRenderer(placed(side, []fyne.CanvasObject{g.image}, func(size fyne.Size) {
		put(g.image, (size.Width-g.side)/2, (size.Height-g.side)/2, g.side, g.side)
	}))
}
