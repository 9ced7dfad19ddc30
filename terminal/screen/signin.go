package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
	"github.com/google/uuid"

	"comptant/shared/retail"
)

// The length of a PIN.
const (
	shortestPIN = 4
	longestPIN  = 6
)

// signIn asks who is at the till, and for the PIN. A scanned badge says who, as touching the name does.
type signIn struct {
	app *App
	// staff are those who can sign in: nobody while headquarters keeps the till locked.
	staff   []retail.Staff
	control retail.Control
	chosen  uuid.UUID
	pin     Entry
	// wrong is why the last try failed.
	wrong string
	// holds says that the ticket is to be put away, so that who signs in begins with an empty one.
	holds bool

	who     *Label
	people  *Rows
	nobody  *empty
	why     *Paragraph
	hello   *Label
	prompt  *Label
	dots    *PINDots
	enter   *Button
	version *Label
	kept    *Label
	keptBy  *Glyph
	hold    *Button
	scan    *Label
	card    *Glyph
}

func newSignIn(a *App) *signIn {
	s := &signIn{app: a}
	s.pin = Entry{Max: longestPIN, Digits: true, Changed: func(string) { s.show() }}
	return s
}

func (s *signIn) build() (left, right fyne.CanvasObject) {
	w := s.app.words
	s.who = NewLabel(w.T("signin.who"), SizeWelcome, Foreground, fyne.TextAlignLeading).Bold()
	s.people = NewRows(func() int { return len(s.staff) }, newStaffRow, s.showPerson)
	s.nobody = newEmpty(IconPerson, w.T("signin.nobody"), w.T("signin.nobody_text"))
	const column = 400
	s.why = NewParagraph("", SizeBody, Foreground, column)
	s.version = NewName("", SizeCaption, Muted)
	s.hello = NewName("", SizeWelcome, Foreground).Bold()
	s.prompt = NewName("", 16, Muted)
	s.dots = NewPINDots(longestPIN)
	spec := KeypadSpec{Order: PhoneOrder, Height: HeightPIN, Target: s}
	spec.Left = NewBackspace(spec, Quiet)
	s.enter = NewButton(ButtonSpec{Icon: IconEnter, Size: 28, Style: Filled, Height: HeightPIN, Pressed: s.submit})
	spec.Right = s.enter
	pad := NewKeypad(spec)
	s.keptBy = NewGlyph(IconLock, 20, Muted)
	s.kept = NewLabel("", 14, Muted, fyne.TextAlignLeading)
	s.hold = NewButton(ButtonSpec{Icon: IconHeld, Text: w.T("signin.hold"), Key: "F4", Height: HeightInRow, Pressed: s.askHold})
	s.card, s.scan = NewGlyph(IconBadge, 24, Muted), NewName(w.T("signin.badge"), SizeBody, Muted)

	ground, seam := NewBox(Surface, Transparent, 0, 0), NewBox(Separator, Transparent, 0, 0)
	objects := []fyne.CanvasObject{
		ground, seam, s.who, s.people, s.nobody, s.why, s.version, s.hello, s.prompt, s.dots, pad, s.keptBy, s.kept,
		s.hold, s.card, s.scan,
	}
	return placed(fyne.NewSize(1024, 720), objects, func(size fyne.Size) {
		half := size.Width / 2
		put(ground, half, 0, half, size.Height)
		put(seam, half, 0, 1, size.Height)
		x := half - column - 40
		put(s.who, x, 40, column, 40)
		put(s.people, x-staffEdge, 96-staffEdge, column+staffEdge+gapLarge, size.Height-96-96)
		put(s.card, x, size.Height-82, 24, 24)
		put(s.scan, x+34, size.Height-82, column-34, 24)
		put(s.nobody, x, 96, column, 240)
		put(s.why, x, 336, column, s.why.MinSize().Height)
		put(s.version, x, size.Height-44, column, 20)
		x = half + 73
		const pinWidth = 367
		put(s.hello, x, 40, pinWidth, 40)
		put(s.prompt, x, 78, pinWidth, 24)
		put(s.dots, x, 134, pinWidth, 20)
		put(pad, x, 188, pinWidth, 344)
		put(s.hold, x, 556, pinWidth, HeightInRow)
		width := 20 + gap + s.kept.Width()
		put(s.keptBy, x+(pinWidth-width)/2, size.Height-44, 20, 20)
		put(s.kept, x+(pinWidth-width)/2+20+gap, size.Height-44, s.kept.Width(), 20)
	}), nil
}

func (s *signIn) refresh() {
	staff, err := s.app.Till.Staff(s.app.ctx)
	if err != nil {
		s.app.Log.Error("list staff", "err", err)
	}
	if s.control, err = s.app.Till.Control(s.app.ctx); err != nil {
		s.app.Log.Error("ask whether the till is locked", "err", err)
	}
	if s.control.Locked() {
		staff = nil
		s.pin.Set("")
	}
	s.staff = staff
	if len(staff) == 1 {
		s.chosen = staff[0].ID
	}
	s.show()
}

// show writes what depends on who is chosen and what has been typed.
func (s *signIn) show() {
	w := s.app.words
	s.people.Update()
	show(s.people, len(s.staff) > 0)
	show(s.nobody, len(s.staff) == 0)
	show(s.who, !s.control.Locked())
	show(s.why, s.control.Locked())
	if s.control.Locked() {
		s.nobody.set(IconLock, w.T("signin.locked"), s.whom())
		s.why.Set(s.control.Reason, Foreground)
	} else {
		s.nobody.set(IconPerson, w.T("signin.nobody"), w.T("signin.nobody_text"))
	}
	s.hello.SetText(w.T("signin.welcome"))
	prompt, colour := w.T("signin.choose"), Muted
	if p, ok := s.person(); ok {
		s.hello.SetText(w.T("signin.hello", "Name", p.Name))
		prompt = w.T("signin.pin")
	}
	switch {
	case s.control.Locked():
		prompt, colour = w.T("signin.closed"), Bad
	case s.app.busy:
		prompt = w.T("signin.checking")
	case s.wrong != "" && s.pin.Text() == "":
		prompt, colour = s.wrong, Bad
	}
	s.prompt.SetText(prompt)
	s.prompt.SetColour(colour)
	s.dots.Set(len(s.pin.Text()), shortestPIN)
	s.enter.Update(func(b *ButtonSpec) { b.Off = !s.ready() })
	if s.app.busy {
		return
	}
	id := s.app.Till.Identity()
	status, err := s.app.Till.Status(s.app.ctx)
	if err == nil && status.Prices > 0 {
		s.version.SetText(w.T("signin.version", "App", id.App, "Prices", version(status.Prices)))
	} else {
		s.version.SetText(w.T("signin.no_prices", "App", id.App))
	}
	ticket := s.app.Till.Ticket()
	show(s.kept, len(ticket.Lines) > 0)
	show(s.keptBy, len(ticket.Lines) > 0)
	kept := "signin.kept"
	if s.holds = s.holds && s.toHold(); s.holds {
		kept = "signin.held"
	}
	s.kept.SetText(w.T(kept, "Amount", w.money(ticket.Total)))
	show(s.hold, s.toHold())
	s.hold.Update(func(b *ButtonSpec) {
		if b.Style = Outlined; s.holds {
			b.Style = Chosen
		}
	})
	badges := !s.control.Locked() && s.app.Till.Badges(s.app.ctx)
	show(s.card, badges)
	show(s.scan, badges)
	s.app.shell.Refresh()
}

// whom says whom to call about a till that is locked.
func (s *signIn) whom() string {
	if s.control.By == "" {
		return s.app.words.T("signin.locked_text")
	}
	return s.app.words.T("signin.locked_by", "By", s.control.By)
}

func (s *signIn) showPerson(i int, r *staffRow) {
	p := s.staff[i]
	r.set(p.Name, s.app.words.T(roleKey(p.Role)), p.ID == s.chosen, func() { s.choose(p.ID) })
}

func roleKey(r retail.Role) string {
	switch r {
	case retail.RoleAdministrator:
		return "role.administrator"
	case retail.RoleManager:
		return "role.manager"
	case retail.RoleSupervisor:
		return "role.supervisor"
	case retail.RoleEmployee:
		return "role.employee"
	}
	return "role.cashier"
}

func (s *signIn) person() (retail.Staff, bool) {
	for _, p := range s.staff {
		if p.ID == s.chosen {
			return p, true
		}
	}
	return retail.Staff{}, false
}

func (s *signIn) choose(id uuid.UUID) {
	if s.app.busy {
		return
	}
	s.chosen, s.wrong = id, ""
	s.pin.Set("")
	s.show()
}

func (s *signIn) ready() bool {
	_, ok := s.person()
	return ok && len(s.pin.Text()) >= shortestPIN && !s.app.busy
}

// submit checks the PIN. The check is slow by design, so the till is lent to the background for it and the window
// stays alive; busy keeps everybody else away from the till meanwhile.
func (s *signIn) submit() {
	if !s.ready() {
		return
	}
	a, user, pin := s.app, s.chosen, s.pin.Text()
	a.busy = true
	s.show()
	var err error
	a.Background(func() { err = a.Till.SignIn(a.ctx, user, pin) }, func() {
		a.busy = false
		s.pin.Set("")
		if err != nil {
			s.wrong = a.words.Error(err)
			a.refresh()
			return
		}
		a.useTillLanguage()
		err = s.putAway()
		a.resume()
		if err != nil {
			a.fail(nil, err)
		}
	})
}

func (s *signIn) Scanned(code string) { s.badge(code) }

func (s *signIn) Typed(r rune) {
	if _, ok := s.person(); ok && !s.app.busy {
		s.pin.Typed(r)
	}
}

func (s *signIn) Pressed(key fyne.KeyName) {
	switch {
	case s.app.busy:
	case isEnter(key):
		s.submit()
	case key == fyne.KeyBackspace:
		s.pin.Erase()
	case key == fyne.KeyEscape, key == fyne.KeyDelete:
		s.pin.Clear()
	case key == fyne.KeyF4:
		s.askHold()
	case key == fyne.KeyDown:
		s.step(1)
	case key == fyne.KeyUp:
		s.step(-1)
	}
}

func (s *signIn) step(by int) {
	if len(s.staff) == 0 {
		return
	}
	at := -1
	for i, p := range s.staff {
		if p.ID == s.chosen {
			at = i
		}
	}
	at = min(max(at+by, 0), len(s.staff)-1)
	s.choose(s.staff[at].ID)
	s.people.Reveal(at)
}

// staffEdge is the space around a person's box, so that the list does not cut its border.
const staffEdge = 4

// staffRow is a person to touch, 72 high and 8 from the next; the scroll bar stands beside it.
type staffRow struct {
	widget.BaseWidget
	pressed    func()
	box        *Box
	avatar     *Avatar
	name, role *Label
}

func newStaffRow() *staffRow {
	r := &staffRow{
		box:    NewBox(Surface, Control, border, radius),
		avatar: NewAvatar("", 44),
		name:   NewName("", 18, Foreground).Bold(),
		role:   NewName("", 14, Muted),
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *staffRow) set(name, role string, chosen bool, pressed func()) {
	r.pressed = pressed
	r.avatar.Set(name, chosen)
	r.name.SetText(name)
	r.role.SetText(role)
	if chosen {
		r.box.Paint(Tint, Primary, borderSelected)
		r.name.SetColour(OnTint)
		r.role.SetColour(OnTint)
	} else {
		r.box.Paint(Surface, Control, border)
		r.name.SetColour(Foreground)
		r.role.SetColour(Muted)
	}
	r.Refresh()
}

func (r *staffRow) Tapped(*fyne.PointEvent) {
	if r.pressed != nil {
		r.pressed()
	}
}

func (r *staffRow) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{r.box, r.avatar, r.name, r.role}
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, 80), objects, func(size fyne.Size) {
		width := size.Width - staffEdge - gapLarge
		put(r.box, staffEdge, staffEdge, width, 72)
		put(r.avatar, staffEdge+15, staffEdge+14, 44, 44)
		put(r.name, staffEdge+73, staffEdge+13, width-73-15, 26)
		put(r.role, staffEdge+73, staffEdge+38, width-73-15, 20)
	}))
}
