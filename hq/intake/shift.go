package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/sales"
	"comptant/hq/tills"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// ErrSignature is the end of a chain that no key of its till has signed.
var ErrSignature = errors.New("the end of the chain is signed by no key of the till")

// signed says whether one of a till's keys, of now or of before, signed the end of its chain.
func signed(head retail.ChainHead, till uuid.UUID, keys []tills.Key) error {
	for _, k := range keys {
		if head.SignedBy(till, k) {
			return nil
		}
	}
	return ErrSignature
}

// drawers are the items about a drawer.
func (l *lane) drawers(items []*item) []sales.Drawer {
	var all []sales.Drawer
	for _, it := range items {
		switch it.body.(type) {
		case retail.ShiftOpen, retail.CashMove, retail.ShiftClose:
			all = append(all, sales.Drawer{Place: l.place(it), Body: it.body})
		}
	}
	return all
}

// Shift is a shift of a till, and its Z once it is closed.
type Shift struct {
	Till     uuid.UUID `db:"till_id"`
	Number   int64     `db:"number"`
	Date     int32     `db:"business_date"`
	OpenedAt time.Time `db:"opened_at"`
	OpenedBy uuid.UUID `db:"opened_by"`
	// OpenedEpoch and OpenedSeq are the entry that opened it; ClosedSeq is that of the Z in Epoch.
	OpenedEpoch int64 `db:"opened_epoch"`
	OpenedSeq   int64 `db:"opened_seq"`
	ClosedSeq   int64 `db:"closed_seq"`
	// Epoch and Z name the Z; ClosedAt is nil while the shift is open, and everything below is 0.
	Epoch             int64      `db:"epoch"`
	Z                 int64      `db:"z"`
	ClosedAt          *time.Time `db:"closed_at"`
	ClosedBy          *uuid.UUID `db:"closed_by"`
	Expected, Counted money.Amount
	// Agrees says that the Z is what headquarters makes of the entries it has between the opening and the Z.
	Agrees bool `db:"agrees"`
}

// Difference is what was over in the drawer, or short when it is negative.
func (s Shift) Difference() money.Amount { return s.Counted - s.Expected }

// ShiftFilter narrows a list of shifts to a store.
type ShiftFilter struct {
	Store uuid.UUID
	// After is the last shift of the page before; nil begins with the newest.
	After *Shift
	Most  int
}

// Shifts gives the newest shifts of a store. Whether a Z agrees is worked out here, from the entries there are: of its own
// epoch those on its path, of earlier ones all.
func (d *Desk) Shifts(ctx context.Context, f ShiftFilter) ([]Shift, error) {
	var at *time.Time
	var till uuid.UUID
	if f.After != nil {
		at, till = &f.After.OpenedAt, f.After.Till
	}
	rows, err := d.db.Query(ctx, `
		SELECT s.till_id, s.number, s.business_date, s.epoch AS opened_epoch, s.seq AS opened_seq, coalesce(z.seq, 0) AS closed_seq, s.at AS opened_at, s.user_id AS opened_by, coalesce(z.epoch, s.epoch) AS epoch,
			coalesce(z.number, 0) AS z, z.at AS closed_at, z.user_id AS closed_by, coalesce(z.expected, 0) AS expected,
			coalesce(z.counted, 0) AS counted, z.at IS NULL OR (z.tickets, z.refunds, z.net, z.cash, z.moved, z.float) = (
				SELECT count(*) FILTER (WHERE NOT refund AND NOT void) - count(*) FILTER (WHERE void), count(*) FILTER (WHERE refund), coalesce(sum(total), 0), coalesce(sum(cash), 0),
					(SELECT coalesce(sum(amount), 0) FROM sales.cash_move m WHERE m.store_id = z.store_id AND m.till_id = z.till_id
						AND (m.epoch, m.seq) > (z.opened_epoch, z.opened_seq) AND (m.epoch, m.seq) < (z.epoch, z.seq)
						AND (m.epoch < z.epoch OR EXISTS (SELECT 1 FROM unnest(branches, uptos) p (branch, upto) WHERE m.branch = p.branch AND m.seq <= p.upto))),
					s.float
				FROM sales.document o WHERE o.store_id = z.store_id AND o.business_date = z.business_date AND o.till_id = z.till_id
					AND (o.epoch, o.seq) > (z.opened_epoch, z.opened_seq) AND (o.epoch, o.seq) < (z.epoch, z.seq)
					AND (o.epoch < z.epoch OR EXISTS (SELECT 1 FROM unnest(branches, uptos) p (branch, upto) WHERE o.branch = p.branch AND o.seq <= p.upto))) AS agrees
		FROM (SELECT * FROM sales.shift
			WHERE store_id = $1 AND ($3::timestamptz IS NULL OR at < $3 OR at = $3 AND till_id > $4) ORDER BY at DESC, till_id, seq DESC LIMIT $2) s
		LEFT JOIN sales.z z ON z.store_id = s.store_id AND z.till_id = s.till_id AND z.opened_epoch = s.epoch AND z.opened_seq = s.seq
		LEFT JOIN LATERAL (
			WITH RECURSIVE up AS (
				SELECT z.branch AS branch, z.seq AS upto
				UNION ALL
				SELECT e.branch, b.fork_seq FROM up JOIN journal.branch b ON b.store_id = z.store_id AND b.till_id = z.till_id
					AND b.epoch = z.epoch AND b.branch = up.branch
				JOIN journal.entry e ON e.store_id = b.store_id AND e.till_id = b.till_id AND e.epoch = b.epoch AND e.seq = b.fork_seq
					AND e.hash = b.fork_hash
			) SELECT array_agg(branch) AS branches, array_agg(upto) AS uptos FROM up
		) up ON z.at IS NOT NULL
		ORDER BY s.at DESC, s.till_id, s.seq DESC`, f.Store, f.Most, at, till)
	if err != nil {
		return nil, fmt.Errorf("list shifts: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Shift])
	if err != nil {
		return nil, fmt.Errorf("list shifts: %w", err)
	}
	return all, nil
}

// keysOf reads a till's keys when one of the items needs them.
func keysOf(ctx context.Context, tx *db.Tx, till uuid.UUID, items []item) ([]tills.Key, error) {
	for _, it := range items {
		if _, ok := it.body.(retail.ChainHead); ok {
			all, err := tills.Keys(ctx, tx, till)
			return all[till], err
		}
	}
	return nil, nil
}
