package server_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/server"
	"comptant/hq/users"
)

// Who may watch headquarters is still let in when the database does not answer, and reads just that; nobody else is.
func TestMetricsSayThatTheDatabaseDoesNotAnswer(t *testing.T) {
	database := pgtest.DurableURL(t)
	var later atomic.Int64 // by which the clock is moved
	now := func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	address, _ := serve(t, server.Config{Database: server.Database{URL: database}, Now: now})
	d, err := db.Open(t.Context(), database, slog.New(slog.DiscardHandler), db.Options{})
	require.NoError(t, err)
	token := func(scope users.Scope) (plain string) {
		require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) (err error) {
			_, plain, err = users.NewToken(t.Context(), tx, users.Token{Name: string(scope), Scopes: []users.Scope{scope}}, time.Now())
			return err
		}))
		return plain
	}
	prometheus, second, other := token(users.ReadMetrics), token(users.ReadMetrics), token(users.ReadSales)
	d.Close()
	scrape := func(plain string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/metrics", nil)
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer "+plain)
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, string(body)
	}
	status, body := scrape(prometheus)
	require.Equal(t, http.StatusOK, status, body)
	require.Contains(t, body, "comptant_db_up 1\n")
	status, body = scrape(other)
	require.Equal(t, http.StatusForbidden, status, body)

	u, err := url.Parse(database)
	require.NoError(t, err)
	name := strings.TrimPrefix(u.Path, "/")
	u.Path = "/postgres"
	conn, err := pgx.Connect(t.Context(), u.String())
	require.NoError(t, err)
	defer conn.Close(t.Context())
	allow := func(yes string) {
		_, err := conn.Exec(t.Context(), `ALTER DATABASE `+pgx.Identifier{name}.Sanitize()+` ALLOW_CONNECTIONS `+yes)
		require.NoError(t, err)
	}
	allow("false")
	defer allow("true")
	_, err = conn.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, name)
	require.NoError(t, err)
	later.Store(int64(2 * time.Minute)) // a use is noted again
	status, body = scrape(prometheus)
	require.Equal(t, http.StatusOK, status, body)
	require.Contains(t, body, "comptant_db_up 0\n")
	for _, plain := range []string{second, other, "guess"} {
		status, body = scrape(plain)
		require.Equal(t, http.StatusServiceUnavailable, status, body)
	}
	allow("true")
	require.Eventually(t, func() bool {
		status, body := scrape(prometheus)
		return status == http.StatusOK && strings.Contains(body, "comptant_db_up 1\n")
	}, time.Minute, 50*time.Millisecond)
}
