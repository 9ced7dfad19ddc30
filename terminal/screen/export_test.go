package screen

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"

	"comptant/terminal/till"
)

// stick lets the journal export to folders of the test's.
func (w *world) stick(dirs ...string) {
	w.app.Export = Export{
		Sticks: func() []string { return dirs },
		Write: func(_ context.Context, dir string) (string, int, error) {
			file := filepath.Join(dir, "comptant-CV-01-20261122T193200Z.export")
			return file, w.journal.Unsent.Count, os.WriteFile(file, []byte("entries"), 0o600)
		},
	}
}

func TestTheJournalExportsToAStick(t *testing.T) {
	w := signedIn(t, Light, French)
	blue, red := t.TempDir(), t.TempDir()
	w.stick(blue, red)
	w.app.visit(PlaceJournal)
	w.press(fyne.KeyF6)
	require.False(t, w.app.stage.Modal(), "nothing waits")

	w.journal.Unsent = till.Waiting{Count: 37, Oldest: w.clock.now.Add(-time.Hour)}
	w.app.refresh()
	w.press(fyne.KeyF6, fyne.KeyRight, fyne.KeyReturn)
	require.FileExists(t, filepath.Join(red, "comptant-CV-01-20261122T193200Z.export"))
	require.NoFileExists(t, filepath.Join(blue, "comptant-CV-01-20261122T193200Z.export"))
	require.True(t, w.app.stage.Modal(), "it says where")
	w.press(fyne.KeyEscape)
	require.False(t, w.app.stage.Modal())

	w.app.Export.Write = func(context.Context, string) (string, int, error) { return "", 0, errors.New("the stick was pulled") }
	w.press(fyne.KeyF6, fyne.KeyReturn)
	require.True(t, w.app.stage.Modal())
	w.press(fyne.KeyEscape)
	require.False(t, w.app.stage.Modal())
}
