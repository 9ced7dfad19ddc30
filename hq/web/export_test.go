package web

// KindWord lets a test ask for the word of every kind.
var KindWord = kindWord

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
