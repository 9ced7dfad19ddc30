package importer

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Bad is a row that cannot be imported.
type Bad struct {
	Line   int // the first is 1, the headings
	Reason string
}

func (b Bad) String() string { return fmt.Sprintf("line %d: %s", b.Line, b.Reason) }

// File is a file that was read.
type File struct {
	Kind      Kind
	Encoding  string
	Separator rune
	// Ignored are headings that mean nothing for the kind.
	Ignored []string
	// Bad are the rows that are not well formed, by line.
	Bad []Bad

	products    []productRow
	stores      []storeRow
	stock       []stockRow
	charges     []chargeRow
	taxes       []taxRow
	parts       []partRow
	customers   []customerRow
	sales       []saleRow
	adjustments []adjustmentRow
	// monthFirst says how the file writes its dates, where they do not begin with the year.
	monthFirst bool
	// Progress, if it is not nil, is told by Apply how much of a long import is written.
	Progress func(done, of int)
}

func (f *File) tell(done, of int) {
	if f.Progress != nil {
		f.Progress(done, of)
	}
}

// Rows is how many rows are well formed.
func (f *File) Rows() int {
	return len(f.products) + len(f.stores) + len(f.stock) + len(f.charges) + len(f.taxes) + len(f.parts) + len(f.customers) + len(f.sales) + len(f.adjustments)
}

// row is one row of a file while it is read.
type row struct {
	line   int
	fields []string
	header header
}

// get is a column's field, and whether the file has that column.
func (r row) get(c column) (value string, has bool) {
	i, has := r.header.at[c]
	if !has {
		return "", false
	}
	return r.fields[i], true
}

// every is how many rows are read between two reports of progress.
const every = 1000

// Read reads a whole file. The error says why it cannot be read at all; rows that are not well formed are in Bad.
// progress, if it is not nil, is told how many rows were read so far.
func Read(r io.Reader, kind Kind, progress func(rows int)) (*File, error) {
	if needed[kind] == nil {
		return nil, fmt.Errorf("unknown kind of file %q", kind)
	}
	text := decode(r)
	comma, err := separator(text.Reader)
	if err != nil {
		return nil, err
	}
	in := csv.NewReader(newRecords(text, comma))
	in.Comma, in.FieldsPerRecord, in.ReuseRecord = comma, -1, true

	f := &File{Kind: kind, Separator: comma}
	names, err := in.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty")
	}
	if err != nil {
		return nil, fmt.Errorf("read the headings: %w", err)
	}
	h, err := heading(kind, names)
	if err != nil {
		return nil, err
	}
	f.Ignored = h.ignored
	p := newParser(f)
	for rows := 1; ; rows++ {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if progress != nil && rows%every == 0 {
			progress(rows)
		}
		var malformed *csv.ParseError
		switch {
		case errors.As(err, &malformed):
			f.bad(malformed.StartLine, "the quotes are not closed, or not doubled within a field")
			continue
		case err != nil:
			return nil, fmt.Errorf("read row %d: %w", rows, err)
		case rows > maxRows:
			return nil, ErrTooLarge
		}
		line, _ := in.FieldPos(0)
		p.take(line, fields, h)
	}
	f.settle(p.days)
	f.Encoding = text.encoding()
	if f.Rows() == 0 && len(f.Bad) == 0 {
		return nil, errors.New("the file has headings and no rows")
	}
	return f, nil
}

// maxReason bounds what a reason quotes of a row, in bytes.
const maxReason = 300

func (f *File) bad(line int, format string, args ...any) {
	reason := fmt.Sprintf(format, args...)
	if len(reason) > maxReason {
		reason = strings.ToValidUTF8(reason[:maxReason], "") + "…"
	}
	f.Bad = append(f.Bad, Bad{line, reason})
}

// parser makes rows of the file's kind, and remembers what it has seen.
type parser struct {
	file *File
	// lines are where each key was first: SKU, barcode, store, store and product.
	lines map[string]int
	days  days
	// words are texts that many rows say: each is kept once.
	words map[string]string
}

func newParser(f *File) *parser {
	return &parser{file: f, lines: map[string]int{}, words: map[string]string{}}
}

// same is the text, kept once however many rows say it.
func (p *parser) same(s string) string {
	if kept, known := p.words[s]; known {
		return kept
	}
	s = strings.Clone(s)
	p.words[s] = s
	return s
}

func (p *parser) take(line int, fields []string, h header) {
	clean, blank := cleaned(fields)
	if blank {
		return
	}
	if len(clean) > h.fields {
		if _, rest := cleaned(clean[h.fields:]); !rest {
			p.file.bad(line, "%d fields, and %d headings", len(clean), h.fields)
			return
		}
	}
	if len(clean) < h.fields {
		p.file.bad(line, "%d fields, and %d headings", len(clean), h.fields)
		return
	}
	r := row{line, clean, h}
	var err error
	switch p.file.Kind {
	case Products:
		err = p.product(r)
	case Stores:
		err = p.store(r)
	case Stock:
		err = p.onHand(r)
	case Charges:
		err = p.charge(r)
	case Taxes:
		err = p.tax(r)
	case Prices, Barcodes:
		err = p.part(r)
	case Customers:
		err = p.customer(r)
	case Sales:
		err = p.sale(r)
	case Adjustments:
		err = p.adjustment(r)
	}
	if err != nil {
		p.file.bad(line, "%s", err)
	}
}

// cleaned gives copies of the fields without what is around them, and whether nothing is left in any.
func cleaned(fields []string) (all []string, blank bool) {
	all, blank = make([]string, len(fields)), true
	for i, f := range fields {
		all[i] = clean(f)
		blank = blank && all[i] == ""
	}
	return all, blank
}

// first refuses a key that was there before, naming both lines.
func (p *parser) first(what, key string, line int) error {
	if before, known := p.lines[what+" "+key]; known {
		return fmt.Errorf("%s %s is on line %d already", what, key, before)
	}
	p.lines[what+" "+key] = line
	return nil
}
