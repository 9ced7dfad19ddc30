package shop_test

import (
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/order"
	"comptant/hq/payments"
	"comptant/hq/pgtest"
	"comptant/hq/shop"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

const (
	approves = "4242 4242 4242 4242"
	declines = "4000 0000 0000 0002"
	unheard  = "4000 0000 1000 0034" // nobody hears whether it was charged, three times
)

var (
	noon     = time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC)
	downtown = retail.Location{ID: uuid.UUID{1}, Kind: retail.LocationStore, Code: "CV", Name: "Magasin Centre-Ville", Zone: "America/Toronto"}
	depot    = retail.Location{ID: uuid.UUID{2}, Kind: retail.LocationWarehouse, Code: "ENT", Name: "Entrepôt", Zone: "America/Toronto"}
	grocery  = retail.Category{ID: uuid.UUID{3}, Name: retail.Text{FR: "Épicerie", EN: "Grocery"}}
	syrup    = product(10, "204310", 1149, retail.ZeroRated)
	soap     = product(11, "310412", 499, retail.Taxable)
	juice    = product(12, "150701", 299, retail.Taxable)
	donut    = product(13, "100201", 125, retail.Taxable)
	deposit  = retail.Charge{Code: "CONSIGNE", Name: retail.Text{FR: "Consigne", EN: "Deposit"}, Unit: 10, Class: retail.ZeroRated}
)

func product(id byte, sku string, price money.Amount, class retail.TaxClass) catalog.Product {
	return catalog.Product{Product: retail.Product{
		ID: uuid.UUID{id}, SKU: sku, Name: retail.Text{FR: "Produit " + sku, EN: "Product " + sku}, Category: grocery.ID, Price: price, Class: class,
	}}
}

// world is a headquarters with a shop, a store and a warehouse.
type world struct {
	t    *testing.T
	db   *db.DB
	shop *shop.Shop
	desk *order.Desk
	mu   sync.Mutex
	now  time.Time
}

func open(t *testing.T) *world {
	w := &world{t: t, db: pgtest.New(t), now: noon}
	w.shop, w.desk = w.process()
	juice.Charges = []retail.Charge{deposit}
	donut.Rule = retail.ClassRule{Group: "serving", From: 6 * money.One, Class: retail.ZeroRated}
	w.tx(func(tx *db.Tx) error {
		ctx := t.Context()
		if err := stock.PutLocations(ctx, tx, downtown, depot); err != nil {
			return err
		}
		if err := catalog.PutCategories(ctx, tx, grocery); err != nil {
			return err
		}
		if err := catalog.PutTaxRates(ctx, tx, retail.Quebec("1", "2")...); err != nil {
			return err
		}
		if err := catalog.PutCharges(ctx, tx, deposit); err != nil {
			return err
		}
		if _, err := catalog.PutProducts(ctx, tx, noon.Add(-48*time.Hour), []catalog.Product{syrup, soap, juice, donut}); err != nil {
			return err
		}
		var found []stock.Found
		for _, p := range []catalog.Product{syrup, soap, juice, donut} {
			for _, at := range []retail.Location{downtown, depot} {
				found = append(found, stock.Found{Location: at.ID, Product: p.ID, OnHand: 50 * money.One, UnitCost: 100})
			}
		}
		return stock.Set(ctx, tx, noon.Add(-time.Hour), uuid.New(), found)
	})
	return w
}

// process is the shop of a process of headquarters.
func (w *world) process() (*shop.Shop, *order.Desk) {
	log := slog.New(slog.NewTextHandler(w.t.Output(), nil))
	gateway := payments.NewSandbox(w.db, w.clock, payments.Delays{Pause: time.Microsecond, Late: 5 * time.Second})
	desk := order.New(order.Config{DB: w.db, Payments: payments.New(w.db, gateway, log, w.clock), Log: log, Now: w.clock})
	return shop.New(shop.Config{DB: w.db, Desk: desk, Prices: catalog.NewPriceList(w.db, feed.NewNotifier(w.db, log), w.clock), Now: w.clock}), desk
}

// customer is somebody who is written down.
func (w *world) customer() shop.Who {
	w.t.Helper()
	id := uuid.New()
	w.tx(func(tx *db.Tx) error {
		return users.PutCustomer(w.t.Context(), tx, downtown.ID, retail.Customer{ID: id, Name: "Alice Roy", At: noon.UnixMilli()})
	})
	return shop.Who{Customer: id}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) tx(fn func(tx *db.Tx) error) {
	w.t.Helper()
	require.NoError(w.t, w.db.InTx(w.t.Context(), fn))
}

func (w *world) add(who shop.Who, p catalog.Product, units int) {
	w.t.Helper()
	require.NoError(w.t, w.shop.Add(w.t.Context(), who, p.ID, money.Quantity(units)*money.One))
}

// units are what is in somebody's cart, by SKU.
func (w *world) units(who shop.Who) map[string]int {
	w.t.Helper()
	cart, err := w.shop.Cart(w.t.Context(), who)
	require.NoError(w.t, err)
	units := map[string]int{}
	for _, l := range cart.Lines {
		p, err := catalog.Get(w.t.Context(), w.db, l.Product)
		require.NoError(w.t, err)
		units[p.SKU] = int(l.Quantity / money.One)
	}
	return units
}

// form is what somebody fills in to collect their cart at the total that it comes to now.
func (w *world) form(who shop.Who, card string) shop.Checkout {
	w.t.Helper()
	cart, err := w.shop.Cart(w.t.Context(), who)
	require.NoError(w.t, err)
	quote, err := w.shop.Quote(w.t.Context(), downtown, "fr", cart.Lines)
	require.NoError(w.t, err)
	return shop.Checkout{
		Order: cart.Order, Seen: &quote.Total, Name: "Alice Roy", Email: "alice@example.com", Lang: "fr", Delivery: retail.Collect, At: downtown, Card: card,
	}
}

func refused(t *testing.T, err error, key string) *retail.Error {
	t.Helper()
	var told *retail.Error
	require.ErrorAs(t, err, &told)
	require.Equal(t, key, told.Key)
	return told
}
