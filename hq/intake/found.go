package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/sales"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

// findReceipt tells a till, in its feed, what headquarters has of a receipt: of whichever store, the till's own included, which
// may not have it any more. Each answer takes the place of the one before.
func (d *Desk) findReceipt(ctx context.Context, store, till uuid.UUID, m wire.Command) error {
	var asked retail.ReceiptAsked
	if err := cbor.Unmarshal(m.Args, &asked); err != nil || asked.ID == uuid.Nil {
		return wire.Invalid
	}
	like := asked.Like != retail.ReceiptLike{}
	if p, ok := retail.ParseReceiptCode(asked.Printed.Code()); !like && (!ok || p != asked.Printed) {
		return wire.Invalid
	}
	err := d.db.InTx(ctx, func(tx *db.Tx) (err error) {
		found := retail.ReceiptFound{ID: asked.ID}
		if like {
			found.Like, err = d.alike(ctx, tx, store, asked.Like)
		} else {
			found, err = d.found(ctx, tx, asked)
		}
		if err != nil {
			return err
		}
		row, err := feed.NewRow(retail.RowFound, till, found)
		if err == nil {
			feed.Publish(ctx, tx, feed.Till(till), row)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("find receipt %s for till %s: %w", asked.Printed.Code(), till, err)
	}
	return nil
}

const (
	// mostAlike is how many receipts a person looks through.
	mostAlike = 50
	// alikeFor is how far back receipts are looked for without their day.
	alikeFor = 60 * 24 * time.Hour
)

// alike are the sales of a store that are like what was asked for, newest first.
func (d *Desk) alike(ctx context.Context, tx *db.Tx, store uuid.UUID, like retail.ReceiptLike) ([]retail.ReceiptMatch, error) {
	from, to := retail.DateOf(d.now().Add(-alikeFor)), retail.Date(99991231)
	if like.Day != 0 {
		from, to = like.Day, like.Day
	}
	rows, err := tx.Query(ctx, `
		SELECT l.code, t.number, s.epoch, s.number, s.total + s.rounding, s.at, s.cards
		FROM sales.document s
		JOIN tills.till t ON t.store_id = s.store_id AND t.id = s.till_id
		JOIN stock.location l ON l.id = s.store_id
		WHERE s.store_id = $1 AND s.business_date BETWEEN $2 AND $3 AND NOT s.refund AND NOT s.void
			AND ($4::bigint = 0 AND $5::text = '' AND $6::bigint = 0 OR s.total = $4 OR s.total + s.rounding = $4 OR s.number = $6
				OR $5 <> '' AND $5 = ANY (string_to_array(s.cards, ' ')))
		ORDER BY s.at DESC, s.epoch DESC, s.number DESC LIMIT $7`,
		store, int32(from), int32(to), int64(like.Paid), like.LastFour, int64(like.Number), mostAlike)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (m retail.ReceiptMatch, err error) {
		var at time.Time
		err = row.Scan(&m.Printed.Store, &m.Printed.Till, &m.Printed.Epoch, &m.Printed.Number, &m.Paid, &at, &m.LastFour)
		m.At = at.UnixMilli()
		return m, err
	})
}

func (d *Desk) found(ctx context.Context, tx *db.Tx, asked retail.ReceiptAsked) (retail.ReceiptFound, error) {
	f := retail.ReceiptFound{ID: asked.ID, Receipt: retail.ReceiptID{Epoch: asked.Printed.Epoch, Number: asked.Printed.Number}}
	var store uuid.UUID
	err := tx.QueryRow(ctx, `
		SELECT t.id, t.store_id, l.name FROM tills.till t JOIN stock.location l ON l.id = t.store_id WHERE l.code = $1 AND t.number = $2`,
		asked.Printed.Store, asked.Printed.Till).Scan(&f.Receipt.Till, &store, &f.Place)
	if errors.Is(err, pgx.ErrNoRows) {
		return f, nil
	}
	if err != nil {
		return f, err
	}
	if f.Sale, err = soldAs(ctx, tx, f.Receipt); errors.Is(err, wire.UnknownRef) {
		return f, nil
	}
	if err != nil {
		return f, err
	}
	var at time.Time
	err = tx.QueryRow(ctx, `
		SELECT min(at) FROM sales.document WHERE store_id = $1 AND till_id = $2 AND epoch = $3 AND number = $4 AND NOT refund AND NOT void`,
		store, f.Receipt.Till, int64(f.Receipt.Epoch), int64(f.Receipt.Number)).Scan(&at)
	if err != nil {
		return f, err
	}
	f.At = at.UnixMilli()
	f.Before, err = goneOf(ctx, tx, store, f.Receipt)
	return f, err
}

// goneOf is what was given back of a receipt, or is promised and not used yet, line by line.
func goneOf(ctx context.Context, tx *db.Tx, store uuid.UUID, r retail.ReceiptID) ([]retail.RefundPart, error) {
	_, gone, err := refundsOf(ctx, tx, r)
	if err != nil {
		return nil, err
	}
	holds, err := holdsOf(ctx, tx, store, r)
	if err != nil {
		return nil, err
	}
	for _, id := range holds {
		h, _, err := sales.HoldByID(ctx, tx, store, id)
		if err != nil {
			return nil, err
		}
		if h.State() == retail.HoldGranted && len(h.Uses) == 0 && !h.TakenBack {
			gone = append(gone, h.Answer.Parts...)
		}
	}
	return gone, nil
}
