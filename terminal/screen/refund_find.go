package screen

import (
	"errors"

	"fyne.io/fyne/v2"
	"github.com/google/uuid"

	"comptant/shared/retail"
)

// bringBack goes to the refund of a receipt by what is printed on it: this till's at once, any other once headquarters has found
// it.
func (a *App) bringBack(printed retail.Printed) {
	a.shell.Rail.At(PlaceJournal)
	if id := a.Till.Identity(); printed.Store == id.Store.Code && printed.Till == id.Number {
		of, err := a.Till.Refundable(a.ctx, printed.Epoch, printed.Number)
		if err == nil {
			a.open(newRefund(a, of))
			return
		}
		if seen := (*retail.Error)(nil); !errors.As(err, &seen) || seen.Code != retail.NotFound {
			a.fail(nil, err)
			return
		}
	}
	a.open(newFindReceipt(a, printed))
}

// findReceipt waits for what headquarters has of a receipt.
type findReceipt struct {
	app     *App
	printed retail.Printed
	asked   uuid.UUID
	// failed is why there is none to refund; nil while headquarters looks.
	failed error

	state        *empty
	again, blind *Button
}

func newFindReceipt(a *App, printed retail.Printed) *findReceipt {
	f := &findReceipt{app: a, printed: printed}
	f.ask()
	return f
}

func (f *findReceipt) ask() { f.asked, f.failed = f.app.Till.AskReceipt(f.app.ctx, f.printed) }

func (f *findReceipt) build() (left, right fyne.CanvasObject) {
	w := f.app.words
	title := NewLabel(w.T("refund.title"), SizeHeading, Foreground, fyne.TextAlignLeading).Bold()
	back := NewButton(ButtonSpec{
		Icon: IconBack, Text: w.T("refund.back"), Key: w.T("key.escape"), Height: HeightInRow, Pressed: f.leave,
	})
	ground := NewBox(Surface, Separator, border, radius)
	f.state = newEmpty(IconSearch, "", "")
	f.again = NewButton(ButtonSpec{Icon: IconSearch, Text: w.T("refund.look_again"), Key: w.T("key.enter"), Pressed: f.lookAgain})
	f.blind = NewButton(ButtonSpec{Text: w.T("refund.blind"), Key: "F7", Pressed: f.without})
	return placed(fyne.Size{}, []fyne.CanvasObject{title, back, ground, f.state, f.again, f.blind}, func(size fyne.Size) {
		const x, y = LeftPadding, gapMedium
		inner, bottom := size.Width-2*x, size.Height-gapMedium-HeightMain
		put(title, x, y, 260, HeightInRow)
		width := back.MinSize().Width + 20
		put(back, x+inner-width, y, width, HeightInRow)
		half := (inner - gap) / 2
		put(f.again, x, bottom, half, HeightMain)
		put(f.blind, x+half+gap, bottom, half, HeightMain)
		put(ground, x, y+58, inner, bottom-y-58-gapMedium)
		put(f.state, x+1, y+58, inner-2, bottom-y-58-gapMedium)
	}), nil
}

func (f *findReceipt) refresh() {
	a, w := f.app, f.app.words
	if f.failed == nil {
		of, ok, err := a.Till.FoundReceipt(a.ctx, f.asked)
		if ok && err == nil {
			of.Code = f.printed.Code()
			a.open(newRefund(a, of))
			return
		}
		f.failed = err
	}
	show(f.again, f.failed != nil)
	if f.failed == nil {
		f.state.set(IconSearch, w.T("refund.looking", "Code", f.printed.Code()), w.T("refund.looking_text"))
		return
	}
	f.state.set(IconWarning, f.printed.Code(), w.Error(f.failed))
}

func (f *findReceipt) lookAgain() {
	f.ask()
	f.refresh()
}

// without goes on without the receipt.
func (f *findReceipt) without() { f.app.open(newReturn(f.app)) }

func (f *findReceipt) leave() { f.app.visit(PlaceJournal) }

// Scanned looks for another receipt.
func (f *findReceipt) Scanned(code string) {
	if printed, ok := retail.ParseReceiptCode(code); ok {
		f.app.bringBack(printed)
	}
}

func (*findReceipt) Typed(rune) {}

func (f *findReceipt) Pressed(key fyne.KeyName) {
	switch {
	case key == fyne.KeyEscape:
		f.leave()
	case key == fyne.KeyF7:
		f.without()
	case isEnter(key) && f.failed != nil:
		f.lookAgain()
	}
}
