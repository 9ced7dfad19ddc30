package screen

import (
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// Goods that come back without a receipt: the screen of a refund, with what is scanned in the place of a receipt's lines.

func newReturn(a *App) *refund {
	r := &refund{app: a, blind: true, kind: retail.TenderCash}
	r.of.Code = a.words.T("refund.blind")
	r.typed = Entry{Max: 20, Changed: func(string) { r.show() }}
	r.because(1)
	return r
}

// hint says what to do first.
func (r *refund) hint() string {
	if r.blind {
		return r.app.words.T("refund.scan")
	}
	return r.app.words.T("refund.choose")
}

// count is how many rows there are.
func (r *refund) count() int {
	if r.blind {
		return len(r.goods)
	}
	return len(r.left)
}

// taken is how much of the chosen row comes back, and how much may.
func (r *refund) taken() (takes, most money.Quantity) {
	switch {
	case r.blind && len(r.goods) == 0:
		return 0, 0
	case r.blind:
		return r.goods[r.chosen].Quantity, till.Most
	}
	return r.takes[r.chosen], r.left[r.chosen]
}

// bring adds a product to the goods.
func (r *refund) bring(code string) {
	w := r.app.words
	r.typed.Set("")
	found, err := r.app.Till.Price(r.app.ctx, code)
	switch {
	case err != nil:
		r.said = w.Error(err)
	case !found.Known:
		r.said = w.T("sell.unknown", "Code", found.Code)
	default:
		r.said = ""
		r.add(found.Product)
	}
	r.show()
}

func (r *refund) add(p retail.Product) {
	for i, g := range r.goods {
		if g.Product.ID == p.ID {
			r.chosen = i
			r.more(1)
			return
		}
	}
	r.goods = append(r.goods, till.Good{Product: p, Quantity: money.One})
	r.chosen = len(r.goods) - 1
}

// more changes how many of the chosen product come back; none takes it off the list.
func (r *refund) more(by int) {
	if len(r.goods) == 0 {
		return
	}
	g := &r.goods[r.chosen]
	g.Quantity = min(g.Quantity+money.Quantity(by)*money.One, till.Most)
	if g.Quantity <= 0 {
		r.goods = append(r.goods[:r.chosen], r.goods[r.chosen+1:]...)
	}
}

// showGood fills the row of a product that came back.
func (r *refund) showGood(i int, row *refundRow) {
	w, g := r.app.words, r.goods[i]
	row.set(refundLine{
		name: g.Product.Name.In(w.lang()), sold: w.T("refund.today", "Price", w.money(g.Product.Price)),
		takes: "−" + w.quantity(g.Quantity), chosen: i == r.chosen, pressed: func() { r.choose(i) },
	})
}
