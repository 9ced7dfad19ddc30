package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// TopActions is what the top bar does.
type TopActions struct {
	Status func()
	Speak  func(Language)
}

// TopBar says where the till is, how it is, what time it is and who works at it. All but the store's name has its
// place counted from the right edge, so that nothing moves when a text changes.
type TopBar struct {
	widget.BaseWidget
	Chip *StatusChip

	ground, line *Box
	store, till  *Label
	clock        *Label
	languages    *languageSwitch
	avatar       *Avatar
	cashier      *Label
	practice     string
}

// NewTopBar returns the bar of a till at which nobody is signed in.
func NewTopBar(language Language, do TopActions) *TopBar {
	t := &TopBar{
		Chip:      NewStatusChip(do.Status),
		ground:    NewBox(Surface, Transparent, 0, 0),
		line:      NewBox(Separator, Transparent, 0, 0),
		store:     NewLabel("", SizeBody, Foreground, fyne.TextAlignLeading).Bold(),
		till:      NewName("", SizeBody, Muted),
		clock:     NewLabel("", 18, Foreground, fyne.TextAlignTrailing).Bold(),
		languages: newLanguageSwitch(language, do.Speak),
		avatar:    NewAvatar("", 32),
		cashier:   NewName("", SizeBody, Foreground),
	}
	t.ExtendBaseWidget(t)
	t.SetCashier("")
	return t
}

// Practise paints the whole bar and says what a training is, in the place of the store; "" for none.
func (t *TopBar) Practise(text string) {
	t.practice = text
	ground, strong, quiet := Surface, Foreground, Muted
	if text != "" {
		ground, strong, quiet = Practice, White, White
	}
	t.ground.Paint(ground, Transparent, 0)
	for _, l := range []*Label{t.store, t.clock, t.cashier} {
		l.SetColour(strong)
	}
	t.till.SetColour(quiet)
}

// SetPlace names the store and the till.
func (t *TopBar) SetPlace(store, till string) {
	if t.practice != "" {
		store = t.practice
	}
	t.store.SetText(store)
	t.till.SetText(till)
	t.Refresh()
}

// SetClock writes the time, in the store's zone.
func (t *TopBar) SetClock(time string) { t.clock.SetText(time) }

// SetLanguage marks the language the till speaks.
func (t *TopBar) SetLanguage(l Language) { t.languages.choose(l) }

// SetCashier names who is signed in; "" for nobody.
func (t *TopBar) SetCashier(name string) {
	t.avatar.Set(name, false)
	t.cashier.SetText(name)
	show(t.avatar, name != "")
	show(t.cashier, name != "")
	t.Refresh()
}

// SetStatus says online or offline, in words what that means now, and whether somebody should look after the printer.
func (t *TopBar) SetStatus(online bool, text string, printer bool) {
	t.Chip.Set(online, text, printer)
	t.Refresh()
}

// Widths of the right end of the bar, each with its gap.
const (
	cashierWidth  = 92
	avatarWidth   = 32 + gap
	languageWidth = 74 + gapLarge
	clockWidth    = 56 + gapLarge
)

func (t *TopBar) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{
		t.ground, t.line, t.store, t.till, t.Chip, t.clock, t.languages, t.avatar, t.cashier,
	}
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, TopHeight), objects, func(size fyne.Size) {
		put(t.ground, 0, 0, size.Width, size.Height)
		put(t.line, 0, size.Height-1, size.Width, 1)
		x := size.Width - gapMedium
		if t.cashier.Visible() {
			x -= cashierWidth - gapMedium
			put(t.cashier, x, 0, cashierWidth-gapMedium, size.Height)
			x -= avatarWidth
			put(t.avatar, x, 8, 32, 32)
			x -= gapMedium
		}
		x -= languageWidth - gapLarge
		put(t.languages, x, 8, 74, 32)
		x -= clockWidth
		put(t.clock, x, 0, clockWidth-gapLarge, size.Height)
		x -= gapLarge
		chip := t.Chip.MinSize().Width
		put(t.Chip, x-chip, 8, chip, HeightChip)
		put(t.store, gapLarge, 0, t.store.Width(), size.Height)
		after := gapLarge + t.store.Width() + gapMedium
		put(t.till, after, 0, max(0, x-chip-gap-after), size.Height)
	}))
}

// languageSwitch is FR|EN.
type languageSwitch struct {
	widget.BaseWidget
	box    *Box
	halves []*languageHalf
}

func newLanguageSwitch(now Language, speak func(Language)) *languageSwitch {
	s := &languageSwitch{box: NewBox(Surface, Control, border, radiusTag)}
	for _, l := range Languages {
		s.halves = append(s.halves, newLanguageHalf(l, speak))
	}
	s.ExtendBaseWidget(s)
	s.choose(now)
	return s
}

func (s *languageSwitch) choose(now Language) {
	for _, h := range s.halves {
		h.choose(h.language == now)
	}
}

func (s *languageSwitch) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{s.box}
	for _, h := range s.halves {
		objects = append(objects, h)
	}
	return widget.NewSimpleRenderer(placed(fyne.NewSize(74, 32), objects, func(size fyne.Size) {
		put(s.box, 0, 0, size.Width, size.Height)
		width := (size.Width - 2) / float32(len(s.halves))
		for i, h := range s.halves {
			put(h, 1+float32(i)*width, 1, width, size.Height-2)
		}
	}))
}

type languageHalf struct {
	widget.BaseWidget
	language Language
	speak    func(Language)
	box      *Box
	text     *Label
}

func newLanguageHalf(l Language, speak func(Language)) *languageHalf {
	h := &languageHalf{
		language: l, speak: speak,
		box:  NewBox(Transparent, Transparent, 0, 3),
		text: NewLabel(l.Short(), SizeCaption, Muted, fyne.TextAlignCenter),
	}
	h.ExtendBaseWidget(h)
	return h
}

func (h *languageHalf) choose(on bool) {
	if on {
		h.box.Paint(Primary, Transparent, 0)
		h.text.SetColour(OnPrimary)
	} else {
		h.box.Paint(Transparent, Transparent, 0)
		h.text.SetColour(Muted)
	}
	h.text.SetBold(on)
}

func (h *languageHalf) Tapped(*fyne.PointEvent) {
	if h.speak != nil {
		h.speak(h.language)
	}
}

func (h *languageHalf) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(placed(fyne.NewSize(36, 30), []fyne.CanvasObject{h.box, h.text}, func(size fyne.Size) {
		put(h.box, 0, 0, size.Width, size.Height)
		put(h.text, 0, 0, size.Width, size.Height)
	}))
}
