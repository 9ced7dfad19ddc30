package web_test

import (
	"log/slog"
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// token makes one that lasts for ever.
func (w *world) token(name string, scopes ...users.Scope) (made users.Token) {
	w.tx(func(tx *db.Tx) (err error) {
		made, _, err = users.NewToken(w.t.Context(), tx, users.Token{Name: name, Scopes: scopes, CreatedBy: "hq"}, sunday)
		return err
	})
	return made
}

var shownToken = regexp.MustCompile(`class="code token">([^<]+)<`)

// A token is made with what was ticked, shown once, and opens nothing once it is revoked.
func TestTokensAreMadeAndRevoked(t *testing.T) {
	w := newWorld(t)
	v := w.as(retail.RoleAdministrator)
	_, page, _ := v.get("/people/tokens")
	require.Contains(t, page, "Aucun jeton")
	require.Contains(t, page, `href="/api/docs"`)

	status, page, _ := v.post("/people/tokens", "name", "Comptabilité", "days", "90")
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Contains(t, page, "Choisissez ce que le jeton permet")
	require.Contains(t, page, `value="Comptabilité"`, "what was typed is there")
	require.Contains(t, page, `value="90" selected`)

	_, page, _ = v.post("/people/tokens", "name", "Comptabilité", "scope", "sales:read", "scope", "stock:read", "days", "90")
	shown := shownToken.FindStringSubmatch(page)
	require.Len(t, shown, 2, page)
	_, page, _ = v.get("/people/tokens")
	require.NotContains(t, page, shown[1], "it is shown once")
	require.Contains(t, page, "Lire les ventes")

	tokens := users.NewTokenDesk(w.db, feed.NewNotifier(w.db, slog.New(slog.DiscardHandler)))
	made, err := tokens.Use(t.Context(), shown[1], sunday)
	require.NoError(t, err)
	require.Equal(t, []users.Scope{users.ReadSales, users.ReadStock}, made.Scopes)
	require.Equal(t, sunday.AddDate(0, 0, 90), made.ExpiresAt.UTC())
	log, err := users.Audit(t.Context(), w.db, users.AuditFilter{Kind: users.DidMakeToken, Limit: 2})
	require.NoError(t, err)
	require.Len(t, log, 1)
	require.NotContains(t, string(log[0].After), shown[1])

	_, _, to := v.post("/people/tokens/" + made.ID.String() + "/revoke")
	require.Equal(t, "/people/tokens", to)
	_, err = tokens.Use(t.Context(), shown[1], sunday)
	require.Error(t, err)
	_, page, _ = v.get("/people/tokens")
	require.Contains(t, page, "révoqué")
	require.NotContains(t, page, "/revoke\"", "it cannot be revoked again")
}

// A token for ever has no end.
func TestATokenMayNeverEnd(t *testing.T) {
	w := newWorld(t)
	_, page, _ := w.as(retail.RoleAdministrator).post("/people/tokens", "name", "Écran", "scope", "stock:read", "days", "0")
	shown := shownToken.FindStringSubmatch(page)
	require.Len(t, shown, 2, page)
	tokens := users.NewTokenDesk(w.db, feed.NewNotifier(w.db, slog.New(slog.DiscardHandler)))
	made, err := tokens.Use(t.Context(), shown[1], sunday.AddDate(30, 0, 0))
	require.NoError(t, err)
	require.Nil(t, made.ExpiresAt)
}
