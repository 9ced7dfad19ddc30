package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"comptant/terminal/lane"
	"comptant/terminal/screen"
	"comptant/terminal/till"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

// A flag counts more than the environment, that more than a file, and the later file more than the first.
func TestSettings(t *testing.T) {
	dir := t.TempDir()
	machine, person := filepath.Join(dir, "machine.json"), filepath.Join(dir, "person.json")
	printer := func(args ...string) string {
		var c cli
		parser, err := kong.New(&c, kong.Vars{"version": version}, kong.Configuration(settings, machine, person))
		require.NoError(t, err)
		_, err = parser.Parse(append([]string{"run"}, args...))
		require.NoError(t, err)
		return c.Run.Printer
	}
	t.Setenv("COMPTANT_PRINTER", "")
	require.Empty(t, printer(), "no file is no error")
	require.NoError(t, os.WriteFile(machine, []byte(`{"printer": "usb:/dev/usb/lp0", "size": "1366x768"}`), 0o600))
	require.Equal(t, "usb:/dev/usb/lp0", printer())
	require.NoError(t, os.WriteFile(person, []byte(`{"printer": "usb:/dev/usb/lp1"}`), 0o600))
	require.Equal(t, "usb:/dev/usb/lp1", printer())
	t.Setenv("COMPTANT_PRINTER", "folder:/tmp")
	require.Equal(t, "folder:/tmp", printer())
	require.Equal(t, "tcp://host", printer("--printer", "tcp://host"))

	require.NoError(t, os.WriteFile(machine, []byte(`{`), 0o600))
	_, err := kong.New(new(cli), kong.Vars{"version": version}, kong.Configuration(settings, machine))
	require.Error(t, err)
}

// What is said at the start counts more than what is set at the till, and never gets into its file.
func TestTheStartCountsMoreThanTheSettings(t *testing.T) {
	hq := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(enrolReply)) }))
	defer hq.Close()
	dir := filepath.Join(t.TempDir(), "till")
	require.Equal(t, 0, run([]string{"enrol", "--dir", dir, "--url", hq.URL, "--code", "CODE"}))
	kept := till.DefaultSettings()
	kept.Theme, kept.LockAfter, kept.Scale = "system", 10, 130
	never := 0
	c := runCmd{folder: folder{Dir: dir}, Theme: "dark", LockAfter: &never}
	inForce, fixed := c.over(kept)
	want := kept
	want.Theme, want.LockAfter = "dark", 0
	require.Equal(t, want, inForce)
	require.Equal(t, map[screen.Setting]bool{
		screen.SettingTheme: true, screen.SettingLock: true, screen.SettingPrinter: false, screen.SettingScale: false,
	}, fixed)

	l, err := lane.Open(t.Context(), lane.Config{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	defer l.Close()
	inForce.Lang, inForce.Printer = "en", "folder:"+t.TempDir()
	require.NoError(t, c.keep(l, kept, inForce))
	got, err := lane.ReadSettings(dir)
	require.NoError(t, err)
	want = kept
	want.Lang, want.Printer = "en", inForce.Printer
	require.Equal(t, want, got)
	inForce.Printer = "lpt1"
	require.Error(t, c.keep(l, kept, inForce))
	again, err := lane.ReadSettings(dir)
	require.NoError(t, err)
	require.Equal(t, got, again)
}
