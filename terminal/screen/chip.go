package screen

import (
	"hash/fnv"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Mark is an icon, a word and then a colour: no state is told by its colour alone.
type Mark int

const (
	MarkNeutral  Mark = iota
	MarkOK            // done, received, online
	MarkOffline       //
	MarkLow           // below the threshold, or out
	MarkOver          // above the threshold
	MarkNegative      // below zero
	MarkStale         // an age that is long
	MarkMoving        // on its way
	MarkWaiting       // headquarters does not have it yet
)

type markLook struct {
	icon       Icon
	fill, text fyne.ThemeColorName
	bold       bool
}

var marks = map[Mark]markLook{
	MarkNeutral:  {"", Raised, Foreground, false},
	MarkOK:       {IconCheck, OKTint, OK, true},
	MarkOffline:  {IconOffline, WarnTint, Warn, true},
	MarkLow:      {IconDown, WarnTint, Warn, true},
	MarkOver:     {IconUp, Raised, Foreground, false},
	MarkNegative: {IconError, BadTint, Bad, true},
	MarkStale:    {IconClock, Transparent, Warn, true},
	MarkMoving:   {IconTruck, Raised, Foreground, false},
	MarkWaiting:  {IconClock, Raised, Muted, false},
}

// Tag is a small mark with a word or a number: "3 left", "–1".
type Tag struct {
	widget.BaseWidget
	box  *Box
	icon *Glyph
	text *Label
}

// NewTag returns a tag.
func NewTag(mark Mark, text string) *Tag {
	t := &Tag{
		box:  NewBox(Raised, Transparent, 0, radiusTag),
		icon: NewGlyph("", 16, Foreground),
		text: NewLabel(text, SizeCaption, Foreground, fyne.TextAlignLeading),
	}
	t.ExtendBaseWidget(t)
	t.Set(mark, text)
	return t
}

// Set changes the tag.
func (t *Tag) Set(mark Mark, text string) {
	m := marks[mark]
	t.box.Paint(m.fill, Transparent, 0)
	t.icon.Set(m.icon, m.text)
	show(t.icon, m.icon != "")
	t.text.SetText(text)
	t.text.SetColour(m.text)
	t.text.SetBold(m.bold)
	t.Refresh()
}

func (t *Tag) CreateRenderer() fyne.WidgetRenderer {
	line := []fyne.CanvasObject{t.icon, t.text}
	return widget.NewSimpleRenderer(fitted(func() fyne.Size {
		return fyne.NewSize(lineWidth(line)+16, 24)
	}, append([]fyne.CanvasObject{t.box}, line...), func(size fyne.Size) {
		put(t.box, 0, (size.Height-24)/2, size.Width, 24)
		putLine(line, 0, size.Width, 0, size.Height)
	}))
}

// StatusChip tells quietly whether the till talks to head office. Touching it says more.
type StatusChip struct {
	widget.BaseWidget
	box     *Box
	icon    *Glyph
	text    *Label
	printer *Glyph // shown when something is wrong with it
	warn    bool
	pressed func()
}

// NewStatusChip returns a chip that says nothing yet.
func NewStatusChip(pressed func()) *StatusChip {
	c := &StatusChip{
		box:     NewBox(Raised, Transparent, 0, HeightChip/2),
		icon:    NewGlyph(IconOffline, 20, Muted),
		text:    NewLabel("", 14, Muted, fyne.TextAlignLeading).Bold(),
		printer: NewGlyph(IconPrint, 20, Warn),
		pressed: pressed,
	}
	show(c.printer, false)
	c.ExtendBaseWidget(c)
	return c
}

// Warn says that something is wrong that matters more than the line; Set shows it.
func (c *StatusChip) Warn(warn bool) { c.warn = warn }

// Set says online or offline and in words what that means now, and whether somebody should look after the printer.
func (c *StatusChip) Set(online bool, text string, printer bool) {
	fill, colour, icon := OKTint, OK, IconOnline
	if !online {
		icon = IconOffline
	}
	if c.warn {
		icon = IconWarning
	}
	if !online || printer || c.warn {
		fill, colour = WarnTint, Warn
	}
	show(c.printer, printer)
	c.box.Paint(fill, Transparent, 0)
	c.icon.Set(icon, colour)
	c.text.SetText(text)
	c.text.SetColour(colour)
	c.Refresh()
}

func (c *StatusChip) Tapped(*fyne.PointEvent) {
	if c.pressed != nil {
		c.pressed()
	}
}

func (c *StatusChip) CreateRenderer() fyne.WidgetRenderer {
	line := []fyne.CanvasObject{c.icon, c.text, c.printer}
	return widget.NewSimpleRenderer(fitted(func() fyne.Size {
		return fyne.NewSize(lineWidth(line)+22, HeightChip)
	}, append([]fyne.CanvasObject{c.box}, line...), func(size fyne.Size) {
		put(c.box, 0, 0, size.Width, size.Height)
		putLine(line, 0, size.Width, 0, size.Height)
	}))
}

// Initials is the square that stands for a product without a picture: two letters on a colour that never changes for
// the same group (its category), so that the eye finds it again.
type Initials struct {
	widget.BaseWidget
	side float32
	box  *Box
	text *Label
}

// NewInitials returns a square with sides of so many dp.
func NewInitials(name, group string, side float32) *Initials {
	i := &Initials{
		side: side,
		box:  NewBox(initials(0), Transparent, 0, 6),
		text: NewLabel("", side*0.44, White, fyne.TextAlignCenter).Bold(),
	}
	i.ExtendBaseWidget(i)
	i.Set(name, group)
	return i
}

// Set changes whom the square stands for.
func (i *Initials) Set(name, group string) {
	i.text.SetText(firstLetters(name, 2))
	i.box.Paint(initialsColour(group), Transparent, 0)
}

func (i *Initials) CreateRenderer() fyne.WidgetRenderer {
	side := fyne.NewSquareSize(i.side)
	return widget.NewSimpleRenderer(placed(side, []fyne.CanvasObject{i.box, i.text}, func(fyne.Size) {
		put(i.box, 0, 0, i.side, i.side)
		put(i.text, 0, 0, i.side, i.side)
	}))
}

func initialsColour(group string) fyne.ThemeColorName {
	h := fnv.New32a()
	h.Write([]byte(group)) // never fails
	return initials(int(h.Sum32() % initialsCount))
}

func firstLetters(name string, n int) string {
	var out []rune
	for _, r := range strings.TrimSpace(name) {
		if len(out) == n {
			break
		}
		if len(out) == 0 {
			r = unicode.ToUpper(r)
		}
		out = append(out, r)
	}
	return string(out)
}

// Avatar is a person's letter in a circle.
type Avatar struct {
	widget.BaseWidget
	side float32
	box  *Box
	text *Label
}

// NewAvatar returns a circle so many dp wide.
func NewAvatar(name string, side float32) *Avatar {
	a := &Avatar{
		side: side,
		box:  NewBox(Raised, Transparent, 0, side/2),
		text: NewLabel("", max(14, side*0.4), Foreground, fyne.TextAlignCenter).Bold(),
	}
	a.ExtendBaseWidget(a)
	a.Set(name, false)
	return a
}

// Set changes the person, and whether they are the chosen one.
func (a *Avatar) Set(name string, chosen bool) {
	a.text.SetText(firstLetters(name, 1))
	if chosen {
		a.box.Paint(Primary, Transparent, 0)
		a.text.SetColour(OnPrimary)
	} else {
		a.box.Paint(Raised, Transparent, 0)
		a.text.SetColour(Foreground)
	}
}

func (a *Avatar) CreateRenderer() fyne.WidgetRenderer {
	side := fyne.NewSquareSize(a.side)
	return widget.NewSimpleRenderer(placed(side, []fyne.CanvasObject{a.box, a.text}, func(fyne.Size) {
		put(a.box, 0, 0, a.side, a.side)
		put(a.text, 0, 0, a.side, a.side)
	}))
}
