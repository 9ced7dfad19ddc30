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
	frameWidth  = 6 // around a training
)

// Shell is what surrounds every screen: the rail of places, the top bar, a left side, and a ticket at the right.
type Shell struct {
	widget.BaseWidget
	Rail *Rail
	Top  *TopBar

	ground, seam *Box
	// edges frame the window of a training, above everything.
	edges       [4]*Box
	left, right *fyne.Container
	padded      bool
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
	for i := range s.edges {
		s.edges[i] = NewBox(Practice, Transparent, 0, 0)
		s.edges[i].Hide()
	}
	s.ExtendBaseWidget(s)
	return s
}

// Practise frames the whole window while it is a training: text says so at its top, "" for none.
func (s *Shell) Practise(text string) {
	s.Top.Practise(text)
	for _, e := range s.edges {
		show(e, text != "")
	}
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
	for _, e := range s.edges {
		objects = append(objects, e)
	}
	return widget.NewSimpleRenderer(placed(fyne.NewSize(1024, 768), objects, s.arrange))
}

func (s *Shell) arrange(size fyne.Size) {
	put(s.ground, 0, 0, size.Width, size.Height)
	x := float32(0)
	if s.Rail.Visible() {
		x = RailWidth
	}
	put(s.edges[0], 0, 0, size.Width, frameWidth)
	put(s.edges[1], 0, size.Height-frameWidth, size.Width, frameWidth)
	put(s.edges[2], 0, 0, frameWidth, size.Height)
	put(s.edges[3], size.Width-frameWidth, 0, frameWidth, size.Height)
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
