package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/importer"
	"comptant/hq/users"
)

type importPicturesCmd struct {
	Folder string `arg:"" type:"existingdir" help:"Folder of JPEG, PNG, GIF or WebP files, each named by the SKU or a barcode of its product: 204310.jpg."`
	Apply  bool   `help:"Import them. Without this, only say what would change."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

func (i importPicturesCmd) Run(ctx context.Context, c *cli) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	// Each picture is a change of its own: a folder takes hours, and what is done of it stays done.
	put := func(p catalog.Product, d catalog.Drawing) error {
		if !i.Apply {
			return nil
		}
		return change(ctx, s, func(tx *db.Tx) (users.Change, error) {
			return users.Change{
				Kind: users.DidPutPicture, Subject: p.ID.String(), Title: p.SKU,
				Before: map[string]any{"picture": p.Picture}, After: map[string]any{"picture": d.Name},
			}, catalog.PutPicture(ctx, tx, p.ID, d)
		})
	}
	done, err := importer.ImportPictures(ctx, s, os.DirFS(i.Folder), put)
	if err != nil {
		return err
	}
	if i.JSON {
		if err := json.NewEncoder(os.Stdout).Encode(done); err != nil {
			return err
		}
	} else {
		i.print(done)
	}
	if len(done.Unknown)+len(done.Bad) > 0 {
		return errFound
	}
	return nil
}

func (i importPicturesCmd) print(done importer.Pictures) {
	for _, name := range done.Unknown {
		fmt.Printf("%s: no product has this SKU or barcode\n", name)
	}
	for _, f := range done.Bad {
		fmt.Printf("%s: %s\n", f.Name, f.Problem)
	}
	fmt.Printf("%d imported, %d unchanged, %d unknown, %d bad\n", done.Imported, done.Unchanged, len(done.Unknown), len(done.Bad))
	if !i.Apply {
		fmt.Println("This was a preview: add --apply to import them.")
	}
}
