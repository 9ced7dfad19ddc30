// Package ui holds the parts every page of headquarters is built from: the page shell, figures, charts, tables,
// forms and messages, with their style sheet, fonts, scripts, icons and words.
//
// Parts take plain view models whose texts are already formatted. They know no domain, no database and no address of
// a page. Everything works without JavaScript; htmx makes parts of a page live.
//
// Invariants: no inline style, no inline script (the policy in ContentSecurityPolicy has no exception); status is icon
// and word before colour; every chart has a title and a table; every word exists in French and in English.
package ui

//go:generate go tool templ generate
