package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

// A flag counts more than the environment, that more than a file; of files the one that is named most.
func TestSettings(t *testing.T) {
	dir := t.TempDir()
	machine, person, named := filepath.Join(dir, "machine.json"), filepath.Join(dir, "person.json"), filepath.Join(dir, "named.json")
	write := func(file, text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0o600)) }
	parse := func(args ...string) (c cli, err error) {
		parser, err := kong.New(&c, kong.Vars{"version": version}, kong.Configuration(readSettings, machine, person))
		if err == nil {
			_, err = parser.Parse(append([]string{"serve"}, args...))
		}
		return c, err
	}
	listens := func(args ...string) string {
		c, err := parse(args...)
		require.NoError(t, err)
		return c.Listen
	}
	t.Setenv("COMPTANT_LISTEN", "")
	require.NoError(t, os.Unsetenv("COMPTANT_LISTEN"))
	require.Equal(t, "127.0.0.1:8440", listens(), "no file is no error")
	write(machine, `{"listen": ":1", "mail_from": "hq@example.com", "proxy": ["10.0.0.1", "10.0.0.2"], "accept_within": "12h"}`)
	require.Equal(t, ":1", listens())
	c, err := parse()
	require.NoError(t, err)
	require.Equal(t, "hq@example.com", c.Serve.MailFrom)
	require.Equal(t, []string{"10.0.0.1", "10.0.0.2"}, c.Serve.Proxies)
	require.EqualValues(t, 12, c.Serve.AcceptWithin.Hours())
	write(person, `{"listen": ":2"}`)
	require.Equal(t, ":2", listens())
	write(named, `{"listen": ":3"}`)
	require.Equal(t, ":3", listens("--config", named))
	t.Setenv("COMPTANT_LISTEN", ":4")
	require.Equal(t, ":4", listens("--config", named))
	require.Equal(t, ":5", listens("--config", named, "--listen", ":5"))

	for text, want := range map[string]string{
		`{`:                `not JSON`,
		`{"listn": ":1"}`:  `"listn" in a file of settings is not a setting`,
		`{"apply": true}`:  `"apply" in a file of settings is not a setting`,
		`{"listen": [":"]`: `not JSON`,
	} {
		write(named, text)
		_, err := parse("--config", named)
		require.ErrorContains(t, err, want, text)
	}
	_, err = parse("--config", filepath.Join(dir, "none.json"))
	require.Error(t, err)
}
