package screen

import (
	"fyne.io/fyne/v2"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// cardBack asks what the card terminal printed when it gave money back.
type cardBack struct {
	of     *payback
	reason string
	by     till.Approval
	fields [2]Entry
	boxes  [2]*NumberBox
	at     int
	dialog *Dialog
}

func (p *payback) askCard(reason string, by till.Approval) {
	w := p.app.words
	c := &cardBack{of: p, reason: reason, by: by}
	changed := func(string) { c.show() }
	c.fields = [2]Entry{{Max: 12, Changed: changed}, {Max: 4, Digits: true, Changed: changed}}
	var amount money.Amount
	for _, t := range p.worth.Tenders {
		if t.Kind == retail.TenderCard {
			amount += t.Amount
			c.fields[1].Set(t.LastFour)
		}
	}
	for i, key := range []string{"pay.approval", "pay.last_four"} {
		c.boxes[i] = NewNumberBox(w.T(key), SizeHeading, HeightMain, func() { c.move(i - c.at) })
	}
	spec := KeypadSpec{Order: CalculatorOrder, Height: HeightMain, Target: c}
	spec.Left = NewBackspace(spec, Quiet)
	spec.Right = NewButton(ButtonSpec{Icon: IconEnter, Size: 28, Style: Quiet, Height: HeightMain, Pressed: func() { c.answer(true) }})
	c.dialog = p.app.ask(DialogSpec{
		Icon: IconCard, Title: w.T("refund.card"), Text: w.T("refund.card_text", "Amount", w.money(amount)), Keys: c,
		Body: column(c.boxes[0], c.boxes[1], NewKeypad(spec)), Cancel: w.T("approve.cancel"), Accept: w.T("refund.card_yes"),
		Done: c.answer,
	})
	c.show()
}

func (c *cardBack) show() {
	for i, b := range c.boxes {
		b.Set(c.fields[i].Text(), i == c.at)
	}
}

func (c *cardBack) move(by int) {
	c.at = min(max(c.at+by, 0), len(c.fields)-1)
	c.show()
}

func (c *cardBack) answer(accepted bool) {
	p := c.of
	p.app.stage.Close()
	if !accepted {
		p.what.failed()
		p.what.show()
		return
	}
	pay := p.pay()
	pay.Approval, pay.LastFour = c.fields[0].Text(), c.fields[1].Text()
	done, err := p.what.commit(pay, c.reason, c.by)
	if err != nil {
		p.refused(err)
		return
	}
	p.app.refunded(done)
}

func (*cardBack) Scanned(string) {}

func (c *cardBack) Typed(r rune) { c.fields[c.at].Typed(r) }

func (c *cardBack) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyBackspace:
		c.fields[c.at].Erase()
	case fyne.KeyDelete:
		c.fields[c.at].Clear()
	case fyne.KeyUp:
		c.move(-1)
	case fyne.KeyDown, fyne.KeyTab:
		c.move(1)
	}
}
