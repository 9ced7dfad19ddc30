package screen

import (
	"strconv"

	"fyne.io/fyne/v2"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// What the keys and the buttons of the payment do.

// choose turns to cash or card; what was typed for the other is forgotten.
func (p *pay) choose(kind retail.TenderKind) {
	p.kind = kind
	p.forget()
	p.show()
}

func (p *pay) forget() {
	p.field, p.refused = fieldAmount, ""
	p.amount.Set("")
	p.approval.Set("")
	p.lastFour.Set("")
}

func (p *pay) enterField(field int) {
	p.field = field
	p.show()
}

func (p *pay) setAmount(a money.Amount) {
	p.amount.Set(strconv.FormatInt(int64(a), 10))
	p.refused = ""
	p.show()
}

func (p *pay) entry() *Entry {
	switch p.field {
	case fieldApproval:
		return &p.approval
	case fieldLastFour:
		return &p.lastFour
	}
	return &p.amount
}

// hundred is the key 00.
func (p *pay) hundred() {
	p.Typed('0')
	p.Typed('0')
}

// tender takes what is offered. The turn is that of the payment on the screen: a second press finds it taken.
func (p *pay) tender() {
	a := p.app
	var err error
	if p.kind == retail.TenderCard {
		p.payment, err = a.Till.TenderCard(a.ctx, p.payment.Turn, p.offered(), p.approval.Text(), p.lastFour.Text())
	} else {
		p.payment, err = a.Till.TenderCash(a.ctx, p.payment.Turn, p.offered())
	}
	if err != nil {
		p.refused = a.words.Error(err)
		p.refresh()
		a.fail(p.pane.feedback, err)
		return
	}
	if p.payment.Sold != nil {
		a.open(newChange(a, p.payment.Sold))
		return
	}
	p.kind = retail.TenderCash
	p.forget()
	p.refresh()
}

// back returns to the ticket, unless money has moved.
func (p *pay) back() {
	if err := p.app.Till.CancelPayment(); err != nil {
		p.refused = p.app.words.Error(err)
		p.show()
		return
	}
	p.app.sell()
}

// Scanned refuses: during a payment the ticket does not change, and a code is never an amount.
func (p *pay) Scanned(string) {
	p.refused = p.app.words.Error(&retail.Error{Code: retail.Conflict, Key: till.KeyFrozen})
	p.show()
}

func (p *pay) Typed(r rune) {
	e := p.entry()
	if p.field == fieldAmount && e.Text() == "" && r == '0' {
		return // a leading zero says nothing
	}
	p.refused = ""
	e.Typed(r)
}

func (p *pay) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyReturn, fyne.KeyEnter:
		p.tender()
	case fyne.KeyEscape:
		p.escape()
	case fyne.KeyBackspace:
		p.entry().Erase()
	case fyne.KeyDelete:
		p.entry().Clear()
	case fyne.KeyLeft, fyne.KeyRight:
		kind := retail.TenderCash
		if key == fyne.KeyRight {
			kind = retail.TenderCard
		}
		p.choose(kind)
	case fyne.KeyTab, fyne.KeyDown:
		p.step(1)
	case fyne.KeyUp:
		p.step(-1)
	}
}

// step goes to another field of the card.
func (p *pay) step(by int) {
	if p.kind == retail.TenderCard {
		p.enterField((p.field + by + 3) % 3)
	}
}

func (p *pay) escape() {
	if p.amount.Text() != "" || p.refused != "" {
		p.forget()
		p.show()
		return
	}
	p.back()
}
