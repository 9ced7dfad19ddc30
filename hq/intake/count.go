package intake

import (
	"context"
	"errors"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/shared/retail"
)

var errNegative = errors.New("less than nothing was counted")

// count works out what a line of a count does. What is made here holds no stock, and is not counted.
func (l *lane) count(it *item, c retail.Count) {
	if c.Done {
		return
	}
	fact, known := l.facts[c.Product]
	switch {
	case c.Quantity < 0:
		l.judge(it, errNegative) // it then has no effect
		return
	case fact.MadeHere:
		return
	case !known:
		l.flag(it, FlagUnknownProduct, c.Product.String())
	}
	at := l.place(it)
	it.counts = []stock.Count{{
		Location: l.store, Product: c.Product, At: at.At, Ref: ref(it.link.Hash), Till: l.till, Epoch: it.link.Epoch, Seq: it.link.Seq,
		Session: c.Session, By: it.entry.User, Quantity: c.Quantity, UnitCost: l.cost(c.Product),
	}}
}

// counted notes the end of a session.
func (l *lane) counted(ctx context.Context, tx *db.Tx, it *item) error {
	if c, ok := it.body.(retail.Count); ok && c.Done {
		return stock.Done(ctx, tx, l.store, c.Session, ref(it.link.Hash), l.place(it).At)
	}
	return nil
}

// redateCount gives what of a count is to be dated anew; ok is false when it was not applied, or is no line.
func (l *lane) redateCount(ctx context.Context, tx *db.Tx, it *item, c retail.Count) (d stock.Dated, ok bool, err error) {
	if c.Done {
		return d, false, l.counted(ctx, tx, it)
	}
	d = stock.Dated{Location: l.store, Product: c.Product, Ref: ref(it.link.Hash), At: l.place(it).At}
	d.Was, err = stock.CountedAt(ctx, tx, l.store, c.Product, d.Ref)
	return d, !d.Was.IsZero(), err
}
