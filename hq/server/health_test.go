package server_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/server"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// The page of an administrator says in French what hq doctor examines, each check with its state and what to do; what only the program
// says is marked as English.
func TestTheSystemPageExaminesHeadquarters(t *testing.T) {
	database := pgtest.DurableURL(t)
	address, _ := serve(t, server.Config{Database: server.Database{URL: database}})
	d, err := db.Open(t.Context(), database, slog.New(slog.DiscardHandler), db.Options{})
	require.NoError(t, err)
	defer d.Close()
	hash, err := users.NewPassword("un mot de passe long")
	require.NoError(t, err)
	store, till := uuid.New(), uuid.New()
	require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) error {
		admin := users.Staff{ID: uuid.New(), Name: "Emma", Email: "zoe-admin@comptant.example", Role: retail.RoleAdministrator, Lang: "fr"}
		if err := users.Put(t.Context(), tx, admin, hash, users.PIN{}); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `INSERT INTO tills.till (store_id, id, number, enrolled_at, key) VALUES ($1, $2, 7, now(), sha256('key'))`, store, till)
		return err
	}))
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := &http.Client{Jar: jar}
	read := func(resp *http.Response, err error) string {
		require.NoError(t, err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, resp.StatusCode)
		return string(body)
	}
	read(browser.PostForm("http://"+address+"/login", url.Values{"email": {"zoe-admin@comptant.example"}, "password": {"un mot de passe long"}}))
	u, err := url.Parse("http://" + address)
	require.NoError(t, err)
	jar.SetCookies(u, []*http.Cookie{{Name: "lang", Value: "fr"}})
	page := read(browser.Get("http://" + address + "/system/health"))
	_, page, _ = strings.Cut(page, "<main")
	for _, shown := range []string{
		"Siège", `<code lang="en">answers at http://` + address, "Base de données", "Postgres", "Caisses", "Horloge de cette machine", "Journaux",
		"/tills?state=offline", "not heard for a day", "till doctor",
	} {
		require.Contains(t, page, shown)
	}
	page = regexp.MustCompile(`(?s)<code lang="en">.*?</code>`).ReplaceAllString(page, "")
	require.NotContains(t, page, "headquarters")
	require.NotContains(t, page, "enrolled")
}
