package screen

import (
	"time"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
)

// sellVisits leads to the screens of selling: the ticket, what is found for it, and what is asked about it.
var sellVisits = map[string]func(*world){
	"sell": func(w *world) { w.fill() },
	"sell-full": func(w *world) {
		w.fill()
		w.full = true
		w.app.Changed()
		w.scan(w.code("Jus"))
	},
	"sell-empty": func(*world) {},
	"sell-no-catalogue": func(w *world) {
		w.goods.Products, w.goods.Categories, w.goods.Prices = nil, nil, 0
	},
	"sell-search": func(w *world) {
		w.fill()
		w.network = till.Network{Since: w.clock.now.Add(-4 * time.Hour)}
		w.journal.Unsent = till.Waiting{Count: 37, Oldest: w.clock.now.Add(-4 * time.Hour)}
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
		require.NoError(w.t, w.app.Till.SetCustomer(w.t.Context(), w.people.All[0].ID))
	},
	"training": func(w *world) {
		w.train()
		w.fill()
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
		w.goods.Products[0].OpenPrice = true
		w.app.page.(*sell).add(w.goods.Products[0])
		w.typeIn("1250")
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
	"sell-not-printed": func(w *world) { w.notPrinted() },
	"customer-edit": func(w *world) {
		w.fill()
		c := retail.Customer{ID: id(60), Name: "Marie Tremblay", Phone: "514 555-0123", Email: "marie@example.com"}
		require.NoError(w.t, w.people.KeepCustomer(w.t.Context(), c))
		w.press(fyne.KeyF3)
		w.typeIn("marie")
		w.press(fyne.KeyF4)
	},
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
	for i := range w.goods.Products {
		p := &w.goods.Products[i]
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
	w.goods.Rates = nil
	for i, rate := range []money.Rate{20_000, 5500, 2100, 10_000} {
		w.goods.Rates = append(w.goods.Rates, retail.TaxRate{
			Code: "TVA " + rate.Format("en"), Name: retail.Text{FR: "TVA", EN: "VAT"}, Rate: rate, Classes: []retail.TaxClass{retail.TaxClass(i + 1)},
			Included: true, Order: i,
		})
	}
	for i := range w.goods.Products {
		if p := &w.goods.Products[i]; p.Name.EN == "Ham and gruyère sandwich" {
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
		w.people.All = append(w.people.All, c)
	}
}
