package importer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// What a file may be at most.
const (
	maxBytes = 256 << 20
	maxRows  = 1_000_000
	maxLine  = 64 << 10 // of the first line, which must be looked at as a whole
)

// ErrTooLarge refuses a file above the bounds.
var ErrTooLarge = errors.New("the file is too large: 256 MB and 1,000,000 rows at most")

// decoded is the text of a file as UTF-8.
type decoded struct {
	*bufio.Reader
	latin1 *latin1OrUTF8 // nil for UTF-16, which says what it is
	name   string
}

// encoding tells, once the file was read, how it was written.
func (d decoded) encoding() string {
	if d.latin1 != nil && d.latin1.used {
		return "windows-1252"
	}
	return d.name
}

// decode finds out the encoding: UTF-16 by its byte order mark or by its zeros, else UTF-8 and, byte by byte where it is
// not that, windows-1252 (which contains latin-1). So one stray accent late in a large file is still read.
func decode(r io.Reader) decoded {
	in := bufio.NewReader(&bounded{r: r, left: maxBytes})
	head, _ := in.Peek(512)
	wide := func(order unicode.Endianness, name string) decoded {
		dec := unicode.UTF16(order, unicode.UseBOM).NewDecoder()
		return decoded{bufio.NewReaderSize(transform.NewReader(in, dec), maxLine), nil, name}
	}
	switch even, odd := zeros(head); {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return wide(unicode.LittleEndian, "utf-16le")
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return wide(unicode.BigEndian, "utf-16be")
	case odd > len(head)/4 && even == 0:
		dec := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder()
		return decoded{bufio.NewReaderSize(transform.NewReader(in, dec), maxLine), nil, "utf-16le"}
	case even > len(head)/4 && odd == 0:
		dec := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder()
		return decoded{bufio.NewReaderSize(transform.NewReader(in, dec), maxLine), nil, "utf-16be"}
	}
	if bytes.HasPrefix(head, []byte("\ufeff")) {
		_, _ = in.Discard(3) // they were peeked at
	}
	dec := &latin1OrUTF8{}
	return decoded{bufio.NewReaderSize(transform.NewReader(in, dec), maxLine), dec, "utf-8"}
}

// zeros counts the zero bytes at even and at odd places: half of what UTF-16 makes of European text.
func zeros(b []byte) (even, odd int) {
	for i, c := range b {
		if c != 0 {
			continue
		}
		if i%2 == 0 {
			even++
		} else {
			odd++
		}
	}
	return even, odd
}

// latin1OrUTF8 passes UTF-8 on, and decodes what is not as windows-1252.
type latin1OrUTF8 struct {
	used bool
}

func (t *latin1OrUTF8) Reset() { t.used = false }

func (t *latin1OrUTF8) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		r, size := utf8.DecodeRune(src[nSrc:])
		if r == utf8.RuneError && size == 1 {
			if !atEOF && !utf8.FullRune(src[nSrc:]) {
				return nDst, nSrc, transform.ErrShortSrc
			}
			r, t.used = charmap.Windows1252.DecodeByte(src[nSrc]), true
		}
		if nDst+utf8.RuneLen(r) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += size
	}
	return nDst, nSrc, nil
}

// bounded refuses to read more than it has left.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, ErrTooLarge
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// separator finds out by the first line what parts the fields: what it has most of, outside quotes.
func separator(in *bufio.Reader) (rune, error) {
	head, err := in.Peek(maxLine)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, fmt.Errorf("read the first line: %w", err)
	}
	counts, quoted := map[byte]int{}, false
	for _, c := range head {
		if c == '"' {
			quoted = !quoted
		}
		if c == '\n' && !quoted && len(counts) > 0 {
			break
		}
		if !quoted && bytes.IndexByte([]byte(",;\t"), c) >= 0 {
			counts[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte(";\t") {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return rune(best), nil
}
