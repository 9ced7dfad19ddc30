package till_test

import (
	"testing"

	"comptant/shared/barcode"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// scaleOf prints labels for item n under a prefix.
func scaleOf(prefix string, digits int, v barcode.Value, checked bool) barcode.Scheme {
	return barcode.Scheme{Prefix: prefix, Item: 5, Digits: digits, Value: v, PriceCheck: checked}
}

func labelWorld(t *testing.T, scale barcode.Scheme, label retail.Label, weighed bool) *world {
	w := signedIn(t)
	ham := product(17, "Jambon", "Ham", 2199, retail.ZeroRated)
	e, ok := barcode.ParseEmbedded(scale.Make(417, 0), scale)
	require.True(t, ok)
	ham.Barcodes, ham.Label, ham.Weighed = []string{e.GTIN}, label, weighed
	w.goods.Products = append(w.goods.Products, ham)
	return w
}

func TestAWeightOnALabel(t *testing.T) {
	scale := scaleOf("21", 5, barcode.Weight, false)
	w := labelWorld(t, scale, retail.LabelWeight, true)
	w.scan(scale.Make(417, 352), scale.Make(417, 1080))
	k := w.Ticket()
	require.Equal(t, []money.Quantity{352, 1080}, []money.Quantity{k.Lines[0].Quantity, k.Lines[1].Quantity})
	require.EqualValues(t, 774, k.Lines[0].Amount)
	require.Equal(t, 2, k.Items)
}

func TestAPriceOnALabelIsCharged(t *testing.T) {
	for _, prefix := range []string{"02", "24"} {
		for _, weighed := range []bool{false, true} {
			scale := scaleOf(prefix, 4, barcode.Price, true)
			w := labelWorld(t, scale, retail.LabelChecked, weighed)
			rapid.Check(t, func(r *rapid.T) {
				price := rapid.Int64Range(1, 9999).Draw(r, "price")
				w.scan(scale.Make(417, price))
				require.EqualValues(r, price, w.Ticket().Lines[0].Amount)
				require.NoError(r, w.Clear())
			})
		}
	}
}

func TestALabelThatWasMisreadIsUnknown(t *testing.T) {
	scale := scaleOf("02", 4, barcode.Price, true)
	w := labelWorld(t, scale, retail.LabelChecked, false)
	code := []byte(scale.Make(417, 1234))
	code[8]++ // a digit of the price; the check digit of the code is made right again
	code[12] = barcode.CheckDigit(string(code[:12]))
	s, err := w.Scan(t.Context(), string(code))
	require.NoError(t, err)
	require.False(t, s.Known)
	s, err = w.Scan(t.Context(), scaleOf("02", 4, barcode.Price, true).Make(418, 1234))
	require.NoError(t, err)
	require.False(t, s.Known, "another item")
}
