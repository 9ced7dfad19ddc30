package screen

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The disk is shown where it is known, and one that is nearly full is said in words.
func TestStatusSaysWhatIsKnownOfTheDisk(t *testing.T) {
	w := signedIn(t, Light, French)
	lines := func() map[string]string {
		w.app.closeDialogs()
		w.app.showStatus()
		said := map[string]string{}
		for _, f := range w.app.panel.facts {
			said[f.caption.full] = f.saying.full
		}
		return said
	}
	require.NotContains(t, lines(), "Espace libre")
	w.free = 12_340_000_000
	require.Equal(t, "12,3 Go", lines()["Espace libre"])
	require.NotContains(t, lines(), "Dernière sauvegarde")
	w.free = 100_000_000
	w.app.refreshTop()
	require.Equal(t, Bad, w.app.panel.dialog.text.lines.Objects[0].(*Label).colour)
}

func TestStatusSaysThatTheProgramIsTooOld(t *testing.T) {
	for lang, want := range map[Language]string{French: "mettre à jour pour recevoir les prix", English: "update to get new prices"} {
		w := signedIn(t, Light, lang)
		w.app.showStatus()
		app := w.app.panel.facts[7].saying
		require.NotContains(t, app.full, want)
		w.network.TooOld = true
		w.app.Changed()
		w.clock.wait(time.Second)
		require.Contains(t, app.full, want)
	}
}
