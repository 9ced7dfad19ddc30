package catalog

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/retail"
)

// Picture names a picture for ever: another file has another name. It is empty where there is none.
type Picture string

// PictureSize is one of the sizes a picture is kept in. Both are square; a picture that is smaller is not blown up.
type PictureSize string

// The sizes.
const (
	SmallPicture PictureSize = "small"
	LargePicture PictureSize = "large"
)

// Side is how many pixels a size has at most.
func (s PictureSize) Side() int {
	if s == SmallPicture {
		return 160
	}
	return 800
}

// PutPicture gives a product that is sold a picture, in place of the one it has.
func PutPicture(ctx context.Context, tx *db.Tx, product uuid.UUID, d Drawing) error {
	p, err := Get(ctx, tx, product)
	if err != nil {
		return err
	}
	if p.RetiredAt != nil {
		return &retail.Error{Code: retail.Conflict, Key: "picture.retired"}
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO catalog.picture (product_id, digest, small, large) VALUES ($1, $2, $3, $4)
		ON CONFLICT (product_id) DO UPDATE SET digest = excluded.digest, small = excluded.small, large = excluded.large`,
		product, d.Name, d.small, d.large)
	if err != nil {
		return fmt.Errorf("write the picture of %s: %w", product, err)
	}
	tx.Mark(TopicProducts)
	return nil
}

// RemovePicture takes its picture from a product.
func RemovePicture(ctx context.Context, tx *db.Tx, product uuid.UUID) error {
	done, err := tx.Exec(ctx, `DELETE FROM catalog.picture WHERE product_id = $1`, product)
	if err != nil {
		return fmt.Errorf("remove the picture of %s: %w", product, err)
	}
	if done.RowsAffected() == 0 {
		return &retail.Error{Code: retail.NotFound, Key: "picture.none"}
	}
	tx.Mark(TopicProducts)
	return nil
}

// ReadPicture gives the JPEG of a picture of some product that is sold.
func ReadPicture(ctx context.Context, q Querier, name Picture, size PictureSize) ([]byte, error) {
	column, known := map[PictureSize]string{SmallPicture: "c.small", LargePicture: "c.large"}[size]
	none := &retail.Error{Code: retail.NotFound, Key: "picture.none"}
	if !known {
		return nil, none
	}
	rows, err := q.Query(ctx, `
		SELECT `+column+` FROM catalog.picture c JOIN catalog.product p ON p.id = c.product_id
		WHERE c.digest = $1 AND p.retired_at IS NULL LIMIT 1`, name)
	if err != nil {
		return nil, fmt.Errorf("read picture %s: %w", name, err)
	}
	jpeg, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[[]byte])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, none
	}
	if err != nil {
		return nil, fmt.Errorf("read picture %s: %w", name, err)
	}
	return jpeg, nil
}
