package screen

import (
	"slices"

	"fyne.io/fyne/v2"

	"comptant/shared/retail"
	"comptant/terminal/till"
)

// approve asks for somebody's word over the sale: who, the PIN, and why. The deed is done at once, or not at all.
type approve struct {
	app    *App
	need   retail.Need
	people []retail.Staff
	chosen int
	reason string // fixed when the deed has one already
	why    int
	pin    Entry
	do     func(till.Approval) error
	done   func(error)

	who, reasons *chips
	dots         *PINDots
	dialog       *Dialog
}

// approved does a deed, and when it needs more than the person may do, asks for an approval and does it then. done is told
// how it went; it is not called when nobody approved. reason is why, "" to ask for that too.
func (a *App) approved(reason string, do func(till.Approval) error, done func(error)) {
	err := do(till.Approval{})
	need, ok := till.NeedOf(err)
	if !ok {
		done(err)
		return
	}
	people, err := a.Till.Approvers(a.ctx, need)
	if err != nil {
		done(err)
		return
	}
	if len(people) == 0 {
		a.ask(DialogSpec{
			Icon: IconLock, Colour: Warn, Title: a.words.T("approve.title"), Text: a.words.T("approve.nobody"),
			Cancel: a.words.T("dialog.close"), Done: func(bool) { a.stage.Close() },
		})
		return
	}
	p := &approve{app: a, need: need, people: people, reason: reason, do: do, done: done}
	p.pin = Entry{Max: longestPIN, Digits: true, Changed: func(string) { p.show() }}
	p.open()
}

func (p *approve) open() {
	w := p.app.words
	p.who = newChips(func(i int) { p.chosen = i; p.pin.Set(""); p.show() })
	p.reasons = newChips(func(i int) { p.why = i; p.show() })
	p.dots = NewPINDots(longestPIN)
	spec := KeypadSpec{Order: PhoneOrder, Height: HeightMain, Target: p}
	spec.Left = NewBackspace(spec, Quiet)
	spec.Right = NewButton(ButtonSpec{Icon: IconEnter, Size: 28, Style: Quiet, Height: HeightMain, Pressed: func() { p.answer(true) }})
	pad := NewKeypad(spec)
	rows := []fyne.CanvasObject{p.who}
	if p.reason == "" {
		rows = append(rows, p.reasons)
	}
	body := column(append(rows, p.dots, pad)...)
	p.dialog = p.app.ask(DialogSpec{
		Icon: IconLock, Colour: Warn, Title: w.T("approve.title"), Text: w.deed(p.need), Body: body, Keys: p,
		Cancel: w.T("approve.cancel"), Accept: w.T("approve.accept"), Done: p.answer,
	})
	p.show()
}

func (p *approve) show() {
	w := p.app.words
	names := make([]string, len(p.people))
	for i, s := range p.people {
		names[i] = s.Name
	}
	p.who.set(names, p.chosen)
	p.reasons.set(w.reasons(p.need.Deed), p.why)
	p.dots.Set(len(p.pin.Text()), shortestPIN)
	p.dialog.Allow(p.ready())
}

func (p *approve) ready() bool { return len(p.pin.Text()) >= shortestPIN && !p.app.busy }

// answer checks the PIN in the background, as the sign-in does.
func (p *approve) answer(accepted bool) {
	a := p.app
	if a.busy {
		return
	}
	if !accepted {
		a.stage.Close()
		return
	}
	if !p.ready() {
		return
	}
	reason := p.reason
	if reason == "" {
		reason = retail.Reasons(p.need.Deed)[p.why]
	}
	user, pin := p.people[p.chosen].ID, p.pin.Text()
	a.busy = true
	p.show()
	p.dialog.Say(a.words.T("signin.checking"), Muted)
	var given till.Approval
	var err error
	a.Background(func() { given, err = a.Till.Approve(a.ctx, p.need, user, pin, reason) }, func() {
		a.busy = false
		p.pin.Set("")
		p.show()
		if err != nil {
			p.dialog.Say(a.words.Error(err), Bad)
			return
		}
		a.stage.Close()
		p.done(p.do(given))
		a.refresh()
	})
}

// Scanned takes the badge of who approves.
func (p *approve) Scanned(code string) {
	a := p.app
	if a.busy {
		return
	}
	person, err := a.Till.ByBadge(a.ctx, code)
	i := slices.IndexFunc(p.people, func(s retail.Staff) bool { return s.ID == person.ID })
	switch {
	case err != nil:
		p.dialog.Say(oneLine(a.words.Error(err)), Bad)
	case i < 0:
		p.dialog.Say(oneLine(a.words.T("error.approval.role", "name", person.Name)), Bad)
	default:
		p.chosen = i
		p.pin.Set("")
		p.show()
	}
}

func (p *approve) Typed(r rune) {
	if !p.app.busy {
		p.pin.Typed(r)
	}
}

func (p *approve) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyBackspace:
		p.pin.Erase()
	case fyne.KeyDelete:
		p.pin.Clear()
	case fyne.KeyUp, fyne.KeyDown:
		by := 1
		if key == fyne.KeyUp {
			by = -1
		}
		p.chosen = min(max(p.chosen+by, 0), len(p.people)-1)
		p.pin.Set("")
		p.show()
	}
}

// column puts objects below each other, each as high as it needs.
func column(objects ...fyne.CanvasObject) *fyne.Container {
	height := func() float32 {
		sum := float32(-gap)
		for _, o := range objects {
			sum += o.MinSize().Height + gap
		}
		return sum
	}
	return fitted(func() fyne.Size { return fyne.NewSize(0, height()) }, objects, func(size fyne.Size) {
		y := float32(0)
		for _, o := range objects {
			h := o.MinSize().Height
			put(o, 0, y, size.Width, h)
			y += h + gap
		}
	})
}
