package screen

import (
	"path/filepath"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"comptant/shared/money"
	"comptant/terminal/till"
)

// patient is how long Enter does nothing after a sale: it may be the second press of the one that paid.
const patient = time.Second

// changeDue is the end of a sale: what to hand over. It stays until the next sale begins.
type changeDue struct {
	app    *App
	sold   *till.Sold
	opened time.Time
	// paper is how printing went.
	paper   printing
	pieces  *fyne.Container
	mark    *Glyph
	printed *Label
	file    *Label
	pane    *receiptPane
}

type printing int

const (
	printingNow printing = iota
	printedFine
	printedNothing
)

func newChange(a *App, sold *till.Sold) *changeDue {
	c := &changeDue{app: a, sold: sold, opened: a.Clock.Now()}
	c.await(sold.Printed)
	return c
}

// await shows how printing went once it is known.
func (c *changeDue) await(printed <-chan error) {
	c.paper = printingNow
	var err error
	c.app.Background(func() { err = <-printed }, func() {
		c.paper = printedFine
		if err != nil {
			c.paper = printedNothing
		}
		if c.app.page == page(c) {
			c.refresh()
		}
		c.app.refreshTop() // where it is said once this screen is left
	})
}

func (c *changeDue) build() (left, right fyne.CanvasObject) {
	w, due := c.app.words, c.sold.Change
	done := NewGlyph(IconOK, 28, OK)
	title := NewLabel(w.T("change.done"), SizeHeading, OK, fyne.TextAlignLeading).Bold()
	again := NewButton(ButtonSpec{Icon: IconPrint, Text: w.T("change.reprint"), Height: HeightInRow, Pressed: c.reprint})
	caption := NewLabel(w.T("change.due"), SizeKey, Muted, fyne.TextAlignLeading)
	if due == 0 {
		caption.SetText(w.T("change.none"))
	}
	number := newBigAmount(w, due)
	c.pieces = &fyne.Container{}
	c.showPieces()
	next := NewButton(ButtonSpec{
		Text: w.T("change.next"), Key: w.T("key.enter"), Style: Filled, Size: SizeHeading, Height: HeightPay, Pressed: c.next,
	})
	hint := NewName(w.T("change.scan"), 14, Muted)
	c.mark = NewGlyph(IconPending, 18, Muted)
	c.printed = NewName("", SizeBody, Foreground)
	c.file = NewName("", SizeCaption, Muted)
	objects := []fyne.CanvasObject{done, title, again, caption, number, c.pieces, next, hint, c.mark, c.printed, c.file}
	left = placed(fyne.Size{}, objects, func(size fyne.Size) {
		put(done, 12, 10, 28, 28)
		put(title, 50, 0, 240, HeightInRow)
		width := again.MinSize().Width + 16
		put(again, size.Width-width, 0, width, HeightInRow)
		put(caption, 12, 108, size.Width-12, 40)
		put(number, 12, 150, size.Width-12, 200)
		put(c.pieces, 12, 382, size.Width-12, 180)
		bottom := size.Height
		put(next, 12, bottom-94, 268, HeightPay)
		put(hint, 12, bottom-26, 330, 22)
		put(c.mark, 304, bottom-82, 18, 18)
		put(c.printed, 330, bottom-84, size.Width-330, 22)
		put(c.file, 330, bottom-60, size.Width-330, 20)
	})
	c.pane = newReceiptPane(w)
	c.pane.show(c.sold.Code, c.sold.Receipt)
	return left, c.pane.with(&fyne.Container{}, 0)
}

// showPieces lays the notes in a row and the coins in the next.
func (c *changeDue) showPieces() {
	w := c.app.words
	x, y, coins := float32(0), float32(0), false
	for _, p := range c.sold.HandOver {
		chip := newPieceChip(w, p)
		width := chip.MinSize().Width
		if p.Coin && !coins && x > 0 || x+width > 500 {
			x, y = 0, y+64
		}
		coins = p.Coin
		put(chip, x, y, width, HeightMain)
		c.pieces.Add(chip)
		x += width + gap
	}
}

func (c *changeDue) refresh() {
	w, trouble := c.app.words, c.app.words.trouble(c.app.Till.Printer().Trouble)
	switch {
	case c.paper == printingNow && trouble != "":
		c.mark.Set(IconWarning, Warn)
		c.printed.SetText(w.T("change.waits"))
	case c.paper == printingNow:
		c.mark.Set(IconPending, Muted)
		c.printed.SetText(w.T("change.printing"))
	case c.paper == printedFine:
		c.mark.Set(IconCheck, OK)
		c.printed.SetText(w.T("change.printed"))
	case c.paper == printedNothing:
		c.mark.Set(IconWarning, Warn)
		c.printed.SetText(w.T("change.not_printed"))
	}
	c.file.SetText("")
	if trouble != "" && c.paper != printedFine {
		c.file.SetText(w.T("printer.is", "Trouble", trouble))
	}
	if file := c.app.fileOf(c.sold.Receipt); file != "" && c.paper == printedFine {
		c.file.SetText(filepath.Base(file))
	}
}

// fileOf is where a receipt was printed to; "" when it is on paper.
func (a *App) fileOf(r till.Receipt) string {
	p, err := a.Till.Printable(a.ctx, r)
	if err != nil {
		a.Log.Error("read receipt", "err", err)
		return ""
	}
	return a.Paper(p)
}

func (c *changeDue) reprint() {
	printed, err := c.app.Till.Reprint(c.app.ctx, c.sold.Receipt)
	if err != nil {
		c.app.fail(nil, err)
		return
	}
	c.await(printed)
	c.refresh()
}

func (c *changeDue) next() { c.app.sell() }

// Scanned begins the next sale at once.
func (c *changeDue) Scanned(code string) {
	c.next()
	c.app.page.Scanned(code)
}

// Typed begins the next sale too: a search, or a quantity.
func (c *changeDue) Typed(r rune) {
	c.next()
	c.app.page.Typed(r)
}

func (c *changeDue) Pressed(key fyne.KeyName) {
	switch {
	case isEnter(key) && c.app.Clock.Now().Sub(c.opened) < patient:
	case isEnter(key), key == fyne.KeyEscape, key == fyne.KeyF2:
		c.next()
	}
}

// bigAmount is the change, as large as fits: 160, above 99.99 smaller.
type bigAmount struct {
	widget.BaseWidget
	french        bool
	digits, money *Label
	size          float32
}

func newBigAmount(w *Words, a money.Amount) *bigAmount {
	size := float32(160)
	switch {
	case a > 999_99:
		size = 96
	case a > 99_99:
		size = 120
	}
	colour := Foreground
	if a == 0 {
		colour = Muted
	}
	b := &bigAmount{
		french: w.Language == French, size: size,
		digits: NewLabel(w.plain(a), size, colour, fyne.TextAlignLeading).Bold(),
		money:  NewLabel("$", size*0.44, colour, fyne.TextAlignLeading).Bold(),
	}
	b.ExtendBaseWidget(b)
	return b
}

func (b *bigAmount) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(placed(fyne.Size{}, []fyne.CanvasObject{b.digits, b.money}, func(size fyne.Size) {
		sign, digits := b.money.Width(), b.digits.Width()
		// Both stand on one line: the baseline of the smaller is lowered.
		low := b.size * 0.26
		if b.french {
			put(b.digits, 0, 0, digits, size.Height)
			put(b.money, digits+gapLarge, low, sign, size.Height)
			return
		}
		put(b.money, 0, low, sign, size.Height)
		put(b.digits, sign+gapMedium, 0, digits, size.Height)
	}))
}

// pieceChip is a number of equal notes or coins; coins are round at the ends.
type pieceChip struct {
	widget.BaseWidget
	box          *Box
	count, value *Label
}

func newPieceChip(w *Words, p till.Piece) *pieceChip {
	corner := float32(radius)
	if p.Coin {
		corner = HeightMain / 2
	}
	c := &pieceChip{
		box:   NewBox(Raised, Transparent, 0, corner),
		count: NewLabel(strconv.Itoa(p.Count)+" ×", SizeHeading, Foreground, fyne.TextAlignLeading).Bold(),
		value: NewLabel(pieceValue(w, p.Value), SizeHeading, Foreground, fyne.TextAlignLeading),
	}
	c.ExtendBaseWidget(c)
	return c
}

// pieceValue is what is written on a note or a coin.
func pieceValue(w *Words, a money.Amount) string {
	if a < 100 {
		return w.T("change.minor", "Value", int(a), "Minor", w.currency.Minor)
	}
	return w.T("change.whole", "Value", int(a/100), "Symbol", w.currency.Symbol)
}

func (c *pieceChip) MinSize() fyne.Size {
	return fyne.NewSize(c.count.Width()+c.value.Width()+gap+32, HeightMain)
}

func (c *pieceChip) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{c.box, c.count, c.value}
	return widget.NewSimpleRenderer(placed(fyne.Size{}, objects, func(size fyne.Size) {
		put(c.box, 0, 0, size.Width, size.Height)
		put(c.count, 16, 0, c.count.Width(), size.Height)
		put(c.value, 16+c.count.Width()+gap, 0, c.value.Width(), size.Height)
	}))
}
