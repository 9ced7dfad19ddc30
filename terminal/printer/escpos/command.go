package escpos

import "bytes"

// Writer gathers the bytes of one document.
type Writer struct {
	out  bytes.Buffer
	page Page
	dots int
}

// dotsOfColumn is the width of a character of font A.
const dotsOfColumn = 12

// NewWriter begins a document for paper of so many columns, with the printer's defaults and a code page.
func NewWriter(columns int, page Page) *Writer {
	w := &Writer{page: page, dots: columns * dotsOfColumn}
	w.write(esc, '@')
	w.write(esc, 't', page.number)
	return w
}

const (
	dle = 0x10
	esc = 0x1b
	gs  = 0x1d
)

func (w *Writer) write(b ...byte) { w.out.Write(b) }

// Bytes is the document so far.
func (w *Writer) Bytes() []byte { return w.out.Bytes() }

// Align is where lines stand.
type Align byte

// The sides, and between them.
const (
	Left   Align = 0
	Centre Align = 1
	Right  Align = 2
)

// Align moves the lines that follow.
func (w *Writer) Align(a Align) { w.write(esc, 'a', byte(a)) }

// Bold switches it.
func (w *Writer) Bold(on bool) {
	b := byte(0)
	if on {
		b = 1
	}
	w.write(esc, 'E', b)
}

// Size makes characters once or twice as wide and as high.
func (w *Writer) Size(wide, high bool) {
	b := byte(0)
	if wide {
		b |= 0x10
	}
	if high {
		b |= 0x01
	}
	w.write(gs, '!', b)
}

// Line prints a text and ends the line.
func (w *Writer) Line(text string) {
	w.out.Write(w.page.encode(text))
	w.write('\n')
}

// Cut feeds the paper past the knife and cuts it.
func (w *Writer) Cut() { w.write(gs, 'V', 66, 0) }

// Ask has the printer answer once it has printed everything before: Printed knows the answer.
func (w *Writer) Ask() { w.write(gs, 'r', 1) }

// Printed says that b answers Ask.
func Printed(b byte) bool { return b&0x90 == 0 }

// OpenDrawer opens the drawer at its turn, after what was sent before.
func OpenDrawer() []byte { return []byte{esc, 'p', 0, 50, 50} }

// OpenDrawerNow opens the drawer at once, whatever else the printer is doing, or never: a printer that is not ready
// forgets it.
func OpenDrawerNow() []byte { return []byte{dle, 0x14, 1, 0, 1} }
