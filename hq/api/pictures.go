package api

import (
	"context"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/ui"
)

// Picture is where a product's picture is.
type Picture struct {
	Small string `json:"small" doc:"Address of a square JPEG of 160 pixels a side at most, below that of headquarters. It needs no token; another picture has another address" example:"/shop/pictures/0d2a048fa45057f48cbf96ed104e7f17/small"`
	Large string `json:"large" doc:"The same with 800 pixels a side at most"`
}

func pictureOf(p catalog.Product) *Picture {
	if p.Picture == "" {
		return nil
	}
	at := func(size catalog.PictureSize) string { return ui.PictureAddress(string(p.Picture), string(size)) }
	return &Picture{Small: at(catalog.SmallPicture), Large: at(catalog.LargePicture)}
}

// pictureDeed is a request as the audit log keeps it: not the file, but its name.
type pictureDeed struct {
	Product uuid.UUID
	Picture catalog.Picture
}

func (s *site) putPicture(ctx context.Context, in *struct {
	IfSame
	Product uuid.UUID `path:"product"`
	RawBody []byte    `contentType:"image/*"`
},
) (out *One[Product], err error) {
	drawn, err := catalog.Draw(in.RawBody)
	if err != nil {
		return nil, err
	}
	err = s.change(ctx, pictureDeed{in.Product, drawn.Name}, in.Product, func(tx *db.Tx, was Product) error {
		if err := in.same(ctx, tag(was)); err != nil {
			return err
		}
		if err := catalog.PutPicture(ctx, tx, in.Product, drawn); err != nil {
			return err
		}
		p, err := product(ctx, tx, in.Product)
		out = one(p)
		return err
	})
	return out, err
}

func (s *site) removePicture(ctx context.Context, in *struct {
	IfSame
	Product uuid.UUID `path:"product"`
},
) (*struct{}, error) {
	return nil, s.change(ctx, in, in.Product, func(tx *db.Tx, was Product) error {
		if err := in.same(ctx, tag(was)); err != nil {
			return err
		}
		return catalog.RemovePicture(ctx, tx, in.Product)
	})
}
