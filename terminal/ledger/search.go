package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"comptant/shared/retail"
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
	candidates, total, err := l.candidates(ctx, words)
	if err != nil || len(candidates) == 0 {
		return nil, total, err
	}
	docs := best(candidates, words)
	found, err = l.products(ctx, docs[:min(limit, len(docs))])
	return found, total, err
}

// goodsOf is what products read depend on: the catalogue, and how many of its price books are in force.
type goodsOf struct {
	written
	books int
}

// products are those with these rowids, in this order.
func (l *Ledger) products(ctx context.Context, docs []int64) ([]retail.Product, error) {
	of := goodsOf{written: l.catalogue().written()}
	prices, err := l.pricing(ctx)
	if err != nil {
		return nil, err
	}
	of.books = l.inForce(prices.books)
	known, missing := l.goods.recall(of, docs)
	if len(missing) > 0 {
		rowids, err := json.Marshal(missing)
		if err != nil {
			return nil, err
		}
		read := make(map[int64]retail.Product, len(missing))
		_, err = list(ctx, of.in.read, func(r *sql.Rows) (_ struct{}, err error) {
			var doc int64
			p, err := scanPricedAfter(r, &doc)
			read[doc], known[doc] = p, p
			return struct{}{}, err
		}, `SELECT doc, `+pricedColumns+` FROM json_each(?2) CROSS JOIN product ON doc = value`, l.pricedAt(), string(rowids))
		if err != nil {
			return nil, err
		}
		l.goods.keep(of, read)
	}
	found := make([]retail.Product, 0, len(docs))
	for _, doc := range docs {
		if p, ok := known[doc]; ok {
			found = append(found, p)
		}
	}
	return found, nil
}

// candidates are the first searchRank products that match, and how many there are.
func (l *Ledger) candidates(ctx context.Context, words []string) (first []candidate, total int, err error) {
	if f := l.finderNow(); f != nil {
		if first, total = f.matching(words, false); total < searchRank {
			// Few products begin with the words: those that have them inside count as well.
			first, total = f.matching(words, true)
		}
		return first, total, nil
	}
	begins, within := matches(words)
	docs, err := l.matching(ctx, begins)
	if err == nil && len(docs) < searchRank && within != begins {
		docs, err = l.matching(ctx, within)
	}
	if err != nil {
		return nil, 0, err
	}
	few, err := json.Marshal(docs[:min(len(docs), searchRank)])
	if err != nil {
		return nil, 0, err
	}
	first, err = list(ctx, l.catalogue().read, scanCandidate,
		`SELECT doc, fr, en FROM json_each(?) JOIN product ON doc = value`, string(few))
	return first, len(docs), err
}

// matching gives the rowids that match, at most searchCount.
func (l *Ledger) matching(ctx context.Context, match string) ([]int64, error) {
	return list(ctx, l.catalogue().read, value[int64], `SELECT rowid FROM search WHERE search MATCH ? LIMIT ?`, match, searchCount)
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

// candidate is a product that matched.
type candidate struct {
	doc    int64
	fr, en string // folded names
	rank   rank
}

func scanCandidate(r *sql.Rows) (c candidate, err error) {
	return c, r.Scan(&c.doc, &c.fr, &c.en)
}

// rank orders candidates; less is better.
type rank struct {
	// loose counts the words that begin none of the name's words.
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

// best orders the candidates.
func best(candidates []candidate, words []string) []int64 {
	for i := range candidates {
		c := &candidates[i]
		c.rank = rankOf(c.fr, words)
		if c.en == c.fr {
			continue
		}
		if en := rankOf(c.en, words); en.compare(c.rank) < 0 {
			c.rank = en
		}
	}
	slices.SortFunc(candidates, func(a, b candidate) int {
		if order := a.rank.compare(b.rank); order != 0 {
			return order
		}
		return cmp.Or(cmp.Compare(a.fr, b.fr), cmp.Compare(a.doc, b.doc))
	})
	docs := make([]int64, len(candidates))
	for i, c := range candidates {
		docs[i] = c.doc
	}
	return docs
}
