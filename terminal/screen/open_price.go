package screen

import (
	"errors"
	"strconv"

	"fyne.io/fyne/v2"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// askPrice asks for the price of a product that has none of its own.
type askPrice struct {
	sell    *sell
	product retail.Product
	q       money.Quantity
	digits  Entry
	box     *NumberBox
	dialog  *Dialog
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
	w := s.app.words
	p := &askPrice{sell: s, product: product, q: q, box: NewNumberBox("", SizeHeading, HeightMain, nil)}
	p.digits = Entry{Max: 7, Digits: true, Changed: func(string) { p.show() }}
	spec := KeypadSpec{Order: CalculatorOrder, Height: HeightMain, Target: p}
	spec.Left = NewBackspace(spec, Quiet)
	spec.Right = NewButton(ButtonSpec{Icon: IconEnter, Size: 28, Style: Quiet, Height: HeightMain, Pressed: func() { p.answer(true) }})
	p.dialog = s.app.ask(DialogSpec{
		Icon: IconCash, Title: w.T("price.title"), Text: product.Name.In(w.lang()), Body: column(p.box, NewKeypad(spec)), Keys: p,
		Cancel: w.T("approve.cancel"), Accept: w.T("price.yes"), Done: p.answer,
	})
	p.show()
}

func (p *askPrice) price() (money.Amount, bool) {
	n, err := strconv.ParseInt(p.digits.Text(), 10, 64)
	return money.Amount(n), err == nil
}

func (p *askPrice) show() {
	price, ok := p.price()
	p.box.Set(p.sell.app.words.money(price), true)
	p.dialog.Allow(ok)
}

func (p *askPrice) answer(accepted bool) {
	a := p.sell.app
	price, ok := p.price()
	if accepted && !ok {
		return
	}
	a.stage.Close()
	if accepted {
		p.sell.added(p.product, a.Till.AddAt(a.ctx, p.product, p.q, price))
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
