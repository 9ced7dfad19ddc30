package screen

import (
	"time"

	"fyne.io/fyne/v2"
	"github.com/google/uuid"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// shipments asks which of those on their way has arrived.
type shipments struct {
	app    *App
	list   []retail.Shipment
	chosen int
	said   func(*FeedbackRow)

	rows     *Rows
	none     *empty // on the left, when nothing is on its way
	hint     *empty // on the right, when something is
	head     *Label
	feedback *FeedbackRow
	send     *Button
	sent     *Button
}

func newShipments(a *App) *shipments { return &shipments{app: a} }

// onTheirWay are the shipments still to be received.
func onTheirWay(all []retail.Shipment) []retail.Shipment {
	var list []retail.Shipment
	for _, s := range all {
		if !s.Received {
			list = append(list, s)
		}
	}
	return list
}

func (s *shipments) build() (left, right fyne.CanvasObject) {
	w := s.app.words
	s.rows = NewRows(func() int { return len(s.list) }, newShipmentRow, s.showShipment)
	s.none = newEmpty(IconTruck, w.T("receive.nothing"), w.T("receive.nothing_text"))
	s.head = NewName("", 14, Muted)
	s.feedback = NewFeedbackRow()
	s.hint = newEmpty(IconTruck, w.T("receive.choose"), w.T("receive.choose_text"))
	s.send = NewButton(ButtonSpec{Icon: IconTruck, Text: w.T("receive.send"), Key: "F7", Pressed: s.startSending})
	s.sent = NewButton(ButtonSpec{Icon: IconJournal, Text: w.T("sent.title"), Key: "F6", Pressed: s.showSent})
	right = placed(fyne.NewSize(TicketWidth, 0), []fyne.CanvasObject{s.feedback, s.hint, s.send, s.sent}, func(size fyne.Size) {
		put(s.feedback, 0, 0, size.Width, feedbackHeight)
		bottom := size.Height - HeightMain - gapMedium
		put(s.hint, 0, feedbackHeight, size.Width, bottom-HeightMain-gap-feedbackHeight)
		put(s.sent, gapMedium, bottom-HeightMain-gap, size.Width-2*gapMedium, HeightMain)
		put(s.send, gapMedium, bottom, size.Width-2*gapMedium, HeightMain)
	})
	return listLeft(w, w.T("receive.title"), s.back, s.head, s.rows, s.none), right
}

// listLeft is the left side of what is done with goods: a title, the way back, and a list under its heading.
func listLeft(w *Words, name string, back func(), head *Label, lists ...fyne.CanvasObject) fyne.CanvasObject {
	title := NewLabel(name, SizeHeading, Foreground, fyne.TextAlignLeading).Bold()
	leave := NewButton(ButtonSpec{
		Icon: IconBack, Text: w.T("receive.back"), Key: w.T("key.escape"), Height: HeightInRow, Pressed: back,
	})
	ground, line := NewBox(Surface, Separator, border, radius), NewBox(Separator, Transparent, 0, 0)
	objects := append([]fyne.CanvasObject{title, leave, ground, head, line}, lists...)
	return placed(fyne.Size{}, objects, func(size fyne.Size) {
		put(title, 0, 0, 220, HeightInRow)
		width := leave.MinSize().Width + 20
		put(leave, size.Width-width, 0, width, HeightInRow)
		put(ground, 0, 58, size.Width, size.Height-58)
		put(head, 14, 59, size.Width-28, 38)
		put(line, 1, 97, size.Width-2, 1)
		for _, o := range lists {
			put(o, 1, 98, size.Width-2, size.Height-100)
		}
	})
}

func (s *shipments) refresh() {
	w := s.app.words
	all, err := s.app.Till.Shipments(s.app.ctx, mostShipments)
	if err != nil {
		s.app.Log.Error("list shipments", "err", err)
	}
	s.list = onTheirWay(all)
	s.chosen = min(s.chosen, max(len(s.list)-1, 0))
	show(s.none, len(s.list) == 0)
	show(s.rows, len(s.list) > 0)
	show(s.hint, len(s.list) > 0)
	s.rows.Update()
	s.head.SetText(w.N("receive.shipments", len(s.list)))
	if s.said != nil {
		s.said(s.feedback)
	} else {
		s.feedback.Say(IconTruck, Muted, w.T("receive.idle"), "")
	}
}

func (s *shipments) showShipment(i int, row *shipmentRow) {
	w, p := s.app.words, s.list[i]
	var units money.Quantity
	for _, l := range p.Lines {
		units += l.Quantity
	}
	at := time.UnixMilli(p.At).In(s.app.Till.Now().Location())
	when := w.T("receive.sent", "When", w.moment(at))
	if p.From != uuid.Nil {
		when = w.T("receive.sent_by", "Store", s.app.storeName(p.From), "When", w.moment(at))
	}
	row.set(shipmentLine{
		code: p.Code, when: when,
		what:   w.N("receive.lines", len(p.Lines)) + " · " + w.T("receive.units", "Quantity", w.quantity(units)),
		chosen: i == s.chosen, pressed: func() { s.begin(i) },
	})
}

// storeName is the name of another store.
func (a *App) storeName(store uuid.UUID) string {
	stores, err := a.Till.Stores(a.ctx)
	if err != nil {
		a.Log.Error("list stores", "err", err)
	}
	for _, l := range stores {
		if l.ID == store {
			return l.Name
		}
	}
	return a.words.T("send.unknown")
}

// showSent shows what was sent before.
func (s *shipments) showSent() { s.app.open(newSent(s.app)) }

// startSending puts goods together for another store.
func (s *shipments) startSending() { s.app.open(newSendTo(s.app)) }

// begin counts a shipment.
func (s *shipments) begin(i int) {
	counting, err := s.app.Till.Receive(s.app.ctx, s.list[i].ID)
	if err != nil {
		s.said = func(row *FeedbackRow) { row.Refused(s.app.words.Error(err)) }
		s.refresh()
		s.app.fail(s.feedback, err)
		return
	}
	s.app.open(newReceive(s.app, counting))
}

func (s *shipments) back() { s.app.visit(PlaceStock) }

// Scanned says what to do first: before a shipment is chosen there is nothing to count into.
func (s *shipments) Scanned(string) {
	s.said = func(row *FeedbackRow) { row.Refused(s.app.words.T("receive.choose_first")) }
	s.refresh()
}

func (s *shipments) Typed(rune) {}

func (s *shipments) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyEscape:
		s.back()
	case fyne.KeyF6:
		s.showSent()
	case fyne.KeyF7:
		s.startSending()
	case fyne.KeyUp:
		s.step(-1)
	case fyne.KeyDown:
		s.step(1)
	case fyne.KeyReturn, fyne.KeyEnter:
		if len(s.list) > 0 {
			s.begin(s.chosen)
		}
	}
}

func (s *shipments) step(by int) {
	s.chosen = max(s.chosen+by, 0)
	s.refresh()
}
