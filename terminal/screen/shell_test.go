package screen

import (
	"testing"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"
)

func TestShellKeepsItsPlacesWhateverTheTextsAndTheWidth(t *testing.T) {
	var shell *Shell
	left, right := NewBox(Surface, Surface, 0, 0), NewBox(Surface, Surface, 0, 0)
	w := show1024(t, Light, func() *Stage {
		shell = galleryShell(French)
		shell.Sides(left, right)
		s := NewStage(DefaultScanner, newHandClock())
		s.Present(shell, nil)
		return s
	})
	require.Equal(t, fyne.NewSize(512, 696), left.Size())
	require.Equal(t, fyne.NewSize(TicketWidth, 720), right.Size())
	chip, clock := rightEdge(shell.Top.Chip), rightEdge(shell.Top.clock)

	shell.Top.SetStatus(false, "Hors ligne depuis 10:42 · 143 en attente", true)
	shell.Top.SetCashier("Marie-Christine")
	shell.Rail.Speak(NewWords(English))
	require.InDelta(t, chip, rightEdge(shell.Top.Chip), 0.01)
	require.InDelta(t, clock, rightEdge(shell.Top.clock), 0.01)

	w.Resize(fyne.NewSize(1366, 768))
	require.Equal(t, float32(512+1366-1024), left.Size().Width)
	require.Equal(t, float32(TicketWidth), right.Size().Width)
	require.Equal(t, float32(RailWidth), shell.Rail.Size().Width)

	shell.Sides(left, nil)
	require.Equal(t, float32(1366-RailWidth), left.Size().Width)
}

func TestLightAndDarkChangeWhatIsShown(t *testing.T) {
	var box *Box
	var text *Label
	show1024(t, Light, func() *Stage {
		box, text = NewBox(Surface, Separator, 1, 8), NewLabel("Total", SizeTotal, Foreground, fyne.TextAlignLeading)
		s := NewStage(DefaultScanner, newHandClock())
		s.Present(NewGrid(1, 0, box, text), nil)
		return s
	})
	require.Equal(t, hex("FFFFFF"), box.rect.FillColor)
	fyne.CurrentApp().Settings().SetTheme(NewTheme(Dark))
	require.Equal(t, hex("18222A"), box.rect.FillColor)
	require.Equal(t, hex("EBF1F4"), text.text.Color)
}

func rightEdge(o fyne.CanvasObject) float32 { return o.Position().X + o.Size().Width }
