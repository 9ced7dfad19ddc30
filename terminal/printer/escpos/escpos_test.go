package escpos_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"comptant/terminal/printer/emulator"
	"comptant/terminal/printer/escpos"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var pages = []escpos.Page{escpos.Latin, escpos.CP858, escpos.CP850}

// printed sends bytes to a printer and gives what came out, up to the last cut.
func printed(t require.TestingT, columns int, document []byte) []emulator.Strip {
	p := emulator.New(columns)
	defer p.Unplug()
	p.Attach(source{bytes.NewReader(document)})
	cuts := bytes.Count(document, []byte{0x1d, 'V', 66, 0})
	// A context that ends is not needed: the printer fails, or has all there is.
	err := p.Until(context.Background(), func(s emulator.Seen) bool { return len(s.Cut()) >= cuts })
	require.NoError(t, err)
	return p.Seen().Cut()
}

// source is a line on which nothing comes back.
type source struct{ io.Reader }

func (source) Write(b []byte) (int, error) { return len(b), nil }
func (source) Close() error                { return nil }

// Any text comes out as it was fitted, whatever it is made of, and never as a command.
func checkText(t require.TestingT, page escpos.Page, text string) {
	fitted := page.Fit(text)
	require.Equal(t, fitted, page.Fit(fitted))
	require.True(t, utf8.ValidString(fitted))
	const columns = 48
	w := escpos.NewWriter(columns, page)
	var want []string
	for rest := []rune(fitted); len(rest) > 0; {
		n := min(columns, len(rest))
		want = append(want, string(rest[:n]))
		w.Line(string(rest[:n]))
		rest = rest[n:]
	}
	w.Cut()
	strips := printed(t, columns, w.Bytes())
	require.Len(t, strips, 1)
	require.Equal(t, want, strips[0].Lines())
}

func TestAnyTextComesOutAsItWasFitted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkText(t, rapid.SampledFrom(pages).Draw(t, "page"), rapid.String().Draw(t, "text"))
	})
}

func FuzzText(f *testing.F) {
	f.Add(0, "Sirop d’érable – 11,49 $ · œufs, Noël, çà et là")
	f.Add(1, "\x1b@\x10\x04\x01\x1dV\x42\x00")
	f.Add(2, "e\u0301 ﬁ ½ 日本 \u202e\u200b\ufffd\xff")
	f.Fuzz(func(t *testing.T, page int, text string) {
		checkText(t, pages[(page%3+3)%3], text)
	})
}

func TestFrenchIsWrittenWithWhatAPageHas(t *testing.T) {
	const text = "Bœuf à l’ail – 3 €, ça « Noël » · ÉÈÊÇÀŒ"
	for page, want := range map[string]string{
		"wpc1252": text,
		"cp858":   "Boeuf à l'ail - 3 €, ça « Noël » · ÉÈÊÇÀOE",
		"cp850":   "Boeuf à l'ail - 3 EUR, ça « Noël » · ÉÈÊÇÀOE",
	} {
		p, err := escpos.PageNamed(strings.ToUpper(page))
		require.NoError(t, err)
		require.Equal(t, want, p.Fit(text))
		checkText(t, p, text)
	}
	require.Equal(t, "?ódz fi kg ?", escpos.CP858.Fit("Łódź ﬁ ㎏ 日"))
	_, err := escpos.PageNamed("latin1")
	require.ErrorContains(t, err, "latin1")
}

func TestStyles(t *testing.T) {
	w := escpos.NewWriter(32, escpos.Latin)
	w.Align(escpos.Right)
	w.Bold(true)
	w.Line("a")
	w.Bold(false)
	w.Size(true, false)
	w.Align(escpos.Centre)
	w.Line("b")
	w.Size(true, true)
	w.Line("c")
	w.Size(false, false)
	w.Align(escpos.Left)
	w.Line("d")
	w.Cut()
	items := printed(t, 32, w.Bytes())[0].Items
	require.Equal(t, []emulator.Item{
		{Align: 2, Cells: []emulator.Cell{{Rune: 'a', Bold: true}}},
		{Align: 1, Cells: []emulator.Cell{{Rune: 'b', Wide: true}}},
		{Align: 1, Cells: []emulator.Cell{{Rune: 'c', Wide: true, Tall: true}}},
		{Cells: []emulator.Cell{{Rune: 'd'}}},
		{Knife: true},
	}, items)
}

// A barcode comes out as it is, or the error says that it cannot be printed.
func TestBarcode(t *testing.T) {
	for code, fits := range map[string]bool{
		"CV-01-1-004218": true, "CV-01-1-000416": true, "CV-01-123-004218": true, "1604": true, "A": true,
		strings.Repeat("A", 30): false, "é": false, "": false, "{": false,
	} {
		w := escpos.NewWriter(32, escpos.Latin)
		err := w.Barcode(code)
		require.Equal(t, fits, err == nil, "%s: %v", code, err)
		w.Cut()
		if fits {
			require.Equal(t, []string{code}, printed(t, 32, w.Bytes())[0].Barcodes())
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.StringMatching(`[ -z]{1,14}[0-9]{0,10}`).Draw(t, "code")
		w := escpos.NewWriter(48, escpos.Latin)
		if w.Barcode(code) != nil {
			return
		}
		w.Cut()
		require.Equal(t, []string{code}, printed(t, 48, w.Bytes())[0].Barcodes())
	})
}

// Any picture comes out as large as the paper lets it, whatever its dots: none is a command.
func TestLogo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width, height := rapid.IntRange(1, 700).Draw(t, "width"), rapid.IntRange(1, 12).Draw(t, "height")
		dots := rapid.SliceOfN(rapid.Byte(), 64, 64).Draw(t, "dots")
		img := image.NewNRGBA(image.Rect(0, 0, width, height))
		for i := range width * height {
			d := dots[i%64]
			img.SetNRGBA(i%width, i/width, color.NRGBA{R: d, G: d, B: d, A: dots[(i+7)%64]})
		}
		var b bytes.Buffer
		require.NoError(t, png.Encode(&b, img))
		logo, err := escpos.Logo(&b, 32)
		require.NoError(t, err)
		w := escpos.NewWriter(32, escpos.Latin)
		w.Picture(logo)
		w.Line("below")
		w.Cut()
		strip := printed(t, 32, w.Bytes())[0]
		require.Equal(t, "below", strip.Text())
		require.Equal(t, (min(width, 384)+7)/8, strip.Items[0].Picture.Stride)
	})
}

// A picture made of real-time commands is printed with a dot more.
func TestALogoIsNoCommand(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 24, 3))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for row, second := range []byte{0x04, 0x05, 0x14} {
		for i, b := range []byte{0x10, second} {
			for bit := range 8 {
				if b&(0x80>>bit) != 0 {
					img.SetGray(i*8+bit, row, color.Gray{})
				}
			}
		}
	}
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, img))
	logo, err := escpos.Logo(&b, 48)
	require.NoError(t, err)
	w := escpos.NewWriter(48, escpos.Latin)
	w.Picture(logo)
	w.Cut()
	require.Equal(t, []byte{0x10, 0x06, 0, 0x10, 0x07, 0, 0x10, 0x16, 0}, printed(t, 48, w.Bytes())[0].Items[0].Picture.Bits)

	_, err = escpos.Logo(strings.NewReader("no picture"), 48)
	require.ErrorContains(t, err, "logo")
	b.Reset()
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 801))))
	_, err = escpos.Logo(&b, 48)
	require.ErrorContains(t, err, "801")
}

func TestStatus(t *testing.T) {
	var s escpos.Status
	for _, q := range escpos.Queries {
		s.Take(q, 0x12)
	}
	require.True(t, s.Ready())
	for _, c := range []struct {
		q    escpos.Query
		b    byte
		want escpos.Status
	}{
		{escpos.QueryPrinter, 0x1a, escpos.Status{Offline: true}},
		{escpos.QueryOffline, 0x16, escpos.Status{CoverOpen: true}},
		{escpos.QueryOffline, 0x32, escpos.Status{PaperOut: true}},
		{escpos.QueryError, 0x1a, escpos.Status{Failed: true}},
		{escpos.QueryPaper, 0x72, escpos.Status{PaperOut: true}},
		{escpos.QueryPaper, 0x1e, escpos.Status{PaperLow: true}},
	} {
		require.True(t, escpos.Answer(c.b))
		require.False(t, escpos.Printed(c.b))
		var s escpos.Status
		s.Take(c.q, c.b)
		require.Equal(t, c.want, s)
		require.Equal(t, c.want.PaperLow, s.Ready())
	}
	require.True(t, escpos.Printed(0))
	require.False(t, escpos.Answer(0))
}
