package users_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/users"
	"comptant/shared/retail"
)

const other = "another long phrase"

func reset(d *db.DB, token string, now time.Time) error {
	p, err := users.NewPassword(other)
	if err != nil {
		return err
	}
	return d.InTx(ctx, func(tx *db.Tx) error { _, err := users.Reset(ctx, tx, token, p, now); return err })
}

// A link works once, for half an hour, and only the newest; it ends every session.
func TestForgottenPasswords(t *testing.T) {
	d, sessions, clock := start(t)
	staff := emma()
	put(t, d, staff, password(), users.PIN{})
	session, err := signIn(sessions, staff.Email, phrase)
	require.NoError(t, err)
	first, who, err := sessions.Forgot(ctx, " EMMA@comptant.example ")
	require.NoError(t, err)
	require.Equal(t, staff.ID, who.ID)
	token, _, err := sessions.Forgot(ctx, staff.Email)
	require.NoError(t, err)
	var kept int
	require.NoError(t, d.QueryRow(ctx, `SELECT count(*) FROM users.reset WHERE encode(token_hash, 'escape') LIKE '%' || $1 || '%'`, token).Scan(&kept))
	require.Zero(t, kept, "the token itself is in the table")

	refused(t, reset(d, first, clock.now()), "reset.gone")
	_, err = users.ResetOf(ctx, d, first, clock.now())
	refused(t, err, "reset.gone")
	refused(t, reset(d, token, clock.now().Add(users.ResetLife)), "reset.gone")
	got, err := users.ResetOf(ctx, d, token, clock.now().Add(users.ResetLife-time.Second))
	require.NoError(t, err)
	require.Equal(t, staff.ID, got.ID)
	for range 5 { // somebody guesses
		_, _ = signIn(sessions, staff.Email, "guess")
	}
	require.NoError(t, reset(d, token, clock.now()))
	refused(t, reset(d, token, clock.now()), "reset.gone")
	_, err = sessions.Session(ctx, session)
	refused(t, err, "session.none")
	_, err = signIn(sessions, staff.Email, phrase)
	refused(t, err, "signin.wrong")
	_, err = signIn(sessions, staff.Email, other)
	require.NoError(t, err)

	token, _, err = sessions.Forgot(ctx, staff.Email)
	require.NoError(t, err)
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return users.Disable(ctx, tx, staff.ID, clock.now()) }))
	_, err = users.ResetOf(ctx, d, token, clock.now())
	refused(t, err, "reset.gone")
	refused(t, reset(d, token, clock.now()), "reset.gone")
}

// Who asks hears the same whether or not anybody has the address, and has to wait the same.
func TestForgetfulnessIsNotTold(t *testing.T) {
	d, sessions, _ := start(t)
	staff := emma()
	put(t, d, staff, password(), users.PIN{})
	cashier := users.Staff{ID: uuid.New(), Name: "Luc", Email: "luc@comptant.example", Role: retail.RoleCashier, Lang: "fr"}
	put(t, d, cashier, password(), users.PIN{})
	for _, email := range []string{staff.Email, cashier.Email, "nobody@comptant.example"} {
		for range 4 {
			token, _, err := sessions.Forgot(ctx, email)
			require.NoError(t, err)
			require.Equal(t, email == staff.Email, token != "")
		}
		_, _, err := sessions.Forgot(ctx, email)
		require.Equal(t, map[string]any{"seconds": 2}, refused(t, err, "signin.wait").Args)
	}
	_, err := signIn(sessions, staff.Email, phrase)
	require.NoError(t, err, "the sign-in's waits are apart")
}

func TestTheLastAdministratorStays(t *testing.T) {
	d, _, clock := start(t)
	admin := func() users.Staff {
		s := emma()
		s.Role, s.Email = retail.RoleAdministrator, s.ID.String()+"@comptant.example"
		return s
	}
	first, tillOnly := admin(), admin()
	put(t, d, first, password(), users.PIN{})
	put(t, d, tillOnly, users.Password{}, pin()) // cannot sign in: does not count
	block := func(id uuid.UUID) error {
		return d.InTx(ctx, func(tx *db.Tx) error { return users.Disable(ctx, tx, id, clock.now()) })
	}
	lesser, quiet := first, first
	lesser.Role, quiet.Email = retail.RoleManager, ""
	refused(t, block(first.ID), "staff.last_administrator")
	refused(t, tryPut(d, lesser, users.Password{}, users.PIN{}), "staff.last_administrator")
	refused(t, tryPut(d, quiet, users.Password{}, users.PIN{}), "staff.last_administrator")
	first.Name = "Emmanuelle"
	put(t, d, first, users.Password{}, users.PIN{})

	// Two who block each other at once: one stays.
	second := admin()
	put(t, d, second, password(), users.PIN{})
	var wg sync.WaitGroup
	results := make(chan error, 2)
	for _, id := range []uuid.UUID{first.ID, second.ID} {
		wg.Go(func() { results <- block(id) })
	}
	wg.Wait()
	close(results)
	var failed int
	for err := range results {
		var told *retail.Error
		if errors.As(err, &told) {
			failed++
		}
	}
	require.Equal(t, 1, failed)
}

func TestPasswordsAndPINsAreSet(t *testing.T) {
	d, sessions, _ := start(t)
	nord := uuid.New()
	staff := emma()
	staff.Stores = []uuid.UUID{nord}
	put(t, d, staff, password(), users.PIN{})
	var tokens []string
	for range 2 {
		token, err := signIn(sessions, staff.Email, phrase)
		require.NoError(t, err)
		tokens = append(tokens, token)
	}
	got, err := users.Get(ctx, d, staff.ID)
	require.NoError(t, err)
	require.NotNil(t, got.SignedInAt)
	fresh, err := users.NewPassword(other)
	require.NoError(t, err)
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return users.SetPassword(ctx, tx, staff.ID, fresh, tokens[0]) }))
	_, err = sessions.Session(ctx, tokens[0])
	require.NoError(t, err)
	_, err = sessions.Session(ctx, tokens[1])
	refused(t, err, "session.none")

	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return users.SetPIN(ctx, tx, staff.ID, pin()) }))
	require.NotNil(t, told(t, d, nord, staff.ID))
	staff.Role = retail.RoleWarehouse
	put(t, d, staff, users.Password{}, users.PIN{})
	require.Nil(t, told(t, d, nord, staff.ID), "tills hear of no warehouse clerk")
	for _, set := range []func(tx *db.Tx) error{
		func(tx *db.Tx) error { return users.SetPIN(ctx, tx, uuid.New(), pin()) },
		func(tx *db.Tx) error { return users.SetPassword(ctx, tx, uuid.New(), fresh, "") },
	} {
		refused(t, d.InTx(ctx, set), "staff.unknown")
	}
}

func TestFailuresOfAnAddressAreCounted(t *testing.T) {
	_, sessions, clock := start(t)
	for range 30 {
		require.NoError(t, sessions.Welcome(ctx, "192.0.2.1"))
		require.NoError(t, sessions.Failed(ctx, "192.0.2.1"))
	}
	refused(t, sessions.Welcome(ctx, "192.0.2.1"), "signin.often")
	require.NoError(t, sessions.Welcome(ctx, "192.0.2.2"))
	clock.advance(10 * time.Minute)
	require.NoError(t, sessions.Welcome(ctx, "192.0.2.1"))
	require.NoError(t, sessions.Failed(ctx, "192.0.2.1"))
	require.NoError(t, sessions.Welcome(ctx, "192.0.2.1"))
}

func TestWhoSeesWhichStore(t *testing.T) {
	north, south := uuid.New(), uuid.New()
	of := func(role retail.Role, stores ...uuid.UUID) users.Staff {
		return users.Staff{Role: role, Stores: stores}
	}
	require.True(t, of(retail.RoleManager).Sees(south))
	require.True(t, of(retail.RoleAdministrator, north).Sees(south))
	require.True(t, of(retail.RoleManager, north).Sees(north))
	require.False(t, of(retail.RoleManager, north).Sees(south))
	require.True(t, of(retail.RoleManager).May(users.EditCatalog))
	require.False(t, of(retail.RoleManager, north).May(users.EditCatalog), "prices are every store's")
	require.True(t, of(retail.RoleManager, north).May(users.DecideRestocks))
}
