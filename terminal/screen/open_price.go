package screen

import (
	"errors"
	"strconv"

	"fyne.io/fyne/v2"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// askPrice asks for the price of one unit of a product.
type askPrice struct {
	app    *App
	today  money.Amount
	done   func(money.Amount)
	digits Entry
	box    *NumberBox
	dialog *Dialog
}

// priceAsked says that a product is not on the ticket because its price is to be asked.
func priceAsked(err error) (p retail.Product, q money.Quantity, ok bool) {
	seen := (*retail.Error)(nil)
	if !errors.As(err, &seen) || seen.Key != till.KeyAskPrice {
		return p, 0, false
	}
	p, ok = seen.Args["product"].(retail.Product)
	q, _ = seen.Args["quantity"].(money.Quantity)
	return p, q, ok
}

func (s *sell) askPrice(product retail.Product, q money.Quantity) {
	s.app.askPrice(product, 0, s.app.words.T("price.yes"), func(price money.Amount) {
		s.added(product, s.app.Till.AddAt(s.app.ctx, product, q, price))
	})
}

// askPrice asks for a price and proposes one, unless it is 0; yes is the word that takes it.
func (a *App) askPrice(product retail.Product, today money.Amount, yes string, done func(money.Amount)) {
	w := a.words
	p := &askPrice{app: a, today: today, done: done, box: NewNumberBox("", SizeHeading, HeightMain, nil)}
	p.digits = Entry{Max: 7, Digits: true, Changed: func(string) { p.show() }}
	spec := KeypadSpec{Order: CalculatorOrder, Height: HeightMain, Target: p}
	spec.Left = NewBackspace(spec, Quiet)
	spec.Right = NewButton(ButtonSpec{Icon: IconEnter, Size: 28, Style: Quiet, Height: HeightMain, Pressed: func() { p.answer(true) }})
	p.dialog = a.ask(DialogSpec{
		Icon: IconCash, Title: w.T("price.title"), Text: product.Name.In(w.lang()), Body: column(p.box, NewKeypad(spec)), Keys: p,
		Cancel: w.T("approve.cancel"), Accept: yes, Done: p.answer,
	})
	p.show()
}

// price is what was typed, or what is proposed; ok is false when there is neither.
func (p *askPrice) price() (price money.Amount, ok bool) {
	n, err := strconv.ParseInt(p.digits.Text(), 10, 64)
	if p.digits.Text() == "" {
		return p.today, p.today != 0
	}
	return money.Amount(n), err == nil && (n > 0 || p.today == 0)
}

func (p *askPrice) show() {
	price, ok := p.price()
	p.box.Set(p.app.words.money(price), true)
	p.dialog.Allow(ok)
}

func (p *askPrice) answer(accepted bool) {
	price, ok := p.price()
	if accepted && !ok {
		return
	}
	p.app.stage.Close()
	if accepted {
		p.done(price)
	}
}

func (*askPrice) Scanned(string) {}

func (p *askPrice) Typed(r rune) { p.digits.Typed(r) }

func (p *askPrice) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyBackspace:
		p.digits.Erase()
	case fyne.KeyDelete:
		p.digits.Clear()
	}
}
