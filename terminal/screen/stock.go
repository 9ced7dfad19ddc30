package screen

import (
	"time"

	"fyne.io/fyne/v2"
	"github.com/google/uuid"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// How many requests and shipments a list shows.
const (
	mostRequests  = 50
	mostShipments = 200
)

// staleAfter is how old a figure of headquarters may be before its age is marked.
const staleAfter = time.Hour

// stock tells how much there is of a product, here and elsewhere, and asks the warehouse for more.
type stock struct {
	app     *App
	typed   string
	found   []till.Found
	total   int
	chosen  uuid.UUID
	product till.ProductStock
	some    bool // product is one
	// asking is how much to ask for, in place of the suggestion; 0 before it was changed.
	asking   money.Quantity
	requests []retail.Restock
	names    map[uuid.UUID]string // of the products in requests
	waiting  int                  // shipments on their way

	search  *SearchField
	count   *Label
	rows    *Rows
	none    *empty
	receive *Button
	tally   *Button
	detail  *stockDetail
}

func newStock(a *App) *stock { return &stock{app: a} }

// stockColumn is how wide the list of products is.
const stockColumn = 296

func (s *stock) build() (left, right fyne.CanvasObject) {
	w := s.app.words
	s.names = map[uuid.UUID]string{}
	s.search = NewSearchField(w.T("stock.search"), "F2", s.look)
	s.search.SetText(s.typed)
	s.count = NewName("", 14, Muted)
	here := NewLabel(w.T("stock.column"), 14, Muted, fyne.TextAlignTrailing)
	s.rows = NewRows(func() int { return len(s.found) }, newStockRow, s.showRow)
	s.none = newEmpty(IconSearch, "", "")
	s.receive = NewButton(ButtonSpec{Icon: IconTruck, Key: "F4", Under: true, Size: 14, Pressed: s.startReceiving})
	s.tally = NewButton(ButtonSpec{Icon: IconCount, Key: "F6", Under: true, Size: 14, Pressed: s.startCount})
	s.detail = newStockDetail(w, s)
	ground, seam := NewBox(Surface, Transparent, 0, 0), NewBox(Separator, Transparent, 0, 0)
	line, foot := NewBox(Separator, Transparent, 0, 0), NewBox(Separator, Transparent, 0, 0)
	objects := []fyne.CanvasObject{
		ground, seam, s.search, s.count, here, line, s.rows, s.none, foot, s.receive, s.tally, s.detail.content,
	}
	return placed(fyne.Size{}, objects, func(size fyne.Size) {
		put(ground, 0, 0, stockColumn, size.Height)
		put(seam, stockColumn, 0, 1, size.Height)
		inner := float32(stockColumn - 2*gapMedium)
		put(s.search, gapMedium, gapMedium, inner, HeightMain)
		put(s.count, gapMedium, 80, inner-48, 32)
		put(here, gapMedium+inner-48, 80, 48, 32)
		put(line, 0, 111, stockColumn, 1)
		bottom := size.Height - HeightMain - 2*gapMedium
		put(s.rows, 0, 112, stockColumn, bottom-112)
		put(s.none, 0, 112, stockColumn, bottom-112)
		put(foot, 0, bottom, stockColumn, 1)
		half := (inner - gap) / 2
		put(s.receive, gapMedium, bottom+gapMedium, half, HeightMain)
		put(s.tally, gapMedium+half+gap, bottom+gapMedium, half, HeightMain)
		put(s.detail.content, stockColumn+gapLarge, gapMedium, size.Width-stockColumn-2*gapLarge, size.Height-2*gapMedium)
	}), nil
}

func (s *stock) refresh() {
	a := s.app
	var err error
	if s.requests, err = a.Till.Restocks(a.ctx, mostRequests); err != nil {
		a.Log.Error("list requests", "err", err)
	}
	shipments, err := a.Till.Shipments(a.ctx, mostShipments)
	if err != nil {
		a.Log.Error("list shipments", "err", err)
	}
	s.waiting = len(onTheirWay(shipments))
	s.find()
}

func (s *stock) look(text string) {
	s.typed, s.chosen = text, uuid.Nil
	s.find()
}

// find lists what matches, or the favourites while nothing is typed.
func (s *stock) find() {
	a := s.app
	var err error
	if s.typed == "" {
		s.found, err = a.Till.Tiles(a.ctx, uuid.Nil, mostResults)
		s.total = len(s.found)
	} else {
		s.found, s.total, err = a.Till.Search(a.ctx, s.typed, mostResults)
	}
	if err != nil {
		a.Log.Error("search", "err", err)
	}
	if s.chosen == uuid.Nil && s.typed != "" && len(s.found) > 0 {
		s.chosen = s.found[0].ID
	}
	s.open(s.chosen)
}

// open shows a product's stock.
func (s *stock) open(product uuid.UUID) {
	a := s.app
	if product != s.chosen {
		s.asking = 0
	}
	s.chosen, s.some = product, false
	if product != uuid.Nil {
		var err error
		if s.product, err = a.Till.Stock(a.ctx, product); err != nil {
			a.Log.Error("look stock up", "err", err)
		}
		s.some = err == nil
	}
	s.show()
}

func (s *stock) show() {
	w := s.app.words
	s.rows.Update()
	if s.typed == "" {
		s.count.SetText(w.T("sell.favourites"))
	} else {
		s.count.SetText(w.N("stock.products", s.total))
	}
	s.search.Note("")
	if s.typed == "" {
		s.none.set(IconSearch, w.T("stock.look"), w.T("stock.look_text"))
	} else {
		s.none.set(IconSearch, w.T("sell.nothing"), w.T("stock.nothing_text"))
	}
	show(s.none, len(s.found) == 0)
	show(s.rows, len(s.found) > 0)
	s.receive.Update(func(b *ButtonSpec) {
		b.Text = w.T("stock.receive")
		if s.waiting > 0 {
			b.Text = w.T("stock.receive_some", "Count", s.waiting)
		}
	})
	s.tally.Update(func(b *ButtonSpec) {
		b.Text, b.Style = w.T("stock.count"), Outlined
		if _, goesOn := s.app.Till.StockCount(); goesOn {
			b.Style = Chosen
		}
	})
	s.detail.show()
}

func (s *stock) showRow(i int, r *stockRow) {
	w, f := s.app.words, s.found[i]
	mark, text := stockMark(w, f)
	if f.Level != till.LevelNone {
		text = w.quantity(f.Stock.Here)
	}
	r.set(stockLine{
		name: f.Name.In(w.lang()), found: s.typed, group: f.Category.String(), code: f.SKU, mark: mark, stock: text,
		chosen: f.ID == s.chosen, pressed: func() { s.open(f.ID) },
	})
}

// nameOf is a product's name, asked for once.
func (s *stock) nameOf(product uuid.UUID) string {
	a := s.app
	if name, ok := s.names[product]; ok {
		return name
	}
	name := a.words.T("stock.unknown_product")
	if p, err := a.Till.Stock(a.ctx, product); err == nil {
		name = p.Name.In(a.words.lang())
	}
	s.names[product] = name
	return name
}

// asked is a request for a product that headquarters has not answered, if there is one.
func (s *stock) asked(product uuid.UUID) (retail.Restock, retail.RestockLine, bool) {
	for _, r := range s.requests {
		if r.State != retail.RestockRequested && r.State != retail.RestockApproved {
			continue
		}
		for _, l := range r.Lines {
			if l.Product == product {
				return r, l, true
			}
		}
	}
	return retail.Restock{}, retail.RestockLine{}, false
}

// quantity is how much the button asks for.
func (s *stock) quantity() money.Quantity {
	if s.asking > 0 {
		return s.asking
	}
	return max(s.product.Suggestion.Quantity, s.pack())
}

func (s *stock) pack() money.Quantity { return money.Quantity(max(s.product.Pack, 1)) * money.One }

// change asks for a case more or less, and never for none.
func (s *stock) change(cases int) {
	if !s.some || !s.product.Restock {
		return
	}
	s.asking = min(max(s.quantity()+money.Quantity(cases)*s.pack(), s.pack()), till.Most/s.pack()*s.pack())
	s.detail.show()
}

// ask sends the request. Once it is made the button is gone, so a second press asks for nothing.
func (s *stock) ask() {
	a, product, q := s.app, s.product.ID, s.quantity()
	if _, err := a.Till.RequestRestock(a.ctx, []retail.StockLine{{Product: product, Quantity: q}}); err != nil {
		a.fail(nil, err)
		return
	}
	s.asking = 0
	s.refresh()
}

func (s *stock) startReceiving() { s.app.open(newShipments(s.app)) }

// startCount goes to the count, and counts the product that was looked for first.
func (s *stock) startCount() {
	s.app.openShelfCount(s.product, s.some && !s.product.MadeHere)
}

// Scanned shows the product.
func (s *stock) Scanned(code string) {
	a := s.app
	found, err := a.Till.Price(a.ctx, code)
	if err != nil {
		a.fail(nil, err)
		return
	}
	s.search.SetText(code)
	if !found.Known {
		s.look(code)
		return
	}
	s.typed = found.Product.SKU
	s.search.SetText(s.typed)
	s.chosen = found.Product.ID
	s.find()
}

func (s *stock) Typed(r rune) {
	if s.typed == "" && (r == '+' || r == '-') {
		s.change(map[rune]int{'+': 1, '-': -1}[r])
		return
	}
	s.search.Typed(r)
}

func (s *stock) Pressed(key fyne.KeyName) {
	switch key {
	case fyne.KeyBackspace:
		s.search.Erase()
	case fyne.KeyF2:
		s.search.Clear()
	case fyne.KeyF4:
		s.startReceiving()
	case fyne.KeyF6:
		s.startCount()
	case fyne.KeyEscape:
		if s.typed == "" {
			s.app.sell()
			return
		}
		s.search.Clear()
	case fyne.KeyUp:
		s.step(-1)
	case fyne.KeyDown:
		s.step(1)
	}
}

func (s *stock) step(by int) {
	if len(s.found) == 0 {
		return
	}
	at := -1
	for i, f := range s.found {
		if f.ID == s.chosen {
			at = i
		}
	}
	at = min(max(at+by, 0), len(s.found)-1)
	s.open(s.found[at].ID)
	s.rows.Reveal(at)
}
