package web_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/hq/payments"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// What the sandbox makes of cards.
const (
	approved = "4242 4242 4242 4242"
	declined = "4000 0000 0000 0002"
)

func takeOrders(d *db.DB, log *slog.Logger, now func() time.Time) *order.Desk {
	gateway := payments.NewSandbox(d, now, payments.Delays{Pause: time.Microsecond, Late: 5 * time.Second})
	return order.New(order.Config{DB: d, Payments: payments.New(d, gateway, log, now), Log: log, Now: now})
}

// place orders units of a product where they are prepared, and drives that as far as it goes.
func (w *world) place(where retail.Location, card string, units int64, products ...catalog.Product) order.Order {
	w.t.Helper()
	p := order.Placement{
		ID: uuid.New(), Name: "Alice Tremblay", Email: "alice@example.com", Lang: "fr", Delivery: retail.Collect, At: where,
		Currency: "CAD", Prices: 1, Method: card,
	}
	if where.Kind == retail.LocationWarehouse {
		p.Delivery, p.Address = retail.Ship, "1, rue du Port"
	}
	for _, product := range products {
		amount := product.Price.Mul(money.Quantity(units) * money.One)
		p.Lines = append(p.Lines, retail.Line{
			Product: product.ID, SKU: product.SKU, Name: product.Name.FR, Quantity: money.Quantity(units) * money.One, UnitPrice: product.Price,
			Amount: amount, Class: retail.Taxable,
		})
		p.Total += amount
	}
	o, err := w.orders.Place(w.t.Context(), p)
	require.NoError(w.t, err)
	return o
}

// further takes an order of a warehouse some steps on: prepared, shipped, delivered.
func (w *world) further(o order.Order, steps int) order.Order {
	w.t.Helper()
	ctx, err := w.t.Context(), error(nil)
	for step := range steps {
		switch step {
		case 0:
			o, err = w.orders.Prepare(ctx, o.ID, uuid.New())
		case 1:
			o, err = w.orders.Ship(ctx, o.ID, uuid.New(), "1Z")
		case 2:
			o, err = w.orders.Deliver(ctx, o.ID, uuid.New())
		}
		require.NoError(w.t, err)
	}
	return o
}

// orderDeed does something with an order of the warehouse that stands some steps on.
func (w *world) orderDeed(c chain, steps int, deed string, pairs ...string) func() (string, []string) {
	return func() (string, []string) {
		o := w.further(w.place(c.depot, approved, 1, c.syrup), steps)
		return "/orders/" + o.ID.String() + "/" + deed, pairs
	}
}

// refusedRefund is an order of the warehouse that is called off after it was paid, whose card takes no refund.
func (w *world) refusedRefund(c chain) order.Order {
	w.t.Helper()
	o := w.further(w.place(c.depot, "4000 0000 1000 0117", 1, c.syrup), 1)
	_, err := w.orders.Cancel(w.t.Context(), o.ID, uuid.New(), "")
	require.ErrorContains(w.t, err, "payment.refund_refused")
	return o
}

// owed is an order that was handed over and whose card pays nothing any more.
func (w *world) owed(c chain) order.Order {
	w.t.Helper()
	o := w.place(c.north, "4000 0000 1000 0083", 1, c.syrup)
	err := w.db.InTx(w.t.Context(), func(tx *db.Tx) error {
		_, err := order.Collect(w.t.Context(), tx, order.Sold{
			Answer:   order.Answer{Order: o.ID, Attempt: o.Attempt, At: sunday, Heard: sunday, By: uuid.New()},
			Location: c.north.ID, Receipt: retail.ReceiptID{Till: uuid.New(), Epoch: 1, Number: 1}, Code: "CV-01-1-1",
		})
		return err
	})
	require.NoError(w.t, err)
	for range 5 {
		_, err := w.orders.Retry(w.t.Context(), o.ID)
		require.Error(w.t, err)
	}
	return o
}

func TestWhatIsOwedIsSettledByHand(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	o, manager := w.owed(c), w.as(retail.RoleManager)
	require.Equal(t, []string{"settle", "retry"}, offers(manager, o))
	_, page, _ := manager.get("/orders?state=stuck")
	require.Contains(t, page, o.Code)
	_, _, _ = manager.post("/orders/"+o.ID.String()+"/settle", "how", "comptant")
	_, page, _ = manager.get("/orders/" + o.ID.String())
	require.Contains(t, page, "régler l’impayé")
	require.Contains(t, page, "comptant")
	require.Equal(t, []string{"forget"}, offers(manager, o))
	records, err := users.Audit(t.Context(), w.db, users.AuditFilter{Kind: users.DidSettleOrder, Limit: 10})
	require.NoError(t, err)
	require.Len(t, records, 1)
}

// A card that takes no refund leaves it to people, and the page says how much.
func TestMoneyIsGivenBackByHand(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	o, manager := w.refusedRefund(c), w.as(retail.RoleManager)
	require.Equal(t, []string{"repay", "retry"}, offers(manager, o))
	require.Empty(t, offers(w.as(retail.RoleWarehouse), o))
	_, page, _ := manager.get("/orders/" + o.ID.String())
	require.Contains(t, page, "Rendez d’abord")
	require.Contains(t, page, "La banque refuse ce remboursement", "the history says why it fails, in words")
	require.NotContains(t, page, "refund_refused")
	_, _, _ = manager.post("/orders/"+o.ID.String()+"/repay", "how", " ")
	require.Equal(t, retail.OrderCompensating, w.state(o))
	_, _, _ = manager.post("/orders/"+o.ID.String()+"/repay", "how", "virement")
	require.Equal(t, retail.OrderCancelled, w.state(o))
	_, page, _ = manager.get("/orders/" + o.ID.String())
	require.Contains(t, page, "rendre l’argent à la main")
	require.Contains(t, page, "virement")
	records, err := users.Audit(t.Context(), w.db, users.AuditFilter{Kind: users.DidRepayOrder, Limit: 10})
	require.NoError(t, err)
	require.Len(t, records, 1)
}

// A refund may fail days after the order has ended: then it is among the exceptions until people have given the money back.
func TestARefundThatFailedIsAnException(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	o, manager := w.further(w.place(c.depot, approved, 1, c.syrup), 1), w.as(retail.RoleManager)
	_, err := w.orders.Cancel(t.Context(), o.ID, uuid.New(), "")
	require.NoError(t, err)
	_, page, _ := manager.get("/exceptions")
	require.NotContains(t, page, o.Code)
	require.NotContains(t, offers(manager, o), "repay")

	require.NoError(t, w.orders.Notified(t.Context(), payments.Event{ID: "1", Payment: o.ID, Refund: o.ID.String() + "/void/1", Reason: "lost_or_stolen_card"}))
	_, page, _ = manager.get("/exceptions")
	require.Contains(t, page, "Remboursements échoués")
	require.Contains(t, page, o.Code)
	_, page, _ = w.as(retail.RoleWarehouse).get("/exceptions")
	require.NotContains(t, page, o.Code)
	require.Contains(t, offers(manager, o), "repay")
	_, page, _ = manager.get("/orders/" + o.ID.String())
	require.Contains(t, page, "La banque a renvoyé l’argent")
	require.NotContains(t, page, "refund_failed")

	_, _, _ = manager.post("/orders/"+o.ID.String()+"/repay", "how", "virement")
	_, page, _ = manager.get("/exceptions")
	require.NotContains(t, page, o.Code)
}

// What was asked and answered is written in words, and what a customer did is theirs.
func TestHistoriesAreInWords(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	manager := w.as(retail.RoleManager)
	// row is that of a step in the history of an order.
	row := func(o order.Order, step string) string {
		_, page, _ := manager.get("/orders/" + o.ID.String())
		for _, row := range strings.Split(page, "<tr") {
			if strings.Contains(row, "<span>"+step+"</span>") {
				return row
			}
		}
		return ""
	}
	o := w.place(c.north, approved, 1, c.syrup)
	_, err := w.orders.Cancel(t.Context(), o.ID, uuid.Nil, "")
	require.NoError(t, err)
	require.Contains(t, row(o, "tout défaire"), "Alice Tremblay")
	require.Contains(t, row(o, "annuler"), "siège")

	o = w.refusedRefund(c)
	_, err = w.orders.Repay(t.Context(), o.ID, uuid.New(), "virement")
	require.NoError(t, err)
	require.Contains(t, row(o, "rendre l’argent à la main"), "Comment\u00a0: virement")

	o = w.place(c.depot, "4000 0000 1000 0083", 1, c.syrup) // the authorisation lapses
	_, err = w.db.Exec(t.Context(), `UPDATE payments.payment SET state = 'voided', decline = 'expired' WHERE id = $1`, o.ID)
	require.NoError(t, err)
	_, _ = w.orders.Prepare(t.Context(), o.ID, uuid.New())
	require.Contains(t, row(o, "tout défaire"), "Erreur\u00a0: ")
	require.NotContains(t, row(o, "tout défaire"), "payment.")

	o = w.place(c.north, approved, 1, c.syrup)
	_, err = w.db.Exec(t.Context(), `UPDATE orders.transition SET response = jsonb_build_object('product', $2::text) WHERE order_id = $1 AND deed = 'reserve'`,
		o.ID, c.syrup.ID.String())
	require.NoError(t, err)
	require.Contains(t, row(o, "réserver le stock"), "Produit\u00a0: Sirop d’érable")
}

func (w *world) state(o order.Order) retail.OrderState {
	w.t.Helper()
	now, err := order.One(w.t.Context(), w.db, o.ID)
	require.NoError(w.t, err)
	return now.State
}

// A manager of one store sees and changes what that store prepares; a warehouse clerk what warehouses do.
func TestOrdersAreSeenWhereTheyArePrepared(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	north, south, depot := w.place(c.north, approved, 1, c.syrup), w.place(c.south, approved, 1, c.soap), w.place(c.depot, approved, 2, c.syrup)
	w.tx(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO users.staff_store (staff_id, store_id) VALUES ($1, $2)`, w.idOf(retail.RoleManager), c.north.ID)
		return err
	})
	for role, seen := range map[retail.Role][]order.Order{
		retail.RoleAdministrator: {north, south, depot}, retail.RoleManager: {north}, retail.RoleWarehouse: {depot},
	} {
		v := w.as(role)
		_, list, _ := v.get("/orders")
		for _, o := range []order.Order{north, south, depot} {
			status, _, _ := v.get("/orders/" + o.ID.String())
			want := http.StatusForbidden
			for _, s := range seen {
				if s.ID == o.ID {
					want = http.StatusOK
				}
			}
			require.Equal(t, want, status, "%s of %s", o.Code, role)
			require.Equal(t, want == http.StatusOK, strings.Contains(list, o.Code), "%s in the list of %s", o.Code, role)
			if role == retail.RoleManager && want == http.StatusForbidden {
				status, _, _ = v.post("/orders/"+o.ID.String()+"/cancel", "why", "x")
				require.Equal(t, want, status)
				_, list, _ = v.get("/orders?location=" + o.Location.String())
				require.NotContains(t, list, o.Code)
			}
		}
	}
	require.Equal(t, retail.OrderConfirmed, w.state(south))
}

func TestOrdersAreLookedThrough(t *testing.T) {
	w := newWorld(t)
	admin := w.as(retail.RoleAdministrator)
	_, page, _ := admin.get("/orders")
	require.Contains(t, page, "Aucune commande")
	c := w.open()
	store, refused, depot := w.place(c.north, approved, 1, c.syrup), w.place(c.north, declined, 1, c.syrup), w.place(c.depot, approved, 2, c.syrup)
	require.Equal(t, retail.OrderCancelled, refused.State)
	_, err := w.db.Exec(t.Context(), `UPDATE orders.placed SET tries = 6, due_at = $2, placed_at = $2 WHERE id = $1`, depot.ID, sunday.Add(time.Minute))
	require.NoError(t, err)
	for query, want := range map[string][]order.Order{
		"":                                  {store, refused, depot},
		"?state=cancelled":                  {refused},
		"?state=stuck":                      {depot},
		"?q=" + store.Code:                  {store},
		"?q=alice@example.com":              {store, refused, depot},
		"?q=nobody":                         {},
		"?location=" + c.depot.ID.String():  {depot},
		"?state=order_confirmed&q=tremblay": {store, depot},
		"?state=nonsense":                   {},
	} {
		_, page, _ = admin.get("/orders" + query)
		for _, o := range []order.Order{store, refused, depot} {
			in := false
			for _, found := range want {
				in = in || found.ID == o.ID
			}
			require.Equal(t, in, strings.Contains(page, ">"+o.Code+"<"), "%s by %q", o.Code, query)
		}
	}
	_, page, _ = admin.get("/orders")
	require.Contains(t, page, "essai 6")
	require.Contains(t, page, "Le paiement a été refusé.")
	require.Less(t, strings.Index(page, depot.Code), strings.Index(page, store.Code), "the newest first")
	_, page, _ = admin.get("/")
	require.Regexp(t, `href="/orders"(.|\n)*?count">1<`, page, "one waits for people")
}

// offers are the deeds that the page of an order has buttons for.
func offers(v visitor, o order.Order) (found []string) {
	_, page, _ := v.get("/orders/" + o.ID.String())
	for _, deed := range []string{"cancel", "repay", "settle", "retry", "accept", "short", "ship", "deliver", "return", "forget"} {
		if strings.Contains(page, `action="/orders/`+o.ID.String()+"/"+deed+`"`) {
			found = append(found, deed)
		}
	}
	return found
}

// The page of an order says where it is, what it went through, and offers what may be done now and nothing else.
func TestAnOrderOffersWhatMayBeDone(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	manager, clerk := w.as(retail.RoleManager), w.as(retail.RoleWarehouse)
	o := w.place(c.depot, approved, 2, c.syrup)
	require.Equal(t, []string{"cancel", "accept", "short"}, offers(manager, o))
	require.Equal(t, []string{"accept", "short"}, offers(clerk, o))
	o = w.further(o, 1)
	require.Equal(t, []string{"cancel", "short", "ship"}, offers(manager, o))
	_, _, _ = clerk.post("/orders/"+o.ID.String()+"/ship", "tracking", "1Z 999")
	require.Equal(t, retail.OrderShipped, w.state(o))
	require.Equal(t, []string{"deliver"}, offers(manager, o))
	require.Empty(t, offers(clerk, o))
	_, page, _ := manager.get("/orders/" + o.ID.String())
	require.Contains(t, page, "1Z 999")
	require.Contains(t, page, "1, rue du Port")
	require.Less(t, strings.Index(page, "expédier</span>"), strings.Index(page, "vérifier le stock</span>"), "the newest first")
	require.Contains(t, page, `data-state="done"`)
	// Too late: it is said, and nothing changes.
	_, _, location := manager.post("/orders/"+o.ID.String()+"/cancel", "why", "trop tard")
	require.NotEmpty(t, location)
	_, page, _ = manager.get("/orders/" + o.ID.String())
	require.Contains(t, page, "n’en est pas là")
	require.Equal(t, retail.OrderShipped, w.state(o))
	// What a till prepares is not accepted here.
	store := w.place(c.north, approved, 1, c.syrup)
	require.Equal(t, []string{"cancel"}, offers(manager, store))
	_, _, _ = manager.post("/orders/" + store.ID.String() + "/accept")
	require.Equal(t, retail.OrderConfirmed, w.state(store))
	// A reason is asked for, and what is missing.
	_, _, _ = manager.post("/orders/" + store.ID.String() + "/cancel")
	require.Equal(t, retail.OrderConfirmed, w.state(store))
	_, page, _ = manager.get("/orders/" + store.ID.String())
	require.Contains(t, page, "Dites pourquoi")
	other := w.place(c.depot, approved, 2, c.syrup)
	_, _, _ = clerk.post("/orders/"+other.ID.String()+"/short", "quantity-"+c.syrup.ID.String(), "0")
	require.Equal(t, retail.OrderConfirmed, w.state(other))
	_, _, _ = clerk.post("/orders/"+other.ID.String()+"/short", "quantity-"+c.syrup.ID.String(), "1")
	require.Equal(t, retail.OrderCancelled, w.state(other), "there is no other warehouse")
	_, page, _ = manager.get("/orders/" + other.ID.String())
	require.Contains(t, page, "il manque 1 Sirop")
	// A step that fails may be tried again, and what was done before it is recorded.
	_, err := w.db.Exec(t.Context(), `UPDATE orders.placed SET tries = 2, due_at = $2 WHERE id = $1`, store.ID, sunday.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, []string{"cancel", "retry"}, offers(manager, store))
	_, _, _ = manager.post("/orders/"+store.ID.String()+"/cancel", "why", "changé d’avis")
	require.Equal(t, retail.OrderCancelled, w.state(store))
	records, err := users.Audit(t.Context(), w.db, users.AuditFilter{Kind: users.DidCancelOrder, Limit: 10})
	require.NoError(t, err)
	require.Len(t, records, 1, "a refusal is no change")
	// Who ordered without an account is forgotten once it is over.
	require.Equal(t, []string{"forget"}, offers(manager, store))
	require.Empty(t, offers(clerk, other))
	_, _, _ = manager.post("/orders/" + store.ID.String() + "/forget")
	_, page, _ = manager.get("/orders/" + store.ID.String())
	require.NotContains(t, page, "Alice")
	require.NotContains(t, page, "alice@example.com")
	require.Empty(t, offers(manager, store))
	_, _, _ = manager.post("/orders/" + o.ID.String() + "/forget")
	_, page, _ = manager.get("/orders/" + o.ID.String())
	require.Contains(t, page, "n’est pas terminée")
	require.Contains(t, page, "Alice", "a parcel is under way")
	require.JSONEq(t, `{"state": "cancelled", "why": "changé d’avis"}`, string(records[0].After))
}
