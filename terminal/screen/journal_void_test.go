package screen

import (
	"testing"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"

	"comptant/shared/retail"
)

func TestTheLastSaleIsVoidedFromTheJournal(t *testing.T) {
	w := signedIn(t, Light, French)
	w.sellSome()
	w.app.visit(PlaceJournal)
	w.settle()
	j := w.app.page.(*journalPage)
	require.True(t, j.void.Visible())
	w.press(fyne.KeyDown)
	require.False(t, j.void.Visible(), "only the last")
	w.press(fyne.KeyUp)
	w.tap(j.void)
	require.Empty(t, bodies[retail.Void](w.journal))
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	voids := bodies[retail.Void](w.journal)
	require.Len(t, voids, 1)
	require.Equal(t, []any{uint64(6), id(3), "mistake"}, []any{voids[0].Receipt.Number, voids[0].Approver, voids[0].Reason})
	require.False(t, j.void.Visible(), "once")
	require.True(t, j.receipts[0].Voided)

	require.True(t, w.printer.Printed[len(w.printer.Printed)-1].Void, "its slip came out")
	require.True(t, j.slip.Visible())
	w.settle()
	w.tap(j.slip)
	again := w.printer.Printed[len(w.printer.Printed)-1]
	require.Equal(t, []bool{true, true}, []bool{again.Void, again.Copy})
	w.press(fyne.KeyDown)
	require.False(t, j.slip.Visible())
}
