package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
)

// keepProduct writes what products are found by. old is the body it replaces, if any.
func (c catalogue) keepProduct(ctx context.Context, id uuid.UUID, raw, old []byte) error {
	var p retail.Product
	if err := cbor.Unmarshal(raw, &p); err != nil {
		return fmt.Errorf("decode product: %w", err)
	}
	w := c.write
	if onlyPrice(p, old) { // a whole price book may do this to every product: the search stays as it is
		_, err := w.exec(ctx, `UPDATE product SET body = ? WHERE id = ?`, raw, id[:])
		return err
	}
	if err := c.dropProduct(ctx, id); err != nil {
		return err
	}
	fr, en := fold(p.Name.In("fr")), fold(p.Name.In("en"))
	more := strings.Join(append([]string{fold(p.SKU)}, p.Barcodes...), " ")
	r, err := w.exec(ctx, `INSERT INTO product (id, category, favourite, fr, en, more, body) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		id[:], p.Category[:], p.Favourite, fr, en, more, raw)
	if err != nil {
		return err
	}
	doc, err := r.LastInsertId()
	if err != nil {
		return err
	}
	for _, code := range append([]string{p.SKU}, p.Barcodes...) {
		if code == "" {
			continue
		}
		if _, err := w.exec(ctx, `INSERT INTO code (code, doc) VALUES (?, ?) ON CONFLICT DO NOTHING`, code, doc); err != nil {
			return err
		}
	}
	_, err = w.exec(ctx, `INSERT INTO search (rowid, tokens) VALUES (?, ?)`,
		doc, searchTokens(strings.Fields(fr+" "+en+" "+more)...))
	return err
}

// onlyPrice tells whether nothing but the price of a product changes.
func onlyPrice(p retail.Product, old []byte) bool {
	var was retail.Product
	if len(old) == 0 || cbor.Unmarshal(old, &was) != nil {
		return false
	}
	was.Price = p.Price
	return reflect.DeepEqual(was, p)
}

func (c catalogue) dropProduct(ctx context.Context, id uuid.UUID) error {
	c.renamed.Store(true) // also before a product is put in its place
	w := c.write
	doc, ok, err := one(ctx, w, value[int64], `SELECT doc FROM product WHERE id = ?`, id[:])
	if err != nil || !ok {
		return err
	}
	if _, err := w.exec(ctx, `DELETE FROM search WHERE rowid = ?`, doc); err != nil {
		return err
	}
	_, err = w.exec(ctx, `DELETE FROM product WHERE doc = ?`, doc)
	return err
}

// priced begins a query for products: each with the price that the newest book of the store in force at ?1 has for it, or when
// that has none, or says as everywhere, the newest of every store, if any.
const priced = `SELECT ` + pricedColumns + ` FROM `

const pricedColumns = `body, coalesce(
	(SELECT price FROM store_price s WHERE s.product = product.id AND starts <= ?1 ORDER BY starts DESC, version DESC LIMIT 1),
	(SELECT price FROM price WHERE price.product = product.id AND starts <= ?1 ORDER BY starts DESC, version DESC LIMIT 1))`

func scanPriced(r *sql.Rows) (p retail.Product, err error) { return scanPricedAfter(r) }

// scanPricedAfter scans other columns before those of priced.
func scanPricedAfter(r *sql.Rows, before ...any) (p retail.Product, err error) {
	var raw sql.RawBytes
	var price sql.NullInt64
	if err = r.Scan(append(before, &raw, &price)...); err != nil {
		return p, err
	}
	if err = cbor.Unmarshal(raw, &p); err != nil {
		return p, fmt.Errorf("decode product: %w", err)
	}
	if price.Valid {
		p.Price = money.Amount(price.Int64)
	}
	return p, nil
}

// Product finds by id. See till.Catalogue.
func (l *Ledger) Product(ctx context.Context, id uuid.UUID) (p retail.Product, ok bool, err error) {
	return one(ctx, l.catalogue().read, scanPriced, priced+`product WHERE id = ?2`, l.pricedAt(), id[:])
}

// ByCode finds by barcode or SKU. When several products share a code, the one that came first answers.
func (l *Ledger) ByCode(ctx context.Context, code string) (p retail.Product, ok bool, err error) {
	return one(ctx, l.catalogue().read, scanPriced,
		priced+`code JOIN product USING (doc) WHERE code = ?2 ORDER BY doc LIMIT 1`, l.pricedAt(), code)
}

// Categories are in their order.
func (l *Ledger) Categories(ctx context.Context) ([]retail.Category, error) {
	all, err := rowsOf[retail.Category](ctx, l.catalogue().read, retail.RowCategory)
	slices.SortStableFunc(all, func(a, b retail.Category) int { return a.Order - b.Order })
	return all, err
}

// InCategory lists a category's products by name, or the favourites. See till.Catalogue.
func (l *Ledger) InCategory(ctx context.Context, category uuid.UUID, lang string, limit int) ([]retail.Product, error) {
	if category == uuid.Nil {
		return list(ctx, l.catalogue().read, scanPriced,
			priced+`product WHERE favourite > 0 ORDER BY favourite, doc LIMIT ?2`, l.pricedAt(), limit)
	}
	order := "fr"
	if lang == "en" {
		order = "en"
	}
	return list(ctx, l.catalogue().read, scanPriced,
		priced+`product WHERE category = ?2 ORDER BY `+order+` LIMIT ?3`, l.pricedAt(), category[:], limit)
}

// Staff may sign in here, by name.
func (l *Ledger) Staff(ctx context.Context) ([]retail.Staff, error) {
	all, err := rowsOf[retail.Staff](ctx, l.catalogue().read, retail.RowStaff)
	slices.SortStableFunc(all, func(a, b retail.Staff) int { return strings.Compare(fold(a.Name), fold(b.Name)) })
	return all, err
}

// Control is what headquarters wants of this till. See till.Catalogue.
func (l *Ledger) Control(ctx context.Context) (retail.Control, error) {
	c, _, err := rowOf[retail.Control](ctx, l.catalogue().read, retail.RowControl, l.identity.Till)
	return c, err
}

// LogAsked says when headquarters asked for this till's log; the zero value when it does not.
func (l *Ledger) LogAsked(ctx context.Context) (retail.LogAsked, error) {
	asked, _, err := rowOf[retail.LogAsked](ctx, l.catalogue().read, retail.RowLogAsked, l.identity.Till)
	return asked, err
}

// Rights are what headquarters has decided. See till.Catalogue.
func (l *Ledger) Rights(ctx context.Context) ([]retail.Rights, error) {
	return rowsOf[retail.Rights](ctx, l.catalogue().read, retail.RowRights)
}
