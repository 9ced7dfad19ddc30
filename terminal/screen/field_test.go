package screen

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/stretchr/testify/require"
)

func TestEntry(t *testing.T) {
	var seen []string
	e := Entry{Max: 6, Digits: true, Changed: func(s string) { seen = append(seen, s) }}
	for _, r := range "12a34567" {
		e.Typed(r)
	}
	require.Equal(t, "123456", e.Text())
	e.Erase()
	require.Equal(t, "12345", e.Text())
	e.Clear()
	e.Clear()
	require.Equal(t, []string{"1", "12", "123", "1234", "12345", "123456", "12345", ""}, seen)
}

func TestSearchFieldTakesAMultiplier(t *testing.T) {
	for text, want := range map[string]string{
		"3*": "3", "3 *": "3", "1,5*": "1,5", "*": "", "3": "", "coffee*": "", "3*4": "", "": "",
	} {
		f := NewSearchField("", "F2", nil)
		f.SetText(text)
		got, ok := f.TakeMultiplier()
		require.Equal(t, want, got, text)
		require.Equal(t, want != "", ok, text)
		if ok {
			require.Empty(t, f.Text())
		}
	}
}

func TestKeypadTypesLikeTheKeyboard(t *testing.T) {
	for order, want := range map[Order]string{CalculatorOrder: "7894561230", PhoneOrder: "1234567890"} {
		target := &notes{}
		spec := KeypadSpec{Order: order, Target: target, Left: NewButton(ButtonSpec{})}
		spec.Right = NewBackspace(spec, Quiet)
		for _, o := range NewKeypad(spec).(*fyne.Container).Objects {
			test.Tap(o.(fyne.Tappable))
		}
		typed := ""
		for _, s := range target.got {
			typed += s
		}
		require.Equal(t, want+"["+string(fyne.KeyBackspace)+"]", typed)
	}
}

func TestButtonThatIsOffDoesNothing(t *testing.T) {
	pressed := 0
	b := NewButton(ButtonSpec{Text: "Pay", Off: true, Pressed: func() { pressed++ }})
	test.Tap(b)
	require.Zero(t, pressed)
	b.Update(func(s *ButtonSpec) { s.Off = false })
	test.Tap(b)
	require.Equal(t, 1, pressed)
}

func TestNamesGiveWay(t *testing.T) {
	require.Equal(t, "Sirop", ellipsis("Sirop", 500, SizeBody, fyne.TextStyle{}))
	cut := ellipsis("Sirop d’érable ambré, 540 ml", 100, SizeBody, fyne.TextStyle{})
	require.Regexp(t, `^Sirop.*…$`, cut)
	require.LessOrEqual(t, fyne.MeasureText(cut, SizeBody, fyne.TextStyle{}).Width, float32(100))
	require.Equal(t, []string{"Croissant au", "beurre"}, wrap("Croissant au beurre", 2, 104, 13))
	require.Equal(t, "–5,99", NewLabel("\u22125,99", SizeBody, Foreground, fyne.TextAlignLeading).full)
}

func TestEmphasizeFindsWhatWasTyped(t *testing.T) {
	require.Equal(t, []part{{"Beurre d’", false}, {"Érab", true}, {"le", false}}, emphasize("Beurre d’Érable", "erab"))
	require.Equal(t, []part{{"Cof", true}, {"fee, ", false}, {"dark", true}}, emphasize("Coffee, dark", "dark COF"))
	require.Equal(t, []part{{"Coffee", false}}, emphasize("Coffee", "tea"))
}

func TestInitialsKeepTheirColour(t *testing.T) {
	require.Equal(t, initialsColour("Boissons"), initialsColour("Boissons"))
	require.Equal(t, "Ca", firstLetters(" café", 2))
	require.Equal(t, "É", firstLetters("émile", 1))
}
