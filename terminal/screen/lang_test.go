package screen

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/terminal/till"
)

// key is what every key of the language files looks like, and nothing else in this package.
var key = regexp.MustCompile(`^[a-z]+(\.[a-z_0-9]+)+$`)

// place is a place in a sentence that an argument fills.
var place = regexp.MustCompile(`{{\s*\.\w+\s*}}`)

func TestEverySentenceExistsOnceInEachLanguageAndIsUsed(t *testing.T) {
	french, english := readSentences(t, French), readSentences(t, English)
	require.Equal(t, sorted(french), sorted(english), "a sentence lacks in one language")

	used := keysInCode(t)
	for _, k := range till.Keys {
		used["error."+k] = true // Words.Error puts the two together
	}
	for _, k := range sorted(used) {
		require.Contains(t, french, k, "the code says %q, the language files do not", k)
	}
	for _, k := range sorted(french) {
		require.Contains(t, used, k, "no code says %q", k)
	}
}

func TestSentencesHaveTheSamePlacesInEachLanguage(t *testing.T) {
	french, english := readSentences(t, French), readSentences(t, English)
	for _, k := range sorted(french) {
		require.Equal(t, placesOf(french[k]), placesOf(english[k]), k)
	}
}

func TestWords(t *testing.T) {
	require.Equal(t, "Vente", NewWords(French).T("place.sell"))
	require.Equal(t, "Sell", NewWords(English).T("place.sell"))
	require.Equal(t, "no.such.key", NewWords(English).T("no.such."+"key"))
	require.Equal(t, "Vente", NewWords("xx").T("place.sell"))
}

func readSentences(t *testing.T, l Language) map[string]any {
	t.Helper()
	data, err := sentences.ReadFile("lang/active." + string(l) + ".json")
	require.NoError(t, err)
	var read map[string]any
	require.NoError(t, json.Unmarshal(data, &read))
	return read
}

// placesOf lists the places of a sentence, in all its plural forms.
func placesOf(sentence any) []string {
	text, err := json.Marshal(sentence)
	if err != nil {
		panic(err)
	}
	found := map[string]bool{}
	for _, p := range place.FindAllString(string(text), -1) {
		found[p] = true
	}
	return sorted(found)
}

// keysInCode finds the string constants of the package that look like keys.
func keysInCode(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	used := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		require.NoError(t, err)
		file, err := parser.ParseFile(token.NewFileSet(), name, src, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && key.MatchString(s) {
					used[s] = true
				}
			}
			return true
		})
	}
	return used
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
