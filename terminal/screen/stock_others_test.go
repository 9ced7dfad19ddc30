package screen

import (
	"testing"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"
)

func TestStockTellsWhatOtherStoresHave(t *testing.T) {
	w := signedIn(t, Light, French)
	w.app.visit(PlaceStock)
	page := w.app.page.(*stock)
	require.Zero(t, page.detail.othersHeight(), "no product, no stores")
	w.scan(w.code("Sirop d’érable ambré"))
	for _, shown := range []string{"Magasin Nord", "31", "il y a 2 h 14", "Magasin Est", "rupture", "24 en transit", "surstock"} {
		require.Contains(t, w.texts(), shown)
	}
	w.press(fyne.KeyEscape)
	w.scan(w.code("Carnet"))
	require.Contains(t, w.texts(), "pas encore connu")
	require.NotContains(t, w.texts(), "rupture")
	w.goods.Locations = nil
	w.app.refresh()
	require.NotContains(t, w.texts(), "Autres magasins")
}
