package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"comptant/shared/retail"

	"github.com/fxamacker/cbor/v2"
)

// Searches stop counting at searchCount, and rank the first searchRank they meet: ranking inside FTS5 reads every match
// of a short prefix (28 ms against 0.1 ms over 100,000 products).
const (
	searchCount = 1000
	searchRank  = 200
)

// Search finds products by words. See till.Catalogue. What begins with the words comes before what has them inside.
func (l *Ledger) Search(ctx context.Context, query string, limit int) (found []retail.Product, total int, err error) {
	words := strings.Fields(fold(query))
	if len(words) == 0 || limit <= 0 {
		return nil, 0, nil
	}
	begins, within := matches(words)
	total, err = l.count(ctx, begins)
	if err != nil {
		return nil, 0, err
	}
	match := begins
	if total < searchRank && within != begins {
		// Few products begin with the words: those that have them inside count as well.
		match = within
		if total, err = l.count(ctx, within); err != nil {
			return nil, 0, err
		}
	}
	candidates, err := list(ctx, l.catalog.read, scanCandidate,
		`SELECT fr, en, more, body FROM product WHERE doc IN (SELECT rowid FROM search WHERE search MATCH ? LIMIT ?)`,
		match, searchRank)
	if err != nil {
		return nil, 0, err
	}
	found, err = best(candidates, words, limit)
	return found, total, err
}

// matches gives the FTS5 queries for products whose words begin with all of the given ones, and that have them anywhere.
func matches(words []string) (begins, within string) {
	var b, w []string
	for _, word := range words {
		begin := `"` + word + `"*`
		b = append(b, begin)
		if len([]rune(word)) < inside {
			w = append(w, begin)
		} else {
			w = append(w, `(`+begin+` OR "_`+word+`"*)`)
		}
	}
	return strings.Join(b, " AND "), strings.Join(w, " AND ")
}

func (l *Ledger) count(ctx context.Context, match string) (int, error) {
	n, _, err := one(ctx, l.catalog.read, value[int],
		`SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ? LIMIT ?)`, match, searchCount)
	return n, err
}

// candidate is a product that matched.
type candidate struct {
	names [2]string // folded, French and English
	more  string
	body  []byte
	rank  rank
}

func scanCandidate(r *sql.Rows) (c candidate, err error) {
	return c, r.Scan(&c.names[0], &c.names[1], &c.more, &c.body)
}

// rank orders candidates; less is better.
type rank struct {
	// loose counts the words that only stand inside one of the name's words or outside the name.
	loose int
	// start is where in the name the first word stands, in words.
	start int
	// length is that of the name: of two that match, the shorter is the more likely.
	length int
}

func (r rank) compare(o rank) int {
	return cmp.Or(cmp.Compare(r.loose, o.loose), cmp.Compare(r.start, o.start), cmp.Compare(r.length, o.length))
}

func rankOf(name string, words []string) rank {
	r := rank{length: len(name)}
	spaced := " " + name
	for i, word := range words {
		at := strings.Index(spaced, " "+word)
		if at < 0 {
			r.loose++
			at = len(name)
		}
		if i == 0 {
			r.start = strings.Count(spaced[:at], " ")
		}
	}
	return r
}

// best decodes the limit best candidates.
func best(candidates []candidate, words []string, limit int) ([]retail.Product, error) {
	for i := range candidates {
		c := &candidates[i]
		fr, en := rankOf(c.names[0], words), rankOf(c.names[1], words)
		c.rank = fr
		if en.compare(fr) < 0 {
			c.rank = en
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int {
		return cmp.Or(a.rank.compare(b.rank), cmp.Compare(a.names[0], b.names[0]))
	})
	products := make([]retail.Product, min(limit, len(candidates)))
	for i := range products {
		if err := cbor.Unmarshal(candidates[i].body, &products[i]); err != nil {
			return nil, err
		}
	}
	return products, nil
}
