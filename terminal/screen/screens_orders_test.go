package screen

import (
	"time"

	"fyne.io/fyne/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
	"comptant/terminal/till/tilltest"
)

// ordersVisits leads to the screens of orders of the shop. David, an employee, prepares them.
var ordersVisits = map[string]func(*world){
	"orders": func(w *world) { w.visitOrders(id(4)) },
	"orders-none": func(w *world) {
		w.app.visit(PlaceOrders)
	},
	"orders-offline": func(w *world) {
		w.network = till.Network{Since: w.clock.now.Add(-4 * time.Hour), Heard: w.clock.now.Add(-4 * time.Hour)}
		w.visitOrders(id(4))
		w.app.page.(*orders).choose(id(503))
	},
	"orders-not-found": func(w *world) {
		w.visitOrders(id(4))
		w.typeIn("tremb")
	},
	"orders-rights": func(w *world) {
		w.visitOrders(alice)
		w.press(fyne.KeyF9)
	},
	"orders-accepted": func(w *world) {
		w.visitOrders(id(4))
		w.press(fyne.KeyF9)
	},
	"orders-ready": func(w *world) {
		w.visitOrders(alice)
		w.typeIn("bélanger")
	},
	"orders-hand-over": func(w *world) {
		w.visitOrders(alice)
		w.scan("W-000038")
	},
	"orders-hand-over-early": func(w *world) {
		w.visitOrders(alice)
		w.scan("W-000041")
		w.press(fyne.KeyF8)
	},
	"orders-handed": func(w *world) {
		w.visitOrders(alice)
		w.scan("W-000038")
		w.press(fyne.KeyReturn)
	},
	"pick": func(w *world) { w.pickSome() },
	"pick-wrong": func(w *world) {
		w.pickSome()
		w.scan(w.code("Eau"))
	},
	"pick-by-hand": func(w *world) {
		w.pickSome()
		w.press(fyne.KeyF9)
	},
	"pick-short": func(w *world) {
		w.pickSome()
		w.press(fyne.KeyF7)
	},
	"pick-done": func(w *world) {
		w.pickSome()
		w.press(fyne.KeyF6, fyne.KeyF9)
	},
	"stock-promised": func(w *world) {
		syrup := w.product("Sirop d’érable ambré").ID
		setStock(w.goods, "Sirop d’érable ambré", func(s *till.Stock) { s.Promised, s.DepotPromised = 4*money.One, 120*money.One })
		told := w.goods.Elsewhere[syrup].Stores
		told[0].Promised, told[1].Promised = 2*money.One, 5*money.One
		w.app.visit(PlaceStock)
		w.typeIn("sir")
	},
}

// visitOrders goes to Orders, where some wait, as somebody.
func (w *world) visitOrders(user uuid.UUID) {
	w.t.Helper()
	w.goods.Orders = w.someOrders()
	l := w.app.words.Language
	w.app.lock()
	w.signIn(user)
	w.app.speak(l)
	w.app.visit(PlaceOrders)
	w.settle()
}

// pickSome finds a part of an order.
func (w *world) pickSome() {
	w.t.Helper()
	w.visitOrders(id(4))
	w.app.page.(*orders).choose(id(502))
	w.press(fyne.KeyF9)
	w.settle()
	w.typeIn("2*")
	w.scan(w.code("Sirop d’érable ambré"), w.code("Savon"))
}

// someOrders are one of each state.
func (w *world) someOrders() []retail.Order {
	ago := func(d time.Duration) int64 { return w.clock.now.Add(-d).UnixMilli() }
	order := func(n int, name string, state retail.OrderState, age time.Duration, lines ...retail.Line) retail.Order {
		totals := retail.Total(lines, tilltest.QuebecTaxes())
		return retail.Order{
			ID: id(460 + n), Code: retail.OrderCode(int64(n)), Attempt: 1, State: state, At: ago(age), Until: ago(age - time.Hour), Name: name,
			Currency: "CAD", Prices: 1284, Lines: lines, Taxes: totals.Taxes, Total: totals.Total, LastFour: "4242",
		}
	}
	line := func(name string, units int64) retail.Line {
		p, q := w.product(name), money.Quantity(units)*money.One
		return retail.Line{Product: p.ID, SKU: p.SKU, Name: p.Name.FR, Quantity: q, UnitPrice: p.Price, Amount: p.Price.Mul(q), Class: p.Class}
	}
	all := []retail.Order{
		order(38, "Ève Bélanger", retail.OrderReady, 5*time.Hour, line("Carnet", 2), line("Café en grains", 1)),
		order(41, "Marc-Antoine de la Durantaye-Villeneuve", retail.OrderPicking, 50*time.Minute, line("Jus", 6)),
		order(42, "Rosalie Gélinas", retail.OrderAccepted, 31*time.Minute, line("Sirop d’érable ambré", 3), line("Savon", 1), line("Beurre", 2), line("Timbits", 12)),
		order(43, "", retail.OrderConfirmed, 12*time.Minute, line("Sirop d’érable, 250", 2), line("Muffin", 4), line("Café filtre, moyen", 1)),
		order(44, "Zoé Tremblay-Roy", retail.OrderConfirmed, 2*time.Minute, line("Bagel", 6)),
		order(45, "Léo", retail.OrderShort, 70*time.Minute, line("Croissant", 40)),
	}
	for _, o := range all {
		sale := o.Sale(1, 20261122)
		require.NoError(w.t, sale.Check())
	}
	return all
}
