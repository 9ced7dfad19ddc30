package screen

import (
	"time"

	"fyne.io/fyne/v2"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// sentPage shows what this store sent to others, and whether it arrived.
type sentPage struct {
	app    *App
	list   []retail.Sent
	chosen int

	rows, lines *Rows
	none        *empty
	head        *Label
	feedback    *FeedbackRow
}

func newSent(a *App) *sentPage { return &sentPage{app: a} }

func (s *sentPage) build() (left, right fyne.CanvasObject) {
	w := s.app.words
	s.rows = NewRows(func() int { return len(s.list) }, newReceiptRow, s.showSent)
	s.none = newEmpty(IconTruck, w.T("sent.nothing"), w.T("sent.nothing_text"))
	s.head = NewName("", 14, Muted)
	s.feedback = NewFeedbackRow()
	s.lines = NewRows(func() int { return len(s.of().Lines) }, newRefundRow, s.showLine)
	right = placed(fyne.NewSize(TicketWidth, 0), []fyne.CanvasObject{s.feedback, s.lines}, func(size fyne.Size) {
		put(s.feedback, 0, 0, size.Width, feedbackHeight)
		put(s.lines, 1, feedbackHeight, size.Width-1, size.Height-feedbackHeight)
	})
	return listLeft(w, w.T("sent.title"), s.back, s.head, s.rows, s.none), right
}

// of is the chosen transfer; the zero value when there is none.
func (s *sentPage) of() retail.Sent {
	if len(s.list) == 0 {
		return retail.Sent{}
	}
	return s.list[s.chosen]
}

func (s *sentPage) refresh() {
	w := s.app.words
	var err error
	if s.list, err = s.app.Till.Transfers(s.app.ctx, mostShipments); err != nil {
		s.app.Log.Error("list transfers", "err", err)
	}
	s.chosen = min(s.chosen, max(len(s.list)-1, 0))
	some := len(s.list) > 0
	show(s.none, !some)
	show(s.rows, some)
	show(s.lines, some)
	s.rows.Update()
	s.lines.Update()
	s.head.SetText(w.N("sent.count", len(s.list)))
	if !some {
		s.feedback.Say(IconTruck, Muted, w.T("sent.title"), "")
		return
	}
	s.rows.Reveal(s.chosen)
	_, state := sentState(w, s.of())
	s.feedback.Say(IconTruck, Muted, s.of().Code(), state)
}

// sentState is where a transfer stands.
func sentState(w *Words, s retail.Sent) (Mark, string) {
	switch short, over := s.Short(), s.Over(); {
	case !s.Received:
		return MarkMoving, w.T("sent.moving")
	case short > 0:
		return MarkLow, w.T("sent.short", "Quantity", w.quantity(short))
	case over > 0:
		return MarkLow, w.T("sent.over", "Quantity", w.quantity(over))
	}
	return MarkOK, w.T("state.received")
}

func (s *sentPage) showSent(i int, row *receiptRow) {
	w, t := s.app.words, s.list[i]
	mark, state := sentState(w, t)
	var units money.Quantity
	for _, l := range t.Lines {
		units += l.Sent
	}
	row.set(receiptLine{
		time: w.day(s.app.local(time.UnixMilli(t.At))), code: t.Code(), paid: s.app.storeName(t.To),
		amount: w.quantity(units), mark: mark, waiting: state, chosen: i == s.chosen, pressed: func() { s.choose(i) },
	})
}

func (s *sentPage) showLine(i int, row *refundRow) {
	w, t := s.app.words, s.of()
	l := t.Lines[i]
	name := w.T("stock.unknown_product")
	p, ok, err := s.app.Till.ProductOf(s.app.ctx, l.Product)
	if err != nil {
		s.app.Log.Error("read a product", "err", err)
	}
	if ok {
		name = p.Name.In(w.lang())
	}
	line := refundLine{name: name, sold: w.T("sent.line", "Quantity", w.quantity(l.Sent)), pressed: func() {}}
	if t.Received {
		line.takes = w.quantity(l.Received)
	}
	row.set(line)
}

func (s *sentPage) choose(i int) {
	s.chosen = min(max(i, 0), max(len(s.list)-1, 0))
	s.refresh()
}

func (s *sentPage) back() { s.app.open(newShipments(s.app)) }

func (*sentPage) Scanned(string) {}

func (*sentPage) Typed(rune) {}

func (s *sentPage) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyEscape:
		s.back()
	case fyne.KeyUp:
		s.choose(s.chosen - 1)
	case fyne.KeyDown:
		s.choose(s.chosen + 1)
	}
}
