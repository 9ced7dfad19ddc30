package screen

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// restockHeight is how high the box of the request is, in dp.
const restockHeight = 148

// restockBox offers to ask the warehouse for goods when there are too few, and shows how the number came about.
type restockBox struct {
	widget.BaseWidget
	page        *stock
	words       *Words
	box         *Box
	icon        *Glyph
	title, text *Label
	minus, plus *Button
	number      *Label
	cases       *Label
	ask         *Button
}

func newRestockBox(w *Words, page *stock) *restockBox {
	r := &restockBox{
		page: page, words: w,
		box:    NewBox(Surface, Separator, border, radius),
		icon:   NewGlyph(IconWarning, 22, Warn),
		title:  NewName("", SizeAmount, Foreground).Bold(),
		text:   NewName("", 14, Muted),
		minus:  NewButton(ButtonSpec{Icon: IconMinus, Pressed: func() { page.change(-1) }}),
		plus:   NewButton(ButtonSpec{Icon: IconPlus, Pressed: func() { page.change(1) }}),
		number: NewLabel("", 26, Foreground, fyne.TextAlignCenter).Bold(),
		cases:  NewLabel("", SizeCaption, Muted, fyne.TextAlignCenter),
		ask:    NewButton(ButtonSpec{Icon: IconTruck, Style: Filled, Size: 18, Pressed: page.ask}),
	}
	r.ExtendBaseWidget(r)
	return r
}

// show writes one of: nothing is missing, it was asked for already, or how much to ask for.
func (r *restockBox) show() {
	w, p := r.words, r.page.product
	offer := false
	switch q, l, asked := r.page.asked(p.ID); {
	case p.MadeHere:
		r.say("", Muted, w.T("restock.made_here"), w.T("restock.made_here_text"))
	case !p.Stock.Known:
		r.say(IconPending, Muted, w.T("restock.not_known"), w.T("restock.not_known_text"))
	case asked:
		at := time.UnixMilli(q.At).In(r.page.app.Till.Now().Location())
		_, state := requestState(w, q.State)
		r.say(IconOK, OK, w.T("restock.asked", "Quantity", w.quantity(l.Asked)),
			w.T("restock.asked_text", "When", w.moment(at), "State", state))
	case p.Restock:
		offer = true
		r.say(IconWarning, Warn, w.T("restock.below", "Threshold", w.quantity(p.Stock.RestockBelow), "Here", w.quantity(p.Stock.Here)), r.arithmetic())
	default:
		r.say(IconOK, OK, w.T("restock.enough"), w.T("restock.enough_text", "Threshold", w.quantity(p.Stock.RestockBelow)))
	}
	for _, o := range []fyne.CanvasObject{r.minus, r.plus, r.number, r.cases, r.ask} {
		show(o, offer)
	}
	if offer {
		q, pack := r.page.quantity(), r.page.pack()
		r.number.SetText(w.quantity(q))
		r.cases.SetText("")
		if p.Pack > 1 {
			r.cases.SetText(w.N("restock.cases", int(q/pack)))
		}
		r.minus.Update(func(b *ButtonSpec) { b.Off = q <= pack })
		r.ask.Update(func(b *ButtonSpec) { b.Text = w.T("restock.ask", "Quantity", w.quantity(q)) })
	}
	r.Refresh()
}

func (r *restockBox) say(icon Icon, colour fyne.ThemeColorName, title, text string) {
	r.icon.Set(icon, colour)
	r.title.SetText(title)
	r.title.SetColour(colour)
	r.text.SetText(text)
}

// arithmetic is how the suggestion came about, so that a person can follow it.
func (r *restockBox) arithmetic() string {
	w, s := r.words, r.page.product.Suggestion
	args := []any{
		"PerDay", w.rate(s.PerDay), "Here", w.quantity(s.OnHand), "Transit", w.quantity(s.InTransit),
		"Need", w.quantity(s.Need), "Pack", s.Pack,
	}
	if s.Pack > 1 {
		return w.N("restock.sum_cases", s.Packs, args...)
	}
	return w.T("restock.sum", args...)
}

func (r *restockBox) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{r.box, r.icon, r.title, r.text, r.minus, r.plus, r.number, r.cases, r.ask}
	return widget.NewSimpleRenderer(placed(fyne.NewSize(0, restockHeight), objects, func(size fyne.Size) {
		put(r.box, 0, 0, size.Width, size.Height)
		top := float32(12)
		if !r.ask.Visible() {
			top = (size.Height - 50) / 2
		}
		x := float32(14)
		if r.icon.icon != "" {
			put(r.icon, 14, top+2, 22, 22)
			x = 44
		}
		put(r.title, x, top, size.Width-x-14, 26)
		put(r.text, 14, top+28, size.Width-28, 22)
		row := size.Height - 14 - HeightMain
		put(r.minus, 14, row, 64, HeightMain)
		if r.cases.full == "" {
			put(r.number, 78, row, 112, HeightMain)
		} else {
			put(r.number, 78, row, 112, 36)
		}
		put(r.cases, 78, row+36, 112, 20)
		put(r.plus, 190, row, 64, HeightMain)
		put(r.ask, 262, row, size.Width-262-14, HeightMain)
	}))
}
