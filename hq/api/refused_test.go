package api_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/api"
)

// What is refused before an operation sees it is said in the language that is asked for: of every operation, whatever is wrong.
func TestRefusalsAreInWords(t *testing.T) {
	w := newWorld(t)
	type refusal struct {
		Type, Detail string
		Errors       []struct{ Message, Location string }
	}
	english := regexp.MustCompile(`(?i)\b(expected|invalid|required|unexpected|unknown|validation|request|missing)\b`)
	met := map[string]bool{}
	ask := func(method, path, body string, headers ...string) {
		t.Helper()
		w.now = w.now.Add(time.Second) // or it would be asked too often
		a := w.ask(method, path, body, append(headers, "Accept-Language", "fr")...)
		require.NotEqual(t, http.StatusTooManyRequests, a.status)
		if a.header.Get("Content-Type") != "application/problem+json" {
			return
		}
		p := read[refusal](a)
		require.NotRegexp(t, english, p.Detail, "%s %s: %s", method, path, a.body)
		for _, e := range p.Errors {
			require.NotRegexp(t, english, e.Message, "%s %s: %s", method, path, a.body)
			met[e.Message] = true
		}
		if a.status == http.StatusBadRequest || a.status == http.StatusUnprocessableEntity {
			require.NotEmpty(t, p.Type, "%s", a.body)
		}
	}
	bodies := []string{
		"", "{", "[]", `"x"`, "{}", `{"weather": 1}`,
		`{"name": 7, "sku": "", "lines": {}, "price": {"amount": "x", "currency": "DOLLARS"}, "store": "x", "from": "x", "email": "x", "to": "x",
			"category": 1, "tax_class": 77, "quantity": 0, "number": 1000, "state": "x", "role": "king", "pin": "abcd", "on": "yes", "scopes": [], "why": ""}`,
	}
	fill := strings.NewReplacer("{version}", "x", "{code}", strings.Repeat("9", 40), "{receipt}", "x", "{exception}", "x", "{session}", "x")
	for pattern, methods := range w.document.Paths {
		for _, id := range []string{"x", uuid.NewString()} {
			path := fill.Replace(pattern)
			for strings.Contains(path, "{") {
				before, after, _ := strings.Cut(path, "{")
				_, after, _ = strings.Cut(after, "}")
				path = before + id + after
			}
			for method := range methods {
				method = strings.ToUpper(method)
				if method != http.MethodGet && method != http.MethodDelete {
					for _, body := range bodies {
						kind := "application/json"
						if method == http.MethodPatch {
							kind = "application/merge-patch+json"
						}
						ask(method, api.Root+path, body, "Content-Type", kind)
					}
					ask(method, api.Root+path, "a: 1", "Content-Type", "application/yaml")
				}
				for _, query := range []string{
					"?weather=1", "?limit=0", "?limit=1000", "?limit=x", "?store=x&location=x&till=x", "?from=x&to=x", "?days=x", "?each=x&kind=x&alert=x", "?currency=DOLLARS",
					"?limit=1&limit=2", "?stolen=x&on_the_way=x&retired=x",
				} {
					ask(method, api.Root+path+query, "")
				}
			}
		}
	}
	require.Greater(t, len(met), 25, "%v", met)
	large := `{"name": "` + strings.Repeat("x", 300<<10) + `"}`
	for lang, want := range map[string]string{"fr": "Le corps de la requête est trop grand", "en": "The body of the request is too large"} {
		p := read[refusal](w.post("/categories", large, "Accept-Language", lang).is(http.StatusRequestEntityTooLarge))
		require.Contains(t, p.Detail, want)
		require.Equal(t, "urn:comptant:request.too_large", p.Type)
	}
	p := read[refusal](w.post("/categories", `{"name": {"fr": "x"}, "order": "x", "weather": 1}`, "Accept-Language", "en").is(http.StatusUnprocessableEntity))
	require.Equal(t, "urn:comptant:request.refused", p.Type)
}
