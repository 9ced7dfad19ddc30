package screen

import (
	"fyne.io/fyne/v2"
	"github.com/google/uuid"

	"comptant/shared/money"
)

// What the keys, the scanner and the buttons of a refund do.

// toggle takes all that is left of a line, or nothing.
func (r *refund) toggle(i int) {
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
	r.said = ""
	r.giveUp()
	copy(r.takes, r.left)
	r.show()
}

func (r *refund) leave() { r.app.visit(PlaceJournal) }

// give gives back what is taken; of another till's receipt, once that has answered. Who does not want to wait calls a supervisor.
func (r *refund) give() {
	if len(r.worth.Lines) > 0 && r.away() && r.of.Hold == uuid.Nil {
		r.request()
		return
	}
	r.payback.give()
}

func (r *refund) failed() { r.giveUp() }

// Scanned takes one piece of the product, when the receipt has it.
func (r *refund) Scanned(code string) {
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
		r.leave()
	case fyne.KeyUp:
		r.choose(r.chosen - 1)
	case fyne.KeyDown:
		r.choose(r.chosen + 1)
	case fyne.KeyReturn, fyne.KeyEnter:
		r.toggle(r.chosen)
	case fyne.KeyF4:
		r.takeAll()
	case fyne.KeyF9:
		r.give()
	}
}

func (r *refund) choose(i int) {
	r.chosen, r.said = min(max(i, 0), max(len(r.left)-1, 0)), ""
	r.show()
}
