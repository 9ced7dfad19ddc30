package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/barcode"
	"comptant/shared/retail"
)

// PutProducts writes any number of products by id, each with all its barcodes and the charges whose codes it names, and
// publishes those that changed: it tells how many. The prices that are new are a price book in force from now. An error says which product is not well
// formed, or which SKU or barcode another product has; the transaction must then be given up.
func PutProducts(ctx context.Context, tx *db.Tx, now time.Time, products []Product) (changed int, err error) {
	products = slices.Clone(products)
	byID, bySKU := make(map[uuid.UUID]bool, len(products)), make(map[string]bool, len(products))
	for i := range products {
		p := &products[i]
		if err := p.normalize(); err != nil {
			return 0, err
		}
		if byID[p.ID] {
			return 0, fmt.Errorf("write products: %s is there twice", p.ID)
		}
		if bySKU[p.SKU] {
			return 0, skuTaken(p.SKU)
		}
		byID[p.ID], bySKU[p.SKU] = true, true
	}
	if err := Activate(ctx, tx, now); err != nil {
		return 0, err
	}
	if err := resolve(ctx, tx, products); err != nil {
		return 0, err
	}
	repriced, err := repriced(ctx, tx, products)
	if err != nil {
		return 0, err
	}
	touched := map[uuid.UUID]bool{}
	for _, write := range []func(context.Context, *db.Tx, []Product) ([]uuid.UUID, error){writeProducts, writeBarcodes} {
		ids, err := write(ctx, tx, products)
		if err != nil {
			return 0, err
		}
		for _, id := range ids {
			touched[id] = true
		}
	}
	rows := make([]feed.Row, 0, len(touched))
	for _, p := range products {
		if !touched[p.ID] {
			continue
		}
		row, err := feed.NewRow(retail.RowProduct, p.ID, p.Product)
		if err != nil {
			return 0, err
		}
		rows = append(rows, row)
	}
	if len(rows) > 0 {
		tx.Mark(TopicProducts)
	}
	feed.Publish(ctx, tx, feed.Global, rows...)
	if len(repriced) == 0 {
		return len(rows), nil
	}
	_, at, err := insertBook(ctx, tx, now, now, uuid.Nil, repriced)
	if err != nil {
		return 0, err
	}
	return len(rows), Activate(ctx, tx, at)
}

// repriced gives the prices that are not those of the table.
func repriced(ctx context.Context, tx *db.Tx, products []Product) ([]retail.PriceLine, error) {
	ids, prices := make([]uuid.UUID, len(products)), make([]int64, len(products))
	for i, p := range products {
		ids[i], prices[i] = p.ID, int64(p.Price)
	}
	rows, err := tx.Query(ctx, `
		SELECT w.id, w.price FROM unnest($1::uuid[], $2::bigint[]) AS w (id, price) LEFT JOIN catalog.product p USING (id)
		WHERE p.price IS DISTINCT FROM w.price`, ids, prices)
	if err != nil {
		return nil, fmt.Errorf("compare prices: %w", err)
	}
	lines, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l retail.PriceLine, err error) {
		return l, row.Scan(&l.Product, &l.Price)
	})
	if err != nil {
		return nil, fmt.Errorf("compare prices: %w", err)
	}
	return lines, nil
}

// normalize brings a product into the form it is stored in, and refuses one that cannot be.
func (p *Product) normalize() error {
	p.SKU = strings.TrimSpace(p.SKU)
	p.Name = tidy(p.Name)
	p.Pack = max(p.Pack, 1)
	p.Rule.Below = 0 // it is the product's class
	wrong := func(key string, value any) error {
		return &retail.Error{Code: retail.Invalid, Key: key, Args: map[string]any{"sku": p.SKU, "value": value}}
	}
	switch {
	case p.ID == uuid.Nil:
		return fmt.Errorf("write product %s: no id", p.SKU)
	case p.SKU == "":
		return wrong("product.sku", p.SKU)
	case p.Name == (retail.Text{}):
		return wrong("product.name", "")
	case p.Price < 0:
		return wrong("product.price", p.Price)
	case p.Cost < 0:
		return wrong("product.cost", p.Cost)
	case p.Class < 1 || p.Class > retail.MostClass:
		return wrong("product.tax_class", p.Class)
	case p.Rule.Group != "" && (p.Rule.From <= 0 || p.Rule.Class < 1 || p.Rule.Class > retail.MostClass):
		return wrong("product.tax_rule", p.Rule.Group)
	}
	codes := make([]string, 0, len(p.Barcodes))
	for _, code := range p.Barcodes {
		gtin, ok := barcode.Normalize(strings.TrimSpace(code))
		if !ok {
			return wrong(barcodeFault(code), code)
		}
		codes = append(codes, gtin)
	}
	slices.Sort(codes)
	p.Barcodes = slices.Compact(codes)
	return nil
}

// barcodeFault says what is wrong with a barcode: its last digit, when it has as many as one has, or that it is none.
func barcodeFault(code string) string {
	code = strings.TrimSpace(code)
	if len(code) > 1 {
		last := len(code) - 1
		if digit := barcode.CheckDigit(code[:last]); digit != 0 && barcode.Valid(code[:last]+string(digit)) {
			return "product.barcode_check"
		}
	}
	return "product.barcode"
}

// tidy takes off the spaces around a name and writes its accents in one way, so that a search finds them.
func tidy(t retail.Text) retail.Text {
	return retail.Text{FR: norm.NFC.String(strings.TrimSpace(t.FR)), EN: norm.NFC.String(strings.TrimSpace(t.EN))}
}

// writeProducts gives the ids of those that changed.
func writeProducts(ctx context.Context, tx *db.Tx, products []Product) ([]uuid.UUID, error) {
	n := len(products)
	ids, categories, skus := make([]uuid.UUID, n), make([]uuid.UUID, n), make([]string, n)
	french, english := make([]string, n), make([]string, n)
	prices, costs, classes := make([]int64, n), make([]int64, n), make([]int16, n)
	packs, favourites := make([]int32, n), make([]int32, n)
	weighed, madeHere, openPrices, labels := make([]bool, n), make([]bool, n), make([]bool, n), make([]int16, n)
	charges, groups := make([]string, n), make([]string, n)
	froms, ruled := make([]int64, n), make([]int16, n)
	for i, p := range products {
		charges[i], groups[i], froms[i], ruled[i] = p.codes(), p.Rule.Group, int64(p.Rule.From), int16(p.Rule.Class)
		ids[i], categories[i], skus[i] = p.ID, p.Category, p.SKU
		french[i], english[i] = p.Name.FR, p.Name.EN
		prices[i], costs[i], classes[i] = int64(p.Price), int64(p.Cost), int16(p.Class)
		packs[i], favourites[i], weighed[i], madeHere[i] = int32(p.Pack), int32(p.Favourite), p.Weighed, p.MadeHere
		openPrices[i], labels[i] = p.OpenPrice, int16(p.Label)
	}
	taken, err := texts(ctx, tx, `
		SELECT p.sku FROM unnest($1::text[], $2::uuid[]) AS w (sku, id) JOIN catalog.product p USING (sku)
		WHERE p.id <> w.id`, skus, ids)
	if err != nil {
		return nil, fmt.Errorf("compare SKUs: %w", err)
	}
	if len(taken) > 0 {
		return nil, skuTaken(taken[0])
	}
	unknown, err := texts(ctx, tx, `
		SELECT w.sku FROM unnest($1::text[], $2::uuid[]) AS w (sku, category_id)
		WHERE NOT EXISTS (SELECT FROM catalog.category c WHERE c.id = w.category_id)`, skus, categories)
	if err != nil {
		return nil, fmt.Errorf("compare categories: %w", err)
	}
	if len(unknown) > 0 {
		return nil, &retail.Error{Code: retail.Invalid, Key: "product.category", Args: map[string]any{"sku": unknown[0]}}
	}
	rows, err := tx.Query(ctx, `
		INSERT INTO catalog.product AS p
			(id, sku, name_fr, name_en, category_id, price, cost, tax_class, pack, weighed, made_here, favourite, open_price, label,
			charges, rule_group, rule_from, rule_class)
		SELECT id, sku, fr, en, category, price, cost, class, pack, weighed, made, favourite, open_price, label,
			string_to_array(charges, ' '), rule_group, rule_from, rule_class
		FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::bigint[], $7::bigint[], $8::smallint[],
			$9::int[], $10::boolean[], $11::boolean[], $12::int[], $13::boolean[], $14::smallint[], $15::text[], $16::text[],
			$17::bigint[], $18::smallint[])
			AS w (id, sku, fr, en, category, price, cost, class, pack, weighed, made, favourite, open_price, label, charges,
				rule_group, rule_from, rule_class)
		ON CONFLICT (id) DO UPDATE SET sku = excluded.sku, name_fr = excluded.name_fr, name_en = excluded.name_en,
			category_id = excluded.category_id, price = excluded.price, cost = excluded.cost, tax_class = excluded.tax_class,
			pack = excluded.pack, weighed = excluded.weighed, made_here = excluded.made_here, favourite = excluded.favourite,
			open_price = excluded.open_price, label = excluded.label, charges = excluded.charges, rule_group = excluded.rule_group,
			rule_from = excluded.rule_from, rule_class = excluded.rule_class, retired_at = NULL, updated_at = now()
		WHERE p.retired_at IS NOT NULL OR (p.sku, p.name_fr, p.name_en, p.category_id, p.price, p.cost, p.tax_class, p.pack, p.weighed, p.made_here, p.favourite,
				p.open_price, p.label, p.charges, p.rule_group, p.rule_from, p.rule_class)
			IS DISTINCT FROM (excluded.sku, excluded.name_fr, excluded.name_en, excluded.category_id, excluded.price, excluded.cost,
				excluded.tax_class, excluded.pack, excluded.weighed, excluded.made_here, excluded.favourite, excluded.open_price, excluded.label,
				excluded.charges, excluded.rule_group, excluded.rule_from, excluded.rule_class)
		RETURNING p.id`,
		ids, skus, french, english, categories, prices, costs, classes, packs, weighed, madeHere, favourites, openPrices, labels,
		charges, groups, froms, ruled)
	if err != nil {
		return nil, fmt.Errorf("write %d products: %w", n, err)
	}
	changed, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("write %d products: %w", n, err)
	}
	return changed, nil
}

// writeBarcodes gives the ids of the products whose barcodes changed. Those that go away go first, so that a code may
// move from one product to another.
func writeBarcodes(ctx context.Context, tx *db.Tx, products []Product) ([]uuid.UUID, error) {
	ids := make([]uuid.UUID, len(products))
	var codes []string
	var owners []uuid.UUID
	for i, p := range products {
		ids[i] = p.ID
		for _, code := range p.Barcodes {
			codes, owners = append(codes, code), append(owners, p.ID)
		}
	}
	rows, err := tx.Query(ctx, `
		WITH w AS (SELECT * FROM unnest($2::text[], $3::uuid[]) AS w (code, product_id))
		DELETE FROM catalog.barcode b USING unnest($1::uuid[]) AS p (id)
		WHERE b.product_id = p.id AND NOT EXISTS (SELECT FROM w WHERE w.code = b.code AND w.product_id = b.product_id)
		RETURNING b.product_id`, ids, codes, owners)
	if err != nil {
		return nil, fmt.Errorf("take barcodes away: %w", err)
	}
	changed, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("take barcodes away: %w", err)
	}
	rows, err = tx.Query(ctx, `
		INSERT INTO catalog.barcode (code, product_id) SELECT * FROM unnest($1::text[], $2::uuid[])
		ON CONFLICT (code) DO NOTHING RETURNING product_id`, codes, owners)
	if err != nil {
		return nil, fmt.Errorf("add barcodes: %w", err)
	}
	added, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("add barcodes: %w", err)
	}
	taken, err := texts(ctx, tx, `
		SELECT b.code || ' ' || p.sku FROM unnest($1::text[], $2::uuid[]) AS w (code, product_id)
		JOIN catalog.barcode b USING (code) JOIN catalog.product p ON p.id = b.product_id
		WHERE b.product_id <> w.product_id`, codes, owners)
	if err != nil {
		return nil, fmt.Errorf("compare barcodes: %w", err)
	}
	if len(taken) > 0 {
		code, sku, _ := strings.Cut(taken[0], " ")
		return nil, &retail.Error{Code: retail.Conflict, Key: "product.barcode_taken", Args: map[string]any{"barcode": code, "sku": sku}}
	}
	return append(changed, added...), nil
}

func skuTaken(sku string) error {
	return &retail.Error{Code: retail.Conflict, Key: "product.sku_taken", Args: map[string]any{"sku": sku}}
}

func texts(ctx context.Context, tx *db.Tx, sql string, args ...any) ([]string, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
