package catalog

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"sync"

	"golang.org/x/image/draw"
	"golang.org/x/image/riff"
	"golang.org/x/image/vp8"
	"golang.org/x/image/vp8l"
	"golang.org/x/image/webp"

	"comptant/shared/retail"
)

const (
	// MaxPicture is how many bytes the file of a picture may have.
	MaxPicture = 5 << 20
	// mostPixels and longestSide bound what is decoded: a few bytes may say that they are gigabytes.
	mostPixels  = 40_000_000
	longestSide = 20_000
	quality     = 85
	// edition goes into the names, which are kept for ever by browsers: count it up when the same file is drawn otherwise.
	edition = "1"
)

// Drawing is a picture as it is kept. Nothing of the file is in it but what one sees: no place, no camera, nothing that was hidden.
type Drawing struct {
	Name         Picture
	small, large []byte
}

// PictureOf is the name of the picture that a file makes.
func PictureOf(file []byte) Picture {
	sum := sha256.Sum256(append([]byte(edition), file...))
	return Picture(hex.EncodeToString(sum[:16]))
}

// A format is one that pictures come in. The decoders are named here, because those that image knows depend on what else the
// program imports.
type format struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

var formats = map[string]format{
	"image/jpeg": {jpeg.DecodeConfig, jpeg.Decode},
	"image/png":  {png.DecodeConfig, png.Decode},
	"image/gif":  {gif.DecodeConfig, gif.Decode}, // the first frame
	"image/webp": {webpConfig, webp.Decode},
}

// drawing keeps memory in bounds: one picture at a time may take a few hundred megabytes.
var drawing sync.Mutex

// Draw draws the picture of a file again, upright, in both sizes, on white. A file that is too large, damaged, or no JPEG, PNG, GIF
// or WebP is refused with a retail.Error.
func Draw(file []byte) (Drawing, error) {
	drawing.Lock()
	defer drawing.Unlock()
	wrong := func(key string, err error) (Drawing, error) {
		return Drawing{}, &retail.Error{Code: retail.Invalid, Key: key, Err: err}
	}
	if len(file) > MaxPicture {
		return wrong("picture.too_large", nil)
	}
	f, known := formats[http.DetectContentType(file)]
	if !known {
		return wrong("picture.format", nil)
	}
	c, err := f.config(bytes.NewReader(file))
	if err != nil || c.Width < 1 || c.Height < 1 {
		return wrong("picture.damaged", err)
	}
	if c.Width > longestSide || c.Height > longestSide || c.Width*c.Height > mostPixels {
		return wrong("picture.too_many_pixels", nil)
	}
	m, err := f.decode(bytes.NewReader(file))
	if err != nil {
		return wrong("picture.damaged", err)
	}
	large := upright(square(m, LargePicture.Side()), orientation(file))
	d := Drawing{Name: PictureOf(file)}
	if d.large, err = encoded(large); err != nil {
		return d, err
	}
	d.small, err = encoded(square(large, SmallPicture.Side()))
	return d, err
}

// square is a picture in the middle of a white square of at most so many pixels a side.
func square(m image.Image, most int) *image.RGBA {
	b := m.Bounds()
	longest := max(b.Dx(), b.Dy())
	side := min(most, longest)
	canvas := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.Draw(canvas, canvas.Rect, image.White, image.Point{}, draw.Src)
	w, h := max(b.Dx()*side/longest, 1), max(b.Dy()*side/longest, 1)
	at := image.Rect(0, 0, w, h).Add(image.Pt((side-w)/2, (side-h)/2))
	draw.CatmullRom.Scale(canvas, at, m, b, draw.Over, nil)
	return canvas
}

func encoded(m image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality})
	return b.Bytes(), err
}

// webpConfig is the size of a WebP file's frame. A file says its size twice, and the decoder makes room for both: they must agree.
func webpConfig(r io.Reader) (c image.Config, err error) {
	file, err := io.ReadAll(r)
	if err != nil {
		return c, err
	}
	if c, err = webp.DecodeConfig(bytes.NewReader(file)); err != nil {
		return c, err
	}
	_, chunks, err := riff.NewReader(bytes.NewReader(file))
	if err != nil {
		return c, err
	}
	for {
		id, length, data, err := chunks.Next()
		if err != nil {
			return c, err
		}
		var frame image.Config
		switch string(id[:]) {
		default:
			continue
		case "VP8 ":
			d := vp8.NewDecoder()
			d.Init(data, int(length))
			head, err := d.DecodeFrameHeader()
			if err != nil {
				return c, err
			}
			frame = image.Config{Width: head.Width, Height: head.Height}
		case "VP8L":
			if frame, err = vp8l.DecodeConfig(data); err != nil {
				return c, err
			}
		}
		if frame.Width != c.Width || frame.Height != c.Height {
			return c, image.ErrFormat
		}
		return c, nil
	}
}
