package screen

import (
	"fyne.io/fyne/v2"
	"github.com/google/uuid"

	"comptant/shared/barcode"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// How many products the screen asks for: more than fit help nobody find one.
const (
	mostTiles   = 500
	mostResults = 60
)

// sell is where a sale is made: what can be sold at the left, the ticket at the right.
type sell struct {
	app        *App
	categories []retail.Category
	category   uuid.UUID // uuid.Nil for the favourites
	tiles      []till.Found
	typed      string
	results    []till.Found
	total      int
	chosen     int // result that Enter adds
	// said is what the feedback row says; nil for how much is on the ticket.
	said func(*FeedbackRow)

	search   *SearchField
	chips    *chips
	grid     *Tiles
	found    *Rows
	list     *fyne.Container // around found
	hint     *Label
	none     *empty
	price    *Button
	hold     *Button
	recall   *Button
	drawer   *Button
	discount *Button
	clear    *Button
	customer *Button
	pane     *ticketPane
	minus    *Button
	plus     *Button
	remove   *Button
	quantity *Label
	pay      *Button
}

func newSell(a *App) *sell { return &sell{app: a} }

func (s *sell) build() (left, right fyne.CanvasObject) {
	return s.buildLeft(), s.buildRight()
}

func (s *sell) buildLeft() fyne.CanvasObject {
	w := s.app.words
	s.search = NewSearchField(w.T("sell.search"), "F2", s.look)
	s.search.SetText(s.typed)
	s.chips = newChips(s.choose)
	s.grid = NewTiles(func() int { return len(s.tiles) }, func(i int, t *Tile) {
		p := s.tiles[i]
		t.Set(p.Name.In(w.lang()), p.Category.String(), w.plain(p.Price), func() { s.add(p.Product) })
	})
	s.found = NewRows(func() int { return len(s.results) }, NewResultRow, func(i int, r *ResultRow) {
		f := resultOf(w, s.results[i])
		f.Found, f.Selected = s.typed, i == s.chosen
		f.Pressed = func() { s.take(i) }
		r.Set(f)
	})
	s.hint = NewName(w.T("sell.hint"), SizeCaption, Muted)
	s.none = newEmpty(IconSearch, "", "")
	s.price = NewButton(ButtonSpec{Text: w.T("sell.price"), Size: 14, Key: "F6", Under: true, Pressed: s.check})
	s.hold = NewButton(ButtonSpec{Text: w.T("sell.hold"), Size: 14, Key: "F4", Under: true, Pressed: s.holdTicket})
	s.recall = NewButton(ButtonSpec{Text: w.T("sell.recall"), Size: 14, Key: "F5", Under: true, Pressed: s.recallTicket})
	s.drawer = NewButton(ButtonSpec{Text: w.T("sell.drawer"), Size: 14, Key: "F7", Under: true, Pressed: s.openDrawer})
	s.discount = NewButton(ButtonSpec{Text: w.T("sell.discount"), Size: 14, Key: "F8", Under: true, Pressed: s.adjust})
	s.clear = NewButton(ButtonSpec{
		Text: w.T("sell.clear"), Size: 14, Key: w.T("key.escape"), Under: true, Pressed: s.drop,
	})
	s.customer = NewButton(ButtonSpec{Text: w.T("sell.customer"), Size: 14, Key: "F3", Under: true, Pressed: s.askCustomer})
	keys := NewGrid(7, gap, s.customer, s.hold, s.recall, s.price, s.drawer, s.discount, s.clear)
	ground := NewBox(Surface, Separator, border, radius)
	line := NewBox(Separator, Transparent, 0, 0)
	s.list = placed(fyne.Size{}, []fyne.CanvasObject{ground, s.hint, line, s.found}, func(size fyne.Size) {
		put(ground, 0, 0, size.Width, size.Height)
		put(s.hint, 14, 1, size.Width-28, 39)
		put(line, 1, 40, size.Width-2, 1)
		put(s.found, 1, 41, size.Width-2, size.Height-43)
	})
	return placed(fyne.Size{}, []fyne.CanvasObject{s.search, s.chips, s.grid, s.list, s.none, keys}, func(size fyne.Size) {
		bottom := size.Height - HeightMain - gap - 1
		put(s.search, 0, 0, size.Width, HeightMain)
		put(s.chips, 0, 64, size.Width, HeightInRow)
		s.grid.Put(0, 120, size.Width, bottom-120)
		put(s.list, 0, 64, size.Width, bottom-64)
		put(s.none, 0, 120, size.Width, bottom-120)
		put(keys, 0, size.Height-HeightMain, size.Width, HeightMain)
	})
}

func (s *sell) buildRight() fyne.CanvasObject {
	w := s.app.words
	s.pane = newTicketPane(w, func(line int) { s.did(s.app.Till.Select(line)) })
	s.minus = NewButton(ButtonSpec{Icon: IconMinus, Pressed: func() { s.change(-1) }})
	s.plus = NewButton(ButtonSpec{Icon: IconPlus, Pressed: func() { s.change(1) }})
	s.remove = NewButton(ButtonSpec{
		Icon: IconDelete, Text: w.T("sell.remove"), Key: w.T("key.delete"), Pressed: s.removeLine,
	})
	s.quantity = NewLabel("", SizeHeading, Foreground, fyne.TextAlignCenter).Bold()
	actions := placed(fyne.Size{}, []fyne.CanvasObject{s.minus, s.quantity, s.plus, s.remove}, func(size fyne.Size) {
		put(s.minus, 0, 0, HeightMain, HeightMain)
		put(s.quantity, HeightMain, 0, 88, HeightMain)
		put(s.plus, HeightMain+88, 0, HeightMain, HeightMain)
		put(s.remove, 208, 0, size.Width-208, HeightMain)
	})
	s.pay = NewButton(ButtonSpec{
		Text: w.T("sell.pay"), Key: "F9", Style: Filled, Size: 22, Height: HeightPay, Pressed: s.startPayment,
	})
	return s.pane.with(actions, s.pay)
}

// refresh shows the catalogue and the ticket as they are now.
func (s *sell) refresh() {
	a := s.app
	var err error
	if s.categories, err = a.Till.Categories(a.ctx); err != nil {
		a.Log.Error("list categories", "err", err)
	}
	s.load()
	if s.category == uuid.Nil && len(s.tiles) == 0 && len(s.categories) > 0 {
		s.category = s.categories[0].ID
		s.load()
	}
	s.find()
	s.showTicket()
}

func (s *sell) load() {
	tiles, err := s.app.Till.Tiles(s.app.ctx, s.category, mostTiles)
	if err != nil {
		s.app.Log.Error("list products", "err", err)
	}
	s.tiles = tiles
}

// choose turns to a page of tiles; 0 is that of the favourites.
func (s *sell) choose(i int) {
	s.category = uuid.Nil
	if i > 0 {
		s.category = s.categories[i-1].ID
	}
	s.load()
	s.showProducts()
}

// look takes what is typed into the search field.
func (s *sell) look(text string) {
	s.typed, s.chosen = text, 0
	s.find()
}

func (s *sell) find() {
	s.results, s.total = nil, 0
	if s.typed != "" && !s.multiplier() {
		var err error
		if s.results, s.total, err = s.app.Till.Search(s.app.ctx, s.typed, mostResults); err != nil {
			s.app.Log.Error("search", "err", err)
		}
		s.chosen = min(s.chosen, max(len(s.results)-1, 0))
	}
	s.showProducts()
}

// multiplier says that what is typed is a quantity for the next item: "3*".
func (s *sell) multiplier() bool {
	_, ok := multiplierOf(s.typed)
	return ok
}

// showProducts shows tiles, or results while something is typed, or why there are none.
func (s *sell) showProducts() {
	w := s.app.words
	looking := s.typed != "" && !s.multiplier()
	names, chosen := []string{w.T("sell.favourites")}, 0
	for i, c := range s.categories {
		names = append(names, c.Name.In(w.lang()))
		if c.ID == s.category {
			chosen = i + 1
		}
	}
	s.chips.set(names, chosen)
	show(s.chips, !looking && len(s.categories) > 0)
	show(s.grid, !looking && len(s.tiles) > 0)
	show(s.list, looking && len(s.results) > 0)
	s.search.Note(s.note())
	s.explainNothing(looking)
	s.grid.Update()
	s.found.Update()
	if len(s.results) > 0 {
		s.found.Reveal(s.chosen)
	}
}

func (s *sell) note() string {
	w := s.app.words
	if q, ok := multiplierOf(s.typed); ok {
		return w.T("sell.times", "Quantity", q)
	}
	if s.total > len(s.results) {
		return w.T("sell.some", "Shown", len(s.results), "Total", w.number(uint64(s.total)))
	}
	return w.N("sell.found", s.total)
}

func (s *sell) explainNothing(looking bool) {
	w := s.app.words
	switch {
	case looking:
		s.none.set(IconSearch, w.T("sell.nothing"), w.T("sell.nothing_text"))
	case len(s.categories) == 0:
		s.none.set(IconOnline, w.T("sell.no_catalogue"), w.T("sell.no_catalogue_text"))
	default:
		s.none.set(IconStock, w.T("sell.no_products"), w.T("sell.no_products_text"))
	}
	show(s.none, looking && len(s.results) == 0 || !looking && len(s.tiles) == 0)
}

func resultOf(w *Words, f till.Found) Result {
	r := Result{
		Name: f.Name.In(w.lang()), Group: f.Category.String(), Code: codeOf(f.Product), Price: w.money(f.Price),
	}
	r.Mark, r.Stock = stockMark(w, f)
	return r
}

func codeOf(p retail.Product) string {
	if len(p.Barcodes) == 0 {
		return p.SKU
	}
	return p.SKU + " · " + barcode.Display(p.Barcodes[0])
}

// stockMark is a product's stock in a row, with a mark when somebody should look.
func stockMark(w *Words, f till.Found) (Mark, string) {
	here := w.quantity(f.Stock.Here)
	switch {
	case f.MadeHere:
		return MarkNeutral, w.T("stock.made_here")
	case !f.Stock.Known:
		return MarkNeutral, "–"
	case f.Level == till.LevelNegative:
		return MarkNegative, here
	case f.Level == till.LevelOut, f.Level == till.LevelLow:
		return MarkLow, w.T("stock.left", "Quantity", here)
	}
	return MarkNeutral, w.T("stock.here", "Quantity", here)
}

// showTicket writes the right side.
func (s *sell) showTicket() {
	w := s.app.words
	t := s.app.Till.Ticket()
	s.pane.show(t)
	switch missing := len(s.app.Till.Missing()); {
	case s.said != nil:
		s.said(s.pane.feedback)
	case missing > 0 && len(t.Lines) == 0:
		s.pane.feedback.Say(IconPrint, Warn, w.N("printer.missing", missing), w.T("printer.touch"))
	case t.Customer != uuid.Nil:
		s.pane.feedback.Say(IconPerson, Primary, s.app.customerName(), w.counted(len(t.Lines), t.Items))
	default:
		s.pane.feedback.Say(IconSell, Muted, w.T("ticket.open"), w.counted(len(t.Lines), t.Items))
	}
	s.customer.Update(func(b *ButtonSpec) {
		b.Style = Outlined
		if t.Customer != uuid.Nil {
			b.Style = Chosen
		}
	})
	some, line := t.Selected >= 0, till.Line{}
	s.quantity.SetText("")
	if some {
		line = t.Lines[t.Selected]
		s.quantity.SetText(w.quantity(line.Quantity))
	}
	s.minus.Update(func(b *ButtonSpec) { b.Off = !some || line.Weighed || line.Quantity <= money.One })
	s.plus.Update(func(b *ButtonSpec) { b.Off = !some || line.Weighed })
	s.remove.Update(func(b *ButtonSpec) { b.Off = !some })
	s.pay.Update(func(b *ButtonSpec) { b.Off = len(t.Lines) == 0 })
	s.hold.Update(func(b *ButtonSpec) { b.Off = len(t.Lines) == 0 })
	s.discount.Update(func(b *ButtonSpec) { b.Off = len(t.Lines) == 0 })
	s.clear.Update(func(b *ButtonSpec) { b.Off = len(t.Lines) == 0 })
}
