package api_test

import (
	"image/color"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/api"
	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/ui/uitest"
)

func TestPictures(t *testing.T) {
	w := newWorld(t)
	at := "/products/" + w.syrup.ID.String()
	require.Nil(t, read[api.Product](w.get(at)).Picture)
	file := string(uitest.Photo(t, 1500, color.RGBA{176, 92, 24, 255}))
	put := func(path, file string, headers ...string) answer {
		return w.put(path+"/picture", file, append(headers, "Content-Type", "image/png")...)
	}
	done := put(at, file).is(http.StatusOK)
	p := read[api.Product](done)
	require.Equal(t, "/shop/pictures/"+string(catalog.PictureOf([]byte(file)))+"/small", p.Picture.Small)
	require.Equal(t, strings.TrimSuffix(p.Picture.Small, "small")+"large", p.Picture.Large)
	require.Equal(t, p, read[api.Product](w.get(at)))
	require.Equal(t, p.Picture, read[api.Page[api.Product]](w.get("/products?q=204310")).Items[0].Picture)
	var written int
	require.NoError(t, w.db.QueryRow(t.Context(), `SELECT max(length(after::text)) FROM users.audit`).Scan(&written))
	require.Less(t, written, 300, "the file is in the audit log")

	put(at, "no picture").problem(http.StatusUnprocessableEntity, "picture.format")
	put(at, file[:len(file)/2]).problem(http.StatusUnprocessableEntity, "picture.damaged")
	put(at, file+strings.Repeat("x", catalog.MaxPicture)).is(http.StatusRequestEntityTooLarge)
	put(at, file, "If-Match", `"another"`).problem(http.StatusPreconditionFailed, "error.changed")
	put("/products/"+uuid.NewString(), file).problem(http.StatusNotFound, "product.unknown")
	require.Equal(t, p, read[api.Product](w.get(at)), "what failed changed nothing")
	put(at, file, "If-Match", done.header.Get("ETag")).is(http.StatusOK)

	w.delete(at+"/picture", "If-Match", `"another"`).problem(http.StatusPreconditionFailed, "error.changed")
	w.delete(at + "/picture").is(http.StatusNoContent)
	w.delete(at+"/picture").problem(http.StatusNotFound, "picture.none")
	require.Nil(t, read[api.Product](w.get(at)).Picture)
	w.tx(func(tx *db.Tx) error { return catalog.Retire(t.Context(), tx, sunday, w.syrup.ID) })
	put(at, file).problem(http.StatusConflict, "picture.retired")
}
