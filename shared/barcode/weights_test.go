package barcode

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The tables are the products by 2, 3 and 5 whose tens are dropped, taken from the units (-) or added to them (+).
func TestWeightingFactors(t *testing.T) {
	for d := range 10 {
		mod := func(v int) int { return (v + 10) % 10 }
		require.Equal(t, mod(2*d%10-2*d/10), twoMinus[d], "2- of %d", d)
		require.Equal(t, mod(3*d), three[d], "3 of %d", d)
		require.Equal(t, mod(5*d%10-5*d/10), fiveMinus[d], "5- of %d", d)
		require.Equal(t, mod(5*d%10+5*d/10), fivePlus[d], "5+ of %d", d)
	}
}
