package escpos

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// Page is a code page: which characters a printer has, and their bytes.
type Page struct {
	Name   string
	number byte // of the command that selects it
	chars  *charmap.Charmap
}

// The pages a French receipt can be printed with. Latin has every character of both languages; the other two lack œ and
// dashes, and CP850 the euro.
var (
	Latin = Page{Name: "wpc1252", number: 16, chars: charmap.Windows1252}
	CP858 = Page{Name: "cp858", number: 19, chars: charmap.CodePage858}
	CP850 = Page{Name: "cp850", number: 2, chars: charmap.CodePage850}
)

// PageNamed finds a page.
func PageNamed(name string) (Page, error) {
	for _, p := range []Page{Latin, CP858, CP850} {
		if strings.EqualFold(name, p.Name) {
			return p, nil
		}
	}
	return Page{}, fmt.Errorf("unknown code page %q: want wpc1252, cp858 or cp850", name)
}

// instead is how a character is written where the page lacks it.
var instead = map[rune]string{
	'œ': "oe", 'Œ': "OE", 'æ': "ae", 'Æ': "AE", 'ß': "ss", '€': "EUR", '–': "-", '—': "-", '−': "-", '‐': "-", '‑': "-",
	'‘': "'", '’': "'", '‚': ",", '“': `"`, '”': `"`, '„': `"`, '«': `"`, '»': `"`, '‹': "<", '›': ">",
	'…': "...", '•': "*", '·': ".", '×': "x", '™': "TM", '′': "'", '″': `"`,
}

// Fit writes s with characters of the page alone: one character is one column. Accents the page lacks are left out,
// spaces of every kind are one space, and what nobody can write is a question mark.
func (p Page) Fit(s string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(s) {
		switch {
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case p.has(r):
			b.WriteRune(r)
		case instead[r] != "":
			b.WriteString(instead[r])
		case unicode.Is(unicode.M, r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
		default:
			b.WriteString(p.bare(r))
		}
	}
	return b.String()
}

// bare is a character without its marks, or taken apart.
func (p Page) bare(r rune) string {
	var b strings.Builder
	for _, part := range norm.NFKD.String(string(r)) {
		if part != r && p.has(part) {
			b.WriteRune(part)
		}
	}
	if b.Len() == 0 {
		return "?"
	}
	return b.String()
}

// has leaves out what printers take for commands, or print as nothing.
func (p Page) has(r rune) bool {
	b, ok := p.chars.EncodeRune(r)
	return ok && b >= 0x20 && b != 0x7f && r != '\u00ad' && p.chars.DecodeByte(b) == r && !unicode.IsControl(r)
}

// encode is the bytes of a text that was fitted.
func (p Page) encode(s string) []byte {
	out := make([]byte, 0, len(s))
	for _, r := range p.Fit(s) {
		b, _ := p.chars.EncodeRune(r)
		out = append(out, b)
	}
	return out
}
