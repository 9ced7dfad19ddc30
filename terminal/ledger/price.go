package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/fxamacker/cbor/v2"
)

// keepBook writes what a part of a price book says to where prices are looked up. Nothing happens when a book's moment
// comes: who reads compares it with the time.
func (c catalogue) keepBook(ctx context.Context, raw []byte) error {
	return c.eachPrice(ctx, raw, `INSERT INTO price_book (starts, version) VALUES (?, ?) ON CONFLICT DO NOTHING`,
		`INSERT INTO price (product, starts, version, price) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (product, starts, version) DO UPDATE SET price = ?4`)
}

// dropBook undoes keepBook.
func (c catalogue) dropBook(ctx context.Context, raw []byte) error {
	return c.eachPrice(ctx, raw, `DELETE FROM price_book WHERE starts = ? AND version = ?`,
		`DELETE FROM price WHERE product = ?1 AND starts = ?2 AND version = ?3 AND price = ?4`)
}

// eachPrice runs one statement for a part of a book and one for each of its lines.
func (c catalogue) eachPrice(ctx context.Context, raw []byte, book, line string) error {
	var b retail.PriceBook
	if err := cbor.Unmarshal(raw, &b); err != nil {
		return fmt.Errorf("decode price book: %w", err)
	}
	w := c.write
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
func (c catalogue) keepBooks(ctx context.Context) error {
	w := c.write
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
			if err := c.keepBook(ctx, raw); err != nil {
				return err
			}
		}
		return nil
	})
}

// pricedAt is the moment whose prices are in force, in milliseconds since 1970: the estimate of headquarters' time, or,
// while that may not be acted on, the latest moment known to have passed. So a clock that lost its date brings no price
// back and none forward.
func (l *Ledger) pricedAt() int64 {
	if !l.Certain() {
		return l.passed.Load()
	}
	offset, _ := l.Offset()
	return l.cfg.Now().Add(offset).UnixMilli()
}

// pricing is what is read for every scan and seldom changes: the rates of taxes, and the books in the order in which they come
// into force.
type pricing struct {
	shown uint64
	rates retail.TaxTable
	books []till.NextPrices
}

// pricing gives it as the feeds show it, read once after each change of them.
func (l *Ledger) pricing(ctx context.Context) (*pricing, error) {
	shown := l.shown.Load() // before reading: what changes meanwhile is read again
	if p := l.priced.Load(); p != nil && p.shown == shown {
		return p, nil
	}
	p := &pricing{shown: shown}
	var err error
	if p.rates, err = rowsOf[retail.TaxRate](ctx, l.catalogue().read, retail.RowTaxRate); err != nil {
		return nil, err
	}
	p.books, err = list(ctx, l.catalogue().read, func(r *sql.Rows) (n till.NextPrices, err error) {
		var starts int64
		err = r.Scan(&n.Version, &starts)
		n.From = time.UnixMilli(starts).UTC()
		return n, err
	}, `SELECT version, starts FROM price_book ORDER BY starts, version`)
	if err != nil {
		return nil, err
	}
	l.priced.Store(p)
	return p, nil
}

// inForce is how many of the books are in force.
func (l *Ledger) inForce(books []till.NextPrices) int {
	now := l.pricedAt()
	n, _ := slices.BinarySearchFunc(books, now, func(b till.NextPrices, now int64) int { return cmp.Compare(b.From.UnixMilli(), now+1) })
	return n
}

// Rates are all tax rates.
func (l *Ledger) Rates(ctx context.Context) (retail.TaxTable, error) {
	p, err := l.pricing(ctx)
	if err != nil {
		return nil, err
	}
	return slices.Clone(p.rates), nil
}

// Currency is the till's: as headquarters has it, else as the program does. See till.Catalogue.
func (l *Ledger) Currency(ctx context.Context) (retail.Currency, error) {
	own, _ := retail.CurrencyOf(cmp.Or(l.identity.Currency, retail.DefaultCurrency))
	told, ok, err := rowOf[retail.Currency](ctx, l.catalogue().read, retail.RowCurrency, own.RowID())
	if err != nil || !ok {
		return own, err
	}
	if !told.Valid() {
		l.cfg.Log.Error("the currency that headquarters tells of cannot be used", "currency", told)
		return own, nil
	}
	return told, nil
}

// Prices is the version of prices in force. See till.Catalogue.
func (l *Ledger) Prices(ctx context.Context) (uint64, error) {
	p, err := l.pricing(ctx)
	if err != nil {
		return 0, err
	}
	if n := l.inForce(p.books); n > 0 {
		return p.books[n-1].Version, nil
	}
	return 0, nil
}

// NextPrices is the version that comes next: of those that begin at one moment the newest. See till.Catalogue.
func (l *Ledger) NextPrices(ctx context.Context) (next till.NextPrices, err error) {
	p, err := l.pricing(ctx)
	if err != nil {
		return next, err
	}
	for _, b := range p.books[l.inForce(p.books):] {
		if next.Version != 0 && !b.From.Equal(next.From) {
			break
		}
		next = b
	}
	return next, nil
}
