package stock

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// PurchaseTopic is marked when a purchase or a delivery changed.
const PurchaseTopic = "purchase"

// The bounds of a purchase.
const (
	MaxPurchaseLines = 500
	maxSupplier      = 100 // characters
	maxReference     = 100
	maxNote          = 500
)

// GoodsLine is a quantity of a product, and what one unit of it costs to buy; 0 when nobody knows.
type GoodsLine struct {
	Product  uuid.UUID
	Quantity money.Quantity
	UnitCost money.Amount
}

// NewPurchase is goods that a supplier is to bring to a warehouse.
type NewPurchase struct {
	// Location is the warehouse. ID is given by who asks, so that a form that is sent twice makes one purchase.
	Location, ID, By    uuid.UUID
	At                  time.Time
	Supplier, Reference string
	// Lines are what is expected; each product stands in one.
	Lines []GoodsLine
}

// Expect writes down what a supplier is to bring. One that is there already is left as it is.
func Expect(ctx context.Context, tx *db.Tx, p NewPurchase) (Purchase, error) {
	p.Supplier, p.Reference = strings.TrimSpace(p.Supplier), strings.TrimSpace(p.Reference)
	if err := p.check(); err != nil {
		return Purchase{}, err
	}
	at, err := Location(ctx, tx, p.Location)
	if err != nil {
		return Purchase{}, err
	}
	if at.Kind != retail.LocationWarehouse {
		return Purchase{}, &retail.Error{Code: retail.Invalid, Key: "purchase.not_warehouse", Args: map[string]any{"name": at.Name}}
	}
	added, err := tx.Exec(ctx, `
		INSERT INTO stock.purchase (location_id, id, code, supplier, reference, made_at, made_by)
		SELECT $1, $2, 'ACH-' || to_char(nextval('stock.purchase_number'), 'FM999999999990000'), $3, $4, $5, $6
		WHERE NOT EXISTS (SELECT FROM stock.purchase WHERE location_id = $1 AND id = $2) ON CONFLICT DO NOTHING`,
		p.Location, p.ID, p.Supplier, p.Reference, p.At, p.By)
	if err != nil {
		return Purchase{}, fmt.Errorf("write purchase %s: %w", p.ID, err)
	}
	if added.RowsAffected() > 0 {
		products, quantities, costs := goodsColumns(p.Lines)
		_, err = tx.Exec(ctx, `
			INSERT INTO stock.purchase_line (location_id, purchase_id, product_id, ordered, unit_cost)
			SELECT $1, $2, * FROM unnest($3::uuid[], $4::bigint[], $5::bigint[])`, p.Location, p.ID, products, quantities, costs)
		if err != nil {
			return Purchase{}, fmt.Errorf("write purchase %s: %w", p.ID, err)
		}
		feed.Mark(tx, PurchaseTopic)
	}
	return OnePurchase(ctx, tx, p.Location, p.ID)
}

func (p NewPurchase) check() error {
	switch {
	case p.Supplier == "" || utf8.RuneCountInString(p.Supplier) > maxSupplier:
		return &retail.Error{Code: retail.Invalid, Key: "purchase.supplier_missing"}
	case utf8.RuneCountInString(p.Reference) > maxReference:
		return &retail.Error{Code: retail.Invalid, Key: "purchase.reference_long"}
	}
	return checkGoods(p.Lines)
}

// checkGoods refuses lines that no document can have.
func checkGoods(lines []GoodsLine) error {
	if len(lines) == 0 {
		return &retail.Error{Code: retail.Invalid, Key: "purchase.empty"}
	}
	if len(lines) > MaxPurchaseLines {
		return &retail.Error{Code: retail.Invalid, Key: "purchase.long", Args: map[string]any{"Most": MaxPurchaseLines}}
	}
	seen := make(map[uuid.UUID]bool, len(lines))
	for _, l := range lines {
		if l.Quantity <= 0 || l.Quantity > most {
			return &retail.Error{Code: retail.Invalid, Key: "purchase.quantity", Args: map[string]any{"product": l.Product}}
		}
		if l.UnitCost < 0 || l.UnitCost > most {
			return &retail.Error{Code: retail.Invalid, Key: "purchase.cost", Args: map[string]any{"product": l.Product}}
		}
		if seen[l.Product] {
			return &retail.Error{Code: retail.Invalid, Key: "restock.twice", Args: map[string]any{"product": l.Product}}
		}
		seen[l.Product] = true
	}
	return nil
}

func goodsColumns(lines []GoodsLine) (products [][16]byte, quantities, costs []int64) {
	for _, l := range lines {
		products, quantities, costs = append(products, l.Product), append(quantities, int64(l.Quantity)), append(costs, int64(l.UnitCost))
	}
	return products, quantities, costs
}

// ClosePurchase says that nothing more comes of a purchase.
func ClosePurchase(ctx context.Context, tx *db.Tx, location, id uuid.UUID, at time.Time) (Purchase, error) {
	p, err := lockPurchase(ctx, tx, location, id)
	if err != nil {
		return p, err
	}
	if !p.Open() {
		return p, &retail.Error{Code: retail.Conflict, Key: "purchase.closed"}
	}
	if _, err := tx.Exec(ctx, `UPDATE stock.purchase SET closed_at = $3 WHERE location_id = $1 AND id = $2`, location, id, at); err != nil {
		return p, fmt.Errorf("close purchase %s: %w", id, err)
	}
	feed.Mark(tx, PurchaseTopic)
	return OnePurchase(ctx, tx, location, id)
}

// lockPurchase reads a purchase that nobody else may change until the transaction ends.
func lockPurchase(ctx context.Context, tx *db.Tx, location, id uuid.UUID) (Purchase, error) {
	if _, err := tx.Exec(ctx, `SELECT FROM stock.purchase WHERE location_id = $1 AND id = $2 FOR UPDATE`, location, id); err != nil {
		return Purchase{}, fmt.Errorf("lock purchase %s: %w", id, err)
	}
	return OnePurchase(ctx, tx, location, id)
}
