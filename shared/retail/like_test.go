package retail_test

import (
	"testing"

	"comptant/shared/retail"

	"github.com/stretchr/testify/require"
)

func TestWhatACustomerKnowsOfAReceipt(t *testing.T) {
	for text, want := range map[string]retail.ReceiptLike{
		"2026-11-22":      {Day: 20261122},
		"43,90 $":         {Paid: 4390},
		"$43.90":          {Paid: 4390},
		"4390":            {Paid: 4390, LastFour: "4390", Number: 4390},
		"0021":            {Paid: 21, LastFour: "0021", Number: 21},
		"2026-11-22 4417": {Day: 20261122, Paid: 4417, LastFour: "4417", Number: 4417},
		"17":              {Paid: 17, Number: 17},
		"  7\u00a0":       {Paid: 7, Number: 7},
	} {
		like, ok := retail.ParseReceiptLike(text)
		require.True(t, ok, text)
		require.Equal(t, want, like, text)
	}
	for _, text := range []string{"", "Marie", "12 13", "-4", "99999999999999", "2026-11-22 2026-11-23"} {
		_, ok := retail.ParseReceiptLike(text)
		require.False(t, ok, text)
	}
}
