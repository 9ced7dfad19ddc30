package intake

import (
	"context"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/sales"
	"comptant/hq/tills"
	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

// Command does what a till asks for: to be told of a receipt, to be given the right to refund another till's, or to keep a
// customer. The answer comes by its feeds. The error is wire.UnknownRef when headquarters does not know what it is about,
// wire.Invalid when the request makes no sense.
func (d *Desk) Command(ctx context.Context, store, till uuid.UUID, m wire.Command) error {
	switch m.Name {
	case wire.CommandReceipt:
		return d.findReceipt(ctx, store, till, m)
	case wire.CommandHold:
		return d.askHold(ctx, till, m)
	case wire.CommandCustomer:
		return d.keepCustomer(ctx, store, m)
	}
	return wire.UnknownRef
}

func (d *Desk) askHold(ctx context.Context, till uuid.UUID, m wire.Command) error {
	var asked retail.HoldAsked
	if err := cbor.Unmarshal(m.Args, &asked); err != nil || asked.ID == uuid.Nil || len(asked.Parts) == 0 || asked.Receipt.Till == till {
		return wire.Invalid
	}
	err := d.db.InTx(ctx, func(tx *db.Tx) error {
		seller, err := tills.ByID(ctx, tx, asked.Receipt.Till)
		if errors.Is(err, wire.UnknownTill) {
			return wire.UnknownRef
		}
		if err != nil {
			return err
		}
		if _, known, err := sales.HoldByID(ctx, tx, seller.Store, asked.ID); err != nil || known {
			return err // asked again after a lost answer
		}
		sale, err := soldAs(ctx, tx, asked.Receipt)
		if err != nil {
			return err
		}
		return sales.PutHold(ctx, tx, sales.Hold{
			Store: seller.Store, ID: asked.ID, Receipt: asked.Receipt, For: till, AskedAt: d.now(), Asked: asked.Parts, Sale: sale,
		})
	})
	if err != nil && !refusal(err) {
		err = fmt.Errorf("hold of receipt %v for till %s: %w", asked.Receipt, till, err)
	}
	return err
}

// soldAs is the sale of a receipt, as its till journaled it; of several with one number, the one whose hash comes first. The
// error is wire.UnknownRef when headquarters does not have it.
func soldAs(ctx context.Context, tx *db.Tx, r retail.ReceiptID) (retail.Sale, error) {
	sales, err := soldUnder(ctx, tx, r)
	if err == nil && len(sales) == 0 {
		err = wire.UnknownRef
	}
	if err != nil {
		return retail.Sale{}, err
	}
	return sales[0], nil
}

// soldUnder are the sales under a receipt's number: more than one when copies of a till's disk gave it twice.
func soldUnder(ctx context.Context, tx *db.Tx, r retail.ReceiptID) ([]retail.Sale, error) {
	rows, err := tx.Query(ctx, `
		SELECT e.bytes FROM tills.till t JOIN sales.document d ON d.store_id = t.store_id AND d.till_id = t.id
		JOIN journal.entry e ON e.store_id = d.store_id AND e.till_id = d.till_id AND e.epoch = d.epoch AND e.seq = d.seq AND e.branch = d.branch
		WHERE t.id = $1 AND d.epoch = $2 AND d.number = $3 AND NOT d.refund AND NOT d.void ORDER BY e.hash`, r.Till, int64(r.Epoch), int64(r.Number))
	if err != nil {
		return nil, fmt.Errorf("find receipt %v: %w", r, err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (retail.Sale, error) {
		var bytes []byte
		if err := row.Scan(&bytes); err != nil {
			return retail.Sale{}, err
		}
		e, err := journal.Decode(bytes)
		if err != nil {
			return retail.Sale{}, err
		}
		return journal.DecodeBody[retail.Sale](e)
	})
}

// hold applies what an entry says of a hold: the answer of the till that sold, that the other gave it up, or a refund that
// uses it. Each time the flags of the refunds that name it are worked out anew.
func (d *Desk) hold(ctx context.Context, tx *db.Tx, l *lane, it *item) error {
	switch b := it.body.(type) {
	case retail.RefundHold:
		return d.changeHold(ctx, tx, b.ID, b.Receipt, func(h *sales.Hold) error {
			switch {
			case l.till == b.Receipt.Till && b.Released:
				h.TakenBack = true
			case l.till == b.Receipt.Till && h.Answers(b):
				h.Answer, h.For = &b, b.For
			case l.till == b.Receipt.Till:
			case l.till == b.For && b.Released:
				h.GivenUp = true
			default:
				return fmt.Errorf("hold %s is neither of this till nor for it", b.ID)
			}
			return nil
		})
	case retail.Refund:
		if !b.Receipted() || b.Receipt.Till == l.till || b.Hold == uuid.Nil {
			return nil
		}
		use := sales.HoldUse{
			Hash: it.link.Hash[:], Store: l.store, Till: l.till, Epoch: it.link.Epoch, Seq: it.link.Seq, Receipt: b.Receipt, Parts: b.Parts(),
		}
		return d.changeHold(ctx, tx, b.Hold, b.Receipt, func(h *sales.Hold) error {
			return sales.UseHold(ctx, tx, h.Store, h.ID, use)
		})
	}
	return nil
}

// changeHold changes a hold, which headquarters may hear of for the first time, tells the tills, and works out its flags.
func (d *Desk) changeHold(ctx context.Context, tx *db.Tx, id uuid.UUID, receipt retail.ReceiptID, change func(h *sales.Hold) error) error {
	seller, err := tills.ByID(ctx, tx, receipt.Till)
	if err != nil {
		return fmt.Errorf("till that sold %v: %w", receipt, err)
	}
	h, known, err := sales.HoldByID(ctx, tx, seller.Store, id)
	if err != nil {
		return err
	}
	if !known {
		h = sales.Hold{Store: seller.Store, ID: id, Receipt: receipt, AskedAt: d.now()}
	}
	if h.Sale.Number == 0 {
		// An entry came before the sale: the till that asked must still hear of it.
		if h.Sale, err = soldAs(ctx, tx, receipt); err != nil && !errors.Is(err, wire.UnknownRef) {
			return err
		}
	}
	if err := change(&h); err != nil {
		return err
	}
	if err := sales.PutHold(ctx, tx, h); err != nil {
		return err
	}
	// Uses may have been added: read them again, and tell the till that asked.
	if h, _, err = sales.HoldByID(ctx, tx, seller.Store, id); err != nil {
		return err
	}
	if err := sales.PutHold(ctx, tx, h); err != nil {
		return err
	}
	return d.judgeHold(ctx, tx, h)
}

// tellHolds tells the tills that asked for a receipt, whose sale has come after their hold, what was sold.
func (d *Desk) tellHolds(ctx context.Context, tx *db.Tx, store uuid.UUID, r retail.ReceiptID) error {
	holds, err := holdsOf(ctx, tx, store, r)
	if err != nil {
		return err
	}
	for _, id := range holds {
		if err := d.changeHold(ctx, tx, id, r, func(*sales.Hold) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

// holdsOf names the holds of a receipt.
func holdsOf(ctx context.Context, tx *db.Tx, store uuid.UUID, r retail.ReceiptID) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, `SELECT id FROM sales.hold WHERE store_id = $1 AND till_id = $2 AND epoch = $3 AND number = $4 ORDER BY id`,
		store, r.Till, int64(r.Epoch), int64(r.Number))
	if err != nil {
		return nil, fmt.Errorf("holds of receipt %v: %w", r, err)
	}
	holds, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("holds of receipt %v: %w", r, err)
	}
	return holds, nil
}

// judgeHold flags the refunds that name the hold and are not the one it allows, and takes the flags off that were raised
// before the rest was known.
func (d *Desk) judgeHold(ctx context.Context, tx *db.Tx, h sales.Hold) error {
	for _, u := range h.Uses {
		f := flag{
			store: u.Store, till: u.Till, epoch: u.Epoch, seq: u.Seq, hash: u.Hash, code: FlagNoHold,
			detail: fmt.Sprintf("hold %s does not allow it", h.ID),
		}
		var err error
		if h.Right(u) {
			err = d.lower(ctx, tx, f)
		} else {
			err = d.raise(ctx, tx, f)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
