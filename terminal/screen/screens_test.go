package screen

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// Every screen as a picture, to be looked at: SCREENS=/tmp/screens go test -run TestScreens ./screen

// sizes are of the smallest window a till has, and of larger ones.
var sizes = map[string]fyne.Size{"": fyne.NewSize(1024, 768), "-1366": fyne.NewSize(1366, 768), "-1920": fyne.NewSize(1920, 1080)}

func TestScreens(t *testing.T) {
	modes := map[Mode]string{Light: "light", Dark: "dark"}
	if os.Getenv("SCREENS") == "" {
		delete(modes, Dark) // what fits in light fits in dark
	}
	for _, l := range Languages {
		for mode, name := range modes {
			look := "-" + string(l) + "-" + name
			t.Run(string(l)+"-"+name, func(t *testing.T) {
				for screen, visit := range visits {
					t.Run(screen, func(t *testing.T) {
						w := signedIn(t, mode, l)
						visit(w)
						w.app.refresh()
						for size, of := range sizes {
							w.window.Resize(of)
							picture(t, w.window, screen+look+size)
						}
						w.window.Resize(sizes[""])
						if l == French && mode == Light {
							w.requireOnlyStageFocusable()
							w.requireLargeTargets()
							w.requireScansLand()
						}
					})
				}
			})
		}
	}
}

// visits leads a till at which Alice works to each screen.
var visits = map[string]func(*world){
	"signin": func(w *world) {
		w.fill()
		w.app.lock()
		w.settle()
		w.typeIn("123")
	},
	"signin-held": func(w *world) {
		w.fill()
		w.scan(bobsBadge)
		w.press(fyne.KeyF4)
	},
	"signin-gone": func(w *world) {
		w.fill()
		w.goods.staff = w.goods.staff[1:]
		w.app.Changed()
		w.clock.wait(time.Second)
	},
	"signin-wrong": func(w *world) {
		w.app.lock()
		w.settle()
		w.typeIn("9999")
		w.press(fyne.KeyReturn)
	},
	"signin-nobody": func(w *world) {
		w.goods.staff, w.goods.prices = nil, 0
		w.network = till.Network{}
		w.app.lock()
	},
	"sell":       func(w *world) { w.fill() },
	"sell-empty": func(*world) {},
	"sell-no-catalogue": func(w *world) {
		w.goods.products, w.goods.categories, w.goods.prices = nil, nil, 0
	},
	"sell-search": func(w *world) {
		w.fill()
		w.network = till.Network{Since: w.clock.now.Add(-4 * time.Hour)}
		w.journal.waiting = till.Waiting{Count: 37, Oldest: w.clock.now.Add(-4 * time.Hour)}
		w.typeIn("cof")
		w.scan("4001009910465")
	},
	"approve": func(w *world) {
		w.fill()
		w.press(fyne.KeyF7)
		w.typeIn("12")
	},
	"approve-wrong": func(w *world) {
		w.fill()
		w.press(fyne.KeyF7)
		w.typeIn("9999")
		w.press(fyne.KeyReturn)
	},
	"drawer": func(w *world) {
		w.app.lock()
		w.settle()
		w.signIn(id(5))
		w.app.speak(w.app.words.Language)
		w.press(fyne.KeyF7)
	},
	"discount": func(w *world) {
		w.fill()
		w.press(fyne.KeyF8)
		w.typeIn("10")
	},
	"discount-approve": func(w *world) {
		w.fill()
		w.press(fyne.KeyF8, fyne.KeyRight)
		w.typeIn("$2500")
		w.press(fyne.KeyReturn)
		w.typeIn("12")
	},
	"discounted": func(w *world) {
		w.fill()
		ctx := w.t.Context()
		need := retail.Need{Deed: retail.DeedPrice}
		by, err := w.app.Till.Approve(ctx, need, id(3), "1234", "label")
		require.NoError(w.t, err)
		require.NoError(w.t, w.app.Till.SetPrice(ctx, 3, 999, "label", by))
		require.NoError(w.t, w.app.Till.DiscountLine(ctx, 5, retail.Discount{Rate: 10_000, Reason: "damaged"}, till.Approval{}))
		require.NoError(w.t, w.app.Till.Accuracy(ctx, 6, till.Approval{}))
		require.NoError(w.t, w.app.Till.NoteLine(2, "sans sucre"))
		require.NoError(w.t, w.app.Till.DiscountTicket(ctx, retail.Discount{Amount: 100, Reason: "loyal"}, till.Approval{}))
	},
	"sell-charged": func(w *world) {
		w.carry()
		w.fill()
		ctx, a := w.t.Context(), w.app.Till
		require.NoError(w.t, a.Add(ctx, w.product("Jus"), 2*money.One))
		require.NoError(w.t, a.Add(ctx, w.product("Beigne"), 5*money.One))
		require.NoError(w.t, a.DiscountTicket(ctx, retail.Discount{Amount: 100, Reason: "loyal"}, till.Approval{}))
	},
	"sell-included": func(w *world) {
		w.carry()
		w.include()
		w.fill()
		require.NoError(w.t, w.app.Till.Add(w.t.Context(), w.product("Sandwich"), money.One))
		require.NoError(w.t, w.app.Till.Add(w.t.Context(), w.product("Timbres"), money.One))
		require.NoError(w.t, w.app.Till.Add(w.t.Context(), w.product("Jus"), money.One))
	},
	"shift-x-included": func(w *world) {
		w.carry()
		w.include()
		w.sellSome()
		w.app.visit(PlaceShift)
		w.press(fyne.KeyF7)
	},
	"journal-included": func(w *world) {
		w.carry()
		w.include()
		w.sellSome()
		w.app.visit(PlaceJournal)
	},
	"customer-find": func(w *world) {
		w.know()
		w.fill()
		w.press(fyne.KeyF3)
		w.typeIn("tremb")
	},
	"customer-new": func(w *world) {
		w.fill()
		w.press(fyne.KeyF3)
		w.typeIn("514 555-0199")
		w.press(fyne.KeyReturn)
		w.typeIn("Élise Gagnon")
	},
	"customer": func(w *world) {
		w.know()
		w.fill()
		require.NoError(w.t, w.app.Till.SetCustomer(w.t.Context(), w.people.all[0].ID))
	},
	"training": func(w *world) {
		w.train()
		w.fill()
	},
	"training-shift": func(w *world) {
		w.train()
		w.sellSome()
		w.app.visit(PlaceShift)
	},
	"training-pay": func(w *world) {
		w.train()
		w.fill()
		w.press(fyne.KeyF9)
	},
	"discount-accuracy": func(w *world) {
		w.fill()
		w.press(fyne.KeyF8, fyne.KeyRight, fyne.KeyRight, fyne.KeyRight)
	},
	"discount-note": func(w *world) {
		w.fill()
		w.press(fyne.KeyF8, fyne.KeyRight, fyne.KeyRight, fyne.KeyRight, fyne.KeyRight)
		w.typeIn("sans sucre, client reviendra")
	},
	"hold": func(w *world) {
		w.fill()
		w.press(fyne.KeyF4)
		w.typeIn("Marie, manteau rouge")
	},
	"recall": func(w *world) {
		w.holdSome()
		w.press(fyne.KeyF5)
	},
	"recall-none": func(w *world) { w.press(fyne.KeyF5) },
	"open-price": func(w *world) {
		w.fill()
		w.goods.products[0].OpenPrice = true
		w.app.page.(*sell).add(w.goods.products[0])
		w.typeIn("1250")
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
	"price-check": func(w *world) {
		w.fill()
		w.press(fyne.KeyF6)
		w.scan(w.code("Sirop d’érable ambré"))
	},
	"sell-nothing": func(w *world) {
		w.fill()
		w.typeIn("xyz")
	},
	"sell-clear": func(w *world) {
		w.fill()
		w.press(fyne.KeyEscape)
	},
	"pay": func(w *world) {
		w.fill()
		w.press(fyne.KeyF9)
		w.payCard(2000)
		w.typeIn("4000")
	},
	"pay-card": func(w *world) {
		w.fill()
		w.press(fyne.KeyF9, fyne.KeyRight)
		w.scan("4001009910465")
		w.typeIn("2000")
	},
	"change": func(w *world) {
		w.fill()
		w.press(fyne.KeyF9)
		w.payCard(2000)
		w.typeIn("4000")
		w.press(fyne.KeyReturn)
	},
	"change-waits": func(w *world) {
		w.printer.state.Trouble = till.PrinterPaper
		var held []func()
		w.held = &held
		w.fill()
		w.press(fyne.KeyF9)
		w.typeIn("5000")
		w.press(fyne.KeyReturn)
	},
	"sell-not-printed": func(w *world) { w.notPrinted() },
	"status-printer": func(w *world) {
		w.notPrinted()
		w.printer.state = till.PrinterState{Trouble: till.PrinterOff, Waiting: 3, Since: w.clock.now.Add(-4 * time.Minute)}
		w.network = till.Network{
			Since: w.clock.now.Add(-4 * time.Hour), LastAck: w.clock.now.Add(-4 * time.Hour),
			Offset: -1500 * time.Millisecond, Error: 20 * time.Millisecond, Certain: true,
		}
		w.journal.waiting = till.Waiting{Count: 37, Oldest: w.clock.now.Add(-2*time.Hour - 5*time.Minute)}
		w.app.showStatus()
	},
	"change-large": func(w *world) {
		w.fill()
		w.press(fyne.KeyF9)
		w.typeIn("200000")
		w.press(fyne.KeyReturn)
	},
	"change-card": func(w *world) {
		w.fill()
		w.press(fyne.KeyF9, fyne.KeyRight, fyne.KeyReturn)
	},
	"journal": func(w *world) {
		w.sellSome()
		w.journal.acked = w.journal.seq - 2
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
		w.press(fyne.KeyDown, fyne.KeyF8)
		w.typeIn(" ")
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
	"customer-edit": func(w *world) {
		w.fill()
		c := retail.Customer{ID: id(60), Name: "Marie Tremblay", Phone: "514 555-0123", Email: "marie@example.com"}
		require.NoError(w.t, w.people.KeepCustomer(w.t.Context(), c))
		w.press(fyne.KeyF3)
		w.typeIn("marie")
		w.press(fyne.KeyF4)
	},
	"refund-like": func(w *world) { w.alike() },
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
	"refund-done": func(w *world) {
		w.sellSome()
		w.app.visit(PlaceJournal)
		w.press(fyne.KeyDown, fyne.KeyDown, fyne.KeyF8, fyne.KeyReturn, fyne.KeyF9)
	},
	"journal-export": func(w *world) {
		w.sellSome()
		w.journal.waiting = till.Waiting{Count: 37, Oldest: w.clock.now.Add(-time.Hour)}
		w.stick("/media/caisse/KINGSTON", "/media/caisse/BLEUE")
		w.app.visit(PlaceJournal)
		w.press(fyne.KeyF6)
	},
	"journal-exported": func(w *world) {
		w.sellSome()
		w.journal.waiting = till.Waiting{Count: 37, Oldest: w.clock.now.Add(-time.Hour)}
		w.stick("/media/caisse/KINGSTON")
		w.app.Export.Write = func(context.Context, string) (string, int, error) {
			return "/media/caisse/KINGSTON/comptant-CV-01-20261122T193200Z.export", 37, nil
		}
		w.app.visit(PlaceJournal)
		w.press(fyne.KeyF6, fyne.KeyReturn)
	},
	"journal-export-nowhere": func(w *world) {
		w.journal.waiting = till.Waiting{Count: 1, Oldest: w.clock.now.Add(-time.Hour)}
		w.app.visit(PlaceJournal)
		w.press(fyne.KeyF6)
	},
	"journal-empty": func(w *world) { w.app.visit(PlaceJournal) },
	"settings": func(w *world) {
		w.settable()
		w.goods.identity.Store.Address = "1100, rue Notre-Dame Ouest, Montréal"
		w.app.Settings.Now.Printer = "tcp://192.168.1.50:9100?paper=58"
		w.openSettings().choose(1)
	},
	"settings-fixed": func(w *world) {
		w.settable()
		w.app.Settings.Fixed = map[Setting]bool{SettingPrinter: true, SettingTheme: true, SettingScale: true, SettingLock: true}
		w.openSettings().choose(0)
	},
	"settings-approve": func(w *world) {
		w.settable()
		w.app.visit(PlaceSettings)
	},
	"stock": func(w *world) {
		w.goods.setStock("Sirop d’érable doré", func(s *till.Stock) { s.DepotAt = w.clock.now.Add(-3 * time.Hour) })
		w.app.visit(PlaceStock)
		w.typeIn("sir")
	},
	"stock-asked": func(w *world) {
		w.app.visit(PlaceStock)
		w.typeIn("érab sir")
		w.app.page.(*stock).ask()
	},
	"stock-enough": func(w *world) {
		w.goods.setStock("Carnet", func(s *till.Stock) { s.DepotAt = w.clock.now.Add(-3 * time.Hour) })
		w.app.visit(PlaceStock)
		w.scan(w.code("Carnet"))
	},
	"stock-empty": func(w *world) {
		w.goods.products, w.goods.categories, w.goods.prices = nil, nil, 0
		w.goods.restocks, w.goods.shipments = nil, nil
		w.app.visit(PlaceStock)
	},
	"receive": func(w *world) {
		w.app.visit(PlaceStock)
		w.press(fyne.KeyF4)
	},
	"receive-empty": func(w *world) {
		w.goods.shipments = nil
		w.app.visit(PlaceStock)
		w.press(fyne.KeyF4)
	},
	"sent": func(w *world) { w.sentSome() },
	"sent-none": func(w *world) {
		w.app.visit(PlaceStock)
		w.press(fyne.KeyF4, fyne.KeyF6)
	},
	"receive-count": func(w *world) {
		w.app.visit(PlaceStock)
		w.press(fyne.KeyF4, fyne.KeyReturn)
		w.typeIn("12*")
		w.scan(w.code("Sirop d’érable ambré"), w.code("Carnet"), w.code("Beurre"), w.code("Beurre"))
	},
	"receive-ask": func(w *world) {
		w.app.visit(PlaceStock)
		w.press(fyne.KeyF4, fyne.KeyReturn)
		w.scan(w.code("Beurre"), w.code("Beurre"))
		w.press(fyne.KeyF9)
	},
	"date": func(w *world) {
		w.closeShift()
		w.doubtTheDate()
		w.press(fyne.KeyReturn)
		w.typeIn("202611")
	},
	"shift-none": func(w *world) {
		w.sellSome()
		w.closeShift()
	},
	"shift-open": func(w *world) {
		w.closeShift()
		w.press(fyne.KeyF9)
		w.sellSome()
		w.app.visit(PlaceShift)
		w.clock.sleep(24 * time.Hour)
	},
	"shift-x": func(w *world) {
		w.sellSome()
		w.app.visit(PlaceShift)
		w.press(fyne.KeyF7)
	},
	"shift-cash": func(w *world) {
		w.app.visit(PlaceShift)
		w.press(fyne.KeyF3, fyne.KeyDown, fyne.KeyDown)
		w.typeIn("2500sacs")
	},
	"shift-count": func(w *world) {
		w.sellSome()
		w.network = till.Network{Since: w.clock.now.Add(-4 * time.Hour)}
		w.journal.waiting = till.Waiting{Count: 143, Oldest: w.clock.now.Add(-4 * time.Hour)}
		w.count("1", "3", "21", "14", "19", "23", "31", "42", "57", "18")
	},
	"shift-count-later": func(w *world) {
		w.count("1", "3", "21")
		w.press(fyne.KeyEscape)
		w.count()
	},
	"shift-float": func(w *world) {
		w.closeShift()
		w.press(fyne.KeyF7)
		w.typeIn("1")
		w.press(fyne.KeyRight)
		w.typeIn("25")
	},
	"shift-count-euro": func(w *world) {
		w.goods.currency, _ = retail.CurrencyOf("EUR")
		_, err := w.app.Till.Recheck(w.t.Context())
		require.NoError(w.t, err)
		w.app.words = wordsOf(w.app.Till)
		w.count("1", "3", "21", "14", "19", "23", "31", "42", "57", "18", "4", "12", "9", "2", "3", "1", "1")
	},
	"shift-closed": func(w *world) {
		w.sellSome()
		w.count("0", "0", "14", "3", "2")
		w.press(fyne.KeyF9)
	},
	"shift-even": func(w *world) {
		w.count("0", "0", "10")
		w.press(fyne.KeyF9)
	},
	"status-clock": func(w *world) {
		w.network.Offset = -4 * time.Minute
		w.app.showStatus()
	},
	"status": func(w *world) {
		w.free = 41_200_000_000
		w.network = till.Network{
			Since: w.clock.now.Add(-4 * time.Hour), LastAck: w.clock.now.Add(-4 * time.Hour),
			Offset: -1500 * time.Millisecond, Error: 20 * time.Millisecond, Certain: true,
		}
		w.journal.waiting = till.Waiting{Count: 37, Oldest: w.clock.now.Add(-2*time.Hour - 5*time.Minute)}
		w.goods.next = till.NextPrices{Version: 1285, From: w.clock.now.Truncate(24 * time.Hour).Add(35 * time.Hour)}
		w.app.showStatus()
	},
}

// notPrinted sells something of which no receipt comes out, and goes on.
func (w *world) notPrinted() {
	w.printer.jam = errors.New("no paper")
	w.fill()
	w.press(fyne.KeyF9, fyne.KeyReturn)
	w.clock.wait(patient)
	w.press(fyne.KeyReturn)
	w.printer.jam = nil
}

// payCard takes a part of a payment by card.
func (w *world) payCard(amount money.Amount) {
	p, ok := w.app.Till.Payment()
	require.True(w.t, ok)
	_, err := w.app.Till.TenderCard(w.t.Context(), p.Turn, amount, "083214", "4417")
	require.NoError(w.t, err)
	w.app.refresh()
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

// holdSome puts two sales away, some time apart.
func (w *world) holdSome() {
	for _, name := range []string{"Marie, manteau rouge", ""} {
		w.fill()
		require.NoError(w.t, w.app.Till.Hold(w.t.Context(), name))
		w.clock.wait(17 * time.Minute)
	}
}

// carry gives goods a deposit, an eco-fee, and the rule of sweet ones for one person.
func (w *world) carry() {
	for i := range w.goods.products {
		p := &w.goods.products[i]
		switch p.Name.EN {
		case "Orange juice, 300 ml", "Spring water, 500 ml":
			p.Charges = []retail.Charge{{Code: "CONSIGNE-10", Name: retail.Text{FR: "Consigne", EN: "Deposit"}, Unit: 10, Class: retail.Exempt}}
		case "Hand soap, lavender":
			p.Charges = []retail.Charge{{Code: "ECO-15", Name: retail.Text{FR: "Écofrais", EN: "Eco-fee"}, Unit: 15, Class: retail.Taxable}}
		case "Maple donut", "Blueberry muffin":
			p.Rule = retail.ClassRule{Group: "single-serving", From: 6 * money.One, Class: retail.ZeroRated}
		}
	}
}

// include taxes the shop as a country does whose prices include the tax, at four rates.
func (w *world) include() {
	w.goods.rates = nil
	for i, rate := range []money.Rate{20_000, 5500, 2100, 10_000} {
		w.goods.rates = append(w.goods.rates, retail.TaxRate{
			Code: "TVA " + rate.Format("en"), Name: retail.Text{FR: "TVA", EN: "VAT"}, Rate: rate, Classes: []retail.TaxClass{retail.TaxClass(i + 1)},
			Included: true, Order: i,
		})
	}
	for i := range w.goods.products {
		if p := &w.goods.products[i]; p.Name.EN == "Ham and gruyère sandwich" {
			p.Class = 4
		}
	}
}

// train has a supervisor allow a training.
func (w *world) train() {
	w.app.visit(PlaceShift)
	w.press(fyne.KeyF6)
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	require.True(w.t, w.app.Till.Training())
}

// know gives the till some customers.
func (w *world) know() {
	for i, c := range []retail.Customer{
		{Name: "Marie Tremblay", Phone: "514 555-0123", Email: "marie@example.com"},
		{Name: "Luc Tremblay", Phone: "438 555-0144"},
		{Name: "Ana Tremblay-Ortega", Email: "ana.tremblay.ortega@example.com"},
	} {
		c.ID = id(400 + i)
		w.people.all = append(w.people.all, c)
	}
}
