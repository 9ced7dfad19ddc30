package screen

import (
	"testing"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// returning leads to the screen of goods without a receipt.
func returning(t *testing.T) (*world, *goodsBack) {
	w := newWorld(t, Light)
	w.signIn(id(3))
	w.app.visit(PlaceJournal)
	w.press(fyne.KeyF7)
	w.settle()
	return w, w.app.page.(*goodsBack)
}

// Goods without a receipt: scanned or typed, at today's prices, and a supervisor answers for it whoever is signed in.
func TestGoodsComeBackWithoutAReceipt(t *testing.T) {
	w, g := returning(t)
	require.True(t, g.accept.Spec().Off)
	w.press(fyne.KeyDown, fyne.KeyReturn, fyne.KeyF8, fyne.KeyDelete, fyne.KeyF9)
	w.scan(w.code("Carnet"), w.code("Carnet"), "9999999999994")
	require.NotEmpty(t, g.said)
	w.typeIn(w.product("Muffin").SKU)
	w.press(fyne.KeyReturn)
	require.Len(t, g.goods, 2)
	w.typeIn("+")
	w.typeIn("--")
	require.Len(t, g.goods, 1, "none of it is taken off the list")
	w.press(fyne.KeyF9)
	require.True(t, w.app.stage.Modal())
	require.Empty(t, bodies[retail.Refund](w.journal))
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	refunds := bodies[retail.Refund](w.journal)
	require.Len(t, refunds, 1)
	require.False(t, refunds[0].Receipted())
	require.False(t, refunds[0].WriteOff, "it goes back on the shelf")
	require.Equal(t, []retail.RefundPart{{Of: 0, Quantity: 2 * money.One}}, refunds[0].Parts())
	require.Equal(t, retail.TenderCash, refunds[0].Tenders[0].Kind)
	require.NotZero(t, refunds[0].Approver)
}

func TestGoodsAreLookedForAsForASale(t *testing.T) {
	w, g := returning(t)
	w.typeIn("carnet")
	require.NotEmpty(t, g.products.results)
	w.press(fyne.KeyReturn)
	require.Equal(t, w.product("Carnet").ID, g.goods[0].Product.ID)
	require.Empty(t, g.products.typed)
	w.typeIn("3*")
	g.products.pick(g.products.tiles[0].Product)
	require.Equal(t, 3*money.One, g.goods[1].Quantity)
	require.Equal(t, 1, g.chosen)
	w.typeIn("0,5*")
	w.scan(w.code("Carnet"))
	require.NotEmpty(t, g.said, "half a notebook")
	w.typeIn("x")
	w.press(fyne.KeyEscape)
	require.Same(t, g, w.app.page.(*goodsBack), "what was typed goes first")
}

// What a person agrees to is the price of one, and what it costs today stays beside it.
func TestGoodsComeBackAtAnAgreedPrice(t *testing.T) {
	w, g := returning(t)
	w.scan(w.code("Carnet"))
	today := g.goods[0].Product.Price
	w.press(fyne.KeyF8, fyne.KeyReturn)
	require.Equal(t, today, g.worth.Lines[0].Line.UnitPrice, "what is proposed")
	w.press(fyne.KeyF8)
	w.typeIn("0")
	w.press(fyne.KeyReturn)
	require.True(t, w.app.stage.Modal(), "for nothing is no price")
	w.press(fyne.KeyBackspace)
	w.typeIn("500")
	w.press(fyne.KeyReturn, fyne.KeyF9)
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	line := bodies[retail.Refund](w.journal)[0].Lines[0].Line
	require.Equal(t, []any{money.Amount(500), today, "agreed"}, []any{line.UnitPrice, line.List, line.Reason})
}

// Money goes back to a card once somebody has answered for it, and what the terminal printed is kept.
func TestGoodsComeBackToACard(t *testing.T) {
	w, g := returning(t)
	w.scan(w.code("Carnet"))
	g.choosePay(retail.TenderCard)
	w.press(fyne.KeyF9)
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	require.True(t, w.app.stage.Modal())
	require.Empty(t, bodies[retail.Refund](w.journal))
	w.press(fyne.KeyEscape)
	require.Same(t, g, w.app.page.(*goodsBack), "the terminal refused")
	w.press(fyne.KeyF9)
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	w.typeIn("R83214")
	w.press(fyne.KeyDown)
	w.typeIn("4417x")
	w.press(fyne.KeyReturn)
	refunds := bodies[retail.Refund](w.journal)
	require.Len(t, refunds, 1)
	paid := refunds[0].Tenders[0]
	require.Equal(t, []any{retail.TenderCard, "R83214", "4417"}, []any{paid.Kind, paid.Approval, paid.LastFour})
	require.NotZero(t, refunds[0].Approver)
}
