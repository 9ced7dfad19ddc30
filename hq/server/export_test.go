package server

import (
	"maps"
	"net/http"
	"slices"
)

// Patterns are the patterns of everything that is served.
func (s *Server) Patterns(c Config) ([]string, error) {
	routes, err := s.routes(c, nil, newMetrics(s.store.DB, s.hub, c.Version))
	return slices.Sorted(maps.Keys[map[string]http.Handler](routes)), err
}
