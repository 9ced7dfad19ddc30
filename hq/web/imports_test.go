package web_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/importer"
	"comptant/hq/ui/uitest"
	"comptant/hq/web"
	"comptant/shared/retail"
)

// bring sends a file as the form does, and gives the address it leads to.
func (v visitor) bring(kind, name, data string) string {
	v.w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	require.NoError(v.w.t, form.WriteField("kind", kind))
	file, err := form.CreateFormFile("file", name)
	require.NoError(v.w.t, err)
	_, err = file.Write([]byte(data))
	require.NoError(v.w.t, err)
	require.NoError(v.w.t, form.Close())
	r, err := http.NewRequestWithContext(v.w.t.Context(), http.MethodPost, v.w.server.URL+"/catalogue/import", &body)
	require.NoError(v.w.t, err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Referer", v.w.server.URL+"/catalogue/import")
	_, _, location := v.do(r)
	return location
}

// settled is the page of an upload once nobody works on it.
func (v visitor) settled(address string) string {
	v.w.t.Helper()
	for {
		status, page, _ := v.get(address)
		require.Equal(v.w.t, http.StatusOK, status)
		if !strings.Contains(page, "every 1s") {
			return page
		}
		select {
		case <-v.w.t.Context().Done():
			v.w.t.FailNow()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// A preview says how many stores lose a price of their own.
func TestAPreviewSaysWhichPricesEnd(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v := w.as(retail.RoleManager)
	v.post("/catalogue/prices", "product", "204310", "price", "9,99", "store", c.north.ID.String())
	file := "SKU;Prix;Magasin\n204310;partout;" + c.north.Code + "\n204310;12,00;" + c.south.Code + "\n"
	address := v.bring("prices", "prix.csv", file)
	require.Regexp(t, `prix à part qui cessent</dt>\s*<dd class="">1<`, v.settled(address))
	v.post(address + "/apply")
	require.Contains(t, v.settled(address), "Importé.")
	require.NotContains(t, v.settled(v.bring("prices", "prix.csv", file)), "qui cessent")
}

func TestAFileIsPreviewedAndThenImported(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v := w.as(retail.RoleManager)
	address := v.bring("products", "=produits.csv", "Code;Nom;Prix\n204310;Sirop d’érable;12,99 $\nN1;=Neuf;5\n")
	require.True(t, strings.HasPrefix(address, "/catalogue/import/"), address)
	page := v.settled(address)
	require.Contains(t, page, "produits.csv")
	require.Contains(t, page, "Rien n’est encore importé")
	price := func() any {
		p, err := catalog.Get(t.Context(), w.db, c.syrup.ID)
		require.NoError(t, err)
		return p.Price
	}
	require.Equal(t, c.syrup.Price, price())
	_, _, location := v.post(address + "/apply")
	require.Equal(t, address, location)
	page = v.settled(address)
	require.Contains(t, page, "Importé.")
	require.NotEqual(t, c.syrup.Price, price())
	_, err := catalog.ByCode(t.Context(), w.db, "N1")
	require.NoError(t, err)

	// Once.
	v.post(address + "/apply")
	_, page, _ = v.get("/catalogue/import")
	require.Contains(t, page, "ne peut pas être importé maintenant")
	// The same file again changes nothing, and there is nothing to confirm.
	page = v.settled(v.bring("products", "=produits.csv", "Code;Nom;Prix\n204310;Sirop d’érable;12,99 $\nN1;=Neuf;5\n"))
	require.NotContains(t, page, "/apply")
}

func TestBadRowsOfAFileAreNamed(t *testing.T) {
	w := newWorld(t)
	w.open()
	v := w.as(retail.RoleManager)
	address := v.bring("products", "=produits.csv", "Code;Nom;Prix;UPC\nA;Thé;gratuit;\nB;Café;2;4006381333932\nC;Eau;-1;\nD;;1;\n\"=E\";Lait;=1+1;\n")
	page := v.settled(address)
	require.Contains(t, page, "tout ou rien")
	require.Contains(t, page, "gratuit")
	require.Contains(t, page, "Code à barres")
	require.Contains(t, page, "Il manque ce qui doit y être")
	require.NotContains(t, page, "/apply")
	v.post(address + "/apply")
	_, err := catalog.ByCode(t.Context(), w.db, "A")
	require.Error(t, err, "nothing is imported")
	status, file, _ := v.get(address + "/bad.csv")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, file, "'=produits.csv\r\nLigne;Colonne;Il dit;Que faire\r\n2;Prix;gratuit;")
	require.Contains(t, file, "\r\n6;Prix;'=1+1;", "no formula")
	require.Equal(t, 7, strings.Count(file, "\n"))

	for name, said := range map[string]string{"": "Choisissez un fichier", "a,b\n1,2\n": "illisible", strings.Repeat("x", importer.MaxUpload+1): "dépasse 64"} {
		address := v.bring("products", "x.csv", name)
		page := ""
		if strings.HasPrefix(address, "/catalogue/import/") {
			page = v.settled(address)
		} else {
			_, page, _ = v.get(address)
		}
		require.Contains(t, page, said)
	}
	status, _, _ = v.get("/catalogue/import/0190d3e0-0000-7000-8000-000000000000")
	require.Equal(t, http.StatusNotFound, status)
}

// Whatever is wrong with a row has words, and so has every column and kind.
func TestImportsHaveWords(t *testing.T) {
	kinds, remedies, columns := web.ImportWords()
	for _, k := range importer.Kinds() {
		require.Contains(t, kinds, k)
	}
	for _, r := range importer.Remedies() {
		require.Contains(t, remedies, r)
	}
	for _, c := range importer.Columns() {
		require.Contains(t, columns, c)
	}
}

// A person imports a file with the keyboard and the mouse, as they do, in both languages and on a phone.
func TestImportInABrowser(t *testing.T) {
	w := newWorld(t)
	w.open()
	ctx := openBrowser(t)
	w.browse(ctx, "manager@comptant.example", password)
	good, bad := filepath.Join(t.TempDir(), "produits.csv"), filepath.Join(t.TempDir(), "fautes.csv")
	require.NoError(t, os.WriteFile(good, []byte("Code;Nom;Prix\nN1;Neuf;5\n"), 0o644))
	require.NoError(t, os.WriteFile(bad, []byte("Code;Nom;Prix;UPC\nA;Thé;gratuit;\nB;Café;2;4006381333932\nC;Eau;-1;\nD;;1;\n"), 0o644))
	axe := ""
	if !testing.Short() {
		axe = uitest.Axe(t)
	}
	for i, look := range []look{{"fr", "light", 1440, 900}, {"en", "dark", 390, 844}, {"en", "light", 1920, 1080}, {"fr", "dark", 390, 844}} {
		shown := func(name string) {
			wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth"))
			require.NoError(t, err)
			require.LessOrEqual(t, wide, look.width, name)
			uitest.Accessible(ctx, t, axe, fmt.Sprintf("%s in %s, %s, %d wide", name, look.lang, look.theme, look.width))
			if folder := os.Getenv("SCREENS"); folder != "" {
				w.picture(ctx, filepath.Join(folder, "hq", fmt.Sprintf("%s-%s-%s-%d.png", name, look.lang, look.theme, look.width)))
			}
		}
		require.NoError(t, chromedp.Do(ctx, cookie(w, "lang", look.lang), cookie(w, "theme", look.theme),
			chromedp.EmulateViewport(look.width, look.height), chromedp.Navigate(w.server.URL+"/catalogue/import"), chromedp.WaitVisible("#field-file")))
		shown("import")
		require.NoError(t, chromedp.Do(ctx, chromedp.SetUploadFiles("#field-file", []string{bad}), chromedp.SendKeys("form.form button", "\r"),
			chromedp.WaitVisible("a[href$='bad.csv']")))
		shown("import-bad")
		require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(w.server.URL+"/catalogue/import"), chromedp.WaitVisible("#field-file"),
			chromedp.SetUploadFiles("#field-file", []string{good}), chromedp.SendKeys("form.form button", "\r")))
		if i > 0 {
			require.NoError(t, chromedp.Do(ctx, chromedp.WaitVisible(".import .actions"))) // it changes nothing now
			continue
		}
		require.NoError(t, chromedp.Do(ctx, chromedp.WaitVisible("form[action$='/apply'] button")))
		shown("import-preview")
		require.NoError(t, chromedp.Do(ctx, chromedp.SendKeys("form[action$='/apply'] button", "\r"), chromedp.WaitVisible(".import .flash.ok")))
		shown("import-done")
	}
	_, err := catalog.ByCode(t.Context(), w.db, "N1")
	require.NoError(t, err)
}
