package intake

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/shared/journal"
	"comptant/shared/retail"
)

// correction is what a clock entry says of others.
type correction struct {
	retail.Clock
	store uuid.UUID
	hash  journal.Hash
}

// corrections are those of a till, in the order of their entries: of those that cover an entry the last counts. So the time
// of an entry is a function of the set of entries, whatever came first. Where an epoch forks they cover what any branch has of
// their range: which of them a branch is, depends on what came first, and a fork is shown to a person anyway.
type corrections []correction

// of is the correction that counts for an entry; nil when there is none.
func (c corrections) of(epoch, seq uint64) *correction {
	for i := len(c) - 1; i >= 0; i-- {
		if c[i].Covers(epoch, seq) {
			return &c[i]
		}
	}
	return nil
}

// by is what is to be added to what an entry says of its time.
func (c corrections) by(epoch, seq uint64) time.Duration {
	if of := c.of(epoch, seq); of != nil {
		return time.Duration(of.Correction) * time.Millisecond
	}
	return 0
}

// Dated is how well the time of an entry is known.
type Dated uint8

// The ways.
const (
	Measured   Dated = iota // the till knew headquarters' time
	Unmeasured              // it did not, and nothing has spoken against its clock
	Corrected               // its clock was wrong, and by how much is known
	Uncertain               // its clock was wrong, and by how much is not known
)

// date is when an entry was written as far as is known.
func (c corrections) date(e journal.Entry, epoch, seq uint64) (at time.Time, how Dated) {
	at = e.At().Add(c.by(epoch, seq))
	switch of := c.of(epoch, seq); {
	case of != nil && of.Error == 0:
		return at, Uncertain
	case of != nil:
		return at, Corrected
	case e.Error == 0:
		return at, Unmeasured
	}
	return at, Measured
}

// readCorrections gives those of one till, or of all with uuid.Nil.
func readCorrections(ctx context.Context, tx querier, till uuid.UUID) (map[uuid.UUID]corrections, error) {
	rows, err := tx.Query(ctx, `
		SELECT store_id, till_id, epoch, hash, first, last, correction, error FROM journal.clock
		WHERE $1 OR till_id = $2 ORDER BY till_id, at_epoch, at_seq, hash`, till == uuid.Nil, till)
	if err != nil {
		return nil, fmt.Errorf("read corrections of time: %w", err)
	}
	found := map[uuid.UUID]corrections{}
	var id [16]byte
	var epoch, first, last int64
	var c correction
	var hash []byte
	_, err = pgx.ForEachRow(rows, []any{&c.store, &id, &epoch, &hash, &first, &last, &c.Correction, &c.Error}, func() error {
		c.Epoch, c.From, c.To = uint64(epoch), uint64(first), uint64(last)
		copy(c.hash[:], hash)
		found[id] = append(found[id], c)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read corrections of time: %w", err)
	}
	return found, nil
}

// querier is a transaction, or the database.
type querier interface {
	Query(ctx context.Context, query string, args ...any) (pgx.Rows, error)
}

// mostCorrected bounds a correction, in milliseconds: a century.
const mostCorrected = 100 * 366 * 24 * 3600 * 1000

// checkClock says why a clock entry makes no sense. It then has no effect.
func checkClock(c retail.Clock) error {
	switch {
	case c.Epoch == 0 || c.From == 0 || c.From > c.To || max(c.Epoch, c.To) > math.MaxInt32:
		return fmt.Errorf("clock covers entries %d to %d of epoch %d", c.From, c.To, c.Epoch)
	case c.Error < 0 || max(c.Error, c.Correction) > mostCorrected || c.Correction < -mostCorrected:
		return fmt.Errorf("clock corrects by %d within %d ms", c.Correction, c.Error)
	case c.Error == 0 && c.Correction != 0:
		return errors.New("clock corrects by an amount it does not know")
	}
	return nil
}

// correct keeps what a clock entry says, and dates anew what it covers.
func (l *lane) correct(ctx context.Context, tx *db.Tx, it *item) error {
	c, ok := it.body.(retail.Clock)
	if !ok || checkClock(c) != nil {
		return nil
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO journal.clock (store_id, till_id, epoch, at_epoch, at_seq, hash, first, last, correction, error)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		l.store, l.till, int64(c.Epoch), int64(it.link.Epoch), int64(it.link.Seq), it.link.Hash[:],
		int64(c.From), int64(c.To), c.Correction, c.Error)
	if err != nil {
		return fmt.Errorf("keep clock %d.%d: %w", it.link.Epoch, it.link.Seq, err)
	}
	all, err := readCorrections(ctx, tx, l.till)
	if err != nil {
		return err
	}
	l.clocks = all[l.till]
	rows, err := tx.Query(ctx, `
		SELECT epoch, seq, prev, hash, bytes, branch FROM journal.entry
		WHERE store_id = $1 AND till_id = $2 AND epoch = $3 AND seq BETWEEN $4 AND $5 ORDER BY seq, hash`,
		l.store, l.till, int64(c.Epoch), int64(c.From), int64(c.To))
	if err != nil {
		return fmt.Errorf("read what clock %d.%d covers: %w", it.link.Epoch, it.link.Seq, err)
	}
	covered, err := pgx.CollectRows(rows, scanItem)
	if err != nil {
		return fmt.Errorf("read what clock %d.%d covers: %w", it.link.Epoch, it.link.Seq, err)
	}
	return l.redate(ctx, tx, covered)
}

// redate dates what entries did by what is known now. What was not applied is left out.
func (l *lane) redate(ctx context.Context, tx *db.Tx, items []item) error {
	var documents []sales.Dated
	var of []*item // the documents
	var movements []stock.Dated
	for i := range items {
		it := &items[i]
		by := l.clocks.by(it.link.Epoch, it.link.Seq)
		var err error
		switch b := it.body.(type) {
		case retail.Sale, retail.Refund, retail.Void:
			documents = append(documents, sales.Dated{Place: l.place(it), BusinessDate: businessDate(b)})
			of = append(of, it)
		case retail.ShiftOpen, retail.CashMove, retail.ShiftClose:
			err = sales.RedateDrawer(ctx, tx, l.place(it))
		case retail.RestockRequest:
			err = stock.RedateRestock(ctx, tx, l.store, b.ID, it.entry.At().Add(by))
		case retail.TransferOut:
			err = l.redateTransfer(ctx, tx, it, b, by)
		case retail.Receive:
			err = stock.RedateReceipt(ctx, tx, l.receipt(it, b, by))
		case retail.Count:
			var d stock.Dated
			var ok bool
			if d, ok, err = l.redateCount(ctx, tx, it, b); ok {
				movements = append(movements, d)
			}
		}
		if err != nil {
			return err
		}
	}
	before, err := sales.Redate(ctx, tx, documents)
	if err != nil {
		return err
	}
	for i, was := range before {
		if was.IsZero() {
			continue
		}
		for _, p := range productsOf([]item{*of[i]}) {
			movements = append(movements, stock.Dated{Location: l.store, Product: p, Ref: ref(of[i].link.Hash), Was: was, At: documents[i].At})
		}
	}
	return stock.Redate(ctx, tx, movements)
}

func businessDate(body any) retail.Date {
	if sale, ok := body.(retail.Sale); ok {
		return sale.BusinessDate
	}
	r, _ := asRefund(body)
	return r.BusinessDate
}
