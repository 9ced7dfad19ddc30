package ui

import (
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Legible has refuse answer a request whose address or form has what is no text, before anything is done with it: bytes that are not UTF-8,
// or NUL, which no browser sends and Postgres keeps in no column. It goes inside what bounds the body.
func Legible(next http.Handler, refuse http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil || !isText(r.URL.Path) || !areText(query) {
			refuse(w, r)
			return
		}
		// A form with a file is read by the page that takes it.
		if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/x-www-form-urlencoded" {
			if r.ParseForm() == nil && !areText(r.PostForm) {
				refuse(w, r)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// RefuseText says that what came is no text.
func RefuseText(w http.ResponseWriter, r *http.Request) {
	http.Error(w, T(r.Context(), "error.invalid"), http.StatusBadRequest)
}

func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

func areText(form url.Values) bool {
	for name, values := range form {
		if !isText(name) || !isText(strings.Join(values, "")) {
			return false
		}
	}
	return true
}
