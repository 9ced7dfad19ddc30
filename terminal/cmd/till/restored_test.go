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

const enrolReply = `{"till":"0192aaaa-0000-7000-8000-000000000001","number":3,"store":"0192aaaa-0000-7000-8000-000000000002",
	"code":"ND","name":"Magasin Nord","zone":"America/Toronto","currency":"CAD","epoch":100,
	"hq":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}`

func TestRestored(t *testing.T) {
	hq := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(enrolReply)) }))
	defer hq.Close()
	dir := filepath.Join(t.TempDir(), "till")
	require.Equal(t, failed, run([]string{"restored", "--dir", dir}), "no till is there")
	require.Equal(t, 0, run([]string{"enrol", "--dir", dir, "--url", hq.URL, "--code", "CODE"}))
	epoch := func() uint64 {
		l, err := lane.Open(t.Context(), lane.Config{Dir: dir, Log: slog.New(slog.DiscardHandler)})
		require.NoError(t, err)
		states, err := l.Ledger.Epochs(t.Context())
		require.NoError(t, err)
		require.Equal(t, failed, run([]string{"restored", "--dir", dir}), "the till runs")
		require.NoError(t, l.Close())
		return states[len(states)-1].Epoch
	}
	require.EqualValues(t, 100, epoch())
	require.Equal(t, 0, run([]string{"restored", "--dir", dir}))
	require.EqualValues(t, 101, epoch())
	require.Equal(t, 0, run([]string{"restored", "--dir", dir}))
	require.EqualValues(t, 102, epoch())
	require.Equal(t, usage, run([]string{"restored", "--no-such-flag"}))
}
