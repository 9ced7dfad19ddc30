package page

import (
	"maps"
	"slices"
)

// Patterns are the patterns of everything that is served.
func Patterns() []string { return slices.Sorted(maps.Keys(new(site).handlers())) }
