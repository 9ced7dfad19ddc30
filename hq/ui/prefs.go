package ui

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/text/language"
)

// Prefs is what a person chose about the look of all pages. It lives in cookies, so it works before sign-in.
type Prefs struct {
	Lang  string // "fr" or "en"
	Theme string // "light", "dark", or "" to follow the system
}

type prefsKey struct{}

var accepted = language.NewMatcher([]language.Tag{language.French, language.English})

// WithPrefs returns a context in which parts are written in p.
func WithPrefs(ctx context.Context, p Prefs) context.Context {
	return context.WithValue(ctx, prefsKey{}, p)
}

func prefsOf(ctx context.Context) Prefs {
	p, ok := ctx.Value(prefsKey{}).(Prefs)
	if !ok {
		return Prefs{Lang: "fr"}
	}
	return p
}

// Lang is the language of the page being written: "fr" or "en".
func Lang(ctx context.Context) string { return prefsOf(ctx).Lang }

// Theme is how the page being written looks: "light", "dark", or "" to follow the system.
func Theme(ctx context.Context) string { return prefsOf(ctx).Theme }

// Preferences reads language and theme from the cookies "lang" and "theme". Without the first, the browser's languages
// decide.
func Preferences(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := Prefs{Lang: cookie(r, "lang", "fr", "en"), Theme: cookie(r, "theme", "light", "dark")}
		if p.Lang == "" {
			p.Lang = preferred(r.Header.Get("Accept-Language"))
		}
		next.ServeHTTP(w, r.WithContext(WithPrefs(r.Context(), p)))
	})
}

// preferred is what a browser's languages come to. Programs name none.
func preferred(languages string) string {
	if languages == "" {
		return "fr"
	}
	wanted, _, err := language.ParseAcceptLanguage(languages)
	if _, index, confidence := accepted.Match(wanted...); err == nil && confidence > language.No && index == 1 {
		return "en"
	}
	return "fr"
}

// SetPreferences answers POST /prefs: it keeps "lang" or "theme" in a cookie for a year and goes back to the page the
// form was on.
func SetPreferences(w http.ResponseWriter, r *http.Request) {
	for name, allowed := range map[string][]string{"lang": {"fr", "en"}, "theme": {"light", "dark"}} {
		if value := oneOf(r.FormValue(name), allowed...); value != "" {
			http.SetCookie(w, &http.Cookie{
				Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true,
				Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
			})
		}
	}
	http.Redirect(w, r, localPage(r.Referer()), http.StatusSeeOther)
}

// localPage keeps path and query of an address, so that a forged one never leads to another host.
func localPage(address string) string {
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(u.Path, "/") {
		return "/"
	}
	return (&url.URL{Path: "/" + strings.TrimLeft(u.Path, "/\\"), RawQuery: u.RawQuery}).String()
}

func cookie(r *http.Request, name string, allowed ...string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return oneOf(c.Value, allowed...)
}

func oneOf(value string, allowed ...string) string {
	for _, a := range allowed {
		if a == value {
			return a
		}
	}
	return ""
}
