package page

import (
	"net/http"
	"strconv"

	"comptant/hq/catalog"
	"comptant/hq/ui"
)

// face is what a product looks like: its picture, or initials on the colour of its category.
type face struct {
	picture          catalog.Picture
	initials, colour string
}

func faceOf(p catalog.Product, name string) face {
	return face{picture: p.Picture, initials: initials(name), colour: colourOf(p.Category)}
}

// picture answers with a JPEG that nothing else is ever at the address of: no visit is looked up for it, and everybody may keep it.
func (s *site) picture(w http.ResponseWriter, r *http.Request) {
	jpeg, err := catalog.ReadPicture(r.Context(), s.DB, catalog.Picture(r.PathValue("picture")), catalog.PictureSize(r.PathValue("size")))
	if err != nil {
		told := s.known(r, err)
		http.Error(w, ui.Explain(r.Context(), told), statusOf(told))
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("Content-Type", "image/jpeg")
	w.Header().Set("Content-Length", strconv.Itoa(len(jpeg)))
	_, _ = w.Write(jpeg) // the browser has gone
}
