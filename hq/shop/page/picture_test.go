package page_test

import (
	"bytes"
	"image/color"
	"image/jpeg"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/ui/uitest"
)

var amber = color.RGBA{176, 92, 24, 255}

// picture gives a product one, and says where it is.
func (w *world) picture(p catalog.Product, file []byte) (small, large string) {
	w.t.Helper()
	drawn, err := catalog.Draw(file)
	require.NoError(w.t, err)
	w.tx(func(tx *db.Tx) error { return catalog.PutPicture(w.t.Context(), tx, p.ID, drawn) })
	at := "/shop/pictures/" + string(drawn.Name)
	return at + "/small", at + "/large"
}

// download asks as a stranger does.
func (w *world) download(path string) (*http.Response, []byte) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.server.URL+path, nil)
	require.NoError(w.t, err)
	resp, err := http.DefaultClient.Do(r)
	require.NoError(w.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	return resp, body
}

// A picture is wherever its product is, in its place before it comes, and gone with the product.
func TestPictures(t *testing.T) {
	w := serve(t)
	g := w.open()
	v := w.visitor()
	small, large := w.picture(g.soap, uitest.Photo(t, 900, amber))
	v.add(g.soap, "1")
	v.add(g.syrup, "1")
	tags := regexp.MustCompile(`<img[^>]*>`)
	pictures := func(path string) []string {
		_, body := v.get(path)
		return tags.FindAllString(body, -1)
	}
	for path, lazy := range map[string]bool{
		"/shop/": true, "/shop/search?q=savon": false, "/shop/categories/" + g.category.ID.String(): false, "/shop/products/" + g.syrup.ID.String(): true,
		"/shop/cart": false, "/shop/checkout": false,
	} {
		found := pictures(path)
		require.Len(t, found, 1, path)
		require.Contains(t, found[0], `src="`+small+`"`, path)
		require.Contains(t, found[0], `alt=""`, "its name is beside it")
		require.Contains(t, found[0], `width="160" height="160"`, path)
		require.Equal(t, lazy, strings.Contains(found[0], `loading="lazy"`), path)
	}
	found := pictures("/shop/products/" + g.soap.ID.String())
	require.Len(t, found, 1)
	require.Contains(t, found[0], `src="`+large+`"`)
	require.Contains(t, found[0], `alt="Savon à mains" width="800" height="800"`)
	require.NotContains(t, found[0], "lazy")
	_, body := v.get("/shop/products/" + g.syrup.ID.String())
	require.Regexp(t, `<span class="tile tile-\d" aria-hidden="true">SÉ?`, body, "initials stand for what has none")

	status, text, order := v.checkout("delivery", "collect", "store", g.north.ID.String())
	require.Equal(t, http.StatusSeeOther, status, text)
	require.Len(t, pictures(order), 1)

	for path, side := range map[string]int{small: 160, large: 800} {
		resp, body := w.download(path)
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.Equal(t, "public, max-age=31536000, immutable", resp.Header.Get("Cache-Control"))
		require.Equal(t, "image/jpeg", resp.Header.Get("Content-Type"))
		require.Equal(t, "nosniff", resp.Header.Get("X-Content-Type-Options"))
		require.Contains(t, resp.Header.Get("Content-Security-Policy"), "default-src 'none'")
		require.Empty(t, resp.Cookies())
		c, err := jpeg.DecodeConfig(bytes.NewReader(body))
		require.NoError(t, err)
		require.Equal(t, []int{side, side}, []int{c.Width, c.Height})
	}
	gone := func(path string) {
		t.Helper()
		resp, body := w.download(path)
		require.Equal(t, http.StatusNotFound, resp.StatusCode, path)
		require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
		require.NotContains(t, resp.Header.Get("Content-Type"), "image")
		require.NotContains(t, string(body), "picture.", "a word is missing")
	}
	gone(strings.TrimSuffix(small, "small") + "huge")
	gone("/shop/pictures/0123/small")

	other, _ := w.picture(g.soap, uitest.Photo(t, 600, amber))
	require.NotEqual(t, small, other, "browsers keep the one before for ever")
	gone(small)
	w.tx(func(tx *db.Tx) error { return catalog.Retire(t.Context(), tx, sunday, g.soap.ID) })
	gone(other)
	for _, path := range []string{order, "/shop/products/" + g.soap.ID.String()} {
		require.Empty(t, pictures(path), "what is sold no more shows none")
	}
}
