package screen

import (
	"context"
	"strconv"
	"time"

	"fyne.io/fyne/v2"

	"comptant/terminal/till"
)

// Setting names one of the settings that a person cannot change here, because it was said when the till was started.
type Setting int

// Those that can be said there.
const (
	SettingPrinter Setting = iota
	SettingTheme
	SettingScale
	SettingLock
)

// Settings are those of this till, and what happens to them.
type Settings struct {
	Now   till.Settings
	Fixed map[Setting]bool
	// Keep writes them down, and uses the printer from now on.
	Keep func(till.Settings) error
	// Test prints a page at a printer that need not be the one in use.
	Test func(ctx context.Context, printer string) error
	// Headquarters is its address, Folder the till's, to be read out.
	Headquarters, Folder string
}

// The choices that are offered, in the order of their chips.
var (
	scanGaps   = []int{20, 35, 50, 80, 120}
	lockAfters = []int{1, 2, 5, 10, 30, 0}
	modes      = map[string]Mode{"light": Light, "dark": Dark, "system": FollowSystem}
)

// UseSettings shows the till by these settings. It is also called before the window opens.
func (a *App) UseSettings(s till.Settings) {
	a.Settings.Now = s
	a.LockAfter = time.Duration(s.LockAfter) * time.Minute
	a.stage.scanner = NewScanner(ScannerConfig{
		Gap: time.Duration(s.ScanGap) * time.Millisecond, MinLength: DefaultScanner.MinLength, Prefix: s.ScanPrefix, Suffix: s.ScanSuffix,
	})
	fyne.CurrentApp().Settings().SetTheme(NewTheme(modes[s.Theme]))
	a.awaitIdle()
}

// openSettings asks for a supervisor first.
func (a *App) openSettings() {
	if a.busy || a.Settings.Keep == nil {
		return
	}
	a.approved("settings", a.Till.OpenSettings, func(err error) {
		if err != nil {
			a.fail(nil, err)
			return
		}
		a.shell.Rail.At(PlaceSettings)
		a.open(newSettings(a))
	})
}

// settingsPage changes a copy; nothing is in force before it is saved.
type settingsPage struct {
	app    *App
	draft  till.Settings
	fields [3]Entry // printer, prefix, suffix
	active int
	said   string
	colour fyne.ThemeColorName

	boxes      [3]*NumberBox
	test, save *Button
	gap        *chips
	lang       *chips
	theme      *chips
	scale      *chips
	lock       *chips
	facts      []*fact
	note       *Paragraph
}

func newSettings(a *App) *settingsPage {
	s := &settingsPage{app: a, draft: a.Settings.Now, active: -1, colour: Muted}
	for i, text := range []string{s.draft.Printer, s.draft.ScanPrefix, s.draft.ScanSuffix} {
		s.fields[i] = Entry{Max: []int{120, 8, 8}[i], Changed: func(string) { s.show() }}
		s.fields[i].Set(text)
	}
	return s
}

func (s *settingsPage) build() (left, right fyne.CanvasObject) {
	w := s.app.words
	title := NewLabel(w.T("settings.title"), SizeHeading, Foreground, fyne.TextAlignLeading).Bold()
	for i, key := range []string{"settings.printer", "settings.prefix", "settings.suffix"} {
		caption := w.T(key)
		if i == 0 && s.app.Settings.Fixed[SettingPrinter] {
			caption += " · " + w.T("settings.fixed")
		}
		s.boxes[i] = NewNumberBox(caption, SizeBody, HeightInRow, func() { s.choose(i) })
	}
	s.test = NewButton(ButtonSpec{Icon: IconPrint, Text: w.T("settings.test"), Height: HeightInRow, Pressed: s.testPrint})
	s.gap = newChips(func(i int) { s.set(func(d *till.Settings) { d.ScanGap = scanGaps[i] }) })
	s.lang = newChips(func(i int) { s.set(func(d *till.Settings) { d.Lang = string(Languages[i]) }) })
	s.theme = newChips(func(i int) { s.set(func(d *till.Settings) { d.Theme = till.Themes[i] }, SettingTheme) })
	s.scale = newChips(func(i int) { s.set(func(d *till.Settings) { d.Scale = till.Scales[i] }, SettingScale) })
	s.lock = newChips(func(i int) { s.set(func(d *till.Settings) { d.LockAfter = lockAfters[i] }, SettingLock) })
	captions := make([]fyne.CanvasObject, 5)
	for i, c := range []struct {
		key   string
		fixed Setting
	}{{"settings.gap", -1}, {"settings.language", -1}, {"settings.theme", SettingTheme}, {"settings.scale", SettingScale}, {"settings.lock", SettingLock}} {
		text := w.T(c.key)
		if s.app.Settings.Fixed[c.fixed] {
			text += " · " + w.T("settings.fixed")
		}
		captions[i] = NewName(text, 14, Muted)
	}
	lines := []fyne.CanvasObject{s.gap, s.lang, s.theme, s.scale, s.lock}
	objects := append([]fyne.CanvasObject{title, s.boxes[0], s.boxes[1], s.boxes[2], s.test}, append(captions, lines...)...)
	left = placed(fyne.Size{}, objects, func(size fyne.Size) {
		put(title, 0, 0, size.Width, 32)
		const test = 128
		put(s.boxes[0], 0, 44, size.Width-test-gap, HeightInRow)
		put(s.test, size.Width-test, 44, test, HeightInRow)
		half := (size.Width - gap) / 2
		put(s.boxes[1], 0, 104, half, HeightInRow)
		put(s.boxes[2], half+gap, 104, half, HeightInRow)
		for i := range lines {
			y := 166 + float32(i)*86
			put(captions[i], 0, y, size.Width, 20)
			put(lines[i], 0, y+24, size.Width, HeightInRow)
		}
	})
	return left, s.buildRight()
}

func (s *settingsPage) buildRight() fyne.CanvasObject {
	w := s.app.words
	title := NewName(w.T("settings.about"), SizeHeading, Foreground).Bold()
	objects := []fyne.CanvasObject{title}
	s.facts = nil
	for range s.about() {
		f := newFact()
		s.facts, objects = append(s.facts, f), append(objects, f)
	}
	s.note = NewParagraph("", 14, Muted, TicketWidth-2*18)
	s.save = NewButton(ButtonSpec{Text: w.T("settings.save"), Key: "F9", Style: Filled, Size: 20, Height: HeightPay, Pressed: s.keep})
	objects = append(objects, s.note, s.save)
	return placed(fyne.NewSize(TicketWidth, 0), objects, func(size fyne.Size) {
		put(title, 18, 12, size.Width-36, 32)
		for i, f := range s.facts {
			put(f, 18, 56+float32(i)*34, size.Width-36, 34)
		}
		put(s.note, 18, size.Height-76-72, size.Width-36, 68)
		put(s.save, 12, size.Height-76, size.Width-24, HeightPay)
	})
}

func (s *settingsPage) refresh() { s.show() }

func (s *settingsPage) show() {
	w := s.app.words
	for i, b := range s.boxes {
		text := tail(s.fields[i].Text(), max(40, b.Size().Width-130), SizeBody)
		if i == 0 && text == "" && s.active != 0 {
			text = w.T("settings.files")
		}
		b.Set(text, i == s.active)
	}
	names := func(n int, name func(i int) string) []string {
		out := make([]string, n)
		for i := range out {
			out[i] = name(i)
		}
		return out
	}
	s.gap.set(names(len(scanGaps), func(i int) string { return w.T("time.milliseconds", "Milliseconds", scanGaps[i]) }), at(scanGaps, s.draft.ScanGap))
	s.lang.set([]string{"Français", "English"}, at(Languages, Language(s.draft.Lang)))
	s.theme.set([]string{w.T("settings.light"), w.T("settings.dark"), w.T("settings.system")}, at(till.Themes, s.draft.Theme))
	s.scale.set(names(len(till.Scales), func(i int) string { return strconv.Itoa(till.Scales[i]) + " %" }), at(till.Scales, s.draft.Scale))
	s.lock.set(names(len(lockAfters), func(i int) string {
		if lockAfters[i] == 0 {
			return w.T("settings.never")
		}
		return w.T("time.minutes", "Minutes", lockAfters[i])
	}), at(lockAfters, s.draft.LockAfter))
	s.test.Update(func(b *ButtonSpec) { b.Off = s.app.busy })
	for i, f := range s.about() {
		if i < len(s.facts) {
			s.facts[i].set(f[0], f[1])
		}
	}
	s.note.Set(s.said, s.colour)
}

// about is what this till is, to be read out: captions and values.
func (s *settingsPage) about() [][2]string {
	a, w := s.app, s.app.words
	id := a.Till.Identity()
	rows := [][2]string{{w.T("settings.store"), id.Store.Name}, {w.T("settings.lane"), a.lane()}}
	if id.Store.Address != "" {
		rows = append(rows, [2]string{w.T("settings.address"), id.Store.Address})
	}
	numbers, err := a.Till.Registrations(a.ctx)
	if err != nil {
		a.Log.Error("read registrations", "err", err)
	}
	for _, n := range numbers {
		rows = append(rows, [2]string{n.Name.In(w.lang()), n.Number})
	}
	prices := w.T("status.no_prices")
	if status, err := a.Till.Status(a.ctx); err == nil && status.Prices > 0 {
		prices = version(status.Prices)
	}
	return append(rows, [2]string{w.T("settings.app"), id.App}, [2]string{w.T("settings.prices"), prices},
		[2]string{w.T("settings.headquarters"), a.Settings.Headquarters}, [2]string{w.T("settings.folder"), a.Settings.Folder})
}

// at is the place of what is in force among what is offered; -1 when it is none of it.
func at[T comparable](all []T, one T) int {
	for i, v := range all {
		if v == one {
			return i
		}
	}
	return -1
}

// set changes the draft, unless what it changes was said when the till was started.
func (s *settingsPage) set(change func(*till.Settings), fixed ...Setting) {
	for _, f := range fixed {
		if s.app.Settings.Fixed[f] {
			s.tell(s.app.words.T("settings.fixed_text"), Warn)
			return
		}
	}
	change(&s.draft)
	s.tell("", Muted)
}

func (s *settingsPage) tell(text string, colour fyne.ThemeColorName) {
	s.said, s.colour = text, colour
	s.show()
}

// choose turns typing to a field.
func (s *settingsPage) choose(i int) {
	if i == 0 && s.app.Settings.Fixed[SettingPrinter] {
		s.tell(s.app.words.T("settings.fixed_text"), Warn)
		return
	}
	s.active = i
	s.show()
}

// testPrint prints a page at what is typed, saved or not.
func (s *settingsPage) testPrint() {
	a := s.app
	if a.busy {
		return
	}
	a.busy = true
	printer := s.fields[0].Text()
	s.tell(a.words.T("settings.testing"), Muted)
	var err error
	a.Background(func() { err = a.Settings.Test(a.ctx, printer) }, func() {
		a.busy = false
		if err != nil {
			a.Log.Warn("test print", "printer", printer, "err", err)
			s.tell(a.words.T("settings.not_printed"), Bad)
			return
		}
		s.tell(a.words.T("settings.printed"), OK)
	})
}

// keep saves the draft and puts it in force.
func (s *settingsPage) keep() {
	a := s.app
	if a.busy {
		return
	}
	s.draft.Printer, s.draft.ScanPrefix, s.draft.ScanSuffix = s.fields[0].Text(), s.fields[1].Text(), s.fields[2].Text()
	if err := a.Settings.Keep(s.draft); err != nil {
		a.Log.Warn("settings", "err", err)
		s.tell(a.words.Error(err), Bad)
		return
	}
	said := a.words.T("settings.saved")
	if s.draft.Scale != a.Settings.Now.Scale {
		said = a.words.T("settings.saved_scale")
	}
	a.UseSettings(s.draft)
	s.active = -1
	s.tell(said, OK)
}

// Scanned shows what the scanner sends, to see what it adds.
func (s *settingsPage) Scanned(code string) {
	s.tell(s.app.words.T("settings.scanned", "Code", code), Muted)
}

func (s *settingsPage) Typed(r rune) {
	if s.active >= 0 {
		s.fields[s.active].Typed(r)
	}
}

func (s *settingsPage) Pressed(key fyne.KeyName) {
	switch {
	case key == fyne.KeyF9:
		s.keep()
	case key == fyne.KeyEscape && s.active >= 0, isEnter(key):
		s.active = -1
		s.show()
	case key == fyne.KeyEscape:
		s.app.sell()
	case s.active < 0:
	case key == fyne.KeyBackspace:
		s.fields[s.active].Erase()
	case key == fyne.KeyDelete:
		s.fields[s.active].Clear()
	}
}
