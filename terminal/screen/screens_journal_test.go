package screen

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// journalVisits leads to the screens of the receipts, and what is given back for them.
var journalVisits = map[string]func(*world){
	"journal-included": func(w *world) {
		w.carry()
		w.include()
		w.sellSome()
		w.app.visit(PlaceJournal)
	},
	"journal-void": func(w *world) {
		w.sellSome()
		w.app.visit(PlaceJournal)
		w.app.page.(*journalPage).voidSale()
		w.typeIn("1234")
		w.press(fyne.KeyReturn)
	},
	"journal-void-approve": func(w *world) {
		w.sellSome()
		w.app.visit(PlaceJournal)
		w.app.page.(*journalPage).voidSale()
	},
	"journal": func(w *world) {
		w.sellSome()
		w.journal.Acked = uint64(len(w.journal.Drafts)) - 2
		w.app.visit(PlaceJournal)
	},
	"refund": func(w *world) {
		w.sellSome()
		w.app.visit(PlaceJournal)
		w.press(fyne.KeyF8, fyne.KeyDown, fyne.KeyReturn, fyne.KeyDown, fyne.KeyReturn)
		w.typeIn("-")
	},
	"refund-none": func(w *world) {
		w.sellSome()
		w.app.visit(PlaceJournal)
		w.press(fyne.KeyDown, fyne.KeyF8)
	},
	"refund-rest": func(w *world) {
		w.sellSome()
		w.app.visit(PlaceJournal)
		w.press(fyne.KeyDown, fyne.KeyF8)
		r := w.app.page.(*refund)
		parts := []retail.RefundPart{{Of: 0, Quantity: money.One}, {Of: 2, Quantity: money.One}}
		_, err := w.app.Till.Refund(w.t.Context(), r.of, parts, till.Payback{}, "defect", till.Approval{})
		require.NoError(w.t, err)
		w.press(fyne.KeyEscape)
		w.press(fyne.KeyDown, fyne.KeyDown, fyne.KeyF8)
		w.typeIn(" ")
	},
	"journal-refund": func(w *world) {
		w.sellSome()
		w.app.visit(PlaceJournal)
		w.press(fyne.KeyDown, fyne.KeyDown, fyne.KeyF8, fyne.KeyReturn, fyne.KeyF9, fyne.KeyReturn)
		w.app.visit(PlaceJournal)
	},
	"refund-approve": func(w *world) {
		w.sellSome()
		w.app.visit(PlaceJournal)
		w.press(fyne.KeyF8, fyne.KeyF4)
		w.app.page.(*refund).choosePay(retail.TenderCard)
		w.press(fyne.KeyF9)
	},
	"refund-elsewhere": func(w *world) {
		w.elsewhere()
		w.press(fyne.KeyReturn, fyne.KeyF9)
	},
	"refund-unheld": func(w *world) {
		w.elsewhere()
		w.press(fyne.KeyReturn, fyne.KeyF9, fyne.KeyF9)
	},
	"refund-looking": func(w *world) {
		w.sellSome()
		w.app.visit(PlaceJournal)
		w.scan(retail.ReceiptCode("NO", 2, 1, 7))
	},
	"refund-unknown": func(w *world) {
		w.sellSome()
		w.app.visit(PlaceJournal)
		w.network.Online = false
		w.scan(retail.ReceiptCode("NO", 2, 1, 7))
	},
	"refund-blind": func(w *world) {
		w.app.visit(PlaceJournal)
		w.press(fyne.KeyF7)
		w.scan(w.code("Carnet"), w.code("Carnet"), w.code("Sirop d’érable ambré"))
	},
	"refund-blind-typed": func(w *world) {
		w.app.visit(PlaceJournal)
		w.press(fyne.KeyF7)
		w.typeIn("2010")
	},
	"refund-done": func(w *world) {
		w.sellSome()
		w.app.visit(PlaceJournal)
		w.press(fyne.KeyDown, fyne.KeyDown, fyne.KeyF8, fyne.KeyReturn, fyne.KeyF9)
	},
	"journal-export": func(w *world) {
		w.sellSome()
		w.journal.Unsent = till.Waiting{Count: 37, Oldest: w.clock.now.Add(-time.Hour)}
		w.stick("/media/caisse/KINGSTON", "/media/caisse/BLEUE")
		w.app.visit(PlaceJournal)
		w.press(fyne.KeyF6)
	},
	"journal-exported": func(w *world) {
		w.sellSome()
		w.journal.Unsent = till.Waiting{Count: 37, Oldest: w.clock.now.Add(-time.Hour)}
		w.stick("/media/caisse/KINGSTON")
		w.app.Export.Write = func(context.Context, string) (string, int, error) {
			return "/media/caisse/KINGSTON/comptant-CV-01-20261122T193200Z.export", 37, nil
		}
		w.app.visit(PlaceJournal)
		w.press(fyne.KeyF6, fyne.KeyReturn)
	},
	"journal-export-nowhere": func(w *world) {
		w.journal.Unsent = till.Waiting{Count: 1, Oldest: w.clock.now.Add(-time.Hour)}
		w.app.visit(PlaceJournal)
		w.press(fyne.KeyF6)
	},
	"journal-empty": func(w *world) { w.app.visit(PlaceJournal) },
	"refund-like":   func(w *world) { w.alike() },
	"refund-blind-price": func(w *world) {
		w.app.visit(PlaceJournal)
		w.press(fyne.KeyF7)
		w.scan(w.code("Carnet"))
		w.press(fyne.KeyF8)
	},
	"refund-card": func(w *world) {
		w.sellSome()
		w.app.visit(PlaceJournal)
		w.press(fyne.KeyDown, fyne.KeyF8, fyne.KeyReturn, fyne.KeyF9)
		w.typeIn("R99120")
	},
}

// sellSome makes a morning of sales.
func (w *world) sellSome() {
	for i := range 6 {
		w.clock.wait(11 * time.Minute)
		w.fill()
		p, err := w.app.Till.StartPayment()
		require.NoError(w.t, err)
		if i%3 == 1 {
			_, err = w.app.Till.TenderCard(w.t.Context(), p.Turn, p.Left, "083214", "4417")
		} else {
			_, err = w.app.Till.TenderCash(w.t.Context(), p.Turn, p.LeftInCash+money.Amount(500*i))
		}
		require.NoError(w.t, err)
	}
}
