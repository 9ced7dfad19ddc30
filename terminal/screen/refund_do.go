package screen

import (
	"fyne.io/fyne/v2"
	"github.com/google/uuid"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// What the keys, the scanner and the buttons of a refund do.

func (r *refund) choosePay(kind retail.TenderKind) {
	r.kind, r.said = kind, ""
	r.show()
}

// toggle takes all that is left of a line, or nothing.
func (r *refund) toggle(i int) {
	if r.blind {
		return
	}
	r.chosen, r.said = i, ""
	r.giveUp()
	if r.takes[i] > 0 {
		r.takes[i] = 0
	} else {
		r.takes[i] = r.left[i]
	}
	r.show()
}

// change takes more or less of the chosen line: a piece, or all of what was weighed.
func (r *refund) change(by int) {
	if r.blind {
		r.said = ""
		r.more(by)
		r.show()
		return
	}
	i := r.chosen
	step := money.Quantity(money.One)
	if r.left[i]%money.One != 0 {
		step = r.left[i]
	}
	r.said = ""
	r.giveUp()
	r.takes[i] = min(max(r.takes[i]+money.Quantity(by)*step, 0), r.left[i])
	r.show()
}

func (r *refund) takeAll() {
	if r.blind {
		return
	}
	r.said = ""
	r.giveUp()
	copy(r.takes, r.left)
	r.show()
}

func (r *refund) leave() { r.app.visit(PlaceJournal) }

// give gives back what is taken; of another till's receipt, once that has answered. Who does not want to wait calls a supervisor.
func (r *refund) give() {
	switch {
	case len(r.worth.Lines) == 0:
	case !r.blind && r.away() && r.of.Hold == uuid.Nil:
		r.request()
	default:
		r.hand()
	}
}

// hand gives back what is taken, with an approval where one is needed.
func (r *refund) hand() {
	a := r.app
	var done till.Refunded
	reason := retail.Reasons(retail.DeedRefund)[r.why]
	a.approved(reason, func(by till.Approval) (err error) {
		if r.blind {
			done, err = a.Till.Return(a.ctx, r.goods, r.pay(), reason, by)
		} else {
			done, err = a.Till.Refund(a.ctx, r.of, r.parts(), r.pay(), reason, by)
		}
		return err
	}, func(err error) {
		if err != nil {
			r.giveUp()
			r.said = a.words.Error(err)
			r.show()
			a.fail(r.pane.feedback, err)
			return
		}
		a.refunded(done)
	})
}

// refunded says what to hand over, over the sale that can go on.
func (a *App) refunded(done till.Refunded) {
	w := a.words
	text := ""
	for _, t := range done.Refund.Tenders {
		if text != "" {
			text += " "
		}
		if t.Kind == retail.TenderCash {
			text += w.T("refund.hand_out", "Amount", w.money(t.Amount))
		} else {
			text += w.T("refund.to_card", "Tender", tenderName(w, t), "Amount", w.money(t.Amount))
		}
	}
	a.sell()
	a.ask(DialogSpec{
		Icon: IconOK, Colour: OK, Title: w.T("refund.done", "Code", done.Code), Text: text,
		Cancel: w.T("refund.next"), Done: func(bool) { a.stage.Close() },
	})
	var err error
	a.Background(func() { err = <-done.Printed }, func() {
		if err != nil {
			a.refreshTop() // where it is said that it is not printed
		}
	})
}

// Scanned takes one piece of the product, when the receipt has it.
func (r *refund) Scanned(code string) {
	if r.blind {
		r.bring(code)
		return
	}
	w := r.app.words
	found, err := r.app.Till.Price(r.app.ctx, code)
	if err != nil {
		r.said = w.Error(err)
		r.show()
		return
	}
	for i, l := range r.of.Sale.Lines {
		if found.Known && l.Product == found.Product.ID && r.takes[i] < r.left[i] {
			r.chosen = i
			r.change(1)
			return
		}
	}
	r.said = w.T("refund.not_on_it")
	r.show()
}

func (r *refund) Typed(c rune) {
	if r.blind && (r.typed.Text() != "" || c != '+' && c != '-') {
		r.said = ""
		r.typed.Typed(c)
		return
	}
	switch c {
	case '+':
		r.change(1)
	case '-':
		r.change(-1)
	case ' ':
		r.toggle(r.chosen)
	}
}

func (r *refund) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyEscape:
		if r.typed.Text() != "" {
			r.typed.Clear()
			return
		}
		r.leave()
	case fyne.KeyBackspace:
		r.typed.Erase()
	case fyne.KeyUp:
		r.choose(r.chosen - 1)
	case fyne.KeyDown:
		r.choose(r.chosen + 1)
	case fyne.KeyReturn, fyne.KeyEnter:
		if code := r.typed.Text(); code != "" {
			r.bring(code)
			return
		}
		r.toggle(r.chosen)
	case fyne.KeyF4:
		r.takeAll()
	case fyne.KeyF9:
		r.give()
	}
}

func (r *refund) choose(i int) {
	r.chosen, r.said = min(max(i, 0), max(r.count()-1, 0)), ""
	r.show()
}
