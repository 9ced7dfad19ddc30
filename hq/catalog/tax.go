package catalog

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/retail"
)

// TaxRates gives every rate, past and future, in receipt order.
func TaxRates(ctx context.Context, q Querier) (retail.TaxTable, error) {
	rows, err := q.Query(ctx, `
		SELECT id, code, name_fr, name_en, rate, classes, from_date, to_date, included, registration, place
		FROM catalog.tax_rate ORDER BY place, code, from_date`)
	if err != nil {
		return nil, fmt.Errorf("list tax rates: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r retail.TaxRate, err error) {
		var classes []int16
		err = row.Scan(&r.ID, &r.Code, &r.Name.FR, &r.Name.EN, &r.Rate, &classes, &r.From, &r.To, &r.Included, &r.Registration, &r.Order)
		for _, c := range classes {
			r.Classes = append(r.Classes, retail.TaxClass(c))
		}
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("list tax rates: %w", err)
	}
	return all, nil
}

// PutTaxRates writes rates by id and publishes those that changed.
func PutTaxRates(ctx context.Context, tx *db.Tx, rates ...retail.TaxRate) error {
	for _, r := range rates {
		r.Code, r.Name = strings.TrimSpace(r.Code), tidy(r.Name)
		if r.ID == uuid.Nil {
			return errors.New("write tax rate: no id")
		}
		if r.Code == "" || r.Rate < 0 || len(r.Classes) == 0 || r.To != 0 && r.To <= r.From {
			return &retail.Error{Code: retail.Invalid, Key: "tax.rate", Args: map[string]any{"code": r.Code}}
		}
		classes := make([]int16, len(r.Classes))
		for i, c := range r.Classes {
			classes[i] = int16(c)
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO catalog.tax_rate
				(id, code, name_fr, name_en, rate, classes, from_date, to_date, included, registration, place)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
			ON CONFLICT (id) DO UPDATE SET code = excluded.code, name_fr = excluded.name_fr, name_en = excluded.name_en,
				rate = excluded.rate, classes = excluded.classes, from_date = excluded.from_date, to_date = excluded.to_date,
				included = excluded.included, registration = excluded.registration, place = excluded.place`,
			r.ID, r.Code, r.Name.FR, r.Name.EN, r.Rate, classes, r.From, r.To, r.Included, r.Registration, r.Order)
		if err != nil {
			return fmt.Errorf("write tax rate %s: %w", r.Code, err)
		}
		row, err := feed.NewRow(retail.RowTaxRate, r.ID, r)
		if err != nil {
			return err
		}
		feed.Publish(ctx, tx, feed.Global, row)
	}
	return nil
}

// EnsureTaxRates writes the table when there is none: a headquarters that taxes nothing by accident would be worse than
// one whose registrations are still to be filled in.
func EnsureTaxRates(ctx context.Context, tx *db.Tx, table retail.TaxTable) error {
	have, err := TaxRates(ctx, tx)
	if err != nil || len(have) > 0 {
		return err
	}
	return PutTaxRates(ctx, tx, table...)
}
