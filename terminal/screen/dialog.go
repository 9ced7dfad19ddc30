package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// DialogSpec says what a dialog asks. Texts are in the cashier's language.
type DialogSpec struct {
	Icon     Icon
	Colour   fyne.ThemeColorName // of the icon; Primary when ""
	Title    string
	Text     string
	Body     fyne.CanvasObject // between the text and the buttons, if any
	Keys     Target            // gets scans, text and keys that the buttons do not take; may be nil
	Cancel   string            // the word on the button that changes nothing; Escape presses it
	Accept   string            // the word on the button that goes ahead, "" for none; Enter presses it
	Danger   bool              // going ahead loses something: Enter does not press Accept
	Done     func(accepted bool)
	KeyEsc   string // the names of the keys, printed on the buttons
	KeyEnter string
}

const (
	dialogWidth   = 480
	dialogPadding = 24
)

// Dialog is a question over the screen. Stage.Open shows it.
type Dialog struct {
	widget.BaseWidget
	spec           DialogSpec
	box            *Box
	icon           *Glyph
	title          *Label
	text           *Paragraph
	cancel, accept *Button
}

// NewDialog returns a dialog, which is its own Target.
func NewDialog(spec DialogSpec) *Dialog {
	if spec.Colour == "" {
		spec.Colour = Primary
	}
	style := Filled
	if spec.Danger {
		style = Danger
	}
	d := &Dialog{
		spec:  spec,
		box:   NewBox(Surface, Separator, border, radius),
		icon:  NewGlyph(spec.Icon, 28, spec.Colour),
		title: NewName(spec.Title, SizeHeading, Foreground).Bold(),
		text:  NewParagraph(spec.Text, SizeBody, Muted, dialogWidth-2*dialogPadding),
	}
	d.cancel = NewButton(ButtonSpec{Text: spec.Cancel, Key: spec.KeyEsc, Pressed: func() { d.spec.Done(false) }})
	accept := ButtonSpec{Text: spec.Accept, Style: style, Strong: true, Pressed: func() { d.spec.Done(true) }}
	if !spec.Danger {
		accept.Key = spec.KeyEnter
	}
	d.accept = NewButton(accept)
	show(d.icon, spec.Icon != "")
	show(d.accept, spec.Accept != "")
	d.ExtendBaseWidget(d)
	return d
}

// Allow says whether going ahead is possible now.
func (d *Dialog) Allow(on bool) { d.accept.Update(func(s *ButtonSpec) { s.Off = !on }) }

// Offer shows or hides the button that goes ahead.
func (d *Dialog) Offer(on bool) {
	if d.accept.Visible() != on {
		show(d.accept, on)
		d.Refresh()
	}
}

// Say replaces the text, for instance after a wrong PIN.
func (d *Dialog) Say(text string, colour fyne.ThemeColorName) {
	d.text.Set(text, colour)
	d.Refresh()
}

// oneLine cuts what a dialog says to a line: one that changes must not push what is below it.
func oneLine(text string) string {
	return ellipsis(text, dialogWidth-2*dialogPadding, SizeBody, fyne.TextStyle{})
}

// Scanned lets a dialog take a badge; others ignore scans.
func (d *Dialog) Scanned(code string) {
	if d.spec.Keys != nil {
		d.spec.Keys.Scanned(code)
	}
}

// Typed passes characters to the body.
func (d *Dialog) Typed(r rune) {
	if d.spec.Keys != nil {
		d.spec.Keys.Typed(r)
	}
}

// Pressed answers with Escape and Enter.
func (d *Dialog) Pressed(key fyne.KeyName) {
	switch {
	case key == fyne.KeyEscape:
		d.cancel.Tapped(nil)
	case (key == fyne.KeyReturn || key == fyne.KeyEnter) && !d.spec.Danger && d.accept.Visible():
		d.accept.Tapped(nil)
	case d.spec.Keys != nil:
		d.spec.Keys.Pressed(key)
	}
}

// Tapped keeps presses on the dialog from what is below.
func (*Dialog) Tapped(*fyne.PointEvent) {}

func (d *Dialog) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{d.box, d.icon, d.title, d.text, d.cancel, d.accept}
	if d.spec.Body != nil {
		objects = append(objects, d.spec.Body)
	}
	return widget.NewSimpleRenderer(fitted(d.smallest, objects, d.arrange))
}

func (d *Dialog) bodyHeight() float32 {
	if d.spec.Body == nil {
		return 0
	}
	return d.spec.Body.MinSize().Height + gapLarge
}

func (d *Dialog) smallest() fyne.Size {
	return fyne.NewSize(dialogWidth, dialogPadding+32+gapMedium+d.text.MinSize().Height+gapLarge+gapSmall+
		d.bodyHeight()+HeightMain+dialogPadding)
}

func (d *Dialog) arrange(size fyne.Size) {
	put(d.box, 0, 0, size.Width, size.Height)
	inner := size.Width - 2*dialogPadding
	x, y := float32(dialogPadding), float32(dialogPadding)
	if d.icon.Visible() {
		put(d.icon, x, y+2, 28, 28)
		x += 28 + gapMedium
	}
	put(d.title, x, y, size.Width-dialogPadding-x, 32)
	y += 32 + gapMedium
	put(d.text, dialogPadding, y, inner, d.text.MinSize().Height)
	y += d.text.MinSize().Height + gapLarge + gapSmall
	if d.spec.Body != nil {
		put(d.spec.Body, dialogPadding, y, inner, d.spec.Body.MinSize().Height)
	}
	y = size.Height - dialogPadding - HeightMain
	if !d.accept.Visible() {
		put(d.cancel, dialogPadding, y, inner, HeightMain)
		return
	}
	half := (inner - gap) / 2
	put(d.cancel, dialogPadding, y, half, HeightMain)
	put(d.accept, dialogPadding+half+gap, y, half, HeightMain)
}

// Paragraph is text broken into lines of a fixed width.
type Paragraph struct {
	widget.BaseWidget
	size, width float32
	lines       *fyne.Container
}

// longest is the most lines a paragraph has; what is longer does not belong on a till.
const longest = 8

// NewParagraph returns text in lines at most width dp long.
func NewParagraph(text string, size float32, colour fyne.ThemeColorName, width float32) *Paragraph {
	p := &Paragraph{size: size, width: width}
	p.lines = fitted(p.smallest, nil, p.arrange)
	p.ExtendBaseWidget(p)
	p.Set(text, colour)
	return p
}

// Set changes the text and its colour.
func (p *Paragraph) Set(text string, colour fyne.ThemeColorName) {
	p.lines.Objects = nil
	if text != "" {
		for _, line := range wrap(text, longest, p.width, p.size) {
			p.lines.Objects = append(p.lines.Objects, NewLabel(line, p.size, colour, fyne.TextAlignLeading))
		}
	}
	p.Refresh()
}

func (p *Paragraph) lineHeight() float32 { return p.size * 1.4 }

func (p *Paragraph) smallest() fyne.Size {
	return fyne.NewSize(p.width, float32(len(p.lines.Objects))*p.lineHeight())
}

func (p *Paragraph) arrange(size fyne.Size) {
	for i, line := range p.lines.Objects {
		put(line, 0, float32(i)*p.lineHeight(), size.Width, p.lineHeight())
	}
}

func (p *Paragraph) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.lines) }
