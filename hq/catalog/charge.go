package catalog

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/retail"
)

// chargeCode is the form of a code: products name theirs in a list.
var chargeCode = regexp.MustCompile(`^[A-Z0-9.-]{1,20}$`)

// Charges gives all deposits and fees, by code.
func Charges(ctx context.Context, q Querier) ([]retail.Charge, error) {
	rows, err := q.Query(ctx, `SELECT code, name_fr, name_en, amount, tax_class FROM catalog.charge ORDER BY code`)
	if err != nil {
		return nil, fmt.Errorf("list charges: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c retail.Charge, err error) {
		return c, row.Scan(&c.Code, &c.Name.FR, &c.Name.EN, &c.Unit, &c.Class)
	})
	if err != nil {
		return nil, fmt.Errorf("list charges: %w", err)
	}
	return all, nil
}

// PutCharges writes deposits and fees by code, and publishes the products that carry one that changed.
func PutCharges(ctx context.Context, tx *db.Tx, charges ...retail.Charge) error {
	var changed []string
	for _, c := range charges {
		c.Code, c.Name = strings.TrimSpace(c.Code), tidy(c.Name)
		if !chargeCode.MatchString(c.Code) || c.Name == (retail.Text{}) || c.Unit < 0 || c.Class < 1 || c.Class > retail.MostClass {
			return &retail.Error{Code: retail.Invalid, Key: "charge.wrong", Args: map[string]any{"code": c.Code}}
		}
		tag, err := tx.Exec(ctx, `
			INSERT INTO catalog.charge AS c (code, name_fr, name_en, amount, tax_class) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (code) DO UPDATE SET name_fr = excluded.name_fr, name_en = excluded.name_en, amount = excluded.amount,
				tax_class = excluded.tax_class
			WHERE (c.name_fr, c.name_en, c.amount, c.tax_class)
				IS DISTINCT FROM (excluded.name_fr, excluded.name_en, excluded.amount, excluded.tax_class)`,
			c.Code, c.Name.FR, c.Name.EN, c.Unit, c.Class)
		if err != nil {
			return fmt.Errorf("write charge %s: %w", c.Code, err)
		}
		if tag.RowsAffected() > 0 {
			changed = append(changed, c.Code)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	// Writers of products read the charges under this lock: a product is published with all of them, or after.
	if _, err := tx.Exec(ctx, `LOCK TABLE catalog.price_book IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return fmt.Errorf("lock prices: %w", err)
	}
	rows, err := tx.Query(ctx, `SELECT id FROM catalog.product WHERE charges && $1`, changed)
	if err != nil {
		return fmt.Errorf("find the products of charges: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return fmt.Errorf("find the products of charges: %w", err)
	}
	return publish(ctx, tx, ids)
}

// publish sends products to the tills as they are in the table; one that is retired is not there.
func publish(ctx context.Context, tx *db.Tx, ids []uuid.UUID) error {
	products, err := ByID(ctx, tx, ids)
	if err != nil {
		return err
	}
	tx.Mark(TopicProducts)
	changed := make([]feed.Row, 0, len(products))
	for id, p := range products {
		if p.RetiredAt != nil {
			continue
		}
		row, err := feed.NewRow(retail.RowProduct, id, p.Product)
		if err != nil {
			return err
		}
		changed = append(changed, row)
	}
	feed.Publish(ctx, tx, feed.Global, changed...)
	return nil
}

// resolve gives the products the charges of the table for the codes that they name.
func resolve(ctx context.Context, tx *db.Tx, products []Product) error {
	all, err := Charges(ctx, tx)
	if err != nil {
		return err
	}
	known := make(map[string]retail.Charge, len(all))
	for _, c := range all {
		known[c.Code] = c
	}
	for i := range products {
		p := &products[i]
		var charges []retail.Charge
		for _, c := range p.Charges {
			full, ok := known[c.Code]
			if !ok {
				return &retail.Error{Code: retail.Invalid, Key: "product.charge", Args: map[string]any{"sku": p.SKU, "value": c.Code}}
			}
			charges = append(charges, full)
		}
		p.Charges = charges
	}
	return nil
}

// codes are the charges of a product as the table keeps them: a list parted by spaces.
func (p Product) codes() string {
	codes := make([]string, len(p.Charges))
	for i, c := range p.Charges {
		codes[i] = c.Code
	}
	return strings.Join(codes, " ")
}
