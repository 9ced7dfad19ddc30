package server_test

import (
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/server"
	"comptant/hq/users"
)

// Prometheus reads how far feeds are behind, and what work waits, failed or was given up.
func TestMetricsOfFeedsJobsAndImports(t *testing.T) {
	database := pgtest.DurableURL(t)
	address, _ := serve(t, server.Config{Database: server.Database{URL: database}})
	d, err := db.Open(t.Context(), database, slog.New(slog.DiscardHandler), db.Options{})
	require.NoError(t, err)
	defer d.Close()
	do := func(sql string, args ...any) {
		t.Helper()
		_, err := d.Exec(t.Context(), sql, args...)
		require.NoError(t, err)
	}
	ids := []uuid.UUID{uuid.New(), uuid.New(), uuid.New(), uuid.New()}
	for i, id := range ids { // the first shows all, the second not all of every till's feed, the third not its own; the fourth is offline
		do(`INSERT INTO tills.till (store_id, id, number, key, enrolled_at, online, seen_at, shows_gen, shows_seq, own_gen, own_seq)
			VALUES ($1, $2, $3, $4, now(), $5, now(), 2, $6, 3, 9)`, uuid.New(), id, i+1, []byte{byte(i)}, i < 3, []int{100, 70, 100, 0}[i])
	}
	do(`UPDATE tills.till SET unsent = 37, unsent_since = now() - interval '2 hours' WHERE id = $1`, ids[3])
	do(`UPDATE tills.till SET unsent = 1, unsent_since = now() - interval '1 second' WHERE id = $1`, ids[0])
	do(`INSERT INTO feed.head (feed, gen, seq) VALUES ('global', 2, 100) ON CONFLICT (feed) DO UPDATE SET gen = 2, seq = 100`)
	do(`INSERT INTO feed.head (feed, gen, seq) VALUES ('till:' || $1::text, 4, 44)`, ids[2])
	do(`INSERT INTO river.river_job (state, kind, args, queue, max_attempts, finalized_at, scheduled_at) VALUES
		('available', 'order.advance', '{}', 'nobody', 1, NULL, now() - interval '90 seconds'), ('available', 'order.advance', '{}', 'nobody', 1, NULL, now()),
		('retryable', 'order.advance', '{}', 'nobody', 1, NULL, now()), ('discarded', 'order.advance', '{}', 'nobody', 1, now(), now() - interval '1 hour')`)
	upload := func(state string, at, beat time.Duration) {
		do(`INSERT INTO importer.upload (id, kind, name, bytes, state, beat_at, by_id, at) VALUES ($1, 'products', 'a.csv', '', $2, now() - $3::interval, $1, now() - $4::interval)`,
			uuid.New(), state, beat, at)
	}
	upload("failed", time.Hour, time.Hour)
	upload("failed", 25*time.Hour, 25*time.Hour) // forgotten
	upload("importing", time.Hour, time.Hour)    // whoever imported it was killed
	upload("importing", time.Hour, 0)
	upload("imported", time.Hour, time.Hour)

	var token string
	require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) (err error) {
		_, token, err = users.NewToken(t.Context(), tx, users.Token{Name: "Prometheus", Scopes: []users.Scope{users.ReadMetrics}}, time.Now())
		return err
	}))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/metrics", nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	for _, line := range []string{
		`comptant_feed_tills_behind 2`, `comptant_feed_lag_rows 44`,
		`comptant_jobs{kind="order.advance",state="available"} 2`, `comptant_jobs{kind="order.advance",state="retryable"} 1`,
		`comptant_jobs{kind="order.advance",state="running"} 0`, `comptant_jobs{kind="order.advance",state="discarded"} 1`,
		`comptant_jobs{kind="order.look",state="discarded"} 0`,
		`comptant_imports{state="failed"} 2`, `comptant_imports{state="importing"} 1`, `comptant_imports{state="imported"} 1`, `comptant_imports{state="checked"} 0`,
	} {
		require.Regexp(t, `(?m)^`+regexp.QuoteMeta(line)+`$`, string(body))
	}
	for name, want := range map[string]float64{"comptant_jobs_oldest_available_age_seconds": 90, "comptant_oldest_unsent_age_seconds": 7200} {
		age := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindStringSubmatch(string(body))
		require.Len(t, age, 2, name)
		seconds, err := strconv.ParseFloat(age[1], 64)
		require.NoError(t, err)
		require.GreaterOrEqual(t, seconds, want, name)
		require.Less(t, seconds, want+600, name)
	}
	require.Regexp(t, `(?m)^comptant_till_waiting_entries\{.*till="04"\} 37$`, string(body))
}
