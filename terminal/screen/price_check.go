package screen

import (
	"fyne.io/fyne/v2"

	"comptant/shared/barcode"
	"comptant/terminal/till"
)

// priceCheck tells price and stock of what is scanned, or typed as a code, and adds nothing. It stays until it is closed.
type priceCheck struct {
	app    *App
	typed  Entry
	box    *NumberBox
	facts  [3]*fact
	dialog *Dialog
}

// check opens the panel of F6.
func (s *sell) check() {
	a, w := s.app, s.app.words
	p := &priceCheck{app: a, box: NewNumberBox("", SizeHeading, HeightPay, nil)}
	p.typed = Entry{Max: 20, Changed: func(text string) { p.box.Set(text, text != "") }}
	rows := []fyne.CanvasObject{p.box}
	for i := range p.facts {
		p.facts[i] = newFact()
		rows = append(rows, p.facts[i])
	}
	p.dialog = a.ask(DialogSpec{
		Icon: IconSearch, Title: w.T("check.title"), Text: w.T("check.text"), Body: column(rows...), Keys: p,
		Cancel: w.T("dialog.close"), Done: func(bool) { a.stage.Close() },
	})
	p.tell(till.ProductStock{})
}

// tell writes what is known of a product's stock.
func (p *priceCheck) tell(s till.ProductStock) {
	w := p.app.words
	here, depot, coming := w.T("status.none"), w.T("status.none"), w.T("status.none")
	switch {
	case s.Product.MadeHere:
		here = w.T("stock.made_here")
	case s.Stock.Known:
		here = w.quantity(s.Stock.Here) + " · " + w.ago(s.HereAge)
		coming = w.quantity(s.Stock.InTransit)
	}
	if !s.Stock.DepotAt.IsZero() {
		depot = w.quantity(s.Stock.Depot) + " · " + w.ago(s.DepotAge)
	}
	p.facts[0].set(w.T("check.here"), here)
	p.facts[1].set(w.T("check.depot"), depot)
	p.facts[2].set(w.T("check.coming"), coming)
}

// Scanned looks a code up.
func (p *priceCheck) Scanned(code string) {
	a, w := p.app, p.app.words
	p.typed.Set("")
	found, err := a.Till.Price(a.ctx, code)
	if err == nil && found.Known {
		var stock till.ProductStock
		if stock, err = a.Till.Stock(a.ctx, found.Product.ID); err == nil {
			p.dialog.Say(oneLine(found.Product.Name.In(w.lang())), Foreground)
			p.box.Set(w.money(stock.Product.Price), false)
			p.tell(stock)
			return
		}
	}
	text := w.T("sell.unknown", "Code", barcode.Display(found.Code))
	if err != nil {
		text = w.Error(err)
	}
	p.dialog.Say(text, Bad)
	p.box.Set("", false)
	p.tell(till.ProductStock{})
}

func (p *priceCheck) Typed(r rune) { p.typed.Typed(r) }

func (p *priceCheck) Pressed(key fyne.KeyName) {
	switch {
	case isEnter(key) && p.typed.Text() != "":
		p.Scanned(p.typed.Text())
	case key == fyne.KeyBackspace:
		p.typed.Erase()
	case key == fyne.KeyDelete:
		p.typed.Clear()
	}
}
