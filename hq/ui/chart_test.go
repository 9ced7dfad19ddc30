package ui

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Whatever the values, also when refunds exceed sales, the scale holds them all and zero, with few round lines.
func TestScaleHoldsEveryValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOf(rapid.Int64Range(-1e12, 1e12)).Draw(t, "values")
		var points []Point
		for _, v := range values {
			points = append(points, Point{Now: v})
		}
		s := scaleOf(points)
		require.LessOrEqual(t, len(s.grid()), 7)
		require.Contains(t, s.grid(), int64(0))
		for _, v := range values {
			top, height := s.bar(v)
			require.GreaterOrEqual(t, top, 0.0)
			require.LessOrEqual(t, top+height, 100.000001)
		}
	})
}
