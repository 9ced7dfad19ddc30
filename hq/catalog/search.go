package catalog

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"comptant/shared/barcode"
	"comptant/shared/retail"
)

// pageSize is how many products a page has when Filter does not say.
const pageSize = 50

// Filter narrows a search. The zero value finds everything.
type Filter struct {
	// Text is words that a product's SKU and names must all contain, in any order, also inside words; case and accents do
	// not count. A whole barcode finds its product.
	Text     string
	Category uuid.UUID
	// Retired finds the retired, and no others.
	Retired bool
	// Also finds these, retired as they are.
	Also []uuid.UUID
	// Only keeps these products, when it is not nil.
	Only []uuid.UUID
	// Lang orders by the name in "fr" or "en".
	Lang string
	// After is Next of the page before.
	After string
	Limit int
}

// Page is a part of what a search found, by name.
type Page struct {
	Products []Product
	// Total is how many there are on all pages.
	Total int
	// Next asks for the following page; empty on the last.
	Next string
}

// The letters of French and English with their accents, and without. Capitals are there because lower leaves them alone
// in a database of the C locale.
const (
	accented = "àâäáãåçéèêëíìîïñóòôöõúùûüýÿÀÂÄÁÃÅÇÉÈÊËÍÌÎÏÑÓÒÔÖÕÚÙÛÜÝŸ"
	plain    = "aaaaaaceeeeiiiinooooouuuuyyaaaaaaceeeeiiiinooooouuuuyy"
)

// folded is SQL for a text without case and accents.
func folded(column string) string {
	return "replace(replace(translate(lower(" + column + "), '" + accented + "', '" + plain + "'), 'œ', 'oe'), 'Œ', 'oe')"
}

// Search finds products.
func Search(ctx context.Context, q Querier, f Filter) (Page, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = pageSize
	}
	// The name in one language, or the other where it is empty.
	name := folded("COALESCE(NULLIF(p.name_fr, ''), p.name_en)")
	if f.Lang == "en" {
		name = folded("COALESCE(NULLIF(p.name_en, ''), p.name_fr)")
	}
	where, args := f.conditions()
	page := Page{Total: -1}
	rows, err := q.Query(ctx, "SELECT count(*) FROM catalog.product p WHERE "+where, args)
	if err != nil {
		return page, fmt.Errorf("search products: %w", err)
	}
	if page.Total, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[int]); err != nil {
		return page, fmt.Errorf("search products: %w", err)
	}
	if f.After != "" {
		after, id, err := readCursor(f.After)
		if err != nil {
			return page, err
		}
		where += " AND (" + name + ", p.id) > (@after, @afterID)"
		args["after"], args["afterID"] = after, id
	}
	args["limit"] = limit + 1
	rows, err = q.Query(ctx, "SELECT "+name+", "+columns+" FROM catalog.product p WHERE "+where+" ORDER BY "+name+", p.id LIMIT @limit", args)
	if err != nil {
		return page, fmt.Errorf("search products: %w", err)
	}
	var last string // the name of the last product that stays on the page
	page.Products, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Product, err error) {
		var by string
		err = row.Scan(append([]any{&by}, p.fields()...)...)
		if limit--; limit == 0 {
			last = by
		}
		return p, err
	})
	if err != nil {
		return page, fmt.Errorf("search products: %w", err)
	}
	if limit < 0 {
		page.Products = page.Products[:len(page.Products)-1]
		page.Next = cursor(last, page.Products[len(page.Products)-1].ID)
	}
	return page, nil
}

func (f Filter) conditions() (string, pgx.NamedArgs) {
	where, args := []string{"((p.retired_at IS NOT NULL) = @retired OR p.id = ANY(@also))"}, pgx.NamedArgs{"retired": f.Retired, "also": f.Also}
	if f.Category != uuid.Nil {
		where, args["category"] = append(where, "p.category_id = @category"), f.Category
	}
	if f.Only != nil {
		where, args["only"] = append(where, "p.id = ANY(@only)"), f.Only
	}
	if gtin, ok := barcode.Normalize(strings.TrimSpace(f.Text)); ok {
		args["gtin"], args["sku"] = gtin, strings.TrimSpace(f.Text)
		where = append(where, "(p.id = (SELECT product_id FROM catalog.barcode WHERE code = @gtin) OR p.sku = @sku)")
		return strings.Join(where, " AND "), args
	}
	for i, word := range strings.Fields(fold(f.Text)) {
		key := fmt.Sprintf("word%d", i)
		args[key] = word
		where = append(where, "strpos("+folded("p.sku || ' ' || p.name_fr || ' ' || p.name_en")+", @"+key+") > 0")
	}
	return strings.Join(where, " AND "), args
}

// fold is what folded does.
func fold(s string) string {
	from, to := []rune(accented), []rune(plain)
	return strings.ReplaceAll(strings.Map(func(r rune) rune {
		for i := range from {
			if from[i] == r {
				return to[i]
			}
		}
		return r
	}, strings.ToLower(norm.NFC.String(s))), "œ", "oe")
}

func cursor(name string, id uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString(append(id[:], name...))
}

func readCursor(s string) (name string, id uuid.UUID, err error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) < len(id) {
		return "", id, &retail.Error{Code: retail.Invalid, Key: "page.unknown", Err: err}
	}
	return string(b[len(id):]), uuid.UUID(b[:len(id)]), nil
}
