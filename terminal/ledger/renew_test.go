package ledger

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"comptant/shared/retail"
	"comptant/sync/wire"

	"github.com/stretchr/testify/require"
)

// renewed is a till with two catalogues: the one before shows the apple, the one in force the banana too, and enough that
// most of it has to be read from the disk.
func renewed(t *testing.T, f folder) (*Ledger, *hq) {
	t.Helper()
	l := f.open(t)
	global := newHQ(t, l, "global")
	a := bread("apple", 300)
	a.Barcodes = nil
	require.NoError(t, l.Publish(t.Context(), global.page(0, global.row(retail.RowProduct, a.ID, a))))
	require.NoError(t, l.renewCatalogue(t.Context()))
	b := bread("banana", 300)
	b.Barcodes = nil
	from := global.seq
	rate := retail.TaxRate{ID: coffee, Code: "TPS", Rate: 5000}
	require.NoError(t, l.Publish(t.Context(), global.page(from,
		global.row(retail.RowProduct, b.ID, b), global.row(retail.RowTaxRate, rate.ID, rate))))
	require.Equal(t, []string{"catalog-1.db", "catalog.db"}, files(t, l))
	require.True(t, shows(t, l, "apple"))
	require.True(t, shows(t, l, "banana"))
	return l, global
}

// A catalogue that is damaged at the start: the till goes on with the one before, without a line, and headquarters from where
// that one ends.
func TestADamagedCatalogueFallsBack(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, path string){
		"no database any more": func(t *testing.T, path string) { overwrite(t, path, 0, 4096) },
		"the schema":           func(t *testing.T, path string) { overwrite(t, path, 100, 4096) },
		"empty":                func(t *testing.T, path string) { require.NoError(t, os.Truncate(path, 0)) },
		"nothing readable":     func(t *testing.T, path string) { overwrite(t, path, 0, 1<<30) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t)
			l, global := renewed(t, f)
			shut(t, l)
			damage(t, filepath.Join(f.dir, "catalog-1.db"))
			l = f.open(t)
			require.True(t, shows(t, l, "apple"), "offline")
			require.False(t, shows(t, l, "banana"))
			require.EqualValues(t, 1, cursor(t, l, "global").Seq)
			require.Equal(t, []string{"catalog.db"}, files(t, l))
			sell(t, l)

			page := global.page(1, slices.DeleteFunc(valuesOf(global), func(r wire.Row) bool { return r.Seq == 1 })...)
			require.NoError(t, l.Publish(t.Context(), page))
			require.True(t, shows(t, l, "banana"))
			require.NoError(t, l.renewCatalogue(t.Context()))
			require.Equal(t, []string{"catalog-1.db", "catalog.db"}, files(t, l))
			require.True(t, shows(t, l, "banana"))
		})
	}
}

func valuesOf(h *hq) (rows []wire.Row) {
	for _, r := range h.rows {
		rows = append(rows, r)
	}
	return rows
}

func TestAllCataloguesAreDamaged(t *testing.T) {
	f := newFolder(t)
	l, global := renewed(t, f)
	shut(t, l)
	for _, name := range []string{"catalog-1.db", "catalog.db"} {
		overwrite(t, filepath.Join(f.dir, name), 0, 1<<30)
	}
	l = f.open(t)
	require.False(t, shows(t, l, "apple"))
	require.NoError(t, l.Follow(t.Context(), []string{"global", "store"}))
	require.Zero(t, cursor(t, l, "global").Seq, "from the beginning")
	require.NoError(t, l.Publish(t.Context(), global.page(0, valuesOf(global)...)))
	require.True(t, shows(t, l, "banana"))
	sell(t, l)
}

// Damage that a scan meets while the till runs: the next scan is answered from the catalogue before.
func TestACatalogueIsDamagedWhileTheTillRuns(t *testing.T) {
	f := newFolder(t)
	l, _ := renewed(t, f)
	rates, err := l.Rates(t.Context())
	require.NoError(t, err)
	require.Len(t, rates, 1)
	require.NoError(t, l.catalogue().checkpoint(t.Context()))
	path := l.catalogue().path
	info, err := os.Stat(path)
	require.NoError(t, err)
	overwrite(t, path, 4096, int(info.Size()))
	l.catalogue().read.db.SetMaxIdleConns(0) // what a connection has read it keeps
	told := make(chan struct{}, 100)
	l.OnPublish(func() { told <- struct{}{} })

	_, _, err = l.ByCode(t.Context(), "SKU-apple") // a search may remember what it found before
	// The names of products are read beside it. They may have met the damage first, and the file may be closed by then.
	require.True(t, err == nil || corrupt(err) || strings.Contains(err.Error(), "is closed"), "%v", err)
	select {
	case <-told:
	case <-time.After(30 * time.Second):
		require.Fail(t, "nobody fell back")
	}
	require.True(t, shows(t, l, "apple"))
	require.False(t, shows(t, l, "banana"))
	rates, err = l.Rates(t.Context())
	require.NoError(t, err)
	require.Empty(t, rates, "what was kept of the damaged one is read again")
	require.Equal(t, []string{"catalog.db"}, files(t, l))
	sell(t, l)
	shut(t, l)
	l = f.open(t)
	require.True(t, shows(t, l, "apple"))
}

// The night's copy reads all of the catalogue: damage that nobody has met is found, and what is damaged is not what to fall
// back on.
func TestTheRenewalFindsDamage(t *testing.T) {
	f := newFolder(t)
	l, _ := renewed(t, f)
	root, _, err := one(t.Context(), l.catalogue().read, value[int], `SELECT rootpage FROM sqlite_schema WHERE name = 'code'`)
	require.NoError(t, err)
	shut(t, l)
	overwrite(t, filepath.Join(f.dir, "catalog-1.db"), (root-1)*4096, root*4096)
	l = f.open(t)
	told := make(chan struct{}, 100)
	l.OnPublish(func() { told <- struct{}{} })
	require.Error(t, l.renewCatalogue(t.Context()))
	select {
	case <-told:
	case <-time.After(30 * time.Second):
		require.Fail(t, "nobody fell back")
	}
	require.True(t, shows(t, l, "apple"))
	require.Equal(t, []string{"catalog.db"}, files(t, l))
}

// What others change while the copy is made comes along.
func TestARenewalLosesNothing(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	require.NoError(t, l.renewCatalogue(t.Context()))
	require.Equal(t, []string{"catalog.db"}, files(t, l), "there is nothing in it yet")
	global, store := newHQ(t, l, "global"), newHQ(t, l, "store")
	p := bread("apple", 300)
	require.NoError(t, l.Publish(t.Context(), global.page(0, global.row(retail.RowProduct, p.ID, p))))
	staged := more(store.page(0, store.row(retail.RowStock, p.ID, retail.Stock{OnHand: 700})))
	require.NoError(t, l.Stage(t.Context(), staged))
	before, err := l.Cursors(t.Context())
	require.NoError(t, err)
	require.NoError(t, l.renewCatalogue(t.Context()))
	after, err := l.Cursors(t.Context())
	require.NoError(t, err)
	require.Equal(t, before, after)
	require.NoError(t, l.Publish(t.Context(), store.page(staged.Upto)), "the page that waits for its last one came along")
	stock, err := l.StockOf(t.Context(), p.ID)
	require.NoError(t, err)
	require.EqualValues(t, 700, stock.Here)
}
