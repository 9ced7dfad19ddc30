package screen

import (
	"time"

	"fyne.io/fyne/v2"
	"github.com/google/uuid"

	"comptant/shared/retail"
)

// findLike looks at headquarters for receipts of this store's tills that are like what a customer knows: a day, what was paid, the
// last digits of the card.
type findLike struct {
	app   *App
	text  string
	asked uuid.UUID
	// failed is why there is nothing to choose from; nil while headquarters looks, and after.
	failed error
	found  []retail.ReceiptMatch
	chosen int

	head         *Label
	rows         *Rows
	state        *empty
	again, blind *Button
}

func newFindLike(a *App, text string) *findLike {
	f := &findLike{app: a, text: text}
	f.ask()
	return f
}

func (f *findLike) ask() { f.asked, f.failed = f.app.Till.AskLike(f.app.ctx, f.text) }

func (f *findLike) build() (left, right fyne.CanvasObject) {
	w := f.app.words
	title := NewLabel(w.T("refund.title"), SizeHeading, Foreground, fyne.TextAlignLeading).Bold()
	back := NewButton(ButtonSpec{
		Icon: IconBack, Text: w.T("refund.back"), Key: w.T("key.escape"), Height: HeightInRow, Pressed: f.leave,
	})
	ground, line := NewBox(Surface, Separator, border, radius), NewBox(Separator, Transparent, 0, 0)
	f.head = NewName("", 14, Muted)
	f.rows = NewRows(func() int { return len(f.found) }, newReceiptRow, f.showMatch)
	f.state = newEmpty(IconSearch, "", "")
	f.again = NewButton(ButtonSpec{Icon: IconSearch, Text: w.T("refund.look_again"), Key: "F2", Pressed: f.lookAgain})
	f.blind = NewButton(ButtonSpec{Text: w.T("refund.blind"), Key: "F7", Pressed: f.without})
	objects := []fyne.CanvasObject{title, back, ground, f.head, line, f.rows, f.state, f.again, f.blind}
	return placed(fyne.Size{}, objects, func(size fyne.Size) {
		const x, y = LeftPadding, gapMedium
		inner, bottom := size.Width-2*x, size.Height-gapMedium-HeightMain
		put(title, x, y, 260, HeightInRow)
		width := back.MinSize().Width + 20
		put(back, x+inner-width, y, width, HeightInRow)
		half := (inner - gap) / 2
		put(f.again, x, bottom, half, HeightMain)
		put(f.blind, x+half+gap, bottom, half, HeightMain)
		put(ground, x, y+58, inner, bottom-y-58-gapMedium)
		put(f.head, x+14, y+59, inner-28, 39)
		put(line, x+1, y+98, inner-2, 1)
		put(f.rows, x+1, y+99, inner-2, bottom-y-99-gapMedium-2)
		put(f.state, x+1, y+99, inner-2, bottom-y-99-gapMedium-2)
	}), nil
}

func (f *findLike) refresh() {
	a, w := f.app, f.app.words
	looking := f.failed == nil
	if looking {
		found, ok, err := a.Till.FoundLike(a.ctx, f.asked)
		f.failed, looking = err, !ok && err == nil
		if ok {
			f.found = found
		}
	}
	f.chosen = min(f.chosen, max(len(f.found)-1, 0))
	f.head.SetText(w.T("like.head", "Text", f.text))
	switch {
	case f.failed != nil:
		f.state.set(IconWarning, f.text, w.Error(f.failed))
	case looking:
		f.state.set(IconSearch, w.T("refund.looking", "Code", f.text), w.T("refund.looking_text"))
	default:
		f.state.set(IconJournal, w.T("journal.nothing"), w.T("like.none"))
	}
	show(f.state, len(f.found) == 0)
	show(f.rows, len(f.found) > 0)
	f.rows.Update()
	f.again.Update(func(b *ButtonSpec) { b.Off = looking })
	a.shell.Refresh()
}

func (f *findLike) showMatch(i int, row *receiptRow) {
	w, m := f.app.words, f.found[i]
	at := f.app.local(time.UnixMilli(m.At))
	paid := w.moment(at)
	if m.LastFour != "" {
		paid += " · " + w.T("pay.card") + " ··" + m.LastFour
	}
	row.set(receiptLine{
		time: w.day(at), code: m.Printed.Code(), paid: paid, amount: w.money(m.Paid), chosen: i == f.chosen,
		pressed: func() { f.app.bringBack(m.Printed) },
	})
}

func (f *findLike) lookAgain() {
	f.found = nil
	f.ask()
	f.refresh()
}

func (f *findLike) without() { f.app.open(newReturn(f.app)) }

func (f *findLike) leave() { f.app.visit(PlaceJournal) }

// Scanned goes to a receipt that turned up after all.
func (f *findLike) Scanned(code string) {
	if printed, ok := retail.ParseReceiptCode(code); ok {
		f.app.bringBack(printed)
	}
}

func (*findLike) Typed(rune) {}

func (f *findLike) Pressed(key fyne.KeyName) {
	switch {
	case key == fyne.KeyEscape:
		f.leave()
	case key == fyne.KeyF2:
		f.lookAgain()
	case key == fyne.KeyF7:
		f.without()
	case key == fyne.KeyUp, key == fyne.KeyDown:
		f.chosen = min(max(f.chosen+map[fyne.KeyName]int{fyne.KeyUp: -1, fyne.KeyDown: 1}[key], 0), max(len(f.found)-1, 0))
		f.rows.Update()
		f.rows.Reveal(f.chosen)
	case isEnter(key) && len(f.found) > 0:
		f.app.bringBack(f.found[f.chosen].Printed)
	}
}
