package users_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/users"
)

func newToken(d *db.DB, t users.Token, now time.Time) (made users.Token, plain string, err error) {
	err = d.InTx(ctx, func(tx *db.Tx) error { made, plain, err = users.NewToken(ctx, tx, t, now); return err })
	return made, plain, err
}

func TestTokensOpenWhatTheySayUntilTheyEnd(t *testing.T) {
	d, _, clock := start(t)
	desk := tokenDesk(d)
	ends := clock.now().Add(24 * time.Hour)
	made, plain, err := newToken(d, users.Token{
		Name: " Entrepôt ", Scopes: []users.Scope{users.ReadStock, users.WriteStock}, CreatedBy: "root", ExpiresAt: &ends,
	}, clock.now())
	require.NoError(t, err)
	require.Regexp(t, `^comptant_[\w-]{43}$`, plain)
	var kept int
	require.NoError(t, d.QueryRow(ctx, `SELECT count(*) FROM users.token WHERE token::text LIKE '%' || $1 || '%'`, plain).Scan(&kept))
	require.Zero(t, kept, "the token itself is in the table")

	used, err := desk.Use(ctx, plain, clock.now())
	require.NoError(t, err)
	require.Equal(t, made.ID, used.ID)
	require.Equal(t, "Entrepôt", used.Name)
	require.True(t, used.May(users.WriteStock))
	require.False(t, used.May(users.ReadCatalog))
	first := clock.now()
	clock.advance(59 * time.Second)
	_, err = desk.Use(ctx, plain, clock.now())
	require.NoError(t, err)
	require.WithinDuration(t, first, *only(t, d).UsedAt, 0, "a write for each use")
	clock.advance(time.Second)
	_, err = desk.Use(ctx, plain, clock.now())
	require.NoError(t, err)
	require.WithinDuration(t, clock.now(), *only(t, d).UsedAt, 0)

	_, err = desk.Use(ctx, plain+"x", clock.now())
	refused(t, err, "token.none")
	_, err = desk.Use(ctx, plain, ends)
	refused(t, err, "token.none")
	names, err := users.Names(ctx, d, []uuid.UUID{made.ID})
	require.NoError(t, err)
	require.Equal(t, map[uuid.UUID]string{made.ID: "Entrepôt"}, names, "who did what a token did")
}

func tokenDesk(d *db.DB) *users.TokenDesk {
	return users.NewTokenDesk(d, feed.NewNotifier(d, slog.New(slog.DiscardHandler)))
}

func TestRevokedTokensOpenNothing(t *testing.T) {
	d, _, clock := start(t)
	desk := tokenDesk(d)
	made, plain, err := newToken(d, users.Token{Name: "Bureau", Scopes: users.Scopes, CreatedBy: "root"}, clock.now())
	require.NoError(t, err)
	revoke := func(id uuid.UUID) error {
		return d.InTx(ctx, func(tx *db.Tx) error { _, err := users.RevokeToken(ctx, tx, id, clock.now()); return err })
	}
	_, err = desk.Use(ctx, plain, clock.now())
	require.NoError(t, err)
	require.NoError(t, revoke(made.ID))
	first := clock.now()
	clock.advance(time.Hour)
	require.NoError(t, revoke(made.ID))
	require.WithinDuration(t, first, *only(t, d).RevokedAt, 0)
	_, err = desk.Use(ctx, plain, clock.now())
	refused(t, err, "token.none")
	refused(t, revoke(uuid.New()), "token.unknown")
}

func TestTokensThatCannotBe(t *testing.T) {
	d, _, clock := start(t)
	now := clock.now()
	for key, wrong := range map[string]users.Token{
		"token.name":   {Scopes: users.Scopes},
		"token.scopes": {Name: "x", Scopes: []users.Scope{"everything"}},
		"token.expiry": {Name: "x", Scopes: users.Scopes, ExpiresAt: &now},
	} {
		_, _, err := newToken(d, wrong, now)
		refused(t, err, key)
	}
	_, _, err := newToken(d, users.Token{Name: "x"}, now)
	refused(t, err, "token.scopes")
}

func only(t *testing.T, d *db.DB) users.Token {
	t.Helper()
	all, err := users.Tokens(ctx, d)
	require.NoError(t, err)
	require.Len(t, all, 1)
	return all[0]
}
