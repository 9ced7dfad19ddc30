package ledger

import (
	"context"
	"database/sql"
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// finder is what products are searched by, in memory: it answers between two keys, which the index on disk does not while it
// has to hand over a thousand matches. It is made in the background when somebody searches and the names have changed since;
// until it is there the index on disk answers, and both give the same.
type finder struct {
	of    *database
	names uint64
	// products are in the order of their doc, folded.
	products []candidate
	// words are all of them, sorted; at says where in products each stands.
	words []string
	at    [][]int32
	// lettered are the words with at least three characters in a row that are no digits, which are few; the others, but for
	// barcodes, are mostly SKUs. Who types no digit finds nothing in those.
	lettered, other wordText
}

// wordText is words one after the other, to look inside them.
type wordText struct {
	// text is each after a line break, and starts where they begin in it; which are their places in words.
	text   string
	starts []int
	which  []int32
}

// finderNow is the finder, if there is one that is not older than the names; otherwise one is made.
func (l *Ledger) finderNow() *finder {
	f := l.found.Load()
	if f == nil || f.of != l.catalogue().database || f.names != l.names.Load() {
		l.finding.poke()
		return nil
	}
	return f
}

// find makes the finder.
func (l *Ledger) find(ctx context.Context) {
	f := &finder{of: l.catalogue().database, names: l.names.Load()} // before reading: what changes meanwhile is read again
	if now := l.found.Load(); now != nil && now.of == f.of && now.names == f.names {
		return
	}
	type product struct {
		candidate
		more string
	}
	all, err := list(ctx, f.of.read, func(r *sql.Rows) (p product, err error) {
		return p, r.Scan(&p.doc, &p.fr, &p.en, &p.more)
	}, `SELECT doc, fr, en, more FROM product ORDER BY doc`)
	if err != nil {
		l.cfg.Log.Error("read the names of products", "error", err)
		return
	}
	places := map[string][]int32{}
	f.products = make([]candidate, len(all))
	for i, p := range all {
		if p.en == p.fr {
			p.en = p.fr // one string for both
		}
		f.products[i] = p.candidate
		for _, text := range []string{p.fr, p.en, p.more} {
			for word := range strings.FieldsSeq(text) {
				if at := places[word]; len(at) == 0 || at[len(at)-1] != int32(i) {
					places[word] = append(at, int32(i))
				}
			}
		}
	}
	f.keepWords(places)
	l.found.Store(f)
}

func (f *finder) keepWords(places map[string][]int32) {
	f.words = make([]string, 0, len(places))
	for word := range places {
		f.words = append(f.words, word)
	}
	slices.Sort(f.words)
	f.at = make([][]int32, len(f.words))
	var texts [2]strings.Builder
	for i, word := range f.words {
		f.at[i] = slices.Clip(places[word])
		if isNumber(word) {
			continue // a barcode is read from its beginning
		}
		to, text := &f.other, &texts[0]
		if slices.ContainsFunc(strings.FieldsFunc(word, unicode.IsDigit), func(run string) bool { return utf8.RuneCountInString(run) >= inside }) {
			to, text = &f.lettered, &texts[1]
		}
		text.WriteByte('\n')
		to.starts, to.which = append(to.starts, text.Len()), append(to.which, int32(i))
		text.WriteString(word)
	}
	f.other.text, f.lettered.text = texts[0].String(), texts[1].String()
}

// set is places in products.
type set []uint64

func (s set) add(all []int32) {
	for _, i := range all {
		s[i/64] |= 1 << (i % 64)
	}
}

// matching are the products that have all the words at the beginning of one of theirs, or within: the first searchRank, and
// how many there are, counted up to searchCount.
func (f *finder) matching(words []string, within bool) (first []candidate, total int) {
	var all set
	for _, word := range words {
		has := make(set, (len(f.products)+63)/64)
		f.begins(word, has)
		if within && len([]rune(word)) >= inside {
			f.contains(word, has)
		}
		if all == nil {
			all = has
			continue
		}
		for i := range all {
			all[i] &= has[i]
		}
	}
	for i, of := range all {
		for ; of != 0 && total < searchCount; of &= of - 1 {
			if total++; total <= searchRank {
				first = append(first, f.products[i*64+bits.TrailingZeros64(of)])
			}
		}
	}
	return first, total
}

func (f *finder) begins(word string, has set) {
	i, _ := slices.BinarySearch(f.words, word)
	for ; i < len(f.words) && strings.HasPrefix(f.words[i], word); i++ {
		has.add(f.at[i])
	}
}

func (f *finder) contains(word string, has set) {
	f.lettered.each(word, func(i int32) { has.add(f.at[i]) })
	if strings.ContainsFunc(word, unicode.IsDigit) {
		f.other.each(word, func(i int32) { has.add(f.at[i]) })
	}
}

// each gives the words that have this one inside.
func (t *wordText) each(word string, do func(i int32)) {
	for from := 0; ; {
		at := strings.Index(t.text[from:], word)
		if at < 0 {
			return
		}
		next, _ := slices.BinarySearch(t.starts, from+at+1) // the first word that begins after
		do(t.which[next-1])
		if next == len(t.starts) {
			return
		}
		from = t.starts[next]
	}
}
