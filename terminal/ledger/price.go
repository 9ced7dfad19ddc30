package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"comptant/shared/retail"
	"comptant/sync/wire"
	"comptant/terminal/till"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
)

// keepPrices writes what a row says of prices to where they are looked up: a part of a book, or the price that a product has of
// its own in the store. Nothing happens when a book's moment comes: who reads compares it with the time.
func (c catalogue) keepPrices(ctx context.Context, t retail.RowType, id uuid.UUID, raw []byte) error {
	return c.eachPrice(ctx, t, id, raw, `INSERT INTO price_book (starts, version, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		`INSERT INTO %s (product, starts, version, price) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (product, starts, version) DO UPDATE SET price = ?4`)
}

// dropPrices undoes keepPrices.
func (c catalogue) dropPrices(ctx context.Context, t retail.RowType, id uuid.UUID, raw []byte) error {
	return c.eachPrice(ctx, t, id, raw, `DELETE FROM price_book WHERE starts = ? AND version = ? AND since = ?`,
		`DELETE FROM %s WHERE product = ?1 AND starts = ?2 AND version = ?3 AND price IS ?4`)
}

// eachPrice runs one statement for a part of a book and one for each price, on the table that it belongs to.
func (c catalogue) eachPrice(ctx context.Context, t retail.RowType, id uuid.UUID, raw []byte, book, line string) error {
	w := c.write
	table := "store_price"
	if t == retail.RowPriceBook {
		table = "price"
	}
	line = fmt.Sprintf(line, table)
	if t == retail.RowStorePrice {
		var p retail.StorePrice
		if err := cbor.Unmarshal(raw, &p); err != nil {
			return fmt.Errorf("decode store price: %w", err)
		}
		_, err := w.exec(ctx, line, id[:], 0, 0, p.Price)
		return err
	}
	var b retail.PriceBook
	if err := cbor.Unmarshal(raw, &b); err != nil {
		return fmt.Errorf("decode price book: %w", err)
	}
	if _, err := w.exec(ctx, book, b.From, b.Version, b.Since); err != nil {
		return err
	}
	for _, p := range b.Lines {
		price := sql.NullInt64{Int64: int64(p.Price), Valid: !p.Everywhere}
		if _, err := w.exec(ctx, line, p.Product[:], b.From, b.Version, price); err != nil {
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
		return c.eachPriceRow(ctx, `SELECT type, id, body FROM row WHERE type IN (%s)`, nil, c.keepPrices)
	})
}

// eachPriceRow does something with every row of prices that a query names, by type, id and body.
func (c catalogue) eachPriceRow(
	ctx context.Context, query string, args []any, do func(context.Context, retail.RowType, uuid.UUID, []byte) error,
) error {
	types := fmt.Sprintf("%d, %d, %d", retail.RowPriceBook, retail.RowStoreBook, retail.RowStorePrice)
	rows, err := list(ctx, c.write, func(r *sql.Rows) (row wire.Row, err error) {
		return row, r.Scan(&row.Type, &row.ID, &row.Body)
	}, fmt.Sprintf(query, types), args...)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := do(ctx, row.Type, row.ID, row.Body); err != nil {
			return err
		}
	}
	return nil
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

// pricing is what is read for every scan and seldom changes: the rates of taxes, and the books, of every store and of this one, in
// the order in which they come into force here.
type pricing struct {
	shown uint64
	rates retail.TaxTable
	books []till.NextPrices
	// newest is, for each of the books, the version that is in force from then on: of the two that the rows hold, that of every
	// store and that of this one, headquarters says since when (retail.PriceBook).
	newest []uint64
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
	var latest int64  // since when
	var newest uint64 // is in force, of those so far
	p.books, err = list(ctx, l.catalogue().read, func(r *sql.Rows) (n till.NextPrices, err error) {
		var starts, since int64
		if err = r.Scan(&n.Version, &starts, &since); err != nil {
			return n, err
		}
		n.From = time.UnixMilli(starts).UTC()
		if at := max(starts, since); at > latest || at == latest && n.Version > newest {
			latest, newest = at, n.Version
		}
		p.newest = append(p.newest, newest)
		return n, nil
	}, `SELECT version, starts, since FROM price_book ORDER BY starts, since, version`)
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
		return p.newest[n-1], nil
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
