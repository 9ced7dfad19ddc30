package screen

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"github.com/google/uuid"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// orders are those of the shop that this store prepares and hands over.
type orders struct {
	app    *App
	typed  string
	list   []till.Order
	chosen uuid.UUID
	lines  []till.OrderLine
	said   func(*FeedbackRow)

	search *SearchField
	count  *Label
	age    *Label
	rows   *Rows
	none   *empty
	detail *orderDetail
}

func newOrders(a *App) *orders { return &orders{app: a} }

func (o *orders) build() (left, right fyne.CanvasObject) {
	w := o.app.words
	o.search = NewSearchField(w.T("orders.search"), "F2", o.look)
	o.search.SetText(o.typed)
	o.count = NewName("", 14, Muted)
	o.age = NewLabel("", 14, Warn, fyne.TextAlignTrailing).Bold()
	o.rows = NewRows(func() int { return len(o.list) }, newOrderRow, o.showOrder)
	o.none = newEmpty(IconOrders, "", "")
	o.detail = newOrderDetail(w, o)
	ground, line := NewBox(Surface, Separator, border, radius), NewBox(Separator, Transparent, 0, 0)
	objects := []fyne.CanvasObject{o.search, ground, o.count, o.age, line, o.rows, o.none}
	return placed(fyne.Size{}, objects, func(size fyne.Size) {
		put(o.search, 0, 0, size.Width, HeightMain)
		top := float32(HeightMain + gap)
		put(ground, 0, top, size.Width, size.Height-top)
		age := o.age.Width()
		put(o.count, 14, top+1, max(0, size.Width-28-age-gap), 38)
		put(o.age, size.Width-14-age, top+1, age, 38)
		put(line, 1, top+39, size.Width-2, 1)
		for _, list := range []fyne.CanvasObject{o.rows, o.none} {
			put(list, 1, top+40, size.Width-2, size.Height-top-42)
		}
	}), o.detail.content
}

func (o *orders) refresh() {
	a := o.app
	var err error
	if o.list, err = a.Till.Orders(a.ctx, o.typed); err != nil {
		a.Log.Error("list orders", "err", err)
	}
	if _, ok := o.at(); !ok {
		o.chosen = uuid.Nil
		if len(o.list) > 0 {
			o.chosen = o.list[0].ID
		}
	}
	o.show()
}

// at is the chosen order.
func (o *orders) at() (till.Order, bool) {
	for _, order := range o.list {
		if order.ID == o.chosen {
			return order, true
		}
	}
	return till.Order{}, false
}

func (o *orders) look(text string) {
	o.typed, o.said = text, nil
	o.refresh()
}

func (o *orders) choose(id uuid.UUID) {
	o.chosen, o.said = id, nil
	o.show()
}

func (o *orders) show() {
	a, w := o.app, o.app.words
	order, some := o.at()
	o.lines = nil
	if some {
		var err error
		if o.lines, err = a.Till.OrderLines(a.ctx, order); err != nil {
			a.Log.Error("read the lines of an order", "err", err)
		}
	}
	o.rows.Update()
	o.count.SetText(w.N("orders.count", len(o.list)))
	o.age.SetText(o.howOld())
	switch {
	case o.typed != "":
		o.none.set(IconSearch, w.T("orders.not_found"), w.T("orders.not_found_text"))
	default:
		o.none.set(IconOrders, w.T("orders.none"), w.T("orders.none_text"))
	}
	show(o.none, !some)
	show(o.rows, some)
	o.detail.show(order, some)
}

// howOld says of which moment the list is, when headquarters is out of reach; "" while it is not.
func (o *orders) howOld() string {
	w := o.app.words
	at, old := o.app.Till.OrdersAsOf()
	switch {
	case !old:
		return ""
	case at.Unix() <= 0:
		return w.T("orders.old")
	}
	return w.T("orders.as_of", "When", o.app.when(at))
}

func (o *orders) showOrder(i int, r *orderRow) {
	w, order := o.app.words, o.list[i]
	mark, tag := orderState(w, o.app, order)
	about := []string{w.N("ticket.items", pieces(order.Lines)), w.ago(o.app.Till.Now().Sub(time.UnixMilli(order.At)))}
	if order.Name != "" {
		about = append([]string{order.Name}, about...)
	}
	r.set(orderRowLine{
		code: order.Code, about: strings.Join(about, " · "), mark: mark, tag: tag, chosen: order.ID == o.chosen,
		pressed: func() { o.choose(order.ID) },
	})
}

// orderState is where an order stands, and what is to be done.
func orderState(w *Words, a *App, o till.Order) (Mark, string) {
	switch o.State {
	case retail.OrderConfirmed:
		if o.Until == 0 {
			return MarkStale, w.T("orders.to_accept")
		}
		return MarkStale, w.T("orders.accept_by", "When", a.when(time.UnixMilli(o.Until)))
	case retail.OrderAccepted:
		return MarkNeutral, w.T("orders.to_pick")
	case retail.OrderPicking:
		if o.Found == 0 {
			return MarkNeutral, w.T("orders.picking")
		}
		return MarkNeutral, w.T("orders.picked", "Found", w.quantity(o.Found), "Units", w.quantity(o.Units()))
	case retail.OrderReady:
		return MarkOK, w.T("orders.is_ready")
	}
	return MarkWaiting, w.T("orders.is_short")
}

// pieces counts the articles of lines as a person does: what is weighed is one.
func pieces(lines []retail.Line) (n int) {
	for _, l := range lines {
		if l.Quantity%money.One != 0 {
			n++
		} else {
			n += int(l.Quantity / money.One)
		}
	}
	return n
}

func (o *orders) failed(err error) {
	o.refresh()
	o.tell(func(row *FeedbackRow) { row.Refused(o.app.words.Error(err)) })
	o.app.fail(o.detail.feedback, err)
}

func (o *orders) tell(said func(*FeedbackRow)) {
	o.said = said
	o.show()
}

// Scanned finds the order of which the customer shows the number, and hands it over when it is ready.
func (o *orders) Scanned(code string) {
	order, err := o.app.Till.OrderByCode(o.app.ctx, code)
	if err != nil {
		o.failed(err)
		return
	}
	o.typed = ""
	o.search.SetText("")
	o.chosen, o.said = order.ID, nil
	o.refresh()
	if order.State == retail.OrderReady {
		o.handOver()
	}
}

func (o *orders) Typed(r rune) { o.search.Typed(r) }

func (o *orders) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyBackspace:
		o.search.Erase()
	case fyne.KeyF2:
		o.search.Clear()
	case fyne.KeyF7:
		o.pick(retail.OrderShort)
	case fyne.KeyF8:
		o.handOver()
	case fyne.KeyF9: // and not Enter: one press too many in the dialog must not answer the next order
		o.main()
	case fyne.KeyEscape:
		if o.typed == "" {
			o.app.sell()
			return
		}
		o.search.Clear()
	case fyne.KeyUp:
		o.step(-1)
	case fyne.KeyDown:
		o.step(1)
	}
}

func (o *orders) step(by int) {
	for i, order := range o.list {
		if order.ID == o.chosen {
			at := min(max(i+by, 0), len(o.list)-1)
			o.choose(o.list[at].ID)
			o.rows.Reveal(at)
			return
		}
	}
}
