package screen

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

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
