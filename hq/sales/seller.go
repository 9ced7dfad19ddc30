package sales

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/shared/retail"
)

// Sellers are the places that sell: every store, and each warehouse that has shipped what the shop sold.
func Sellers(ctx context.Context, q Querier) ([]retail.Location, error) {
	all, err := stock.Locations(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `
		SELECT id FROM unnest($1::uuid[]) AS place (id) WHERE EXISTS (SELECT FROM sales.hourly WHERE store_id = id)`, ids(all))
	if err != nil {
		return nil, fmt.Errorf("find who sold: %w", err)
	}
	sold, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("find who sold: %w", err)
	}
	return slices.DeleteFunc(all, func(l retail.Location) bool {
		return l.Kind != retail.LocationStore && !slices.Contains(sold, l.ID)
	}), nil
}

func ids(locations []retail.Location) []uuid.UUID {
	ids := make([]uuid.UUID, len(locations))
	for i, l := range locations {
		ids[i] = l.ID
	}
	return ids
}

// InOneCurrency are the stores that are paid in a currency. Without one it is all of them, which must then be paid in the same.
func InOneCurrency(stores []retail.Location, code string) ([]retail.Location, error) {
	codes := retail.PaidIn(stores)
	switch {
	case code == "" && len(codes) < 2:
		return stores, nil
	case code == "":
		return nil, &retail.Error{Code: retail.Invalid, Key: "report.currencies", Args: map[string]any{"codes": strings.Join(codes, ", ")}}
	case !slices.Contains(codes, code):
		return nil, &retail.Error{Code: retail.Invalid, Key: "report.currency", Args: map[string]any{"value": code, "codes": strings.Join(codes, ", ")}}
	}
	return retail.PayingIn(stores, code), nil
}

// Knows tells whether a place ever sold anything.
func Knows(ctx context.Context, tx *db.Tx, place uuid.UUID) (known bool, err error) {
	err = tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM sales.document WHERE store_id = $1) OR EXISTS (SELECT FROM sales.shift WHERE store_id = $1)`, place).Scan(&known)
	if err != nil {
		return false, fmt.Errorf("look for sales of %s: %w", place, err)
	}
	return known, nil
}
