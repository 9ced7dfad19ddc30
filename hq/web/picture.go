package web

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

const (
	// picturePath is where the pictures of products are changed.
	picturePath = "/catalogue/pictures/"
	// pictureLimit is the largest body: a file and what a form adds to it.
	pictureLimit = catalog.MaxPicture + 16<<10
)

// takesPicture tells whether a request may bring one.
func takesPicture(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, picturePath) }

func pictureAddress(p catalog.Product, size catalog.PictureSize) string {
	return ui.PictureAddress(string(p.Picture), string(size))
}

// pictureState is a product's picture as the audit log keeps it.
type pictureState struct {
	Picture catalog.Picture `json:"picture,omitempty"`
}

func (s *site) pictured(r *http.Request) (catalog.Product, error) {
	id, err := idOf(r.PathValue("product"))
	if err != nil {
		return catalog.Product{}, err
	}
	return catalog.Get(r.Context(), s.DB, id)
}

func (s *site) picturePage(w http.ResponseWriter, r *http.Request) error {
	p, err := s.pictured(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	return s.show(w, r, view{title: ui.T(ctx, "picture.title"), parent: "/catalogue?" + query("q", p.SKU)}, pictureContent(p, language(ctx, p.Name)))
}

// putPicture draws the picture of a file and gives it to the product. It is drawn before the transaction, which waits for nothing.
func (s *site) putPicture(w http.ResponseWriter, r *http.Request) error {
	p, err := s.pictured(r)
	if err != nil {
		return err
	}
	file, err := pictureFile(r)
	if err != nil {
		return err
	}
	drawn, err := catalog.Draw(file)
	if err != nil {
		return err
	}
	err = s.change(r, func(tx *db.Tx) (users.Change, error) {
		return users.Change{
			Kind: users.DidPutPicture, Subject: p.ID.String(), Title: p.SKU, Before: pictureState{p.Picture}, After: pictureState{drawn.Name},
		}, catalog.PutPicture(r.Context(), tx, p.ID, drawn)
	})
	if err != nil {
		return err
	}
	flash(w, r, ui.ToneOK, ui.T(r.Context(), "picture.put", "Name", language(r.Context(), p.Name)))
	http.Redirect(w, r, picturePath+p.ID.String(), http.StatusSeeOther)
	return nil
}

func pictureFile(r *http.Request) ([]byte, error) {
	tooLarge := &retail.Error{Code: retail.Invalid, Key: "picture.too_large"}
	if r.ContentLength > pictureLimit {
		return nil, tooLarge
	}
	file, _, err := r.FormFile("file")
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, tooLarge
	case err != nil:
		return nil, &retail.Error{Code: retail.Invalid, Key: "picture.no_file", Err: err}
	}
	defer file.Close()
	return io.ReadAll(file)
}

func (s *site) removePicture(w http.ResponseWriter, r *http.Request) error {
	p, err := s.pictured(r)
	if err != nil {
		return err
	}
	err = s.change(r, func(tx *db.Tx) (users.Change, error) {
		return users.Change{
			Kind: users.DidRemovePicture, Subject: p.ID.String(), Title: p.SKU, Before: pictureState{p.Picture},
		}, catalog.RemovePicture(r.Context(), tx, p.ID)
	})
	if err != nil {
		return err
	}
	flash(w, r, ui.ToneOK, ui.T(r.Context(), "picture.removed", "Name", language(r.Context(), p.Name)))
	http.Redirect(w, r, picturePath+p.ID.String(), http.StatusSeeOther)
	return nil
}
