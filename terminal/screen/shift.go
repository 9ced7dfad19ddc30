package screen

import (
	"time"

	"fyne.io/fyne/v2"

	"comptant/shared/retail"
	"comptant/terminal/till"
)

// mostCloses is how many Zs the list shows.
const mostCloses = 100

// shiftPage is where a shift opens and closes: the Zs at the left, the shift at the right.
type shiftPage struct {
	app    *App
	float  Entry
	closes []till.Close
	chosen int
	// x is the reading that is shown; nil for none.
	x *retail.Report
	// said is what was done last; "" before.
	said       string
	saidColour fyne.ThemeColorName

	head     *Label
	rows     *Rows
	none     *empty
	again    *Button
	train    *Button
	title    *Label
	text     *Paragraph
	box      *NumberBox
	last     *Label
	facts    [3]*fact
	factGrid *fyne.Container
	sums     *sums
	note     *Label
	opening  *fyne.Container
	open     *fyne.Container
	reading  *fyne.Container
}

func newShift(a *App) *shiftPage {
	s := &shiftPage{app: a}
	s.float = Entry{Max: 7, Digits: true, Changed: func(string) { s.show() }}
	return s
}

func (s *shiftPage) build() (left, right fyne.CanvasObject) {
	w := s.app.words
	s.head = NewName(w.T("shift.past"), 14, Muted)
	s.rows = NewRows(func() int { return len(s.closes) }, newReceiptRow, s.showClose)
	s.none = newEmpty(IconJournal, w.T("shift.past_none"), w.T("shift.past_none_text"))
	s.again = NewButton(ButtonSpec{Icon: IconPrint, Text: w.T("shift.reprint"), Key: "F8", Pressed: s.print})
	s.train = NewButton(ButtonSpec{Icon: IconPerson, Text: w.T("training.start"), Key: "F6", Pressed: s.training})
	ground := NewBox(Surface, Separator, border, radius)
	line := NewBox(Separator, Transparent, 0, 0)
	left = placed(fyne.Size{}, []fyne.CanvasObject{ground, s.head, line, s.rows, s.none, s.again, s.train}, func(size fyne.Size) {
		bottom := size.Height - HeightMain - gapMedium
		put(ground, 0, 0, size.Width, bottom)
		put(s.head, 14, 1, size.Width-28, 39)
		put(line, 1, 40, size.Width-2, 1)
		put(s.rows, 1, 41, size.Width-2, bottom-43)
		put(s.none, 1, 41, size.Width-2, bottom-43)
		half := (size.Width - gap) / 2
		put(s.again, 0, size.Height-HeightMain, half, HeightMain)
		put(s.train, half+gap, size.Height-HeightMain, half, HeightMain)
	})
	return left, s.buildRight()
}

func (s *shiftPage) buildRight() fyne.CanvasObject {
	s.title = NewName("", SizeHeading, Foreground).Bold()
	s.text = NewParagraph("", SizeBody, Muted, TicketWidth-2*gapLarge)
	s.note = NewName("", SizeBody, Muted)
	s.buildOpening()
	s.buildOpen()
	s.buildReading()
	objects := []fyne.CanvasObject{s.title, s.text, s.note, s.opening, s.open, s.reading}
	return placed(fyne.NewSize(TicketWidth, 0), objects, func(size fyne.Size) {
		inner := size.Width - 2*gapLarge
		put(s.title, gapLarge, gapMedium, inner, 32)
		put(s.text, gapLarge, 50, inner, 64)
		put(s.note, gapLarge, size.Height-36, inner, 24)
		for _, part := range []fyne.CanvasObject{s.opening, s.open, s.reading} {
			put(part, gapLarge, 116, inner, size.Height-116-44)
		}
	})
}

// buildOpening is the float and what opens the shift.
func (s *shiftPage) buildOpening() {
	w := s.app.words
	s.box = NewNumberBox(w.T("shift.float"), 28, HeightPay, nil)
	s.last = NewName("", 14, Muted)
	spec := KeypadSpec{Height: HeightPay, Target: s}
	spec.Left = NewButton(ButtonSpec{Text: "00", Size: SizeKey, Strong: true, Height: HeightPay, Pressed: func() {
		s.float.Typed('0')
		s.float.Typed('0')
	}})
	spec.Right = NewBackspace(spec, Outlined)
	pad := NewKeypad(spec)
	count := NewButton(ButtonSpec{Icon: IconCount, Text: w.T("float.count"), Key: "F7", Pressed: s.countFloat})
	open := NewButton(ButtonSpec{
		Icon: IconClock, Text: w.T("shift.open"), Key: "F9", Style: Filled, Size: SizeAmount, Height: HeightPay, Pressed: s.openShift,
	})
	s.opening = placed(fyne.Size{}, []fyne.CanvasObject{s.box, s.last, pad, count, open}, func(size fyne.Size) {
		put(s.box, 0, 0, size.Width, HeightPay)
		put(s.last, 2, HeightPay+4, size.Width-4, 24)
		put(pad, 0, HeightPay+40, size.Width, 280)
		put(count, 0, HeightPay+40+280+gapMedium, size.Width, HeightMain)
		put(open, 0, size.Height-HeightPay, size.Width, HeightPay)
	})
}

// buildOpen is what can be done in an open shift.
func (s *shiftPage) buildOpen() {
	w := s.app.words
	rows := make([]fyne.CanvasObject, len(s.facts))
	for i := range s.facts {
		s.facts[i] = newFact()
		rows[i] = s.facts[i]
	}
	s.factGrid = NewGrid(1, 0, rows...)
	in := NewButton(ButtonSpec{Icon: IconPlus, Text: w.T("shift.in"), Key: "F2", Pressed: func() { s.move(1) }})
	out := NewButton(ButtonSpec{Icon: IconMinus, Text: w.T("shift.out"), Key: "F3", Pressed: func() { s.move(-1) }})
	x := NewButton(ButtonSpec{Icon: IconSearch, Text: w.T("shift.x"), Key: "F7", Pressed: s.read})
	end := NewButton(ButtonSpec{
		Icon: IconCount, Text: w.T("shift.close"), Key: "F9", Style: Filled, Size: SizeAmount, Height: HeightPay, Pressed: s.count,
	})
	s.open = placed(fyne.Size{}, []fyne.CanvasObject{s.factGrid, in, out, x, end}, func(size fyne.Size) {
		put(s.factGrid, 0, 0, size.Width, 102)
		for i, b := range []*Button{in, out, x} {
			put(b, 0, 128+float32(i)*(HeightMain+gap), size.Width, HeightMain)
		}
		put(end, 0, size.Height-HeightPay, size.Width, HeightPay)
	})
}

// buildReading is an X on the screen.
func (s *shiftPage) buildReading() {
	w := s.app.words
	s.sums = newSums()
	s.sums.most = 28
	back := NewButton(ButtonSpec{Icon: IconBack, Text: w.T("shift.back"), Key: w.T("key.escape"), Pressed: s.back})
	paper := NewButton(ButtonSpec{Icon: IconPrint, Text: w.T("shift.print"), Key: "F8", Style: Filled, Pressed: s.print})
	s.reading = placed(fyne.Size{}, []fyne.CanvasObject{s.sums, back, paper}, func(size fyne.Size) {
		half := (size.Width - gap) / 2
		put(s.sums, 0, 0, size.Width, size.Height-HeightMain-gapLarge)
		put(back, 0, size.Height-HeightMain, half, HeightMain)
		put(paper, half+gap, size.Height-HeightMain, half, HeightMain)
	})
}

func (s *shiftPage) refresh() {
	a := s.app
	var err error
	if s.closes, err = a.Till.Closes(a.ctx, mostCloses); err != nil {
		a.Log.Error("list the Zs", "err", err)
	}
	s.chosen = min(s.chosen, max(len(s.closes)-1, 0))
	if !a.Till.Shift().Open() {
		s.x = nil
	}
	s.show()
}

func (s *shiftPage) show() {
	a, w, shift := s.app, s.app.words, s.app.Till.Shift()
	some := len(s.closes) > 0
	show(s.none, !some)
	show(s.rows, some)
	s.again.Update(func(b *ButtonSpec) { b.Off = !some || s.x != nil })
	s.train.Update(func(b *ButtonSpec) {
		b.Text = w.T("training.start")
		if a.Till.Training() {
			b.Text = w.T("training.end")
		}
	})
	s.rows.Update()
	show(s.opening, !shift.Open())
	show(s.open, shift.Open() && s.x == nil)
	show(s.reading, s.x != nil)
	switch {
	case !shift.Open():
		s.title.SetText(w.T("shift.none"))
		s.text.Set(w.T("shift.none_text"), Muted)
		s.showFloat()
	case s.x != nil:
		s.title.SetText(w.T("shift.x"))
		s.text.Set(w.T("shift.title", "Number", shift.Number), Muted)
		s.sums.set(w, figuresOf(w, s.x.Z))
	default:
		s.title.SetText(w.T("shift.title", "Number", shift.Number))
		s.text.Set("", Muted)
		if a.Till.LeftOpen() {
			s.text.Set(w.T("shift.left_open", "Day", w.day(a.local(shift.OpenedAt))), Warn)
		}
		s.facts[0].set(w.T("shift.opened"), w.moment(a.local(shift.OpenedAt)))
		s.facts[1].set(w.T("shift.date"), shift.BusinessDate.String())
		s.facts[2].set(w.T("shift.float"), w.money(shift.Float))
	}
	s.note.SetText(s.said)
	s.note.SetColour(s.saidColour)
	a.shell.Refresh()
}

// local is a time in the store's zone.
func (a *App) local(t time.Time) time.Time { return t.In(a.Till.Now().Location()) }

// showFloat shows what is typed, or suggests the last one.
func (s *shiftPage) showFloat() {
	w := s.app.words
	last, err := s.app.Till.LastFloat(s.app.ctx)
	if err != nil {
		s.app.Log.Error("read the last float", "err", err)
	}
	s.last.SetText("")
	if last > 0 {
		s.last.SetText(w.T("shift.last_float", "Amount", w.money(last)))
	}
	if s.float.Text() == "" {
		s.box.Set(w.plain(last), false)
		return
	}
	s.box.Set(w.plain(centsOf(s.float.Text())), true)
}

// figuresOf are those of an X or a Z.
func figuresOf(w *Words, z retail.ShiftClose) []sum {
	t := z.Totals
	list := []sum{
		{caption: w.T("shift.sold", "Tickets", t.Tickets), amount: t.Sold},
		{caption: w.T("shift.refunded", "Refunds", t.Refunds), amount: -t.Refunded},
		{caption: w.T("shift.voids"), number: w.number(t.Voids)},
		{caption: w.T("shift.net"), amount: t.Net(), strong: true},
		{caption: w.T("shift.before_taxes"), amount: t.Revenue},
	}
	list = append(list, chargeSums(w, t.Charges)...)
	for _, tax := range t.Taxes {
		name := tax.Name.In(w.lang())
		if name == "" {
			name = tax.Code
		}
		list = append(list, sum{caption: name + " " + tax.Rate.Format(w.lang()), amount: tax.Amount})
	}
	list = append(list, sum{caption: w.T("shift.discounts"), amount: -t.Discounts}, sum{caption: w.T("shift.rounding"), amount: t.Rounding})
	for _, p := range t.Tenders {
		name := tenderName(w, retail.Tender{Kind: p.Kind})
		list = append(list, sum{caption: name, amount: p.In - p.Out})
	}
	return append(list,
		sum{caption: w.T("shift.float"), amount: z.Float},
		sum{caption: w.T("shift.cash_in"), amount: t.CashIn},
		sum{caption: w.T("shift.cash_out"), amount: -t.CashOut},
		sum{caption: w.T("shift.expected"), amount: z.Expected, strong: true},
		sum{caption: w.T("shift.perpetual"), amount: z.Perpetual},
	)
}

func (s *shiftPage) showClose(i int, row *receiptRow) {
	w, c := s.app.words, s.closes[i]
	id := s.app.Till.Identity()
	said := w.T("closed.even")
	switch {
	case c.Z.Difference > 0:
		said = w.T("closed.over") + " " + w.money(c.Z.Difference)
	case c.Z.Difference < 0:
		said = w.T("closed.short") + " " + w.money(-c.Z.Difference)
	}
	row.set(receiptLine{
		time: w.day(s.app.local(c.At)), code: retail.ZCode(id.Store.Code, id.Number, c.Epoch, c.Z.Number), paid: said,
		amount: w.money(c.Z.Totals.Net()), chosen: i == s.chosen, pressed: func() { s.choose(i) },
	})
}

func (s *shiftPage) choose(i int) {
	s.chosen = i
	s.show()
	s.rows.Reveal(i)
}
