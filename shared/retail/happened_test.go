package retail_test

import (
	"slices"
	"testing"

	"comptant/shared/retail"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func drawHappened(t *rapid.T) retail.Happened {
	return retail.Happened{
		At: rapid.Int64Range(0, 5).Draw(t, "at"), Till: uuid.UUID{rapid.Byte().Draw(t, "till") % 3},
		Epoch: rapid.Uint64Range(1, 2).Draw(t, "epoch"), Seq: rapid.Uint64Range(1, 4).Draw(t, "seq"), Ref: uuid.UUID{rapid.Byte().Draw(t, "ref")},
	}
}

// Of two things one is after the other, and what one till did has the order of its journal.
func TestAfterIsAnOrderOfTwo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawHappened(t), drawHappened(t)
		if a.Ref != b.Ref {
			require.NotEqual(t, a.After(b), b.After(a))
		}
		b.Till, b.Epoch, b.Seq = a.Till, a.Epoch, a.Seq+1
		require.Equal(t, a.Till != uuid.Nil || b.At > a.At || b.At == a.At && b.Ref[0] > a.Ref[0], b.After(a))
	})
}

// The order of counts does not depend on the order in which they come, and no till's count is before an earlier one of its.
func TestByCountIsOfTheSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfNDistinct(rapid.Custom(drawHappened), 1, 6, func(h retail.Happened) uuid.UUID { return h.Ref }).Draw(t, "counts")
		same := func(h retail.Happened) retail.Happened { return h }
		mixed := rapid.Permutation(slices.Clone(all)).Draw(t, "mixed")
		retail.ByCount(all, same)
		retail.ByCount(mixed, same)
		require.Equal(t, all, mixed)
		for i, a := range all {
			for _, b := range all[i+1:] {
				require.False(t, a.Till == b.Till && a.After(b), "%v before %v", a, b)
			}
		}
	})
}
