package screen

import (
	"strconv"

	"fyne.io/fyne/v2"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// What the keys and buttons of Shift do.

// centsOf is what digits mean: 4000 is 40.00.
func centsOf(digits string) money.Amount {
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0 // nothing typed; an Entry takes digits only
	}
	return money.Amount(n)
}

// openShift opens a shift with the float that is typed, or with the last one.
func (s *shiftPage) openShift() {
	a := s.app
	if a.Till.Shift().Open() {
		return
	}
	float, err := a.Till.LastFloat(a.ctx)
	if s.float.Text() != "" {
		float = centsOf(s.float.Text())
	}
	if err == nil {
		err = a.Till.OpenShift(a.ctx, float)
	}
	a.opened(err, s.refuse)
}

// opened goes on to sell, or asks for the date first.
func (a *App) opened(err error, refuse func(error)) {
	if thinks, asked := dateAsked(err); asked {
		a.askForDate(thinks)
		return
	}
	if err != nil {
		refuse(err)
		return
	}
	a.sell()
}

// countFloat counts the float instead of typing it.
func (s *shiftPage) countFloat() {
	if !s.app.Till.Shift().Open() {
		s.app.open(newFloat(s.app))
	}
}

func (s *shiftPage) refuse(err error) {
	s.said, s.saidColour = s.app.words.Error(err), Bad
	s.app.fail(nil, err)
	s.show()
}

// read shows an X.
func (s *shiftPage) read() {
	x, err := s.app.Till.X(s.app.ctx)
	if err != nil {
		s.refuse(err)
		return
	}
	s.x, s.said = &x, ""
	s.show()
}

// back leaves the X, or the place.
func (s *shiftPage) back() {
	if s.x == nil {
		if s.app.Till.Shift().Open() {
			s.app.sell()
		}
		return
	}
	s.x, s.said = nil, ""
	s.show()
}

// print puts the X that is shown on paper, or the chosen Z again.
func (s *shiftPage) print() {
	a := s.app
	var r retail.Report
	switch {
	case s.x != nil:
		r = *s.x
	case len(s.closes) > 0:
		var err error
		if r, err = a.Till.Report(a.ctx, s.closes[s.chosen]); err != nil {
			s.refuse(err)
			return
		}
	default:
		return
	}
	printed, err := a.Till.PrintReport(a.ctx, r)
	if err != nil {
		s.refuse(err)
		return
	}
	s.tell(a.words.T("closed.printing"), Muted)
	a.Background(func() { err = <-printed }, func() {
		switch {
		case a.page != page(s):
		case err != nil:
			s.tell(a.words.T("closed.not_printed", "Code", r.Code()), Bad)
		default:
			s.tell(a.words.T("closed.printed", "Code", r.Code()), OK)
		}
	})
}

func (s *shiftPage) tell(text string, colour fyne.ThemeColorName) {
	s.said, s.saidColour = text, colour
	s.show()
}

// move asks for cash that comes in, sign 1, or goes out, sign -1.
func (s *shiftPage) move(sign money.Amount) { s.app.askCashMove(sign, s.moved) }

func (s *shiftPage) moved(amount money.Amount) {
	s.tell(s.app.words.T("shift.moved", "Amount", s.app.words.money(amount)), OK)
}

// count begins to close.
func (s *shiftPage) count() {
	if err := s.app.Till.StartCount(); err != nil {
		s.refuse(err)
		return
	}
	s.app.open(newCount(s.app))
}

func (s *shiftPage) Scanned(string) {}

func (s *shiftPage) Typed(r rune) {
	if !s.app.Till.Shift().Open() {
		s.float.Typed(r)
	}
}

func (s *shiftPage) Pressed(key fyne.KeyName) {
	open := s.app.Till.Shift().Open()
	switch {
	case key == fyne.KeyF6:
		s.training()
	case key == fyne.KeyF8:
		s.print()
	case key == fyne.KeyEscape:
		s.back()
	case key == fyne.KeyUp, key == fyne.KeyDown:
		by := 1
		if key == fyne.KeyUp {
			by = -1
		}
		if n := len(s.closes); n > 0 {
			s.choose(min(max(s.chosen+by, 0), n-1))
		}
	case !open && (key == fyne.KeyF9 || isEnter(key)):
		s.openShift()
	case !open && key == fyne.KeyF7:
		s.countFloat()
	case !open && key == fyne.KeyBackspace:
		s.float.Erase()
	case !open && key == fyne.KeyDelete:
		s.float.Clear()
	case !open || s.x != nil:
	case key == fyne.KeyF2:
		s.move(1)
	case key == fyne.KeyF3:
		s.move(-1)
	case key == fyne.KeyF7:
		s.read()
	case key == fyne.KeyF9:
		s.count()
	}
}
