package api

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// reference serves the document.
func (s *site) reference(mux *http.ServeMux) error {
	asJSON, err := json.MarshalIndent(s.api.OpenAPI(), "", "  ")
	if err != nil {
		return fmt.Errorf("write the document of the API: %w", err)
	}
	asYAML, err := s.api.OpenAPI().YAML()
	if err != nil {
		return fmt.Errorf("write the document of the API: %w", err)
	}
	for path, file := range map[string]struct {
		kind    string
		content []byte
	}{
		Root + "/openapi.json": {"application/openapi+json", append(asJSON, '\n')}, Root + "/openapi.yaml": {"application/openapi+yaml", asYAML},
	} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", file.kind)
			_, _ = w.Write(file.content) // the client has gone
		})
	}
	return nil
}
