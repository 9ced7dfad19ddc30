package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/fxamacker/cbor/v2"
)

// keepBook writes what a part of a price book says to where prices are looked up. Nothing happens when a book's moment
// comes: who reads compares it with the time.
func (l *Ledger) keepBook(ctx context.Context, raw []byte) error {
	return l.eachPrice(ctx, raw, `INSERT INTO price_book (starts, version) VALUES (?, ?) ON CONFLICT DO NOTHING`,
		`INSERT INTO price (product, starts, version, price) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (product, starts, version) DO UPDATE SET price = ?4`)
}

// dropBook undoes keepBook.
func (l *Ledger) dropBook(ctx context.Context, raw []byte) error {
	return l.eachPrice(ctx, raw, `DELETE FROM price_book WHERE starts = ? AND version = ?`,
		`DELETE FROM price WHERE product = ?1 AND starts = ?2 AND version = ?3 AND price = ?4`)
}

// eachPrice runs one statement for a part of a book and one for each of its lines.
func (l *Ledger) eachPrice(ctx context.Context, raw []byte, book, line string) error {
	var b retail.PriceBook
	if err := cbor.Unmarshal(raw, &b); err != nil {
		return fmt.Errorf("decode price book: %w", err)
	}
	w := l.catalog.write
	if _, err := w.exec(ctx, book, b.From, b.Version); err != nil {
		return err
	}
	for _, p := range b.Lines {
		if _, err := w.exec(ctx, line, p.Product[:], b.From, b.Version, p.Price); err != nil {
			return err
		}
	}
	return nil
}

// keepBooks looks through the books that an earlier version of the program kept and did not know.
func (l *Ledger) keepBooks(ctx context.Context) error {
	w := l.catalog.write
	return w.tx(ctx, func() error {
		known, _, err := one(ctx, w, value[int], `SELECT count(*) FROM price_book`)
		if err != nil || known > 0 {
			return err
		}
		parts, err := list(ctx, w, value[[]byte], `SELECT body FROM row WHERE type = ?`, retail.RowPriceBook)
		if err != nil {
			return err
		}
		for _, raw := range parts {
			if err := l.keepBook(ctx, raw); err != nil {
				return err
			}
		}
		return nil
	})
}

// pricedAt is the moment whose prices are in force, in milliseconds since 1970: the estimate of headquarters' time, or,
// while that may not be acted on, the latest moment known to be over. So a clock that lost its date brings no price back
// and none forward.
func (l *Ledger) pricedAt() int64 {
	if !l.cfg.Certain() {
		return max(l.lastPriced.Load(), l.ackAt.Load())
	}
	offset, _ := l.cfg.Offset()
	at := l.cfg.Now().Add(offset).UnixMilli()
	l.lastPriced.Store(at)
	return at
}

// rememberPrices takes up where the last sale was: the book it was sold at has begun.
func (l *Ledger) rememberPrices(ctx context.Context) error {
	last, err := l.Receipts(ctx, till.ReceiptFilter{Limit: 1})
	if err != nil || len(last) == 0 {
		return err
	}
	began, _, err := one(ctx, l.catalog.read, value[int64],
		`SELECT starts FROM price_book WHERE version = ? ORDER BY starts DESC LIMIT 1`, last[0].Sale.Prices)
	l.lastPriced.Store(began)
	return err
}

// Prices is the version of prices in force. See till.Catalogue.
func (l *Ledger) Prices(ctx context.Context) (uint64, error) {
	v, _, err := one(ctx, l.catalog.read, value[uint64],
		`SELECT version FROM price_book WHERE starts <= ? ORDER BY starts DESC, version DESC LIMIT 1`, l.pricedAt())
	return v, err
}

// NextPrices is the version that comes next. See till.Catalogue.
func (l *Ledger) NextPrices(ctx context.Context) (till.NextPrices, error) {
	next, _, err := one(ctx, l.catalog.read, func(r *sql.Rows) (n till.NextPrices, err error) {
		var starts int64
		err = r.Scan(&n.Version, &starts)
		n.From = time.UnixMilli(starts).UTC()
		return n, err
	}, `SELECT version, starts FROM price_book WHERE starts > ? ORDER BY starts, version DESC LIMIT 1`, l.pricedAt())
	return next, err
}
