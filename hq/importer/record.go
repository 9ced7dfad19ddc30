package importer

import (
	"fmt"
	"io"
)

// maxRecord is how many bytes one row may have. Without a bound, a quote that is never closed would make one row of the rest
// of the file.
const maxRecord = 1 << 20

// records passes CSV on and stops at a row above the bound.
type records struct {
	r     io.Reader
	comma byte

	line, begin, length int
	// started says that the next byte begins a field, quoted that it is between quotes, closed that the last one closed them:
	// if it is a quote too, the two stand for one.
	started, quoted, closed bool
}

func newRecords(r io.Reader, comma rune) *records {
	return &records{r: r, comma: byte(comma), line: 1, begin: 1, started: true}
}

func (b *records) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	for _, c := range p[:n] {
		b.length++
		opens := c == '"' && (b.started || b.closed)
		b.closed = c == '"' && b.quoted
		b.quoted = b.quoted && c != '"' || opens && !b.closed
		if c == '\n' {
			b.line++
		}
		if c == '\n' && !b.quoted {
			b.begin, b.length = b.line, 0
		}
		b.started = !b.quoted && (c == b.comma || c == '\n')
		if b.length > maxRecord {
			return 0, fmt.Errorf("the row that begins on line %d has more than 1 MB: its quotes are not closed", b.begin)
		}
	}
	return n, err
}
