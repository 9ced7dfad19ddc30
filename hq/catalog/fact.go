package catalog

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/money"
)

// Fact is what applying a sale needs to know of a product.
type Fact struct {
	// MadeHere products hold no stock.
	MadeHere bool
	// Cost is the list cost of one unit, used where no average cost is known.
	Cost money.Amount
}

// Facts gives the facts of products; one that does not exist is left out.
func Facts(ctx context.Context, tx *db.Tx, products []uuid.UUID) (map[uuid.UUID]Fact, error) {
	ids := make([][16]byte, len(products))
	for i, p := range products {
		ids[i] = p
	}
	rows, err := tx.Query(ctx, `SELECT id, made_here, cost FROM catalog.product WHERE id = ANY ($1::uuid[])`, ids)
	if err != nil {
		return nil, fmt.Errorf("read product facts: %w", err)
	}
	facts := make(map[uuid.UUID]Fact, len(products))
	var id [16]byte
	var f Fact
	_, err = pgx.ForEachRow(rows, []any{&id, &f.MadeHere, &f.Cost}, func() error {
		facts[id] = f
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read product facts: %w", err)
	}
	return facts, nil
}

// MadeHere gives the products that hold no stock.
func MadeHere(ctx context.Context, tx *db.Tx) (map[uuid.UUID]bool, error) {
	rows, err := tx.Query(ctx, `SELECT id FROM catalog.product WHERE made_here`)
	if err != nil {
		return nil, fmt.Errorf("read products made here: %w", err)
	}
	made := map[uuid.UUID]bool{}
	var id [16]byte
	_, err = pgx.ForEachRow(rows, []any{&id}, func() error {
		made[id] = true
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read products made here: %w", err)
	}
	return made, nil
}
