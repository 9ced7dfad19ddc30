package screen

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// david may count by himself.
var david = id(4)

// countShelf leads David to the count.
func (w *world) countShelf() *shelfCount {
	w.t.Helper()
	lang := w.app.words.Language
	w.app.lock()
	w.settle()
	w.signIn(david)
	w.app.speak(lang)
	w.app.visit(PlaceStock)
	w.press(fyne.KeyF6)
	w.settle()
	page, ok := w.app.page.(*shelfCount)
	require.True(w.t, ok, "%T", w.app.page)
	return page
}

func TestCountByScanning(t *testing.T) {
	w := signedIn(t, Light, French)
	page := w.countShelf()
	require.True(t, page.none.Visible())
	syrup, soap := w.code("Sirop d’érable ambré"), w.code("Savon")
	w.press(fyne.KeyReturn, fyne.KeyDelete, fyne.KeyF6, fyne.KeyF9)
	require.False(t, w.app.stage.Modal(), "there is nothing to confirm, drop, count again or finish")
	w.typeIn("12*")
	w.scan(syrup, syrup)
	w.press(fyne.KeyF9)
	require.False(t, w.app.stage.Modal(), "an open line is confirmed first")
	w.scan(soap)
	require.NotNil(t, page.said, "one product at a time")
	require.Equal(t, 13*money.One, page.openQuantity())
	require.Empty(t, bodies[retail.Count](w.journal))
	require.NotContains(t, w.texts(), "prévu 16", "nobody is told before the line is confirmed")

	w.press(fyne.KeyReturn)
	require.Len(t, bodies[retail.Count](w.journal), 1)
	require.Contains(t, w.texts(), "prévu 16")
	w.press(fyne.KeyReturn)
	require.Len(t, bodies[retail.Count](w.journal), 1, "a second press confirms nothing")

	// What is typed is all there is; a scan adds to it. Before a line is begun there is nothing it could be about.
	w.typeIn("7")
	w.scan(soap)
	require.Equal(t, money.One, page.openQuantity())
	w.typeIn("40")
	w.scan(soap)
	w.typeIn("+-+")
	require.Equal(t, 42*money.One, page.openQuantity())
	w.press(fyne.KeyReturn)

	// Counted again.
	w.press(fyne.KeyDown, fyne.KeyF6)
	require.Zero(t, page.openQuantity())
	w.typeIn("17")
	w.press(fyne.KeyReturn)
	counts := bodies[retail.Count](w.journal)
	require.Len(t, counts, 3)
	require.Equal(t, w.product("Sirop d’érable ambré").ID, counts[2].Product)
	require.Equal(t, 17*money.One, counts[2].Quantity)

	w.press(fyne.KeyF9, fyne.KeyReturn)
	require.IsType(t, &stock{}, w.app.page)
	counts = bodies[retail.Count](w.journal)
	require.Len(t, counts, 4)
	require.True(t, counts[3].Done)
	_, goesOn := w.app.Till.StockCount()
	require.False(t, goesOn)
}

// A count goes on while the store sells, and begins with the product that was looked for.
func TestCountBesideSelling(t *testing.T) {
	w := signedIn(t, Light, French)
	w.countShelf()
	w.scan(w.code("Carnet"), w.code("Carnet"))
	w.press(fyne.KeyEscape, fyne.KeyEscape)
	require.IsType(t, &sell{}, w.app.page)
	w.scan(w.code("Savon"))
	w.press(fyne.KeyF9, fyne.KeyReturn)
	w.app.visit(PlaceStock)
	w.settle()
	w.press(fyne.KeyF6)
	page := w.app.page.(*shelfCount)
	require.Equal(t, 2*money.One, page.openQuantity())
	w.typeIn("3")
	w.press(fyne.KeyEscape)
	require.IsType(t, page, w.app.page, "what was typed goes first")
	w.press(fyne.KeyDelete)
	require.True(t, w.app.stage.Modal())
	w.press(fyne.KeyReturn)
	require.True(t, w.app.stage.Modal(), "Enter loses nothing")
	w.tapAccept()
	require.Equal(t, uuid.Nil, page.openProduct())

	w.press(fyne.KeyEscape)
	w.scan(w.code("Beurre"))
	w.press(fyne.KeyF6)
	page = w.app.page.(*shelfCount)
	require.Equal(t, w.product("Beurre").ID, page.openProduct())
	w.press(fyne.KeyReturn)
	counts := bodies[retail.Count](w.journal)
	require.Len(t, counts, 1)
	require.Zero(t, counts[0].Quantity, "there is none, and that is counted")

	w.press(fyne.KeyF8, fyne.KeyEscape)
	require.IsType(t, page, w.app.page)
	w.press(fyne.KeyF8)
	w.tapAccept()
	require.IsType(t, &stock{}, w.app.page)
	require.True(t, bodies[retail.Count](w.journal)[1].Done)
}

func TestWhoMayNotCountAsks(t *testing.T) {
	w := signedIn(t, Light, French)
	w.app.visit(PlaceStock)
	w.press(fyne.KeyF6)
	require.IsType(t, &stock{}, w.app.page)
	require.True(t, w.app.stage.Modal())
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	require.IsType(t, &shelfCount{}, w.app.page)
	require.Equal(t, retail.DeedCount, bodies[retail.Override](w.journal)[0].Deed)
}

func (s *shelfCount) openQuantity() money.Quantity {
	open, _ := s.count.Open()
	return open.Quantity
}

func (s *shelfCount) openProduct() uuid.UUID {
	open, _ := s.count.Open()
	return open.Product.ID
}

// tapAccept touches the button of a dialog that goes ahead.
func (w *world) tapAccept() {
	w.t.Helper()
	over := w.app.stage.over
	require.NotEmpty(w.t, over)
	over[len(over)-1].(*Dialog).accept.Tapped(nil)
}

// texts are those that can be seen.
func (w *world) texts() []string {
	var all []string
	var look func(o fyne.CanvasObject)
	look = func(o fyne.CanvasObject) {
		if !o.Visible() {
			return
		}
		switch o := o.(type) {
		case *canvas.Text:
			all = append(all, o.Text)
		case fyne.Widget:
			for _, child := range test.WidgetRenderer(o).Objects() {
				look(child)
			}
		case *fyne.Container:
			for _, child := range o.Objects {
				look(child)
			}
		}
	}
	look(w.window.Canvas().Content())
	return all
}
