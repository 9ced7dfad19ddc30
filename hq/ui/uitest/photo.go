package uitest

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"testing"

	"github.com/stretchr/testify/require"
)

// Photo is a PNG file of a bottle on a table, as high as asked and a third less wide.
func Photo(t testing.TB, height int, content color.Color) []byte {
	t.Helper()
	w, h := height*2/3, height
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	fill := func(c color.Color, left, top, right, bottom int) { // in hundredths
		draw.Draw(m, image.Rect(w*left/100, h*top/100, w*right/100, h*bottom/100), image.NewUniform(c), image.Point{}, draw.Src)
	}
	fill(color.RGBA{236, 232, 224, 255}, 0, 0, 100, 100)
	fill(color.RGBA{188, 164, 132, 255}, 0, 82, 100, 100)
	fill(color.RGBA{40, 40, 44, 255}, 42, 8, 58, 16)
	fill(content, 44, 16, 56, 32)
	fill(content, 28, 32, 72, 90)
	fill(color.RGBA{250, 248, 240, 255}, 28, 50, 72, 74)
	fill(content, 36, 58, 64, 61)
	fill(content, 42, 64, 58, 66)
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	return b.Bytes()
}
