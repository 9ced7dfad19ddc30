package screen

import (
	"embed"
	"fmt"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"comptant/shared/retail"
)

// Language is what a till speaks: it follows the cashier.
type Language string

const (
	French  Language = "fr"
	English Language = "en"
)

// Languages are all there are, in the order of the switch.
var Languages = []Language{French, English}

// Short is the two letters of the switch.
func (l Language) Short() string { return strings.ToUpper(string(l)) }

//go:embed lang/*.json
var sentences embed.FS

// Words says things in one language.
type Words struct {
	Language  Language
	localizer *i18n.Localizer
	// currency is what amounts are written in.
	currency retail.Currency
}

// bundle is read once, and not each time somebody else signs in.
var bundle = sync.OnceValue(func() *i18n.Bundle {
	bundle := i18n.NewBundle(language.French)
	for _, known := range Languages {
		if _, err := bundle.LoadMessageFileFS(sentences, "lang/active."+string(known)+".json"); err != nil {
			panic(err) // the files are part of the program, and lang_test.go reads them
		}
	}
	return bundle
})

// NewWords returns the words of a language; of French when it is unknown.
func NewWords(l Language) *Words {
	dollar, _ := retail.CurrencyOf(retail.DefaultCurrency)
	return &Words{Language: l, localizer: i18n.NewLocalizer(bundle(), string(l)), currency: dollar}
}

// T says a sentence. The arguments fill its places: name, value, name, value.
func (w *Words) T(key string, args ...any) string {
	return w.say(&i18n.LocalizeConfig{MessageID: key, TemplateData: places(args)})
}

// N says a sentence about n things, which has n at its place Count.
func (w *Words) N(key string, n int, args ...any) string {
	return w.say(&i18n.LocalizeConfig{MessageID: key, PluralCount: n, TemplateData: places(append(args, "Count", n))})
}

// say shows the key when there is no sentence: it can be read out to whoever mends it, and no sale stops for it.
func (w *Words) say(c *i18n.LocalizeConfig) string {
	text, err := w.localizer.Localize(c)
	if err != nil && text == "" {
		return c.MessageID
	}
	return text
}

func places(args []any) map[string]any {
	data := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		data[fmt.Sprint(args[i])] = args[i+1]
	}
	return data
}
