package main

import (
	"os"
	"path/filepath"
	"testing"

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
