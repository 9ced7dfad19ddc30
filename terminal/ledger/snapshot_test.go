package ledger

import (
	"cmp"
	"crypto/sha256"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"comptant/shared/retail"
	"comptant/sync/wire"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// snapshot writes the feed into the file a till downloads, in pages of a few rows.
func (h *hq) snapshot(l *Ledger, rows int) wire.Reset {
	h.t.Helper()
	live := slices.SortedFunc(maps.Values(h.rows), func(a, b wire.Row) int { return cmp.Compare(a.Seq, b.Seq) })
	live = slices.DeleteFunc(live, func(r wire.Row) bool { return r.Body == nil })
	var file []byte
	var err error
	for from := uint64(0); ; {
		page := h.page(from, live[:min(rows, len(live))]...)
		if live = live[len(page.Rows):]; len(live) > 0 {
			page = more(page)
			page.Upto = page.Rows[len(page.Rows)-1].Seq
		}
		file, err = wire.AppendPage(file, page)
		require.NoError(h.t, err)
		if from = page.Upto; !page.More {
			break
		}
	}
	sum := sha256.Sum256(file)
	reset := wire.Reset{Feed: h.name, Gen: h.gen, Seq: h.seq, Snapshot: uuid.NewString(), SHA256: sum[:]}
	f, err := l.Download(reset)
	require.NoError(h.t, err)
	_, err = f.Write(file)
	require.NoError(h.t, err)
	require.NoError(h.t, f.Close())
	return reset
}

// files are what a folder holds besides the journal.
func files(t testing.TB, l *Ledger) (names []string) {
	t.Helper()
	for _, pattern := range []string{"catalog*", "load-*"} {
		found, err := filepath.Glob(filepath.Join(l.cfg.Dir, pattern))
		require.NoError(t, err)
		for _, name := range found {
			if filepath.Ext(name) != ".db-wal" && filepath.Ext(name) != ".db-shm" {
				names = append(names, filepath.Base(name))
			}
		}
	}
	return names
}

func shows(t testing.TB, l *Ledger, name string) bool {
	t.Helper()
	found, _, err := l.Search(t.Context(), name, 5)
	require.NoError(t, err)
	return len(found) > 0
}

func TestASnapshotTakesThePlaceOfAFeed(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	global, store := newHQ(t, l, "global"), newHQ(t, l, "store")
	old, kept := bread("old", 100), bread("kept", 200)
	kept.Barcodes = []string{"5000112637922"}
	require.NoError(t, l.Publish(t.Context(), global.page(0,
		global.row(retail.RowProduct, old.ID, old), global.row(retail.RowProduct, kept.ID, kept))))
	require.NoError(t, l.Publish(t.Context(), store.page(0, store.row(retail.RowStock, kept.ID, retail.Stock{OnHand: 5000}))))

	global.gen = 2
	global.row(retail.RowProduct, old.ID, nil)
	for _, name := range []string{"apple", "banana", "cherry", "date"} {
		p := bread(name, 300)
		p.Barcodes = nil
		global.row(retail.RowProduct, p.ID, p)
	}
	published := 0
	l.OnPublish(func() { published++ })
	reset := global.snapshot(l, 2)
	require.NoError(t, l.Load(t.Context(), reset))

	check := func() {
		require.Equal(t, wire.Cursor{Feed: "global", Gen: 2, Seq: global.seq, Digest: global.page(0).Digest}, cursor(t, l, "global"))
		require.Equal(t, store.seq, cursor(t, l, "store").Seq)
		for _, name := range []string{"apple", "banana", "cherry", "date", "kept"} {
			require.True(t, shows(t, l, name), name)
		}
		require.False(t, shows(t, l, "old"), "what the snapshot does not name is gone")
		_, known, err := l.ByCode(t.Context(), "4006381333931")
		require.NoError(t, err)
		require.False(t, known)
		stock, err := l.StockOf(t.Context(), kept.ID)
		require.NoError(t, err)
		require.EqualValues(t, 5000, stock.Here)
	}
	check()
	require.Equal(t, 1, published)
	require.Equal(t, []string{"catalog-1.db", "catalog.db"}, files(t, l), "the download is gone, the old file is still read")

	// Pages go on from there, also after another start, which keeps what was replaced to fall back on.
	fig := bread("fig", 400)
	fig.Barcodes = nil
	from := global.seq
	require.NoError(t, l.Publish(t.Context(), global.page(from, global.row(retail.RowProduct, fig.ID, fig))))
	shut(t, l)
	l = f.open(t)
	check()
	require.True(t, shows(t, l, "fig"))
	require.Equal(t, []string{"catalog-1.db", "catalog.db"}, files(t, l))
	require.NoError(t, l.Load(t.Context(), global.snapshot(l, 1000)))
	check()
	require.Equal(t, []string{"catalog-1.db", "catalog-2.db"}, files(t, l))
	require.NoError(t, l.Load(t.Context(), global.snapshot(l, 1000)))
	check()
	require.Equal(t, []string{"catalog-2.db", "catalog-3.db"}, files(t, l), "a till that runs for a year keeps two")
}

func TestOtherFeedsGoOnWhileASnapshotLoads(t *testing.T) {
	l := newFolder(t).open(t)
	global, store := newHQ(t, l, "global"), newHQ(t, l, "store")
	p := bread("apple", 300)
	require.NoError(t, l.Publish(t.Context(), store.page(0,
		store.row(retail.RowStock, p.ID, retail.Stock{OnHand: 1000}), store.row(retail.RowStaff, uuid.UUID{1}, retail.Staff{Name: "A"}))))
	global.row(retail.RowProduct, p.ID, p)
	reset := global.snapshot(l, 10)

	next := filled(t, l, reset)
	from := store.seq // what comes after the copy was made
	require.NoError(t, l.Publish(t.Context(), store.page(from,
		store.row(retail.RowStock, p.ID, retail.Stock{OnHand: 700}), store.row(retail.RowStaff, uuid.UUID{1}, nil))))
	from = store.seq
	staged := more(store.page(from, store.row(retail.RowStaff, uuid.UUID{2}, retail.Staff{Name: "B"})))
	require.NoError(t, l.Stage(t.Context(), staged))
	require.NoError(t, l.replaceCatalogue(t.Context(), next, reset))

	stock, err := l.StockOf(t.Context(), p.ID)
	require.NoError(t, err)
	require.EqualValues(t, 700, stock.Here)
	staff, err := l.Staff(t.Context())
	require.NoError(t, err)
	require.Empty(t, staff)
	require.True(t, shows(t, l, "apple"))
	require.NoError(t, l.Publish(t.Context(), store.page(staged.Upto)), "the page that waits for its last one came along")
	staff, err = l.Staff(t.Context())
	require.NoError(t, err)
	require.Len(t, staff, 1)
}

// filled is the new catalogue of Load before it takes its place.
func filled(t *testing.T, l *Ledger, reset wire.Reset) catalogue {
	t.Helper()
	path := filepath.Join(l.cfg.Dir, catalogPart)
	require.NoError(t, l.catalogue().copyTo(t.Context(), path))
	w, err := openBulk(t.Context(), path)
	require.NoError(t, err)
	next := catalogue{&database{path: path, write: w}, &l.renamed}
	require.NoError(t, next.loadFile(t.Context(), reset, l.downloadPath(reset)))
	return next
}

func TestASnapshotThatIsNotTheFeedChangesNothing(t *testing.T) {
	for name, spoil := range map[string]func(h *hq, reset *wire.Reset, path string){
		"another digest": func(h *hq, _ *wire.Reset, path string) {
			page := h.page(0, slices.Collect(maps.Values(h.rows))...)
			page.Digest++
			file, err := wire.AppendPage(nil, page)
			require.NoError(h.t, err)
			require.NoError(h.t, os.WriteFile(path, file, 0o600))
		},
		"another generation": func(_ *hq, reset *wire.Reset, _ string) { reset.Gen++ },
		"another end":        func(_ *hq, reset *wire.Reset, _ string) { reset.Seq++ },
		"another feed":       func(_ *hq, reset *wire.Reset, _ string) { reset.Feed = "store" },
		"cut off": func(h *hq, _ *wire.Reset, path string) {
			info, err := os.Stat(path)
			require.NoError(h.t, err)
			require.NoError(h.t, os.Truncate(path, info.Size()-3))
		},
		"not a page": func(h *hq, _ *wire.Reset, path string) {
			require.NoError(h.t, os.WriteFile(path, []byte{0, 0, 0, 2, 9, 9}, 0o600))
		},
		"nothing": func(h *hq, _ *wire.Reset, path string) { require.NoError(h.t, os.Truncate(path, 0)) },
	} {
		t.Run(name, func(t *testing.T) {
			l := newFolder(t).open(t)
			h := newHQ(t, l, "global")
			was, is := bread("before", 100), bread("after", 100)
			require.NoError(t, l.Publish(t.Context(), h.page(0, h.row(retail.RowProduct, was.ID, was))))
			before := cursor(t, l, "global")
			h.row(retail.RowProduct, is.ID, is)
			reset := h.snapshot(l, 10)
			path := l.downloadPath(reset)
			spoil(h, &reset, path)
			require.NoError(t, os.Rename(path, l.downloadPath(reset)))
			require.Error(t, l.Load(t.Context(), reset))
			require.Equal(t, before, cursor(t, l, "global"))
			require.True(t, shows(t, l, "before"))
			require.False(t, shows(t, l, "after"))
			require.NotContains(t, files(t, l), catalogPart)
			require.Equal(t, "catalog.db", files(t, l)[0])
		})
	}
}

func TestAnOlderSnapshotDoesNotGoBack(t *testing.T) {
	l := newFolder(t).open(t)
	h := newHQ(t, l, "global")
	p := bread("apple", 100)
	h.row(retail.RowProduct, p.ID, p)
	reset := h.snapshot(l, 10)
	q := bread("pear", 100)
	h.row(retail.RowProduct, q.ID, q)
	require.NoError(t, l.Publish(t.Context(), h.page(0, slices.Collect(maps.Values(h.rows))...)))
	require.ErrorIs(t, l.Load(t.Context(), reset), wire.CursorAhead)
	require.True(t, shows(t, l, "pear"))
}

// A till that was killed while it loaded shows what it showed, and loads again from what it has downloaded.
func TestAHalfLoadedSnapshotIsForgotten(t *testing.T) {
	f := newFolder(t)
	l := f.open(t)
	h := newHQ(t, l, "global")
	was, is := bread("before", 100), bread("after", 100)
	require.NoError(t, l.Publish(t.Context(), h.page(0, h.row(retail.RowProduct, was.ID, was))))
	h.row(retail.RowProduct, is.ID, is)
	reset := h.snapshot(l, 10)
	next := filled(t, l, reset)
	require.NoError(t, next.write.close())
	shut(t, l)
	l = f.open(t)
	require.Equal(t, []string{"catalog.db", filepath.Base(l.downloadPath(reset))}, files(t, l))
	require.False(t, shows(t, l, "after"))
	require.NoError(t, l.Load(t.Context(), reset))
	require.True(t, shows(t, l, "after"))
}

func TestOneDownloadAFeed(t *testing.T) {
	l := newFolder(t).open(t)
	global := wire.Reset{Feed: "global", Snapshot: uuid.NewString()}
	store := wire.Reset{Feed: "store:" + uuid.NewString(), Snapshot: uuid.NewString()}
	for _, reset := range []wire.Reset{global, store} {
		file, err := l.Download(reset)
		require.NoError(t, err)
		_, err = file.WriteString("half")
		require.NoError(t, err)
		require.NoError(t, file.Close())
	}
	file, err := l.Download(global)
	require.NoError(t, err)
	info, err := file.Stat()
	require.NoError(t, err)
	require.EqualValues(t, 4, info.Size(), "it goes on from there")
	require.NoError(t, file.Close())

	global.Snapshot = "../" + uuid.NewString()
	file, err = l.Download(global)
	require.NoError(t, err)
	require.Equal(t, l.cfg.Dir, filepath.Dir(file.Name()), "whatever headquarters calls it")
	require.NoError(t, file.Close())
	require.Len(t, files(t, l), 3, "the catalogue, the new one of this feed, and the one of the store's")
}

// BenchmarkLoad is a new till's first load.
func BenchmarkLoad(b *testing.B) {
	products := bigCatalogue(b, 100_000)
	for b.Loop() {
		b.StopTimer()
		l := newFolder(b).open(b)
		h := newHQ(b, l, "global")
		for _, p := range products {
			h.row(retail.RowProduct, p.ID, p)
		}
		reset := h.snapshot(l, wire.PageRows)
		b.StartTimer()
		require.NoError(b, l.Load(b.Context(), reset))
	}
}
