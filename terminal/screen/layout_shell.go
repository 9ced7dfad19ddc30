package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// The fixed numbers of the window, in dp. It is made for 1024 by 768; a wider window widens the left side only.
const (
	RailWidth   = 80
	TopHeight   = 48
	TicketWidth = 400
	LeftPadding = gapLarge
)

// Shell is what surrounds every screen: the rail of places, the top bar, a left side, and a ticket at the right.
type Shell struct {
	widget.BaseWidget
	Rail *Rail
	Top  *TopBar

	ground, seam *Box
	left, right  *fyne.Container
	padded       bool
}

// NewShell returns a shell around nothing.
func NewShell(rail *Rail, top *TopBar) *Shell {
	s := &Shell{
		Rail: rail, Top: top,
		ground: NewBox(Background, Transparent, 0, 0),
		seam:   NewBox(Separator, Transparent, 0, 0),
		left:   container.NewStack(),
		right:  container.NewStack(),
	}
	s.ExtendBaseWidget(s)
	return s
}

// Sides puts a screen into the shell: left gets a margin of 16, right is 400 wide on the colour of surfaces. Without a
// right side the left one takes all, up to the edges: such a screen brings its own margins.
func (s *Shell) Sides(left, right fyne.CanvasObject) {
	s.left.Objects = []fyne.CanvasObject{left}
	s.right.Objects = nil
	s.padded = right != nil
	if right != nil {
		s.right.Objects = []fyne.CanvasObject{NewBox(Surface, Transparent, 0, 0), right}
	}
	show(s.seam, right != nil)
	s.Refresh()
}

// ShowRail hides the rail while nobody is signed in.
func (s *Shell) ShowRail(on bool) {
	show(s.Rail, on)
	s.Refresh()
}

func (s *Shell) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{s.ground, s.left, s.right, s.seam, s.Top, s.Rail}
	return widget.NewSimpleRenderer(placed(fyne.NewSize(1024, 768), objects, s.arrange))
}

func (s *Shell) arrange(size fyne.Size) {
	put(s.ground, 0, 0, size.Width, size.Height)
	x := float32(0)
	if s.Rail.Visible() {
		x = RailWidth
	}
	put(s.Rail, 0, 0, RailWidth, size.Height)
	put(s.Top, x, 0, size.Width-x, TopHeight)
	height := size.Height - TopHeight
	if !s.padded {
		put(s.left, x, TopHeight, size.Width-x, height)
		return
	}
	width := size.Width - x - TicketWidth
	put(s.left, x+LeftPadding, TopHeight+gapMedium, width-2*LeftPadding, height-2*gapMedium)
	put(s.right, size.Width-TicketWidth, TopHeight, TicketWidth, height)
	put(s.seam, size.Width-TicketWidth, TopHeight, 1, height)
}
