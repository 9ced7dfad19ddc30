package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/api"
	"comptant/hq/pgtest"
	"comptant/hq/pgtest/hostile"
	"comptant/hq/users"
)

// Whatever a program sends to whichever operation is answered as the document says, and never becomes a part of a statement.
func TestNothingSentBreaksAnything(t *testing.T) {
	var watch hostile.Watch
	w := newWorldOn(t, pgtest.Watched(t, watch.See), watch.Log())
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var document struct {
		Paths map[string]map[string]struct {
			Parameters  []struct{ Name, In string }
			RequestBody struct {
				Content map[string]struct {
					Schema struct {
						Ref string `json:"$ref"`
					}
				}
			}
		}
		Components struct {
			Schemas map[string]struct{ Properties map[string]struct{ Type any } }
		}
	}
	require.NoError(t, json.Unmarshal(w.document.raw, &document))
	rounds := 3
	if !testing.Short() {
		rounds = 40
	}
	known := []string{w.north.ID.String(), w.depot.ID.String(), w.syrup.ID.String(), w.grocery.ID.String(), uuid.NewString()}
	value := func() any {
		switch random.IntN(12) {
		case 0:
			return random.Int64() - random.Int64()
		case 1:
			return []any{hostile.Value(random), nil}
		case 2:
			return map[string]any{hostile.Mark: hostile.Value(random)}
		case 3:
			return nil
		case 4:
			return map[string]any{"amount": random.IntN(2000) - 1000, "currency": "CAD"}
		case 5, 6:
			return known[random.IntN(len(known))]
		case 7:
			return random.IntN(10)
		}
		return hostile.Value(random)
	}
	for _, path := range slices.Sorted(maps.Keys(document.Paths)) {
		for method, op := range document.Paths[path] {
			for range rounds {
				w.token = w.newToken(users.Scopes...) // each may ask so often
				address, query := path, url.Values{}
				for _, p := range op.Parameters {
					switch {
					case p.In == "path" && random.IntN(3) > 0:
						address = strings.ReplaceAll(address, "{"+p.Name+"}", known[random.IntN(len(known))])
					case p.In == "path":
						typed := hostile.Value(random)
						address = strings.ReplaceAll(address, "{"+p.Name+"}", url.PathEscape(typed[:min(len(typed), 60)]))
					case p.In == "query" && random.IntN(2) == 0:
						query.Set(p.Name, hostile.Value(random))
					}
				}
				var body any
				if content, ok := op.RequestBody.Content["application/json"]; ok {
					fields := map[string]any{}
					for name := range document.Components.Schemas[strings.TrimPrefix(content.Schema.Ref, "#/components/schemas/")].Properties {
						if random.IntN(5) > 0 {
							fields[name] = value()
						}
					}
					body = fields
					if random.IntN(6) == 0 {
						body = hostile.Value(random) // no JSON at all
					}
				}
				what := method + " " + address + "?" + query.Encode()
				sent, err := json.Marshal(body)
				require.NoError(t, err)
				what = what[:min(len(what), 300)] + " " + string(sent[:min(len(sent), 600)])
				if text, ok := body.(string); ok {
					sent = []byte(text)
				}
				r, err := http.NewRequestWithContext(t.Context(), strings.ToUpper(method), w.server.URL+api.Root+address+"?"+query.Encode(), bytes.NewReader(sent))
				require.NoError(t, err)
				r.Header.Set("Authorization", "Bearer "+w.token)
				r.Header.Set("Content-Type", "application/json")
				resp, err := http.DefaultClient.Do(r)
				require.NoError(t, err)
				answer, err := io.ReadAll(resp.Body)
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
				require.Less(t, resp.StatusCode, 500, "%s: %s", what, answer)
				require.Empty(t, watch.Found(), what)
			}
		}
	}
}
