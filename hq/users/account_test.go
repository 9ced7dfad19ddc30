package users_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/pgtest"
	"comptant/hq/users"
)

func accounts(t *testing.T) (*db.DB, *users.Accounts, *clock) {
	d, c := pgtest.New(t), &clock{time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)}
	return d, users.NewAccounts(d, c.now), c
}

func alice() users.Account {
	return users.Account{Name: " Alice  Roy", Phone: "514 555-0142", Email: " Alice@Example.com ", Lang: "en"}
}

func TestCustomersRegisterAndSignInAndOut(t *testing.T) {
	d, a, clock := accounts(t)
	token, made, err := a.Register(ctx, alice(), phrase)
	require.NoError(t, err)
	require.Equal(t, "alice@example.com", made.Email)
	got, err := a.Session(ctx, token)
	require.NoError(t, err)
	require.Equal(t, users.Account{Customer: made.Customer, Name: "Alice Roy", Phone: "514 555-0142", Email: "alice@example.com", Lang: "en"}, got)
	found, err := users.FindCustomers(ctx, d, "alice@example.com", 2)
	require.NoError(t, err)
	require.Len(t, found, 1, "the account is a customer")
	require.Equal(t, made.Customer, found[0].ID)

	other, _, err := a.SignIn(ctx, "ALICE@example.com", phrase)
	require.NoError(t, err)
	require.NoError(t, a.SignOut(ctx, token))
	_, err = a.Session(ctx, token)
	refused(t, err, "session.none")
	_, err = a.Session(ctx, other)
	require.NoError(t, err, "the other browser stays signed in")
	clock.advance(31 * 24 * time.Hour)
	_, err = a.Session(ctx, other)
	refused(t, err, "session.none")

	var kept int
	require.NoError(t, d.QueryRow(ctx, `SELECT count(*) FROM users.account_session WHERE encode(token_hash, 'escape') LIKE '%' || $1 || '%'`, other).Scan(&kept))
	require.Zero(t, kept, "the token itself is in the table")
	for key, n := range map[string]users.Account{
		"customer.name": {Email: "x@example.com"}, "customer.email": {Name: "Bo", Email: "x"}, "customer.phone": {Name: "Bo", Email: "x@example.com", Phone: "12"},
	} {
		_, _, err := a.Register(ctx, n, phrase)
		refused(t, err, key)
	}
	_, _, err = a.Register(ctx, users.Account{Name: "Bo", Email: "bo@example.com"}, "short")
	refused(t, err, "staff.password")
}

// An account of the shop opens nothing at headquarters, and staff have none by working here.
func TestAccountsAndStaffAreApart(t *testing.T) {
	d, a, clock := accounts(t)
	sessions := users.NewSessions(d, clock.now)
	staff := emma()
	put(t, d, staff, password(), users.PIN{})
	_, _, err := a.SignIn(ctx, staff.Email, phrase)
	refused(t, err, "signin.wrong")
	token, _, err := a.Register(ctx, alice(), phrase)
	require.NoError(t, err)
	_, err = signIn(sessions, "alice@example.com", phrase)
	refused(t, err, "signin.wrong")
	_, err = sessions.Session(ctx, token)
	refused(t, err, "session.none")

	for range 8 { // somebody guesses in the shop at the address of who works here
		_, _, _ = a.SignIn(ctx, staff.Email, "guess")
		require.NoError(t, a.Failed(ctx, "192.0.2.1"))
	}
	_, err = signIn(sessions, staff.Email, phrase)
	require.NoError(t, err, "nobody who works here waits for it")
	for range 30 {
		require.NoError(t, a.Failed(ctx, "192.0.2.1"))
	}
	refused(t, a.Welcome(ctx, "192.0.2.1"), "signin.often")
	require.NoError(t, sessions.Welcome(ctx, "192.0.2.1"))
}

// An e-mail address has one account. Who has its password is let in, and a stranger waits longer with each try.
func TestAnAddressHasOneAccount(t *testing.T) {
	d, a, clock := accounts(t)
	_, first, err := a.Register(ctx, alice(), phrase)
	require.NoError(t, err)
	_, again, err := a.Register(ctx, alice(), phrase)
	require.NoError(t, err)
	require.Equal(t, first.Customer, again.Customer, "who forgot that they have one")
	for range 4 {
		_, _, err := a.Register(ctx, alice(), other)
		refused(t, err, "account.refused")
	}
	_, _, err = a.Register(ctx, alice(), other)
	require.Equal(t, map[string]any{"seconds": 2}, refused(t, err, "signin.wait").Args)
	_, _, err = a.SignIn(ctx, "alice@example.com", phrase)
	refused(t, err, "signin.wait")
	clock.advance(2 * time.Second)
	_, _, err = a.SignIn(ctx, "alice@example.com", phrase)
	require.NoError(t, err)
	var customers int
	require.NoError(t, d.QueryRow(ctx, `SELECT count(*) FROM users.customer`).Scan(&customers))
	require.Equal(t, 1, customers, "what was refused left nothing")
}

func TestCustomersSetANewPasswordByLink(t *testing.T) {
	_, a, clock := accounts(t)
	session, made, err := a.Register(ctx, alice(), phrase)
	require.NoError(t, err)
	none, _, err := a.Forgot(ctx, "nobody@example.com")
	require.NoError(t, err)
	require.Empty(t, none)
	first, _, err := a.Forgot(ctx, "alice@example.com")
	require.NoError(t, err)
	token, who, err := a.Forgot(ctx, "alice@example.com")
	require.NoError(t, err)
	require.Equal(t, made.Customer, who.Customer)
	refused(t, a.Reset(ctx, first, other), "reset.gone")
	refused(t, a.Reset(ctx, token, "short"), "staff.password")
	clock.advance(users.ResetLife)
	refused(t, a.Reset(ctx, token, other), "reset.gone")
	token, _, err = a.Forgot(ctx, "alice@example.com")
	require.NoError(t, err)
	_, err = a.ResetOf(ctx, token)
	require.NoError(t, err)
	for range 6 { // somebody guesses
		_, _, _ = a.SignIn(ctx, "alice@example.com", "guess")
	}
	require.NoError(t, a.Reset(ctx, token, other))
	refused(t, a.Reset(ctx, token, other), "reset.gone")
	_, err = a.Session(ctx, session)
	refused(t, err, "session.none")
	_, _, err = a.SignIn(ctx, "alice@example.com", phrase)
	refused(t, err, "signin.wrong")
	_, made, err = a.SignIn(ctx, "alice@example.com", other)
	require.NoError(t, err)

	refused(t, a.ChangePassword(ctx, made, "guess", phrase, ""), "account.old_wrong")
	require.NoError(t, a.ChangePassword(ctx, made, other, phrase, ""))
	_, _, err = a.SignIn(ctx, "alice@example.com", phrase)
	require.NoError(t, err)
}

// Erasing a customer erases the account: nobody is signed in to it, and no link leads to it.
func TestErasedCustomersHaveNoAccount(t *testing.T) {
	d, a, clock := accounts(t)
	session, made, err := a.Register(ctx, alice(), phrase)
	require.NoError(t, err)
	link, _, err := a.Forgot(ctx, "alice@example.com")
	require.NoError(t, err)
	require.NoError(t, a.Rename(ctx, made.Customer, "Alice Côté", ""))
	got, err := a.Session(ctx, session)
	require.NoError(t, err)
	require.Equal(t, "Alice Côté", got.Name)
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return users.EraseCustomer(ctx, tx, made.Customer, clock.now()) }))
	_, err = a.Session(ctx, session)
	refused(t, err, "session.none")
	refused(t, a.Reset(ctx, link, other), "reset.gone")
	_, _, err = a.SignIn(ctx, "alice@example.com", phrase)
	refused(t, err, "signin.wrong")
	_, again, err := a.Register(ctx, alice(), phrase)
	require.NoError(t, err)
	require.NotEqual(t, made.Customer, again.Customer, "who comes back is somebody new")
}
