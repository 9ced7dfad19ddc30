package screen

import (
	"strings"

	"fyne.io/fyne/v2"

	"comptant/shared/barcode"
	"comptant/shared/retail"
)

// What the keys, the scanner and the buttons of Sell do.

// Scanned puts a code on the ticket. That of a receipt says that goods come back.
func (s *sell) Scanned(code string) {
	if printed, ok := retail.ParseReceiptCode(code); ok {
		s.app.bringBack(printed)
		return
	}
	// A window that was busy got the end of "20*" together with the code.
	if end, rest, ok := strings.Cut(code, "*"); ok {
		if q, ok := multiplierOf(s.search.Text() + end + "*"); ok {
			s.search.Clear()
			code = q + "*" + rest
		}
	}
	if q, ok := s.search.TakeMultiplier(); ok {
		code = q + "*" + code
	}
	s.scan(code)
}

func (s *sell) scan(code string) {
	found, err := s.app.Till.Scan(s.app.ctx, code)
	if err == nil && !found.Known {
		if s.app.switchTo(code) {
			return
		}
		s.refuse(s.app.words.T("sell.unknown", "Code", barcode.Display(found.Code)))
		return
	}
	s.added(found.Product, err)
}

// add puts a touched product on the ticket, in the quantity typed before it.
func (s *sell) add(p retail.Product) {
	if q, ok := s.search.TakeMultiplier(); ok {
		s.scan(q + "*" + p.SKU)
		return
	}
	s.added(p, s.app.Till.Add(s.app.ctx, p, 0))
}

func (s *sell) added(p retail.Product, err error) {
	if asked, q, ok := priceAsked(err); ok {
		s.askPrice(asked, q)
		return
	}
	if err != nil {
		s.failed(err)
		return
	}
	name := p.Name
	s.say(func(row *FeedbackRow) {
		w, t := s.app.words, s.app.Till.Ticket()
		row.Added(name.In(w.lang()), w.counted(len(t.Lines), t.Items))
	})
}

// say shows something in the feedback row until the next thing happens.
func (s *sell) say(what func(*FeedbackRow)) {
	s.said = what
	s.showTicket()
}

func (s *sell) refuse(text string) { s.say(func(row *FeedbackRow) { row.Refused(text) }) }

// did shows the outcome of a change of the ticket.
func (s *sell) did(err error) {
	if err != nil {
		s.failed(err)
		return
	}
	s.say(nil)
}

func (s *sell) failed(err error) {
	s.say(nil)
	s.said = func(row *FeedbackRow) { row.Refused(s.app.words.Error(err)) }
	s.app.fail(s.pane.feedback, err)
}

// change adds pieces to the selected line.
func (s *sell) change(by int) {
	if t := s.app.Till.Ticket(); t.Selected >= 0 {
		s.did(s.app.Till.Increment(t.Selected, by))
	}
}

func (s *sell) removeLine() {
	t := s.app.Till.Ticket()
	if t.Selected < 0 {
		return
	}
	name := t.Lines[t.Selected].Name
	if err := s.app.Till.Remove(t.Selected); err != nil {
		s.failed(err)
		return
	}
	s.say(func(row *FeedbackRow) {
		w, t := s.app.words, s.app.Till.Ticket()
		row.Say(IconDelete, Muted, w.T("sell.removed", "Name", name), w.counted(len(t.Lines), t.Items))
	})
}

// drop asks before the ticket is lost.
func (s *sell) drop() {
	a, t := s.app, s.app.Till.Ticket()
	if len(t.Lines) == 0 {
		return
	}
	w := a.words
	a.ask(DialogSpec{
		Icon: IconWarning, Colour: Warn,
		Title: w.T("sell.clear_title"), Text: w.N("sell.clear_text", len(t.Lines)),
		Cancel: w.T("sell.keep"), Accept: w.T("sell.clear_yes"), Danger: true,
		Done: func(yes bool) {
			a.stage.Close()
			if yes {
				s.did(a.Till.Clear())
			}
		},
	})
}

func (s *sell) startPayment() {
	if _, err := s.app.Till.StartPayment(); err != nil {
		s.failed(err)
		return
	}
	s.app.sell()
}

// Typed goes to the search field, except + and - on an empty one: they change the selected line.
func (s *sell) Typed(r rune) {
	if s.typed == "" && (r == '+' || r == '-') {
		s.change(map[rune]int{'+': 1, '-': -1}[r])
		return
	}
	s.search.Typed(r)
}

func (s *sell) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyReturn, fyne.KeyEnter:
		s.enter()
	case fyne.KeyEscape:
		s.escape()
	case fyne.KeyBackspace:
		s.search.Erase()
	case fyne.KeyDelete:
		s.removeLine()
	case fyne.KeyUp:
		s.step(-1)
	case fyne.KeyDown:
		s.step(1)
	case fyne.KeyF2:
		s.search.Clear()
	case fyne.KeyF3:
		s.askCustomer()
	case fyne.KeyF4:
		s.holdTicket()
	case fyne.KeyF5:
		s.recallTicket()
	case fyne.KeyF6:
		s.check()
	case fyne.KeyF7:
		s.openDrawer()
	case fyne.KeyF8:
		s.adjust()
	case fyne.KeyF9:
		s.startPayment()
	}
}

// enter takes the chosen result, or what was typed as a code. On an empty field it does nothing: a scanner that ends
// with two keys must not pay.
func (s *sell) enter() {
	if code := s.finder.enter(); code != "" {
		s.Scanned(code)
	}
}

func (s *sell) escape() {
	switch {
	case s.typed != "":
		s.search.Clear()
	case s.said != nil:
		s.say(nil)
	default:
		s.drop()
	}
}

// step moves the choice among results, or on the ticket when there are none.
func (s *sell) step(by int) {
	if s.finder.step(by) {
		return
	}
	t := s.app.Till.Ticket()
	if n := len(t.Lines); n > 0 {
		s.did(s.app.Till.Select(min(max(t.Selected+by, 0), n-1)))
	}
}

// multiplierOf reads "3*" or "3 *".
func multiplierOf(text string) (quantity string, ok bool) {
	quantity, rest, found := strings.Cut(text, "*")
	quantity = strings.TrimSpace(quantity)
	if !found || quantity == "" || strings.TrimSpace(rest) != "" || strings.Trim(quantity, "0123456789.,") != "" {
		return "", false
	}
	return quantity, true
}
