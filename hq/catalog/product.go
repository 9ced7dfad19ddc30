package catalog

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/shared/barcode"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Querier is what reading needs: the pool or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Product is a product with what only headquarters knows of it.
type Product struct {
	retail.Product
	// Cost is what one unit costs to buy, in minor units; 0 when nobody knows.
	Cost money.Amount
	// RetiredAt is since when it is at no till; nil for one that is sold. Writing the product sells it again.
	RetiredAt *time.Time
	// Picture is for reading: PutPicture writes it. A retired product shows none.
	Picture Picture
}

// columns are those Product.fields takes, of catalog.product p.
const columns = `p.id, p.sku, p.name_fr, p.name_en, p.category_id, p.price, p.cost, p.tax_class, p.pack, p.weighed, p.made_here,
	p.favourite, p.open_price, p.label, p.rule_group, p.rule_from, p.rule_class, p.retired_at,
	COALESCE((SELECT digest FROM catalog.picture WHERE product_id = p.id AND p.retired_at IS NULL), ''),
	ARRAY(SELECT code FROM catalog.barcode WHERE product_id = p.id ORDER BY code),
	(SELECT jsonb_agg(jsonb_build_object('Code', c.code, 'Name', jsonb_build_object('FR', c.name_fr, 'EN', c.name_en),
		'Unit', c.amount, 'Class', c.tax_class) ORDER BY w.place)
		FROM unnest(p.charges) WITH ORDINALITY AS w (code, place) JOIN catalog.charge c USING (code))`

func productOf(row pgx.CollectableRow) (p Product, err error) {
	return p, row.Scan(p.fields()...)
}

// fields are where the columns go.
func (p *Product) fields() []any {
	return []any{
		&p.ID, &p.SKU, &p.Name.FR, &p.Name.EN, &p.Category, &p.Price, &p.Cost, &p.Class, &p.Pack, &p.Weighed, &p.MadeHere,
		&p.Favourite, &p.OpenPrice, &p.Label, &p.Rule.Group, &p.Rule.From, &p.Rule.Class, &p.RetiredAt, &p.Picture, &p.Barcodes, &p.Charges,
	}
}

// Get gives one product.
func Get(ctx context.Context, q Querier, id uuid.UUID) (Product, error) {
	return one(ctx, q, "p.id = $1", id)
}

// ByCode gives the product with an SKU, or a barcode in any of its spellings.
func ByCode(ctx context.Context, q Querier, code string) (Product, error) {
	code = strings.TrimSpace(code)
	if gtin, ok := barcode.Normalize(code); ok {
		p, err := one(ctx, q, "p.id = (SELECT product_id FROM catalog.barcode WHERE code = $1)", gtin)
		var known *retail.Error
		if !errors.As(err, &known) {
			return p, err
		}
	}
	return one(ctx, q, "p.sku = $1", code)
}

func one(ctx context.Context, q Querier, where string, key any) (Product, error) {
	rows, err := q.Query(ctx, "SELECT "+columns+" FROM catalog.product p WHERE "+where, key)
	if err != nil {
		return Product{}, fmt.Errorf("read product %v: %w", key, err)
	}
	p, err := pgx.CollectExactlyOneRow(rows, productOf)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, &retail.Error{Code: retail.NotFound, Key: "product.unknown", Args: map[string]any{"code": key}}
	}
	if err != nil {
		return p, fmt.Errorf("read product %v: %w", key, err)
	}
	return p, nil
}

// ByID gives the products with these ids; one that does not exist is left out.
func ByID(ctx context.Context, q Querier, ids []uuid.UUID) (map[uuid.UUID]Product, error) {
	found := make(map[uuid.UUID]Product, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	which, arg := "p.id = ANY($1)", any(ids)
	if len(ids) == 1 { // which Postgres plans once and for all, and a list each time
		which, arg = "p.id = $1", ids[0]
	}
	rows, err := q.Query(ctx, "SELECT "+columns+" FROM catalog.product p WHERE "+which, arg)
	if err != nil {
		return nil, fmt.Errorf("read products: %w", err)
	}
	all, err := pgx.CollectRows(rows, productOf)
	if err != nil {
		return nil, fmt.Errorf("read products: %w", err)
	}
	for _, p := range all {
		found[p.ID] = p
	}
	return found, nil
}

// IDs gives the ids of the products with these SKUs; one that does not exist is left out.
func IDs(ctx context.Context, q Querier, skus []string) (map[string]uuid.UUID, error) {
	rows, err := q.Query(ctx, `SELECT sku, id FROM catalog.product WHERE sku = ANY($1)`, skus)
	if err != nil {
		return nil, fmt.Errorf("find products by SKU: %w", err)
	}
	found := make(map[string]uuid.UUID, len(skus))
	var sku string
	var id uuid.UUID
	if _, err := pgx.ForEachRow(rows, []any{&sku, &id}, func() error { found[sku] = id; return nil }); err != nil {
		return nil, fmt.Errorf("find products by SKU: %w", err)
	}
	return found, nil
}

// Owner is the product that has a barcode.
type Owner struct {
	ID  uuid.UUID
	SKU string
}

// Owners gives the products that have these barcodes, which are as barcode.Normalize makes them; one that nobody has is left out.
func Owners(ctx context.Context, q Querier, codes []string) (map[string]Owner, error) {
	rows, err := q.Query(ctx, `SELECT b.code, p.id, p.sku FROM catalog.barcode b JOIN catalog.product p ON p.id = b.product_id WHERE b.code = ANY($1)`, codes)
	if err != nil {
		return nil, fmt.Errorf("find products by barcode: %w", err)
	}
	found := map[string]Owner{}
	var code string
	var o Owner
	if _, err := pgx.ForEachRow(rows, []any{&code, &o.ID, &o.SKU}, func() error { found[code] = o; return nil }); err != nil {
		return nil, fmt.Errorf("find products by barcode: %w", err)
	}
	return found, nil
}
