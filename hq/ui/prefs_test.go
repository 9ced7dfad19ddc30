package ui

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLanguageComesFromTheCookieThenTheBrowser(t *testing.T) {
	for _, c := range []struct{ cookie, browser, want string }{
		{"", "", "fr"},
		{"", "en-CA,fr;q=0.5", "en"},
		{"", "de,en;q=0.8", "en"},
		{"", "de", "fr"},
		{"fr", "en", "fr"},
		{"xx", "en", "en"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Language", c.browser)
		r.AddCookie(&http.Cookie{Name: "lang", Value: c.cookie})
		var got string
		Preferences(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = Lang(r.Context()) })).ServeHTTP(httptest.NewRecorder(), r)
		require.Equal(t, c.want, got, c)
	}
}

func TestSetPreferencesGoesBackButNeverAway(t *testing.T) {
	for referer, want := range map[string]string{
		"https://hq.example/stock?q=a": "/stock?q=a",
		"https://hq.example//evil.com": "/evil.com",
		`https://hq.example/\evil.com`: "/evil.com",
		"javascript:alert(1)":          "/",
		"":                             "/",
	} {
		r := httptest.NewRequest("POST", "/prefs", strings.NewReader("theme=dark&lang=xx"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Referer", referer)
		w := httptest.NewRecorder()
		SetPreferences(w, r)
		require.Equal(t, http.StatusSeeOther, w.Code)
		require.Equal(t, want, w.Header().Get("Location"))
		require.Len(t, w.Result().Cookies(), 1, "an unknown language is not kept")
		require.Equal(t, "dark", w.Result().Cookies()[0].Value)
	}
}

func TestStaticFilesAreKeptOnlyUnderTheirOwnHash(t *testing.T) {
	get := func(path string) *http.Response {
		w := httptest.NewRecorder()
		Static().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Result()
	}
	require.Contains(t, get(Asset("app.css")).Header.Get("Cache-Control"), "immutable")
	old := get("/static/000000000000/app.css")
	require.Equal(t, http.StatusOK, old.StatusCode)
	require.Equal(t, "no-cache", old.Header.Get("Cache-Control"))
	require.Equal(t, http.StatusNotFound, get(Asset("nothing.css")).StatusCode)
	require.Equal(t, http.StatusNotFound, get(Asset("")).StatusCode)
}
