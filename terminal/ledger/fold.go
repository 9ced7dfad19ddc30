package ledger

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// ligatures are letters that people type as two.
var ligatures = strings.NewReplacer("œ", "oe", "æ", "ae", "ß", "ss", "ø", "o", "ł", "l", "đ", "d")

// fold gives the words of a text as they are compared: lower case, without accents, letters and digits only, one space
// between words. "Sirop d'érable" is "sirop d erable".
func fold(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	gap := false
	for _, r := range norm.NFKD.String(ligatures.Replace(strings.ToLower(text))) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r), unicode.IsDigit(r):
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(unicode.ToLower(r))
		default:
			gap = true
		}
	}
	return b.String()
}

// inside is the least number of letters that are looked for inside words; fewer are looked for at their beginning.
const inside = 3

// searchTokens gives the tokens under which words are found: each whole, for its beginnings, and its endings from the
// second letter on, marked with _, for what stands inside. They are folded, separated by spaces, each once.
func searchTokens(words ...string) string {
	seen := map[string]bool{}
	var b strings.Builder
	add := func(token string) {
		if !seen[token] {
			seen[token] = true
			b.WriteString(token)
			b.WriteByte(' ')
		}
	}
	for _, word := range words {
		add(word)
		if isNumber(word) {
			continue // a barcode is read from its beginning
		}
		runes := []rune(word)
		for i := 1; i+inside <= len(runes); i++ {
			add("_" + string(runes[i:]))
		}
	}
	return b.String()
}

func isNumber(word string) bool {
	return len(word) >= 8 && strings.Trim(word, "0123456789") == ""
}
