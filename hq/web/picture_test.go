package web_test

import (
	"bytes"
	"image/color"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/ui/uitest"
	"comptant/hq/users"
	"comptant/shared/retail"
)

var amber, moss = color.RGBA{176, 92, 24, 255}, color.RGBA{76, 104, 44, 255}

// draw gives a product a picture, so many pixels high before it is drawn again.
func (w *world) draw(p catalog.Product, height int) {
	w.t.Helper()
	drawn, err := catalog.Draw(uitest.Photo(w.t, height, moss))
	require.NoError(w.t, err)
	w.tx(func(tx *db.Tx) error { return catalog.PutPicture(w.t.Context(), tx, p.ID, drawn) })
}

// upload sends a form with files, each a name and what is in it, from the page it is on.
func (v visitor) upload(path string, files ...string) (status int, body, location string) {
	v.w.t.Helper()
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	for i := 0; i < len(files); i += 2 {
		part, err := parts.CreateFormFile(files[i], "image.png")
		require.NoError(v.w.t, err)
		_, err = part.Write([]byte(files[i+1]))
		require.NoError(v.w.t, err)
	}
	require.NoError(v.w.t, parts.Close())
	r, err := http.NewRequestWithContext(v.w.t.Context(), http.MethodPost, v.w.server.URL+path, &form)
	require.NoError(v.w.t, err)
	r.Header.Set("Content-Type", parts.FormDataContentType())
	r.Header.Set("Referer", v.w.server.URL+path)
	return v.do(r)
}

// picturePages adds the pages of a picture, and gives some products of the catalogue's first page one.
func (w *world) picturePages(pages map[string]string) {
	found, err := catalog.Search(w.t.Context(), w.db, catalog.Filter{Lang: "fr", Limit: 8})
	require.NoError(w.t, err)
	for i, p := range found.Products[:6] {
		if i != 2 && i != 3 {
			w.draw(p, 200*(i+1))
		}
	}
	pages["picture"] = "/catalogue/pictures/" + found.Products[5].ID.String()
	pages["picture-none"] = "/catalogue/pictures/" + found.Products[2].ID.String()
}

// A manager gives a product a picture, another, a file that is none, and takes it away.
func TestPicturesAreGivenAndTaken(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v := w.as(retail.RoleManager)
	at := "/catalogue/pictures/" + c.syrup.ID.String()
	now := func() (address string) {
		p, err := catalog.Get(t.Context(), w.db, c.syrup.ID)
		require.NoError(t, err)
		if p.Picture != "" {
			address = "/shop/pictures/" + string(p.Picture)
		}
		_, page, _ := v.get(at)
		require.Equal(t, address != "", strings.Contains(page, `<img src="`+address+`/large" alt="Image de Sirop d’érable" width="800" height="800"`))
		require.Equal(t, address != "", strings.Contains(page, `action="`+at+`/remove"`))
		_, page, _ = v.get("/catalogue")
		require.Contains(t, page, `href="`+at+`"`)
		require.Equal(t, address != "", strings.Contains(page, `<img src="`+address+`/small" alt="" width="160" height="160" loading="lazy"`))
		return address
	}
	records := func() int {
		all, err := users.Audit(t.Context(), w.db, users.AuditFilter{Limit: 100})
		require.NoError(t, err)
		return len(all)
	}
	require.Empty(t, now())
	photo := string(uitest.Photo(t, 900, amber))
	first, second := photo+strings.Repeat("x", 200<<10), string(uitest.Photo(t, 600, amber)) // the first is longer than other forms
	status, _, location := v.upload(at, "file", first)
	require.Equal(t, http.StatusSeeOther, status)
	require.Equal(t, at, location)
	require.Contains(t, v.flash(), "nouvelle image de Sirop d’érable")
	was := now()
	require.NotEmpty(t, was)
	v.upload(at, "file", second)
	require.NotEqual(t, was, now())
	was = now()

	before := records()
	require.Equal(t, 2, before)
	for text, file := range map[string]string{
		"n’est pas une image":             "a text whose file is called image.png",
		"abîmée":                          photo[:len(photo)/2],
		"trop grand\u00a0: 5 Mo":          first + strings.Repeat("x", catalog.MaxPicture),
		"trop grand\u00a0: 5 Mo au plus.": strings.Repeat("x", catalog.MaxPicture+64<<10),
	} {
		_, _, location := v.upload(at, "file", file)
		require.Equal(t, at, location, "the message stands where the form is")
		require.Contains(t, v.flash(), text)
		require.Equal(t, was, now(), text)
	}
	v.upload(at, "other", first)
	require.Contains(t, v.flash(), "Choisissez un fichier")
	require.Equal(t, before, records(), "what failed is no change")

	_, page, _ := w.as(retail.RoleAdministrator).get("/audit")
	require.Contains(t, page, "Image de produit mise")
	require.Contains(t, page, `href="`+at+`"`)
	v.post(at + "/remove")
	require.Contains(t, v.flash(), "n’a plus d’image")
	require.Empty(t, now())
	require.Equal(t, before+1, records())

	status, _, _ = v.get("/catalogue/pictures/nothing")
	require.Equal(t, http.StatusNotFound, status)
	w.tx(func(tx *db.Tx) error { return catalog.Retire(t.Context(), tx, sunday, c.syrup.ID) })
	v.upload(at, "file", first)
	require.Contains(t, v.flash(), "n’est plus vendu")
}
