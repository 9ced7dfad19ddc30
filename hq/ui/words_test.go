package ui

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// viewFolders hold everything that writes words on a page: what shows it, and the domains whose errors a person sees.
var viewFolders = []string{".", "../web", "../atlas", "../../shared/retail", "../shop", "../order", "../payments", "../users", "../catalog", "../stock", "../sales", "../tills", "../api", "../importer"}

func wordsIn(t *testing.T, lang string) map[string]any {
	t.Helper()
	content, err := wordFiles.ReadFile("words/active." + lang + ".json")
	require.NoError(t, err)
	words := map[string]any{}
	require.NoError(t, json.Unmarshal(content, &words))
	return words
}

func viewSources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, folder := range viewFolders {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if os.IsNotExist(err) {
				return fs.SkipDir
			}
			if err != nil || entry.IsDir() {
				return err
			}
			source := strings.HasSuffix(path, ".templ") || strings.HasSuffix(path, ".go")
			if !source || strings.HasSuffix(path, "_templ.go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			content, err := os.ReadFile(path)
			all.Write(content)
			return err
		})
		require.NoError(t, err)
	}
	return all.String()
}

// Every word asked for exists in both languages, every word written is used, and both say the same things.
func TestWordsAreCompleteAndUsed(t *testing.T) {
	french, english, sources := wordsIn(t, "fr"), wordsIn(t, "en"), viewSources(t)
	asked := regexp.MustCompile(`\bT\(ctx, "([^"]+)"`).FindAllStringSubmatch(sources, -1)
	require.NotEmpty(t, asked)
	for _, key := range asked {
		require.Contains(t, french, key[1])
		require.Contains(t, english, key[1])
	}
	holes := regexp.MustCompile(`{{\.\w+}}`)
	for key, text := range french {
		require.Contains(t, english, key)
		require.IsType(t, text, english[key], key)
		// What drawings say is asked for by the names of what is drawn: atlas has a test of its own.
		drawn := strings.HasPrefix(key, "machine.") || strings.HasPrefix(key, "atlas.domain.")
		require.True(t, drawn || strings.Contains(sources, `"`+key+`"`), "%s is never used", key)
		if one, ok := text.(string); ok {
			require.ElementsMatch(t, holes.FindAllString(one, -1), holes.FindAllString(english[key].(string), -1), key)
		}
	}
	for key := range english {
		require.Contains(t, french, key)
	}
}

func TestPluralsFollowTheLanguage(t *testing.T) {
	fr, en := WithPrefs(t.Context(), Prefs{Lang: "fr"}), WithPrefs(t.Context(), Prefs{Lang: "en"})
	require.Equal(t, "0 autre alerte", T(fr, "alerts.more", "Count", 0), "zero is singular in French")
	require.Equal(t, "0 more alerts", T(en, "alerts.more", "Count", 0))
	require.Equal(t, "1 more alert", T(en, "alerts.more", "Count", 1))
	require.Equal(t, "1"+nbsp+"000"+nbsp+"000 autres alertes", T(fr, "alerts.more", "Count", 1_000_000))
}

// In French a space before a sign, or inside quotation marks, does not break: no line begins with a colon.
func TestSpacesBeforeSignsDoNotBreak(t *testing.T) {
	loose := regexp.MustCompile(` [:;?!»]|« `)
	for key, text := range wordsIn(t, "fr") {
		for _, form := range forms(text) {
			require.Empty(t, loose.FindString(form), key)
		}
	}
}

// forms are the texts of a word: one, or one for each number.
func forms(text any) []string {
	if one, ok := text.(string); ok {
		return []string{one}
	}
	var all []string
	for _, form := range text.(map[string]any) {
		all = append(all, form.(string))
	}
	return all
}
