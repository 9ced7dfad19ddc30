package main

import (
	"encoding/json"
	"image/color"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/importer"
	"comptant/hq/pgtest"
	"comptant/hq/ui/uitest"
	"comptant/hq/users"
)

// A folder of pictures goes to the products that its files name; the rest is listed, and doing it again does nothing.
func TestPicturesAreImported(t *testing.T) {
	address := pgtest.DurableURL(t)
	d, err := db.Open(t.Context(), address, slog.New(slog.DiscardHandler), db.Options{})
	require.NoError(t, err)
	defer d.Close()
	folder := t.TempDir()
	write := func(name string, content []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), content, 0o600))
	}
	products := filepath.Join(t.TempDir(), "products.csv")
	require.NoError(t, os.WriteFile(products, []byte("sku,name,price,barcode\nA1,Sirop,11.49,4006381333931\nB-2,Savon,4.99,\nC3,Tuque,19.99,\n"), 0o600))
	require.Zero(t, run([]string{"--database-url", address, "import", "products", products, "--apply"}), "the word file is left out")

	photo := func(height int) []byte { return uitest.Photo(t, height, color.RGBA{176, 92, 24, 255}) }
	write("4006381333931.PNG", photo(90))
	write("B-2.jpg", photo(60)) // a PNG in truth: what it is counts
	write("A1.png", photo(30))
	write("X9.png", photo(30))
	write("C3.gif", []byte("no picture"))
	write("C3.svg", []byte("<svg/>"))
	write(".DS_Store", nil)
	require.NoError(t, os.Mkdir(filepath.Join(folder, "old"), 0o700))
	do := func(flags ...string) (told importer.Pictures) {
		t.Helper()
		printed := printed(t, func() {
			require.Equal(t, found, run(append([]string{"--database-url", address, "import", "pictures", folder, "--json"}, flags...)))
		})
		require.NoError(t, json.Unmarshal(printed, &told), "%s", printed)
		require.Equal(t, []string{"X9.png"}, told.Unknown)
		require.Equal(t, []importer.PictureFile{
			{Name: "A1.png", Problem: "4006381333931.PNG is of product A1 already"},
			{Name: "C3.gif", Problem: "it is no JPEG, PNG, GIF or WebP"},
			{Name: "C3.svg", Problem: "its name does not end in .jpg, .png, .gif or .webp"},
		}, told.Bad)
		return told
	}
	records := func() int {
		all, err := users.Audit(t.Context(), d, users.AuditFilter{Kind: users.DidPutPicture, Limit: 100})
		require.NoError(t, err)
		return len(all)
	}
	require.Equal(t, 2, do().Imported)
	require.Zero(t, records(), "a preview changes nothing")
	require.Equal(t, 2, do("--apply").Imported)
	require.Equal(t, 2, records())
	p, err := catalog.ByCode(t.Context(), d, "A1")
	require.NoError(t, err)
	require.Equal(t, catalog.PictureOf(photo(90)), p.Picture)
	again := do("--apply")
	require.Equal(t, []int{0, 2}, []int{again.Imported, again.Unchanged})
	require.Equal(t, 2, records())
	write("B-2.jpg", photo(120))
	again = do("--apply")
	require.Equal(t, []int{1, 1}, []int{again.Imported, again.Unchanged})
}

// printed is what a command writes.
func printed(t *testing.T, do func()) []byte {
	t.Helper()
	to, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	was := os.Stdout
	os.Stdout = to
	defer func() { os.Stdout = was }()
	do()
	_, err = to.Seek(0, io.SeekStart)
	require.NoError(t, err)
	content, err := io.ReadAll(to)
	require.NoError(t, err)
	return content
}
