package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/shared/retail"
)

// A PictureFile is a file of a folder of pictures that was not taken.
type PictureFile struct {
	Name    string `json:"file"`
	Problem string `json:"problem"`
}

// Pictures is what a folder of pictures comes to.
type Pictures struct {
	Imported  int `json:"imported"` // new, or in place of another
	Unchanged int `json:"unchanged"`
	// Unknown are files whose name is no product's SKU or barcode.
	Unknown []string      `json:"unknown"`
	Bad     []PictureFile `json:"bad"`
}

// endings are what the names of pictures end in.
var endings = map[string]bool{".jpg": true, ".jpeg": true, ".png": true, ".gif": true, ".webp": true}

// ImportPictures gives put the picture of every file of a folder that is named by the SKU or a barcode of a product, unless the product
// has it already. Files whose names begin with a point, and folders, are left alone.
func ImportPictures(
	ctx context.Context, q catalog.Querier, folder fs.FS, put func(catalog.Product, catalog.Drawing) error,
) (done Pictures, err error) {
	done.Unknown, done.Bad = []string{}, []PictureFile{}
	files, err := fs.ReadDir(folder, ".")
	if err != nil {
		return done, err
	}
	taken := map[uuid.UUID]string{}
	for _, entry := range files {
		name := entry.Name()
		if entry.IsDir() || strings.HasPrefix(name, ".") {
			continue
		}
		bad := func(format string, args ...any) {
			done.Bad = append(done.Bad, PictureFile{name, fmt.Sprintf(format, args...)})
		}
		ending := path.Ext(name)
		if !endings[strings.ToLower(ending)] {
			bad("its name does not end in .jpg, .png, .gif or .webp")
			continue
		}
		var known *retail.Error
		p, err := catalog.ByCode(ctx, q, strings.TrimSuffix(name, ending))
		switch {
		case errors.As(err, &known):
			done.Unknown = append(done.Unknown, name)
			continue
		case err != nil:
			return done, err
		case p.RetiredAt != nil:
			bad("product %s is sold no more", p.SKU)
			continue
		case taken[p.ID] != "":
			bad("%s is of product %s already", taken[p.ID], p.SKU)
			continue
		}
		taken[p.ID] = name
		content, err := readPicture(folder, name)
		if err != nil {
			bad("%v", err)
			continue
		}
		if p.Picture == catalog.PictureOf(content) {
			done.Unchanged++
			continue
		}
		drawn, err := catalog.Draw(content)
		if errors.As(err, &known) {
			bad("%s", pictureProblems[known.Key])
			continue
		}
		if err == nil {
			err = put(p, drawn)
		}
		if err != nil {
			return done, fmt.Errorf("import %s: %w", name, err)
		}
		done.Imported++
	}
	return done, nil
}

// pictureProblems are the errors of catalog.Draw as the command says them.
var pictureProblems = map[string]string{
	"picture.too_large":       "it has more than 5 MB",
	"picture.format":          "it is no JPEG, PNG, GIF or WebP",
	"picture.damaged":         "it is damaged or cut off",
	"picture.too_many_pixels": "it has more than 40 megapixels, or 20,000 pixels a side",
}

// readPicture reads one byte more than a picture may have, and no more.
func readPicture(folder fs.FS, name string) ([]byte, error) {
	f, err := folder.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, catalog.MaxPicture+1))
}
