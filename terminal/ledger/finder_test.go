package ledger

import (
	"context"
	"strings"
	"testing"

	"comptant/shared/retail"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// both gives what the index on disk and the finder answer.
func both(t require.TestingT, l *Ledger, query string) (disk, memory []candidate, onDisk, inMemory int) {
	ctx, words := context.Background(), strings.Fields(fold(query))
	l.find(ctx)
	f := l.finderNow()
	require.NotNil(t, f)
	memory, inMemory, err := l.candidates(ctx, words)
	require.NoError(t, err)
	l.names.Add(1) // so that there is none
	disk, onDisk, err = l.candidates(ctx, words)
	require.NoError(t, err)
	f.names = l.names.Load()
	l.found.Store(f)
	return disk, memory, onDisk, inMemory
}

// The finder gives what the index on disk gives, whatever is asked for.
func TestTheFinderAnswersAsTheIndexOnDisk(t *testing.T) {
	l := newFolder(t).open(t)
	products := append(bigCatalogue(t, 2500), shelf...)
	load(t, l, products)
	rapid.Check(t, func(r *rapid.T) {
		var words []string
		for range rapid.IntRange(1, 3).Draw(r, "words") {
			p := rapid.SampledFrom(products).Draw(r, "product")
			texts := append(strings.Fields(fold(p.Name.FR+" "+p.Name.EN+" "+p.SKU)), p.Barcodes...)
			letters := []rune(rapid.SampledFrom(texts).Draw(r, "word"))
			from := rapid.IntRange(0, min(3, len(letters)-1)).Draw(r, "from")
			words = append(words, string(letters[from:rapid.IntRange(from+1, len(letters)).Draw(r, "to")]))
		}
		query := strings.Join(words, " ")
		disk, memory, onDisk, inMemory := both(r, l, query)
		require.Equal(r, onDisk, inMemory, query)
		require.ElementsMatch(r, disk, memory, query)
	})
}

// What is published is found at once under its new name and not under the old one, also when the price alone changed between.
func TestTheFinderFollowsTheNames(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "global")
	p := named("Sirop d'érable", "Maple syrup", "SIR-1")
	publish := func() {
		from := h.seq
		row := h.row(retail.RowProduct, p.ID, p)
		require.NoError(t, l.Publish(t.Context(), h.page(from, row)))
	}
	finds := func(query string, want int) {
		t.Helper()
		for range 2 { // first by the disk, then by the finder
			found, total, err := l.Search(t.Context(), query, 5)
			require.NoError(t, err)
			require.Equal(t, want, total, query)
			require.Len(t, found, want)
			l.find(t.Context())
			require.NotNil(t, l.finderNow())
		}
	}
	publish()
	finds("erable", 1)
	p.Price++
	publish()
	require.NotNil(t, l.finderNow(), "its words are the same")
	finds("erable", 1)
	found, _, err := l.Search(t.Context(), "erable", 5)
	require.NoError(t, err)
	require.Equal(t, p.Price, found[0].Price)
	p.Name = retail.Text{FR: "Beurre de pommes"}
	publish()
	finds("erable", 0)
	finds("pomme", 1)
	from := h.seq
	require.NoError(t, l.Publish(t.Context(), h.page(from, h.row(retail.RowProduct, p.ID, nil))))
	finds("pomme", 0)
}
