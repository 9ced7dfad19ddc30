package till

import (
	"context"
	"fmt"
	"strings"

	"comptant/shared/barcode"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// Scanned is what became of a code.
type Scanned struct {
	// Code is what was looked up, without the quantity in front.
	Code string
	// Known is false when no product has the code: nothing was added, and the next scan works.
	Known   bool
	Product retail.Product
	// Line is the line of the ticket, or of the receiving, that now has it.
	Line int
}

// Scan adds what a scanner read or a person typed: a barcode in any of its forms, or a SKU, with "3*" in front for a
// quantity. An unknown code is an answer and not an error.
func (t *Till) Scan(ctx context.Context, text string) (Scanned, error) {
	if err := t.open(); err != nil {
		return Scanned{}, err
	}
	s, q, err := t.lookUp(ctx, text)
	if err != nil || !s.Known {
		return s, err
	}
	if err := t.add(ctx, s.Product, q); err != nil {
		return s, err
	}
	s.Line = t.ticket.selected
	return s, nil
}

// Price finds a product by its code and adds nothing: a price check.
func (t *Till) Price(ctx context.Context, text string) (Scanned, error) {
	if err := t.signedIn(); err != nil {
		return Scanned{}, err
	}
	s, _, err := t.lookUp(ctx, text)
	return s, err
}

// lookUp parts quantity and code, and finds the product. The quantity is 0 when none was given.
func (t *Till) lookUp(ctx context.Context, text string) (Scanned, money.Quantity, error) {
	code := strings.TrimSpace(text)
	var q money.Quantity
	if before, after, ok := strings.Cut(code, "*"); ok {
		var err error
		if q, err = money.ParseQuantity(before); err != nil || q <= 0 || q > Most {
			return Scanned{Code: code}, 0, fail(retail.Invalid, KeyQuantity, "most", Most)
		}
		code = strings.TrimSpace(after)
	}
	s := Scanned{Code: code}
	if gtin, ok := barcode.Normalize(code); ok {
		if err := t.byCode(ctx, gtin, &s); err != nil || s.Known {
			return s, q, err
		}
		weight, err := t.byLabel(ctx, gtin, &s)
		if err != nil {
			return s, q, fmt.Errorf("look up the label %s: %w", code, err)
		}
		if s.Known {
			return s, labelTimes(q, weight), nil
		}
	}
	// A SKU may look like a barcode, so what was read is tried as it is.
	err := t.byCode(ctx, code, &s)
	return s, q, err
}

func (t *Till) byCode(ctx context.Context, code string, s *Scanned) error {
	var err error
	if s.Product, s.Known, err = t.catalogue.ByCode(ctx, code); err != nil {
		return fmt.Errorf("look up %s: %w", code, err)
	}
	return nil
}

// Found is a product with its stock, as a row or a tile shows it.
type Found struct {
	retail.Product
	Stock Stock
	Level Level
}

// Search finds products as the cashier types: at most limit, best first, and how many there are in all.
func (t *Till) Search(ctx context.Context, query string, limit int) ([]Found, int, error) {
	products, total, err := t.catalogue.Search(ctx, query, limit)
	if err != nil {
		return nil, 0, fmt.Errorf("search %q: %w", query, err)
	}
	found, err := t.withStock(ctx, products)
	return found, total, err
}

// Categories are the pages of tiles, in their order.
func (t *Till) Categories(ctx context.Context) ([]retail.Category, error) {
	c, err := t.catalogue.Categories(ctx)
	if err != nil {
		return nil, fmt.Errorf("list categories: %w", err)
	}
	return c, nil
}

// Tiles are a category's products by name; uuid.Nil is the page of favourites.
func (t *Till) Tiles(ctx context.Context, category uuid.UUID, limit int) ([]Found, error) {
	products, err := t.catalogue.InCategory(ctx, category, t.lang, limit)
	if err != nil {
		return nil, fmt.Errorf("list category %s: %w", category, err)
	}
	return t.withStock(ctx, products)
}

func (t *Till) withStock(ctx context.Context, products []retail.Product) ([]Found, error) {
	ids := make([]uuid.UUID, len(products))
	for i, p := range products {
		ids[i] = p.ID
	}
	stock, err := t.catalogue.StockOfMany(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read stock: %w", err)
	}
	found := make([]Found, len(products))
	for i, p := range products {
		s := stock[p.ID]
		found[i] = Found{Product: p, Stock: s, Level: LevelOf(p, s)}
	}
	return found, nil
}
