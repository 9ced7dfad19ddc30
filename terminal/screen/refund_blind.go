package screen

import (
	"fyne.io/fyne/v2"

	"comptant/shared/barcode"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// goodsBack takes goods back without a receipt: found as for a sale, at today's prices unless another is agreed.
type goodsBack struct {
	payback
	products finder
	goods    []till.Good
	chosen   int

	minus, plus *Button
	quantity    *Label
	price       *Button
}

func newReturn(a *App) *goodsBack {
	g := &goodsBack{}
	g.payback = payback{app: a, what: g, kind: retail.TenderCash}
	g.products = finder{app: a, pick: g.pick}
	g.because(1)
	return g
}

func (g *goodsBack) build() (left, right fyne.CanvasObject) {
	return g.buildLeft(), g.buildPane(g.app.words.T("refund.scan"), g.choose)
}

func (g *goodsBack) buildLeft() fyne.CanvasObject {
	w := g.app.words
	title := NewLabel(w.T("refund.blind"), SizeHeading, Foreground, fyne.TextAlignLeading).Bold()
	back := NewButton(ButtonSpec{
		Icon: IconBack, Text: w.T("refund.back"), Key: w.T("key.escape"), Height: HeightInRow, Pressed: g.leave,
	})
	g.products.buildFinder()
	g.minus = NewButton(ButtonSpec{Icon: IconMinus, Pressed: func() { g.change(-1) }})
	g.plus = NewButton(ButtonSpec{Icon: IconPlus, Pressed: func() { g.change(1) }})
	g.quantity = NewLabel("", SizeHeading, Foreground, fyne.TextAlignCenter).Bold()
	g.price = NewButton(ButtonSpec{Icon: IconCash, Key: "F8", Pressed: g.askAgreed})
	why := g.buildWhy()
	objects := append([]fyne.CanvasObject{title, back, g.minus, g.quantity, g.plus, g.price, why}, g.products.objects()...)
	return placed(fyne.Size{}, objects, func(size fyne.Size) {
		put(title, 0, 0, 260, HeightInRow)
		width := back.MinSize().Width + 20
		put(back, size.Width-width, 0, width, HeightInRow)
		bottom := size.Height - heightWhy
		put(why, 0, bottom, size.Width, heightWhy)
		row := bottom - gapMedium - HeightMain
		put(g.minus, 0, row, HeightMain, HeightMain)
		put(g.quantity, HeightMain, row, 120, HeightMain)
		put(g.plus, HeightMain+120, row, HeightMain, HeightMain)
		at := float32(2*HeightMain + 120 + gapMedium)
		put(g.price, at, row, size.Width-at, HeightMain)
		g.products.put(HeightInRow+gap, size.Width, row-gap)
	})
}

func (g *goodsBack) refresh() {
	g.products.refresh()
	g.show()
}

func (g *goodsBack) show() {
	w := g.app.words
	g.chosen = min(g.chosen, max(len(g.goods)-1, 0))
	some, q, price := len(g.goods) > 0, money.Quantity(0), ""
	if some {
		q, price = g.goods[g.chosen].Quantity, w.money(g.goods[g.chosen].Each())
		g.quantity.SetText(w.quantity(q))
	} else {
		g.quantity.SetText("")
	}
	g.minus.Update(func(b *ButtonSpec) { b.Off = !some })
	g.plus.Update(func(b *ButtonSpec) { b.Off = !some || q >= till.Most || q%money.One != 0 })
	g.price.Update(func(b *ButtonSpec) { b.Off, b.Text = !some, w.T("refund.price", "Price", price) })
	g.showWorth(g.chosen)
	if g.said == "" {
		g.pane.feedback.Say(IconWarning, Warn, w.T("refund.blind_head"), w.N("refund.lines", len(g.goods)))
	}
	g.app.shell.Refresh()
}

// What a payback asks of what comes back.

func (g *goodsBack) empty() bool { return len(g.goods) == 0 }

func (g *goodsBack) worthIn(pay till.Payback) (retail.Refund, error) {
	return g.app.Till.WorthToday(g.app.ctx, g.goods, pay)
}

func (g *goodsBack) may(pay till.Payback, reason string, by till.Approval) error {
	return g.app.Till.MayReturn(g.app.ctx, g.goods, pay, reason, by)
}

func (g *goodsBack) commit(pay till.Payback, reason string, by till.Approval) (till.Refunded, error) {
	return g.app.Till.Return(g.app.ctx, g.goods, pay, reason, by)
}

func (g *goodsBack) ways() []way {
	w := g.app.words
	return []way{{retail.TenderCash, w.T("pay.cash")}, {retail.TenderCard, w.T("pay.card")}}
}

func (*goodsBack) failed() {}

// pick adds a product that was touched, in the quantity typed before it.
func (g *goodsBack) pick(p retail.Product) {
	code := p.SKU
	if q, ok := g.products.search.TakeMultiplier(); ok {
		code = q + "*" + code
	}
	g.bring(code)
}

// bring adds what a code says to the goods.
func (g *goodsBack) bring(code string) {
	w := g.app.words
	found, good, err := g.app.Till.Bring(g.app.ctx, code)
	g.said = ""
	switch {
	case err != nil:
		g.said = w.Error(err)
	case !found.Known:
		g.said = w.T("sell.unknown", "Code", barcode.Display(found.Code))
	case good.Product.OpenPrice:
		g.app.askPrice(good.Product, 0, w.T("refund.price_yes"), func(price money.Amount) {
			good.Price = price
			g.add(good)
			g.show()
		})
	default:
		g.add(good)
	}
	g.show()
}

// add puts a good on the list, or to the same that is there already at the same price.
func (g *goodsBack) add(good till.Good) {
	for i, o := range g.goods {
		if o.Product.ID == good.Product.ID && o.Price == good.Price {
			g.goods[i].Quantity = min(o.Quantity+good.Quantity, till.Most)
			g.chosen = i
			return
		}
	}
	g.goods = append(g.goods, good)
	g.chosen = len(g.goods) - 1
}

// change takes more or less of the chosen good: a piece, or all of what was weighed. None takes it off the list.
func (g *goodsBack) change(by int) {
	if len(g.goods) == 0 {
		return
	}
	g.said = ""
	good := &g.goods[g.chosen]
	step := money.Quantity(money.One)
	if good.Quantity%money.One != 0 {
		step = good.Quantity
	}
	good.Quantity = min(good.Quantity+money.Quantity(by)*step, till.Most)
	if good.Quantity <= 0 {
		g.goods = append(g.goods[:g.chosen], g.goods[g.chosen+1:]...)
	}
	g.show()
}

// askAgreed asks for the price the chosen good is taken back at; today's is proposed.
func (g *goodsBack) askAgreed() {
	if len(g.goods) == 0 {
		return
	}
	good := g.goods[g.chosen]
	g.app.askPrice(good.Product, good.Each(), g.app.words.T("refund.price_yes"), func(price money.Amount) {
		g.said = ""
		g.goods[g.chosen].Price = price
		g.show()
	})
}

func (g *goodsBack) leave() { g.app.visit(PlaceJournal) }

func (g *goodsBack) choose(i int) {
	g.chosen, g.said = min(max(i, 0), max(len(g.goods)-1, 0)), ""
	g.show()
}

func (g *goodsBack) Scanned(code string) {
	if q, ok := g.products.search.TakeMultiplier(); ok {
		code = q + "*" + code
	}
	g.bring(code)
}

// Typed goes to the search field, except + and - on an empty one: they change the chosen good.
func (g *goodsBack) Typed(r rune) {
	if g.products.typed == "" && (r == '+' || r == '-') {
		g.change(map[rune]int{'+': 1, '-': -1}[r])
		return
	}
	g.products.search.Typed(r)
}

func (g *goodsBack) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyReturn, fyne.KeyEnter:
		if code := g.products.enter(); code != "" {
			g.Scanned(code)
		}
	case fyne.KeyEscape:
		if g.products.typed == "" {
			g.leave()
			return
		}
		g.products.search.Clear()
	case fyne.KeyBackspace:
		g.products.search.Erase()
	case fyne.KeyDelete:
		g.remove()
	case fyne.KeyUp:
		g.step(-1)
	case fyne.KeyDown:
		g.step(1)
	case fyne.KeyF2:
		g.products.search.Clear()
	case fyne.KeyF8:
		g.askAgreed()
	case fyne.KeyF9:
		g.give()
	}
}

// remove takes the chosen good off the list.
func (g *goodsBack) remove() {
	if len(g.goods) > 0 {
		g.goods[g.chosen].Quantity = money.One
		g.change(-1)
	}
}

func (g *goodsBack) step(by int) {
	if !g.products.step(by) {
		g.choose(g.chosen + by)
	}
}
