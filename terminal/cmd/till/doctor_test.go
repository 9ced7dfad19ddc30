package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"comptant/terminal/lane"

	"github.com/stretchr/testify/require"
)

// The exit code says how well the till is, and an export says what it wrote.
func TestDoctorAndExport(t *testing.T) {
	hq := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(enrolReply)) }))
	defer hq.Close()
	dir := filepath.Join(t.TempDir(), "till")
	require.Equal(t, wrong, run([]string{"doctor", "--dir", dir}), "no till is there")
	require.Equal(t, failed, run([]string{"export", "--dir", dir}))
	require.Equal(t, 0, run([]string{"enrol", "--dir", dir, "--url", hq.URL, "--code", "CODE"}))
	require.Equal(t, soon, run([]string{"doctor", "--dir", dir, "--json"}), "it was never opened, and has no catalogue")
	l, err := lane.Open(t.Context(), lane.Config{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	require.Equal(t, 0, run([]string{"doctor", "--dir", dir}), "also while it runs")
	require.Equal(t, failed, run([]string{"export", "--dir", dir}), "the till runs")
	require.NoError(t, l.Close())
	require.Equal(t, wrong, run([]string{"doctor", "--dir", dir, "--printer", "tcp://127.0.0.1:1"}))
	stick := t.TempDir()
	require.Equal(t, 0, run([]string{"export", "--dir", dir, "--to", stick}))
	files, err := filepath.Glob(filepath.Join(stick, "comptant-ND-03-*.export"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	require.Equal(t, usage, run([]string{"doctor", "--no-such-flag"}))
}
