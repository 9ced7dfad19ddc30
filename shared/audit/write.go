package audit

import (
	"encoding/json"
	"io"
)

// Writer writes a file. Its caller keeps the order that the package says.
type Writer struct {
	lines *json.Encoder
	end   End
}

// NewWriter begins a file.
func NewWriter(to io.Writer, head Head) (*Writer, error) {
	head.Format = Format
	w := &Writer{lines: json.NewEncoder(to)}
	return w, w.lines.Encode(line{Audit: &head})
}

// Till begins one.
func (w *Writer) Till(t Till) error {
	w.end.Tills++
	return w.lines.Encode(line{Till: &t})
}

// Chain begins a piece of its journal.
func (w *Writer) Chain(c Chain) error { return w.lines.Encode(line{Chain: &c}) }

// Entry adds the next of the piece.
func (w *Writer) Entry(e Entry) error {
	w.end.Entries++
	return w.lines.Encode(line{Entry: &e})
}

// Close ends the file, and says what it has.
func (w *Writer) Close() (End, error) { return w.end, w.lines.Encode(line{End: &w.end}) }
