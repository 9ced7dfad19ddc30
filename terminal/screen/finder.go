package screen

import (
	"fyne.io/fyne/v2"
	"github.com/google/uuid"

	"comptant/shared/barcode"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// How many products the screen asks for: more than fit help nobody find one.
const (
	mostTiles   = 500
	mostResults = 60
)

// finder is how a product is found without a scanner: a search field, and tiles by category while it is empty.
type finder struct {
	app *App
	// pick takes the product that was touched or chosen.
	pick       func(retail.Product)
	categories []retail.Category
	category   uuid.UUID // uuid.Nil for the favourites
	tiles      []till.Found
	typed      string
	results    []till.Found
	total      int
	chosen     int // result that Enter picks

	search *SearchField
	chips  *chips
	grid   *Tiles
	found  *Rows
	list   *fyne.Container // around found
	hint   *Label
	none   *empty
}

func (f *finder) buildFinder() {
	w := f.app.words
	f.search = NewSearchField(w.T("sell.search"), "F2", f.look)
	f.search.SetText(f.typed)
	f.chips = newChips(f.choose)
	f.grid = NewTiles(func() int { return len(f.tiles) }, func(i int, t *Tile) {
		p := f.tiles[i]
		t.Set(p.Name.In(w.lang()), p.Category.String(), w.plain(p.Price), func() { f.pick(p.Product) })
	})
	f.found = NewRows(func() int { return len(f.results) }, NewResultRow, func(i int, r *ResultRow) {
		found := resultOf(w, f.results[i])
		found.Found, found.Selected = f.typed, i == f.chosen
		found.Pressed = func() { f.take(i) }
		r.Set(found)
	})
	f.hint = NewName(w.T("sell.hint"), SizeCaption, Muted)
	f.none = newEmpty(IconSearch, "", "")
	ground := NewBox(Surface, Separator, border, radius)
	line := NewBox(Separator, Transparent, 0, 0)
	f.list = placed(fyne.Size{}, []fyne.CanvasObject{ground, f.hint, line, f.found}, func(size fyne.Size) {
		put(ground, 0, 0, size.Width, size.Height)
		put(f.hint, 14, 1, size.Width-28, 39)
		put(line, 1, 40, size.Width-2, 1)
		put(f.found, 1, 41, size.Width-2, size.Height-43)
	})
}

func (f *finder) objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{f.search, f.chips, f.grid, f.list, f.none}
}

// put places it between two heights of a screen.
func (f *finder) put(top, width, bottom float32) {
	put(f.search, 0, top, width, HeightMain)
	put(f.chips, 0, top+64, width, HeightInRow)
	f.grid.Put(0, top+120, width, bottom-top-120)
	put(f.list, 0, top+64, width, bottom-top-64)
	put(f.none, 0, top+120, width, bottom-top-120)
}

// refresh shows the catalogue as it is now.
func (f *finder) refresh() {
	var err error
	if f.categories, err = f.app.Till.Categories(f.app.ctx); err != nil {
		f.app.Log.Error("list categories", "err", err)
	}
	f.load()
	if f.category == uuid.Nil && len(f.tiles) == 0 && len(f.categories) > 0 {
		f.category = f.categories[0].ID
		f.load()
	}
	f.find()
}

func (f *finder) load() {
	tiles, err := f.app.Till.Tiles(f.app.ctx, f.category, mostTiles)
	if err != nil {
		f.app.Log.Error("list products", "err", err)
	}
	f.tiles = tiles
}

// choose turns to a page of tiles; 0 is that of the favourites.
func (f *finder) choose(i int) {
	f.category = uuid.Nil
	if i > 0 {
		f.category = f.categories[i-1].ID
	}
	f.load()
	f.showProducts()
}

// look takes what is typed into the search field.
func (f *finder) look(text string) {
	f.typed, f.chosen = text, 0
	f.find()
}

func (f *finder) find() {
	f.results, f.total = nil, 0
	if f.typed != "" && !f.multiplier() {
		var err error
		if f.results, f.total, err = f.app.Till.Search(f.app.ctx, f.typed, mostResults); err != nil {
			f.app.Log.Error("search", "err", err)
		}
		f.chosen = min(f.chosen, max(len(f.results)-1, 0))
	}
	f.showProducts()
}

// multiplier says that what is typed is a quantity for the next item: "3*".
func (f *finder) multiplier() bool {
	_, ok := multiplierOf(f.typed)
	return ok
}

// take picks a result and ends the search.
func (f *finder) take(i int) {
	p := f.results[i].Product
	f.search.Clear()
	f.pick(p)
}

// step moves the choice among results; ok is false when there are none.
func (f *finder) step(by int) (ok bool) {
	if len(f.results) == 0 {
		return false
	}
	f.chosen = min(max(f.chosen+by, 0), len(f.results)-1)
	f.found.Update()
	f.found.Reveal(f.chosen)
	return true
}

// enter takes the chosen result; code is what was typed when there is none, and is to be read as one.
func (f *finder) enter() (code string) {
	switch {
	case len(f.results) > 0:
		f.take(f.chosen)
	case f.typed != "" && !f.multiplier():
		code = f.typed
		f.search.Clear()
	}
	return code
}

// showProducts shows tiles, or results while something is typed, or why there are none.
func (f *finder) showProducts() {
	w := f.app.words
	looking := f.typed != "" && !f.multiplier()
	names, chosen := []string{w.T("sell.favourites")}, 0
	for i, c := range f.categories {
		names = append(names, c.Name.In(w.lang()))
		if c.ID == f.category {
			chosen = i + 1
		}
	}
	f.chips.set(names, chosen)
	show(f.chips, !looking && len(f.categories) > 0)
	show(f.grid, !looking && len(f.tiles) > 0)
	show(f.list, looking && len(f.results) > 0)
	f.search.Note(f.note())
	f.explainNothing(looking)
	f.grid.Update()
	f.found.Update()
	if len(f.results) > 0 {
		f.found.Reveal(f.chosen)
	}
}

func (f *finder) note() string {
	w := f.app.words
	if q, ok := multiplierOf(f.typed); ok {
		return w.T("sell.times", "Quantity", q)
	}
	if f.total > len(f.results) {
		return w.T("sell.some", "Shown", len(f.results), "Total", w.number(uint64(f.total)))
	}
	return w.N("sell.found", f.total)
}

func (f *finder) explainNothing(looking bool) {
	w := f.app.words
	switch {
	case looking:
		f.none.set(IconSearch, w.T("sell.nothing"), w.T("sell.nothing_text"))
	case len(f.categories) == 0:
		f.none.set(IconOnline, w.T("sell.no_catalogue"), w.T("sell.no_catalogue_text"))
	default:
		f.none.set(IconStock, w.T("sell.no_products"), w.T("sell.no_products_text"))
	}
	show(f.none, looking && len(f.results) == 0 || !looking && len(f.tiles) == 0)
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
