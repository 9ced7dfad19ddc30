package screen

import (
	"context"
	"errors"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"github.com/stretchr/testify/require"

	"comptant/terminal/till"
)

// settable gives the till settings that can be changed; it returns what was kept, and where pages were tried.
func (w *world) settable() (kept *[]till.Settings, tried *[]string) {
	kept, tried = new([]till.Settings), new([]string)
	w.app.Settings = Settings{
		Now: till.DefaultSettings(), Fixed: map[Setting]bool{}, Headquarters: "https://hq.comptant.example", Folder: "/var/lib/comptant/till-1",
		Keep: func(s till.Settings) error {
			if err := s.Check(); err != nil {
				return err
			}
			*kept = append(*kept, s)
			return nil
		},
		Test: func(_ context.Context, printer string) error {
			*tried = append(*tried, printer)
			if printer == "" {
				return nil
			}
			return errors.New("nobody answers")
		},
	}
	return kept, tried
}

// openSettings goes there with Catherine's word.
func (w *world) openSettings() *settingsPage {
	w.t.Helper()
	w.app.visit(PlaceSettings)
	w.scan(catherinesBadge)
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	w.settle()
	require.IsType(w.t, &settingsPage{}, w.app.page)
	return w.app.page.(*settingsPage)
}

func TestSettingsAreBehindASupervisorsPIN(t *testing.T) {
	w := signedIn(t, Light, French)
	w.settable()
	w.app.visit(PlaceSettings)
	require.True(t, w.app.stage.Modal())
	require.IsType(t, &sell{}, w.app.page)
	w.press(fyne.KeyEscape)
	require.IsType(t, &sell{}, w.app.page)
	w.openSettings()
	w.app.lock()
	w.settle()
	w.typeIn("1234")
	w.press(fyne.KeyReturn)
	require.IsType(t, &sell{}, w.app.page, "locked, they are asked for again")

	w.app.lock()
	w.settle()
	w.signIn(id(3))
	w.app.visit(PlaceSettings)
	require.IsType(t, &settingsPage{}, w.app.page, "a supervisor has typed theirs")
}

func TestSettingsAreSavedAndInForceAtOnce(t *testing.T) {
	w := signedIn(t, Light, French)
	kept, tried := w.settable()
	s := w.openSettings()
	s.test.Tapped(nil)
	require.Equal(t, []string{""}, *tried)
	require.Equal(t, OK, s.colour)
	s.choose(0)
	w.typeIn("tcp://192.168.1.50")
	s.test.Tapped(nil)
	require.Equal(t, Bad, s.colour)
	require.Equal(t, "tcp://192.168.1.50", (*tried)[1], "before it is saved")
	s.choose(1)
	w.typeIn("A!")
	s.theme.pressed(1)
	s.lock.pressed(0)
	s.gap.pressed(0)
	require.Empty(t, *kept)
	w.press(fyne.KeyF9)
	want := till.DefaultSettings()
	want.Printer, want.ScanPrefix, want.Theme, want.LockAfter, want.ScanGap = "tcp://192.168.1.50", "A!", "dark", 1, 20
	require.Equal(t, []till.Settings{want}, *kept)
	require.Equal(t, hex("18222A"), hex(palette[Surface].dark))
	require.Equal(t, NewTheme(Dark), fyne.CurrentApp().Settings().Theme())
	require.Equal(t, ScannerConfig{Gap: 20 * time.Millisecond, MinLength: 6, Prefix: "A!"}, w.app.stage.scanner.config)
	w.press(fyne.KeyEscape)
	w.scan("A!" + w.code("Muffin"))
	require.Len(t, w.app.Till.Ticket().Lines, 1)
	w.clock.wait(2 * time.Minute)
	require.Empty(t, w.who(), "it locks after a minute now")
}

func TestWhatWasSaidAtTheStartIsNotChangedHere(t *testing.T) {
	w := signedIn(t, Light, French)
	kept, _ := w.settable()
	w.app.Settings.Fixed = map[Setting]bool{SettingPrinter: true, SettingTheme: true, SettingScale: true, SettingLock: true}
	s := w.openSettings()
	s.boxes[0].Tapped(nil)
	w.typeIn("x")
	for _, c := range []*chips{s.theme, s.scale, s.lock} {
		c.pressed(1)
		require.Equal(t, Warn, s.colour)
	}
	s.lang.pressed(1)
	w.press(fyne.KeyF9)
	want := till.DefaultSettings()
	want.Lang = "en"
	require.Equal(t, []till.Settings{want}, *kept)
}
