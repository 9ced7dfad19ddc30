package ui

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed words/active.fr.json words/active.en.json
var wordFiles embed.FS

var localizers = loadWords()

func loadWords() map[string]*i18n.Localizer {
	bundle := i18n.NewBundle(language.French)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	found := map[string]*i18n.Localizer{}
	for _, lang := range []string{"fr", "en"} {
		if _, err := bundle.LoadMessageFileFS(wordFiles, "words/active."+lang+".json"); err != nil {
			panic(err) // the files are embedded, and read by every test
		}
		found[lang] = i18n.NewLocalizer(bundle, lang)
	}
	return found
}

// T is the text of key in the language of the page. Args are names and values for the text's {{.Name}}; an int named
// "Count" also chooses between singular and plural. A key nobody wrote gives the key itself.
func T(ctx context.Context, key string, args ...any) string {
	config := &i18n.LocalizeConfig{MessageID: key}
	data := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		name, value := fmt.Sprint(args[i]), args[i+1]
		if n, ok := value.(int); ok {
			if name == "Count" {
				config.PluralCount = pluralOf(n)
			}
			value = Number(ctx, int64(n))
		}
		data[name] = value
	}
	config.TemplateData = data
	text, err := localizers[Lang(ctx)].Localize(config)
	if err != nil {
		return key
	}
	return text
}

// pluralOf keeps the two forms both languages need: French has a third for whole millions that only changes nouns
// written after "de".
func pluralOf(n int) int {
	if n >= 2 || n <= -2 {
		return 2
	}
	return n
}
