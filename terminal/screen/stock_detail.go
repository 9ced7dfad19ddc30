package screen

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"comptant/shared/retail"
	"comptant/terminal/till"
)

// stockDetail is the right part of Stock: one product's figures, the request, and what was asked before.
type stockDetail struct {
	page    *stock
	words   *Words
	content *fyne.Container

	initials             *Initials
	name, code, price    *Label
	here, depot, transit *figureCard
	others               *Rows
	othersBox            *fyne.Container
	request              *restockBox
	requests             *Rows
	noRequests           *Label
	nothing              *empty
	top                  *fyne.Container
}

func newStockDetail(w *Words, page *stock) *stockDetail {
	d := &stockDetail{
		page: page, words: w,
		initials: NewInitials("", "", 56),
		name:     NewName("", SizeHeading, Foreground).Bold(),
		code:     NewName("", SizeCaption, Muted),
		price:    NewLabel("", SizeHeading, Foreground, fyne.TextAlignTrailing).Bold(),
		here:     newFigureCard(w.T("stock.here_card")),
		depot:    newFigureCard(w.T("stock.depot")),
		transit:  newFigureCard(w.T("stock.transit")),
		nothing:  newEmpty(IconStock, w.T("stock.choose"), w.T("stock.choose_text")),
	}
	d.request = newRestockBox(w, page)
	d.others = NewRows(func() int { return len(page.product.Others) }, newOtherRow, d.showOther)
	d.othersBox = headed(w.T("stock.others"), w.T("stock.others_note"), d.others)
	d.requests = NewRows(func() int { return len(page.requests) }, newRequestRow, d.showRequest)
	d.noRequests = NewLabel(w.T("stock.no_requests"), 14, Muted, fyne.TextAlignCenter)
	d.build()
	return d
}

func (d *stockDetail) build() {
	cards := NewGrid(3, gap, d.here, d.depot, d.transit)
	parts := []fyne.CanvasObject{d.initials, d.name, d.code, d.price, cards, d.othersBox, d.request}
	d.top = placed(fyne.Size{}, parts, func(size fyne.Size) {
		price := d.price.Width()
		put(d.initials, 0, 2, 56, 56)
		put(d.name, 70, 6, max(0, size.Width-70-price-gapLarge), 28)
		put(d.code, 70, 34, size.Width-70-price-gapLarge, 20)
		put(d.price, size.Width-price, 12, price, 36)
		put(cards, 0, 68, size.Width, 104)
		others := d.othersHeight()
		put(d.othersBox, 0, 184, size.Width, others)
		top := float32(184)
		if others > 0 {
			top += others + gapMedium
		}
		put(d.request, 0, top, size.Width, restockHeight)
	})
	asked := headed(d.words.T("stock.requests"), "", d.requests, d.noRequests)
	objects := []fyne.CanvasObject{d.top, d.nothing, asked}
	d.content = placed(fyne.Size{}, objects, func(size fyne.Size) {
		top := float32(184 + restockHeight + gapMedium)
		if others := d.othersHeight(); others > 0 {
			top += others + gapMedium
		}
		put(d.top, 0, 0, size.Width, top)
		put(d.nothing, 0, 0, size.Width, top)
		put(asked, 0, top, size.Width, size.Height-top)
	})
}

// mostOthers is how many other stores are seen without scrolling.
const mostOthers = 4

// othersHeight is that of the other stores; 0 when there are none to show.
func (d *stockDetail) othersHeight() float32 {
	n := len(d.page.product.Others)
	if !d.page.some || n == 0 {
		return 0
	}
	return headedTop + float32(min(n, mostOthers))*otherHeight + 2
}

// headedTop is where the lists of a headed box begin.
const headedTop = 36

// headed is a box with a heading, a note at its end, and lists in one place below.
func headed(heading, note string, lists ...fyne.CanvasObject) *fyne.Container {
	ground := NewBox(Surface, Separator, border, radius)
	head := NewLabel(heading, 14, Muted, fyne.TextAlignLeading)
	end := NewLabel(note, 14, Muted, fyne.TextAlignTrailing)
	line := NewBox(Separator, Transparent, 0, 0)
	return placed(fyne.Size{}, append([]fyne.CanvasObject{ground, head, end, line}, lists...), func(size fyne.Size) {
		put(ground, 0, 0, size.Width, size.Height)
		width := end.Width()
		put(head, 14, 1, size.Width-28-width, 34)
		put(end, size.Width-14-width, 1, width, 34)
		put(line, 1, headedTop-1, size.Width-2, 1)
		for _, o := range lists {
			put(o, 1, headedTop, size.Width-2, size.Height-headedTop-2)
		}
	})
}

func (d *stockDetail) showOther(i int, r *otherRow) {
	w, o := d.words, d.page.product.Others[i]
	line := otherLine{name: o.Store.Name, stock: "–", coming: w.T("stock.not_known")}
	if o.Known {
		line.stock, line.coming, line.when = w.quantity(o.Here), "", w.ago(o.Age)
		line.stale = o.Age >= staleAfter
		if o.InTransit > 0 {
			line.coming = w.T("stock.coming", "Quantity", w.quantity(o.InTransit))
		}
		if o.Promised > 0 {
			promised := w.T("stock.promised", "Quantity", w.quantity(o.Promised))
			line.coming = strings.TrimPrefix(line.coming+" · "+promised, " · ")
		}
	}
	switch o.Level {
	case till.LevelNegative:
		line.mark, line.tag = MarkNegative, w.T("stock.negative")
	case till.LevelOut:
		line.mark, line.tag = MarkLow, w.T("stock.out")
	case till.LevelOver:
		line.mark, line.tag = MarkOver, w.T("stock.over")
	}
	r.set(line)
}

func (d *stockDetail) show() {
	w, p := d.words, d.page.product
	show(d.top, d.page.some)
	show(d.nothing, !d.page.some)
	show(d.noRequests, len(d.page.requests) == 0)
	d.requests.Update()
	d.others.Update()
	show(d.othersBox, d.othersHeight() > 0)
	if !d.page.some {
		return
	}
	d.initials.Set(p.Name.In(w.lang()), p.Product.Category.String())
	d.name.SetText(p.Name.In(w.lang()))
	d.price.SetText(w.money(p.Price))
	code := codeOf(p.Product) + " · " + p.Category.Name.In(w.lang())
	if p.Class != retail.Taxable {
		code += " · " + w.T(untaxedKey(p.Class))
	}
	d.code.SetText(code)
	d.showFigures()
	d.request.show()
	d.content.Refresh()
}

func (d *stockDetail) showFigures() {
	w, p := d.words, d.page.product
	switch {
	case p.MadeHere:
		d.here.set("–", w.T("stock.made_here"), Foreground, false)
	case !p.Stock.Known:
		d.here.set("–", w.T("stock.not_known"), Foreground, false)
	default:
		colour := map[till.Level]fyne.ThemeColorName{
			till.LevelNegative: Bad, till.LevelOut: Warn, till.LevelLow: Warn,
		}[p.Level]
		if colour == "" {
			colour = Foreground
		}
		note := w.T("stock.threshold", "Quantity", w.quantity(p.Stock.RestockBelow))
		d.here.set(w.quantity(p.Stock.Here), note, colour, colour != Foreground)
		d.here.promise(w, p.Stock.Here, p.Stock.Promised)
	}
	d.here.age(w, p.HereAge, !p.MadeHere && p.Stock.Known)
	if p.Stock.DepotAt.IsZero() {
		d.depot.set("–", w.T("stock.not_known"), Foreground, false)
	} else {
		d.depot.set(w.quantity(p.Stock.Depot), "", Foreground, false)
		d.depot.promise(w, p.Stock.Depot, p.Stock.DepotPromised)
	}
	d.depot.age(w, p.DepotAge, !p.Stock.DepotAt.IsZero())
	d.transit.set(w.quantity(p.Stock.InTransit), w.T("stock.transit_note"), Foreground, false)
	d.transit.age(w, p.HereAge, !p.MadeHere && p.Stock.Known)
}

func (d *stockDetail) showRequest(i int, r *requestRow) {
	w, q := d.words, d.page.requests[i]
	if len(q.Lines) == 0 {
		return
	}
	l := q.Lines[0]
	what := w.quantity(l.Asked) + " × " + d.page.nameOf(l.Product)
	if more := len(q.Lines) - 1; more > 0 {
		what += " " + w.N("stock.more", more)
	}
	mark, state := requestState(w, q.State)
	note := ""
	switch q.State {
	case retail.RestockApproved, retail.RestockShipped:
		note = w.T("stock.approved_of", "Approved", w.quantity(l.Approved), "Asked", w.quantity(l.Asked))
	case retail.RestockReceived:
		note = w.T("stock.received_of", "Received", w.quantity(l.Received), "Shipped", w.quantity(l.Shipped))
	}
	at := time.UnixMilli(q.At).In(d.page.app.Till.Now().Location())
	r.set(w.moment(at), what, note, mark, state)
}

func requestState(w *Words, s retail.RestockState) (Mark, string) {
	switch s {
	case retail.RestockApproved:
		return MarkOK, w.T("state.approved")
	case retail.RestockRefused:
		return MarkNegative, w.T("state.refused")
	case retail.RestockShipped:
		return MarkMoving, w.T("state.shipped")
	case retail.RestockReceived:
		return MarkOK, w.T("state.received")
	}
	return MarkWaiting, w.T("state.requested")
}
