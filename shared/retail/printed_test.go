package retail_test

import (
	"testing"

	"comptant/shared/retail"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestAPrintedNumberIsReadAgain(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		want := retail.Printed{
			Store: rapid.StringMatching(`[A-Z0-9]{2,4}`).Draw(rt, "store"), Till: rapid.IntRange(1, 200).Draw(rt, "till"),
			Epoch: rapid.Uint64Range(1, 9999).Draw(rt, "epoch"), Number: rapid.Uint64Range(1, 9_999_999).Draw(rt, "number"),
		}
		got, ok := retail.ParseReceiptCode(want.Code())
		require.True(rt, ok)
		require.Equal(rt, want, got)
	})
	for _, code := range []string{"", "CV", "0012345678905", "CV-01-1", "CV-01-1-000000", "CV-x-1-1", "MAGASIN-1-1-1", "CV-1-1-1-1", "CV-01-1-99999999999"} {
		_, ok := retail.ParseReceiptCode(code)
		require.False(t, ok, code)
	}
	typed, ok := retail.ParseReceiptCode(" cv-1-1-42 ")
	require.True(t, ok)
	require.Equal(t, "CV-01-1-000042", typed.Code())
}
