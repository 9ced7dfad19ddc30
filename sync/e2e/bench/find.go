package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"
)

// Scan is a barcode that becomes a line of the ticket.
var Scan = Row{
	Name:  "scan",
	Work:  "a barcode at a till until it is a line of the ticket, 100,000 products, 100,000 past sales",
	Limit: "one indexed select with the raw driver in an equal file",
	Open:  openScan,
}

// Search is what is shown while someone types.
var Search = Row{
	Name:  "search",
	Work:  "a search at a till as someone types, best 60 with their stock, 100,000 products, 100,000 past sales",
	Limit: "the FTS5 query alone with the raw driver in an equal file, the first 60 rows (for parts of words a trigram index)",
	Open:  openSearch,
}

// shown is how many results the screen of the till asks for.
const shown = 60

// stocked is a till with a catalogue, and the same products in a raw file.
type stocked struct {
	products []retail.Product
	till     *fleet.Till
	raw      *sql.DB
	stmts    []*sql.Stmt
}

func openStocked(ctx context.Context, place Place, queries ...string) (s *stocked, err error) {
	s = &stocked{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.products, err = goods(place.Data, place.size(catalogueSize, 2000)); err != nil {
		return s, err
	}
	if s.till, err = openCounter(ctx, place.Dir, s.products, place.size(pastSales, 200)); err != nil {
		return s, err
	}
	if s.raw, err = rawCatalogue(ctx, place.Dir, s.products); err != nil {
		return s, err
	}
	for _, q := range queries {
		stmt, err := s.raw.PrepareContext(ctx, q)
		if err != nil {
			return s, fmt.Errorf("%s: %w", q, err)
		}
		s.stmts = append(s.stmts, stmt)
	}
	return s, nil
}

func (s *stocked) close() error {
	var errs []error
	for _, stmt := range s.stmts {
		errs = append(errs, stmt.Close())
	}
	if s.raw != nil {
		errs = append(errs, s.raw.Close())
	}
	if s.till != nil {
		errs = append(errs, s.till.Close())
	}
	return errors.Join(errs...)
}

// repeat does n operations under the watch, each on its own.
func repeat(n int, w *Watch, do func(i int) error) error {
	w.Start()
	for i := range n {
		start := time.Now()
		if err := do(i); err != nil {
			return err
		}
		w.Lap(time.Since(start))
	}
	w.Stop(n)
	return nil
}

func openScan(ctx context.Context, place Place) (*Stand, error) {
	s, err := openStocked(ctx, place, `SELECT body FROM product WHERE code = ?`)
	if err != nil {
		return nil, err
	}
	n := place.size(20_000, 100)
	code := func(i int) string { return s.products[i*7919%len(s.products)].Barcodes[0] }
	return &Stand{
		Parts: []Part{{
			Limit: func(ctx context.Context, w *Watch) error {
				return repeat(n, w, func(i int) error {
					found, err := bodies(ctx, s.stmts[0], code(i))
					if err == nil && found != 1 {
						err = fmt.Errorf("%d products have %s", found, code(i))
					}
					return err
				})
			},
			Product: func(ctx context.Context, w *Watch) error {
				return repeat(n, w, func(i int) error {
					if i%20 == 0 { // nobody's ticket is endless
						if err := s.till.Till.Clear(); err != nil {
							return err
						}
					}
					found, err := s.till.Till.Scan(ctx, code(i))
					if err == nil && !found.Known {
						err = fmt.Errorf("no product has %s", code(i))
					}
					return err
				})
			},
			Figure: Median, Unit: TimeP50, Goal: Goal{AtMost: 3},
			Also: []Check{atMost("p99", P99, 0.002)},
		}},
		Close: s.close,
	}, nil
}

// atMost bounds a time of the product, in seconds.
func atMost(name string, value func(Reading) float64, most float64) Check {
	return Check{
		Name:  name,
		Value: func(r Round) float64 { return value(r.Product) },
		Most:  func(Round) float64 { return most },
	}
}

func openSearch(ctx context.Context, place Place) (*Stand, error) {
	s, err := openStocked(ctx, place,
		`SELECT body FROM word JOIN product ON doc = word.rowid WHERE word MATCH ? LIMIT ?`,
		`SELECT body FROM part JOIN product ON doc = part.rowid WHERE part MATCH ? LIMIT ?`)
	if err != nil {
		return nil, err
	}
	words, parts := s.stmts[0], s.stmts[1]
	typed := typedFrom(s.products, place.size(1000, 20))
	stand := &Stand{Close: s.close}
	for _, p := range []struct {
		name  string
		typed []string
		raw   *sql.Stmt
		match func(string) string
	}{
		{"prefix", typed.prefix, words, prefixes},
		{"two words", typed.two, words, prefixes},
		{"inside words", typed.inside, parts, func(q string) string { return `"` + q + `"` }},
	} {
		stand.Parts = append(stand.Parts, Part{
			Name: p.name,
			Limit: func(ctx context.Context, w *Watch) error {
				return repeat(len(p.typed), w, func(i int) error {
					found, err := bodies(ctx, p.raw, p.match(p.typed[i]), shown)
					if err == nil && found == 0 {
						err = fmt.Errorf("the raw query finds nothing for %q", p.typed[i])
					}
					return err
				})
			},
			Product: func(ctx context.Context, w *Watch) error {
				return repeat(len(p.typed), w, func(i int) error {
					found, _, err := s.till.Till.Search(ctx, p.typed[i], shown)
					if err == nil && len(found) == 0 {
						err = fmt.Errorf("the till finds nothing for %q", p.typed[i])
					}
					return err
				})
			},
			Figure: Median, Unit: TimeP50, Goal: Goal{AtMost: 2},
			Also: []Check{atMost("p99", P99, 0.010)},
		})
	}
	return stand, nil
}

// prefixes is the FTS5 query for words that begin like these.
func prefixes(typed string) string {
	var b strings.Builder
	for _, word := range strings.Fields(typed) {
		fmt.Fprintf(&b, `"%s"* `, word)
	}
	return b.String()
}

// typing is what someone types to find products.
type typing struct{ prefix, two, inside []string }

// typedFrom takes words out of names: their first one to five letters, the beginnings of two, four letters from inside.
func typedFrom(products []retail.Product, n int) typing {
	var t typing
	for i := 0; len(t.prefix) < n || len(t.two) < n || len(t.inside) < n; i++ {
		words := plainWords(products[i*6007%len(products)].Name.FR)
		if len(words) == 0 {
			continue
		}
		first := words[0]
		if len(t.prefix) < n {
			t.prefix = append(t.prefix, first[:min(1+i%5, len(first))])
		}
		if len(words) > 1 && len(t.two) < n {
			t.two = append(t.two, first[:min(3+i%3, len(first))]+" "+words[1][:min(2+i%3, len(words[1]))])
		}
		if len(first) > 6 && len(t.inside) < n {
			t.inside = append(t.inside, first[2:6])
		}
	}
	return t
}

// plainWords are the words of a name that are nothing but letters without accents, in small letters.
func plainWords(name string) []string {
	var words []string
	for _, word := range strings.Fields(strings.ToLower(name)) {
		if strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") == "" && len(word) > 1 {
			words = append(words, word)
		}
	}
	return words
}
