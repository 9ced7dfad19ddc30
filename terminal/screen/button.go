package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Style is the weight of a button. The zero value is outlined.
type Style int

const (
	Outlined Style = iota
	Filled         // the one thing to do next
	Quiet          // present, not inviting
	Danger         // loses or writes off something
	Chosen         // the selected one of several
)

// Heights of what is touched, in dp.
const (
	HeightPay    = 64
	HeightMain   = 56
	HeightPIN    = 80
	HeightInRow  = 48
	HeightChip   = 32
	HeightTicket = 56
	HeightResult = 64
)

// ButtonSpec says what a button shows. Texts are in the cashier's language.
type ButtonSpec struct {
	Icon    Icon
	Text    string
	Sub     string  // a second line in small type
	Key     string  // the key that does the same, printed on the button
	Under   bool    // Key below the text instead of beside it
	Style   Style   //
	Size    float32 // of Text; SizeBody when 0
	Strong  bool    // Text in bold; Filled and Chosen always are
	Height  float32 // HeightMain when 0
	Off     bool    // cannot be pressed
	Pressed func()
}

// Button is the till's only button. It is not focusable: keys are Stage's.
type Button struct {
	widget.BaseWidget
	spec ButtonSpec
	box  *Box
	icon *Glyph
	text *Label
	sub  *Label
	key  *KeyCap
}

// NewButton returns a button.
func NewButton(spec ButtonSpec) *Button {
	if spec.Size == 0 {
		spec.Size = SizeBody
	}
	if spec.Height == 0 {
		spec.Height = HeightMain
	}
	b := &Button{
		spec: spec,
		box:  NewBox(Surface, Control, border, radius),
		icon: NewGlyph(spec.Icon, max(24, spec.Size), Foreground),
		text: NewLabel(spec.Text, spec.Size, Foreground, fyne.TextAlignCenter),
		sub:  NewLabel(spec.Sub, SizeCaption, Muted, fyne.TextAlignCenter),
		key:  NewKeyCap(spec.Key),
	}
	b.ExtendBaseWidget(b)
	b.dress()
	return b
}

// Update changes what the button shows.
func (b *Button) Update(change func(*ButtonSpec)) {
	change(&b.spec)
	b.dress()
	b.Refresh()
}

// Spec is what the button shows now.
func (b *Button) Spec() ButtonSpec { return b.spec }

func (b *Button) Tapped(*fyne.PointEvent) {
	if !b.spec.Off && b.spec.Pressed != nil {
		b.spec.Pressed()
	}
}

// look is the colours of a style.
type look struct {
	fill, stroke, text, sub fyne.ThemeColorName
	width                   float32
}

var looks = map[Style]look{
	Outlined: {Surface, Control, Foreground, Muted, border},
	Filled:   {Primary, Primary, OnPrimary, OnPrimary, 0},
	Quiet:    {Raised, Raised, Foreground, Muted, 0},
	Danger:   {Surface, Bad, Bad, Muted, border},
	Chosen:   {Tint, Primary, OnTint, OnTint, borderSelected},
}

func (b *Button) dress() {
	l := looks[b.spec.Style]
	if b.spec.Off {
		l = look{Raised, Raised, Muted, Muted, 0}
	}
	b.box.Paint(l.fill, l.stroke, l.width)
	b.icon.Set(b.spec.Icon, l.text)
	b.text.SetText(b.spec.Text)
	b.text.SetColour(l.text)
	b.text.SetBold(b.spec.Strong || b.spec.Style == Filled || b.spec.Style == Chosen)
	b.sub.SetText(b.spec.Sub)
	b.sub.SetColour(l.sub)
	b.key.Set(b.spec.Key, b.spec.Style == Filled && !b.spec.Off)
	show(b.icon, b.spec.Icon != "")
	show(b.text, b.spec.Text != "")
	show(b.sub, b.spec.Sub != "")
	show(b.key, b.spec.Key != "")
}

func show(o fyne.CanvasObject, visible bool) {
	if visible {
		o.Show()
	} else {
		o.Hide()
	}
}

func (b *Button) Refresh() {
	b.box.Refresh()
	b.BaseWidget.Refresh()
}

func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{b.box, b.icon, b.text, b.sub, b.key}
	return widget.NewSimpleRenderer(fitted(b.smallest, objects, b.arrange))
}

// first is the line of the button with the text, second what stands below it.
func (b *Button) first() []fyne.CanvasObject {
	line := []fyne.CanvasObject{b.icon, b.text}
	if !b.spec.Under {
		line = append(line, b.key)
	}
	return line
}

func (b *Button) second() fyne.CanvasObject {
	switch {
	case b.spec.Sub != "":
		return b.sub
	case b.spec.Under && b.spec.Key != "":
		return b.key
	}
	return nil
}

func (b *Button) smallest() fyne.Size {
	width := lineWidth(b.first())
	if below := b.second(); below != nil {
		width = max(width, below.MinSize().Width)
	}
	return fyne.NewSize(width+2*gap, b.spec.Height)
}

func (b *Button) arrange(size fyne.Size) {
	put(b.box, 0, 0, size.Width, size.Height)
	line, below := b.first(), b.second()
	if below == nil {
		putLine(line, 0, size.Width, 0, size.Height)
		return
	}
	high := b.text.MinSize().Height
	low := below.MinSize()
	between := float32(0)
	if below == fyne.CanvasObject(b.key) {
		between = 2
	}
	top := (size.Height - high - between - low.Height) / 2
	putLine(line, 0, size.Width, top, high)
	put(below, (size.Width-low.Width)/2, top+high+between, low.Width, low.Height)
}

func lineWidth(line []fyne.CanvasObject) float32 {
	width := float32(0)
	for _, o := range line {
		if !o.Visible() {
			continue
		}
		if width > 0 {
			width += gap
		}
		width += o.MinSize().Width
	}
	return width
}

// putLine puts objects side by side in the middle of a strip.
func putLine(line []fyne.CanvasObject, x, width, y, height float32) {
	x += (width - lineWidth(line)) / 2
	for _, o := range line {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		put(o, x, y+(height-m.Height)/2, m.Width, m.Height)
		x += m.Width + gap
	}
}

// KeyCap is a key printed on a button: F9, Esc.
type KeyCap struct {
	widget.BaseWidget
	onFill bool
	box    *Box
	text   *Label
}

// NewKeyCap returns the picture of a key.
func NewKeyCap(key string) *KeyCap {
	k := &KeyCap{box: NewBox(Background, Separator, border, radiusTag), text: NewLabel(key, 12, Muted, fyne.TextAlignCenter)}
	k.ExtendBaseWidget(k)
	return k
}

// Set changes the key, and whether it stands on the primary colour.
func (k *KeyCap) Set(key string, onFill bool) {
	k.text.SetText(key)
	k.onFill = onFill
	if onFill {
		k.box.Paint(Primary, OnPrimary, border)
		k.text.SetColour(OnPrimary)
	} else {
		k.box.Paint(Background, Separator, border)
		k.text.SetColour(Muted)
	}
	k.text.SetBold(onFill)
	k.Refresh()
}

func (k *KeyCap) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(fitted(func() fyne.Size {
		return fyne.NewSize(max(24, k.text.Width()+12), 20)
	}, []fyne.CanvasObject{k.box, k.text}, func(size fyne.Size) {
		put(k.box, 0, 0, size.Width, size.Height)
		put(k.text, 0, 0, size.Width, size.Height)
	}))
}
