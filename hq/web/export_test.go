package web

import (
	"fmt"
	"maps"
	"slices"

	"comptant/hq/importer"
	"comptant/hq/users"
	"comptant/shared/money"
)

// KindWord lets a test ask for the word of every kind.
var KindWord = kindWord

// AllPatterns are the patterns of everything that is served.
func AllPatterns() []string { return slices.Sorted(maps.Keys(new(site).handlers())) }

// ActionKeys lets a test ask for the word of every action.
var ActionKeys = actionKeys

// OutsidePatterns are the patterns of every route that needs none.
func OutsidePatterns() []string {
	var all []string
	for _, r := range new(site).outsideRoutes() {
		all = append(all, r.pattern)
	}
	return all
}

// Patterns are the patterns of every route that needs a person.
func Patterns() []string {
	var all []string
	for _, r := range new(site).routes() {
		all = append(all, r.pattern)
	}
	return all
}

// Actions is what it takes to use each of them.
func Actions() map[string]users.Action {
	all := map[string]users.Action{}
	for _, r := range new(site).routes() {
		all[r.pattern] = r.action
	}
	return all
}

// ImportWords are the words of kinds of file, of what to do about bad rows, and of columns.
func ImportWords() (kinds map[importer.Kind]string, remedies map[importer.Remedy]string, columns map[string]string) {
	return kindWords, remedyWords, columnWords
}

// ReadCode reads one line of scanned, typed or pasted goods: code, quantity, cost.
func ReadCode(text string) [3]string {
	c := readCodes(text)[0]
	return [3]string{c.code, c.quantity, c.cost}
}

// PricePer is the price of a content and what it is of, in words; empty where the name says none.
func PricePer(price money.Amount, name string) string {
	per, unit, ok := pricePer(price, name)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d %s", per, unit)
}

// BarsOf counts the bars of a code, and the modules it is wide.
func BarsOf(code string) (bars, width int) {
	drawn, width := barsOf(code)
	return len(drawn), width
}
