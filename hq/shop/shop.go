package shop

import (
	"time"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/shared/money"
	"comptant/shared/retail"
)

const (
	// MostUnits is the largest quantity of a product in a cart, mostLines how many products fit.
	MostUnits = 99
	mostLines = 50
	// cartLife is how long a cart that nobody touches is kept.
	cartLife = 90 * 24 * time.Hour
)

const most = MostUnits * money.One

// Config is what the shop works with.
type Config struct {
	DB   *db.DB
	Desk *order.Desk
	// Prices are remembered.
	Prices *catalog.PriceList
	Now    func() time.Time
}

// Shop keeps carts and makes orders of them.
type Shop struct {
	db     *db.DB
	desk   *order.Desk
	prices *catalog.PriceList
	now    func() time.Time
}

// New is the shop of a headquarters.
func New(c Config) *Shop { return &Shop{db: c.DB, desk: c.Desk, prices: c.Prices, now: c.Now} }

// Sold says whether the shop sells a product: not what is withdrawn, made to order in the store, weighed there, or priced there.
func Sold(p catalog.Product) bool {
	return p.RetiredAt == nil && !p.MadeHere && !p.Weighed && !p.OpenPrice
}

func checkQuantity(q money.Quantity) error {
	if q <= 0 || q > most || q%money.One != 0 {
		return &retail.Error{Code: retail.Invalid, Key: "cart.quantity", Args: map[string]any{"most": MostUnits}}
	}
	return nil
}
