package users

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// SetRights decides what a role does at the tills without an approval, and tells every till.
func SetRights(ctx context.Context, tx *db.Tx, r retail.Rights) error {
	if r.Discount < 0 || r.Discount > money.Whole || r.Refund < 0 {
		return &retail.Error{Code: retail.Invalid, Key: "rights.limits"}
	}
	alone := make([]string, len(r.Alone))
	for i, d := range r.Alone {
		alone[i] = string(d)
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO users.rights (role, alone, discount, refund) VALUES ($1, $2, $3, $4)
		ON CONFLICT (role) DO UPDATE SET alone = excluded.alone, discount = excluded.discount, refund = excluded.refund`,
		r.Role, alone, r.Discount, r.Refund)
	if err != nil {
		return fmt.Errorf("rights of %s: %w", r.Role, err)
	}
	row, err := feed.NewRow(retail.RowRights, uuid.NewSHA1(uuid.Nil, []byte(r.Role)), r)
	if err != nil {
		return fmt.Errorf("rights of %s: %w", r.Role, err)
	}
	feed.Publish(ctx, tx, feed.Global, row)
	return nil
}

// LockRights are Rights that nobody else may change until the transaction ends. Those of a role that nothing was decided for have no row.
func LockRights(ctx context.Context, tx *db.Tx) (retail.RightsTable, error) {
	if _, err := tx.Exec(ctx, `LOCK TABLE users.rights IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return nil, fmt.Errorf("lock rights: %w", err)
	}
	return Rights(ctx, tx)
}

// Rights are those of every role: the defaults where nothing was decided.
func Rights(ctx context.Context, q Querier) (retail.RightsTable, error) {
	rows, err := q.Query(ctx, `SELECT role, alone, discount, refund FROM users.rights`)
	if err != nil {
		return nil, fmt.Errorf("read rights: %w", err)
	}
	decided, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r retail.Rights, err error) {
		var alone []string
		err = row.Scan(&r.Role, &alone, &r.Discount, &r.Refund)
		for _, d := range alone {
			r.Alone = append(r.Alone, retail.Deed(d))
		}
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("read rights: %w", err)
	}
	return retail.DefaultRights().With(decided), nil
}
