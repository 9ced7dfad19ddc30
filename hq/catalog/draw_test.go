package catalog_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
)

var (
	red   = color.RGBA{220, 20, 20, 255}
	green = color.RGBA{20, 160, 20, 255}
	blue  = color.RGBA{20, 20, 220, 255}
	black = color.RGBA{0, 0, 0, 255}
	white = color.RGBA{255, 255, 255, 255}
)

// quarters is a picture of a colour in each corner: upper left, upper right, lower left, lower right.
func quarters(w, h int, colours ...color.Color) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i, c := range colours {
		at := image.Rect(0, 0, (w+1)/2, (h+1)/2).Add(image.Pt(i%2*w/2, i/2*h/2))
		draw.Draw(m, at.Intersect(m.Rect), image.NewUniform(c), image.Point{}, draw.Src)
	}
	return m
}

func pngOf(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	return b.Bytes()
}

func jpegOf(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}))
	return b.Bytes()
}

// withExif has a JPEG say how the camera was held, where, and something more that nobody sees.
func withExif(order binary.AppendByteOrder, orientation uint16, file []byte) []byte {
	tiff := []byte("MM")
	if order == binary.LittleEndian {
		tiff = []byte("II")
	}
	tiff = order.AppendUint32(order.AppendUint16(tiff, 42), 8)
	tiff = order.AppendUint16(tiff, 2) // entries
	entry := func(tag, kind uint16, count uint32) {
		tiff = order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, tag), kind), count)
	}
	entry(0x010F, 2, 4) // the camera's maker
	tiff = append(tiff, "ABC\x00"...)
	entry(0x0112, 3, 1)
	tiff = append(order.AppendUint16(tiff, orientation), 0, 0)
	tiff = append(order.AppendUint32(tiff, 0), "SECRET: 45.5017 N"...)
	made := []byte{0xFF, 0xD8, 0xFF, 0xE1}
	made = binary.BigEndian.AppendUint16(made, uint16(2+6+len(tiff)))
	made = append(append(made, "Exif\x00\x00"...), tiff...)
	return append(append(made, file[2:]...), "SECRET: after the end"...)
}

// kept draws a file, gives it to a product and reads it back in both sizes.
func kept(t *testing.T, d *db.DB, p catalog.Product, file []byte) (small, large image.Image) {
	t.Helper()
	drawn, err := catalog.Draw(file)
	require.NoError(t, err)
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return catalog.PutPicture(ctx, tx, p.ID, drawn) }))
	read := func(size catalog.PictureSize) image.Image {
		content, err := catalog.ReadPicture(ctx, d, drawn.Name, size)
		require.NoError(t, err)
		require.NotContains(t, string(content), "Exif")
		require.NotContains(t, string(content), "SECRET")
		m, err := jpeg.Decode(bytes.NewReader(content))
		require.NoError(t, err)
		return m
	}
	return read(catalog.SmallPicture), read(catalog.LargePicture)
}

// looksLike compares the colour at a place of a picture, given in hundredths of its side.
func looksLike(t *testing.T, want color.RGBA, m image.Image, x, y int, msg ...any) {
	t.Helper()
	side := m.Bounds().Dx()
	r, g, b, _ := m.At(x*side/100, y*side/100).RGBA()
	near := func(a uint8, b uint32) bool { return max(int(a), int(b>>8))-min(int(a), int(b>>8)) < 24 }
	require.Truef(t, near(want.R, r) && near(want.G, g) && near(want.B, b), "at %d, %d: %v and not %v %v", x, y, []uint32{r >> 8, g >> 8, b >> 8}, want, msg)
}

// Whatever its form, a picture becomes a square on white that is no larger than asked, nor than the picture.
func TestPicturesAreDrawnAgain(t *testing.T) {
	d := open(t)
	p := product(1, "Sirop")
	put(t, d, p)
	side := func(m image.Image) int {
		require.Equal(t, m.Bounds().Dx(), m.Bounds().Dy())
		return m.Bounds().Dx()
	}
	small, large := kept(t, d, p, pngOf(t, quarters(1600, 400, red, green, blue, black)))
	require.Equal(t, []int{160, 800}, []int{side(small), side(large)})
	for _, m := range []image.Image{small, large} {
		looksLike(t, white, m, 25, 20)
		looksLike(t, red, m, 25, 44)
		looksLike(t, green, m, 75, 44)
		looksLike(t, blue, m, 25, 56)
		looksLike(t, black, m, 75, 56)
		looksLike(t, white, m, 75, 80)
	}
	small, large = kept(t, d, p, jpegOf(t, quarters(300, 900, red, green, blue, black)))
	require.Equal(t, []int{160, 800}, []int{side(small), side(large)})
	looksLike(t, white, large, 10, 50)
	looksLike(t, red, large, 44, 20)
	small, large = kept(t, d, p, pngOf(t, quarters(300, 200, red, red, red, red)))
	require.Equal(t, []int{160, 300}, []int{side(small), side(large)})
	small, large = kept(t, d, p, pngOf(t, quarters(1, 1, red)))
	require.Equal(t, []int{1, 1}, []int{side(small), side(large)})
	_, large = kept(t, d, p, pngOf(t, image.NewNRGBA(image.Rect(0, 0, 100, 100))))
	looksLike(t, white, large, 50, 50, "what one sees through is white")

	var moving bytes.Buffer
	frame := func(c color.Color) *image.Paletted {
		m := image.NewPaletted(image.Rect(0, 0, 100, 100), color.Palette{c, white})
		return m
	}
	require.NoError(t, gif.EncodeAll(&moving, &gif.GIF{Image: []*image.Paletted{frame(red), frame(blue)}, Delay: []int{1, 1}}))
	_, large = kept(t, d, p, moving.Bytes())
	looksLike(t, red, large, 50, 50, "the first frame")
}

func TestPicturesStandUpright(t *testing.T) {
	d := open(t)
	p := product(1, "Sirop")
	put(t, d, p)
	file := jpegOf(t, quarters(200, 200, red, green, blue, black))
	for orientation, corners := range [][]color.RGBA{
		1: {red, green, blue, black}, 2: {green, red, black, blue}, 3: {black, blue, green, red}, 4: {blue, black, red, green},
		5: {red, blue, green, black}, 6: {blue, red, black, green}, 7: {black, green, blue, red}, 8: {green, black, red, blue},
		9: {red, green, blue, black}, // means nothing
	} {
		if orientation == 0 {
			continue
		}
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			small, large := kept(t, d, p, withExif(order, uint16(orientation), file))
			for _, m := range []image.Image{small, large} {
				for i, want := range corners {
					looksLike(t, want, m, 25+i%2*50, 25+i/2*50, "orientation", orientation)
				}
			}
		}
	}
	for end := range 60 { // what is cut off within its EXIF data says nothing, and breaks nothing
		_, err := catalog.Draw(withExif(binary.BigEndian, 6, file)[:end])
		require.Error(t, err)
	}
}

// webpOf puts chunks into a WebP file.
func webpOf(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func chunk(id string, content []byte) []byte {
	made := append(binary.LittleEndian.AppendUint32([]byte(id), uint32(len(content))), content...)
	return append(made, make([]byte, len(content)%2)...)
}

func TestWebP(t *testing.T) {
	lossless, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	require.NoError(t, err)
	lossy, err := base64.StdEncoding.DecodeString("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
	require.NoError(t, err)
	extended := chunk("VP8X", make([]byte, 10)) // 1 by 1
	for name, file := range map[string][]byte{"lossless": lossless, "lossy": lossy, "extended": webpOf(extended, lossless[12:])} {
		drawn, err := catalog.Draw(file)
		require.NoError(t, err, name)
		require.Equal(t, catalog.PictureOf(file), drawn.Name)
	}
	// The file says 1 by 1, its frame 16384 by 16384: a gigabyte.
	huge := chunk("VP8L", []byte{0x2F, 0xFF, 0xFF, 0xFF, 0x0F, 0, 0, 0})
	_, err = catalog.Draw(webpOf(extended, huge))
	refused(t, err, "picture.damaged")
	require.ErrorIs(t, err, image.ErrFormat, "it was decoded")
	_, err = catalog.Draw(webpOf(huge))
	refused(t, err, "picture.too_many_pixels")
}

// pngHead is a PNG file that has nothing but its size.
func pngHead(w, h uint32) []byte {
	head := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)...)
	head = append(head, 8, 2, 0, 0, 0)
	made := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), uint32(len(head)-4))
	return binary.BigEndian.AppendUint32(append(made, head...), crc32.ChecksumIEEE(head))
}

// What is no picture, or too much of one, is refused before it is decoded: a head without a picture would be damaged.
func TestFilesThatAreNoPictures(t *testing.T) {
	good := pngOf(t, quarters(50, 50, red, green, blue, black))
	for name, c := range map[string]struct {
		file []byte
		key  string
	}{
		"nothing":       {nil, "picture.format"},
		"text":          {[]byte("This is no picture at all."), "picture.format"},
		"SVG":           {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "picture.format"},
		"SVG with XML":  {[]byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`), "picture.format"},
		"HTML":          {[]byte("<!DOCTYPE html><p>x"), "picture.format"},
		"PDF":           {[]byte("%PDF-1.7"), "picture.format"},
		"TIFF":          {[]byte("II*\x00\x08\x00\x00\x00"), "picture.format"},
		"BMP":           {[]byte("BM\x00\x00\x00\x00"), "picture.format"},
		"large file":    {append(bytes.Clone(good), make([]byte, catalog.MaxPicture)...), "picture.too_large"},
		"huge":          {pngHead(60_000, 60_000), "picture.too_many_pixels"},
		"40 megapixels": {pngHead(10_000, 4_001), "picture.too_many_pixels"},
		"thin":          {pngHead(1, 20_001), "picture.too_many_pixels"},
		"head alone":    {pngHead(50, 50), "picture.damaged"},
		"empty":         {pngHead(0, 50), "picture.damaged"},
		"cut off":       {good[:len(good)/2], "picture.damaged"},
		"cut off JPEG":  {jpegOf(t, quarters(50, 50, red))[:400], "picture.damaged"},
		"cut off GIF":   {[]byte("GIF89a\x01\x00\x01\x00"), "picture.damaged"},
		"cut off WebP":  {[]byte("RIFF\x20\x00\x00\x00WEBPVP8 "), "picture.damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := catalog.Draw(c.file)
			refused(t, err, c.key)
		})
	}
}
