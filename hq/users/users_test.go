package users_test

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/hq/pgtest"
	"comptant/hq/users"
	"comptant/shared/retail"
	"comptant/shared/secret"
)

var ctx = context.Background()

const phrase = "correct horse battery"

// password is hashed once: it takes a while.
var password = sync.OnceValue(func() users.Password {
	p, err := users.NewPassword(phrase)
	if err != nil {
		panic(err)
	}
	return p
})

var pin = sync.OnceValue(func() users.PIN {
	p, err := users.NewPIN("4711")
	if err != nil {
		panic(err)
	}
	return p
})

// clock is moved by the tests.
type clock struct{ at time.Time }

func (c *clock) now() time.Time          { return c.at }
func (c *clock) advance(d time.Duration) { c.at = c.at.Add(d) }

func start(t *testing.T) (*db.DB, *users.Sessions, *clock) {
	d, c := pgtest.New(t), &clock{time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)}
	return d, users.NewSessions(d, c.now), c
}

func put(t *testing.T, d *db.DB, s users.Staff, p users.Password, n users.PIN) {
	require.NoError(t, tryPut(d, s, p, n))
}

// cheapen gives a person the same password at a cost that lets a test try it often.
func cheapen(t *testing.T, d *db.DB, id uuid.UUID) {
	phc, err := secret.Hash(phrase, secret.Params{Memory: 64, Time: 1, Threads: 1})
	require.NoError(t, err)
	_, err = d.Exec(ctx, `UPDATE users.staff SET password = $2 WHERE id = $1`, id, phc)
	require.NoError(t, err)
}

func tryPut(d *db.DB, s users.Staff, p users.Password, n users.PIN) error {
	return d.InTx(ctx, func(tx *db.Tx) error { return users.Put(ctx, tx, s, p, n) })
}

func emma() users.Staff {
	return users.Staff{ID: uuid.New(), Name: "Emma", Email: "emma@comptant.example", Role: retail.RoleManager, Lang: "fr"}
}

func refused(t *testing.T, err error, key string) *retail.Error {
	t.Helper()
	var told *retail.Error
	require.ErrorAs(t, err, &told)
	require.Equal(t, key, told.Key)
	return told
}

func signIn(s *users.Sessions, email, password string) (string, error) {
	token, _, err := s.SignIn(ctx, email, password, "Firefox", "192.0.2.1")
	return token, err
}

func TestSignInAndOut(t *testing.T) {
	d, sessions, clock := start(t)
	staff := emma()
	put(t, d, staff, password(), pin())

	token, got, err := sessions.SignIn(ctx, " Emma@Comptant.example", phrase, "Firefox", "192.0.2.1")
	require.NoError(t, err)
	require.Equal(t, "Emma", got.Name)
	who, err := sessions.Session(ctx, token)
	require.NoError(t, err)
	require.Equal(t, staff.ID, who.ID)
	var kept int
	require.NoError(t, d.QueryRow(ctx, `SELECT count(*) FROM users.session WHERE encode(token_hash, 'escape') LIKE '%' || $1 || '%'`, token).Scan(&kept))
	require.Zero(t, kept, "the token itself is in the table")

	open, err := sessions.List(ctx, staff.ID)
	require.NoError(t, err)
	require.Len(t, open, 1)
	require.Equal(t, "Firefox", open[0].Agent)
	require.Equal(t, "192.0.2.1", open[0].Address)

	for range 20 { // in use, it lasts, but not for ever
		clock.advance(8 * time.Hour)
		_, err = sessions.Session(ctx, token)
		require.NoError(t, err)
	}
	clock.advance(8 * time.Hour)
	_, err = sessions.Session(ctx, token)
	refused(t, err, "session.none")

	token, err = signIn(sessions, staff.Email, phrase)
	require.NoError(t, err)
	open, err = sessions.List(ctx, staff.ID)
	require.NoError(t, err)
	require.Len(t, open, 1, "sessions that are over go")
	require.NoError(t, sessions.SignOut(ctx, token))
	_, err = sessions.Session(ctx, token)
	refused(t, err, "session.none")
	_, err = sessions.Session(ctx, "")
	refused(t, err, "session.none")
}

func TestIdleSessionEnds(t *testing.T) {
	d, sessions, clock := start(t)
	staff := emma()
	put(t, d, staff, password(), users.PIN{})
	token, err := signIn(sessions, staff.Email, phrase)
	require.NoError(t, err)
	clock.advance(12 * time.Hour)
	_, err = sessions.Session(ctx, token)
	refused(t, err, "session.none")
}

func TestSessionsAreRevoked(t *testing.T) {
	d, sessions, clock := start(t)
	staff, other := emma(), emma()
	other.Email = "david@comptant.example"
	put(t, d, staff, password(), users.PIN{})
	put(t, d, other, password(), users.PIN{})
	var tokens []string
	for range 3 {
		clock.advance(time.Second)
		token, err := signIn(sessions, staff.Email, phrase)
		require.NoError(t, err)
		tokens = append(tokens, token)
	}
	alive := func() (n int) {
		for _, token := range tokens {
			if _, err := sessions.Session(ctx, token); err == nil {
				n++
			}
		}
		return n
	}
	open, err := sessions.List(ctx, staff.ID)
	require.NoError(t, err)
	revoke := func(id uuid.UUID, session string) (done bool) {
		require.NoError(t, d.InTx(ctx, func(tx *db.Tx) (err error) { done, err = users.Revoke(ctx, tx, id, session); return err }))
		return done
	}
	require.Equal(t, users.SessionID(tokens[2]), open[0].ID)
	require.False(t, revoke(other.ID, open[0].ID))
	require.False(t, revoke(staff.ID, "none"))
	require.Equal(t, 3, alive(), "somebody else's session")
	require.True(t, revoke(staff.ID, open[0].ID))
	require.Equal(t, 2, alive())
	_, err = sessions.Session(ctx, tokens[2])
	refused(t, err, "session.none")

	put(t, d, staff, users.Password{}, users.PIN{})
	require.Equal(t, 2, alive(), "no new password")
	put(t, d, staff, password(), users.PIN{})
	require.Zero(t, alive(), "a new password")

	tokens = nil
	token, err := signIn(sessions, staff.Email, phrase)
	require.NoError(t, err)
	tokens = append(tokens, token)
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return users.Disable(ctx, tx, staff.ID, clock.now()) }))
	require.Zero(t, alive())
	_, err = signIn(sessions, staff.Email, phrase)
	refused(t, err, "signin.wrong")
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return users.Enable(ctx, tx, staff.ID) }))
	token, err = signIn(sessions, staff.Email, phrase)
	require.NoError(t, err)
	kept, err := signIn(sessions, staff.Email, phrase)
	require.NoError(t, err)
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return users.RevokeAll(ctx, tx, staff.ID, kept) }))
	_, err = sessions.Session(ctx, token)
	refused(t, err, "session.none")
	_, err = sessions.Session(ctx, kept)
	require.NoError(t, err)
}

func TestWhoMayNotSignIn(t *testing.T) {
	d, sessions, _ := start(t)
	staff := emma()
	put(t, d, staff, password(), pin())
	cashier := users.Staff{ID: uuid.New(), Name: "Luc", Email: "luc@comptant.example", Role: retail.RoleCashier, Lang: "fr"}
	put(t, d, cashier, password(), pin())
	tillOnly := users.Staff{ID: uuid.New(), Name: "Zoé", Email: "zoe@comptant.example", Role: retail.RoleEmployee, Lang: "fr"}
	put(t, d, tillOnly, users.Password{}, pin())

	for email, try := range map[string]string{
		staff.Email:               "4711", // a PIN never works here
		tillOnly.Email:            "4711",
		"nobody@comptant.example": phrase,
		"":                        phrase,
	} {
		_, err := signIn(sessions, email, try)
		refused(t, err, "signin.wrong")
	}
	_, err := signIn(sessions, staff.Email, "")
	refused(t, err, "signin.wrong")
	_, err = signIn(sessions, cashier.Email, phrase)
	refused(t, err, "signin.role")
}

// After three mistakes each try costs twice the wait of the one before, up to five minutes, also for an address that
// nobody has.
func TestWaitsGrow(t *testing.T) {
	d, sessions, clock := start(t)
	staff := emma()
	put(t, d, staff, password(), users.PIN{})
	cheapen(t, d, staff.ID)
	for email, waits := range map[string][]int{
		staff.Email: {2, 4, 8, 16, 32, 64, 128, 256, 300, 300}, "nobody@comptant.example": {2},
	} {
		for range 3 {
			_, err := signIn(sessions, email, "wrong")
			refused(t, err, "signin.wrong")
		}
		for _, seconds := range waits {
			_, err := signIn(sessions, email, "wrong")
			refused(t, err, "signin.wrong")
			_, err = signIn(sessions, email, phrase)
			require.Equal(t, map[string]any{"seconds": seconds}, refused(t, err, "signin.wait").Args)
			clock.advance(time.Duration(seconds)*time.Second - time.Millisecond)
			_, err = signIn(sessions, email, phrase)
			require.Equal(t, map[string]any{"seconds": 1}, refused(t, err, "signin.wait").Args)
			clock.advance(time.Millisecond)
		}
	}
	_, err := signIn(sessions, staff.Email, phrase)
	require.NoError(t, err)
	for range 3 { // a good one forgets the others
		_, err = signIn(sessions, staff.Email, "wrong")
		refused(t, err, "signin.wrong")
	}
	clock.advance(25 * time.Hour) // and so does a day
	for range 3 {
		_, err = signIn(sessions, staff.Email, "wrong")
		refused(t, err, "signin.wrong")
	}
	_, err = signIn(sessions, staff.Email, phrase)
	require.NoError(t, err)
}

// Many tries at once are as many tries.
func TestParallelGuesses(t *testing.T) {
	d, sessions, _ := start(t)
	staff := emma()
	put(t, d, staff, password(), users.PIN{})
	cheapen(t, d, staff.ID)
	var wg sync.WaitGroup
	keys := make(chan string, 40)
	for range cap(keys) {
		wg.Go(func() {
			_, err := signIn(sessions, staff.Email, "guess")
			keys <- err.(*retail.Error).Key
		})
	}
	wg.Wait()
	close(keys)
	checked := 0
	for key := range keys {
		if key == "signin.wrong" {
			checked++
		}
	}
	require.Equal(t, 4, checked) // three free, and the one that starts the wait
}

func TestTillsHearOfTheirStaff(t *testing.T) {
	d, _, clock := start(t)
	nord, sud := uuid.New(), uuid.New()
	staff := emma()
	staff.Stores = []uuid.UUID{nord, sud}

	put(t, d, staff, password(), users.PIN{})
	require.Nil(t, told(t, d, nord, staff.ID), "no PIN yet")
	put(t, d, staff, users.Password{}, pin())
	at := told(t, d, nord, staff.ID)
	require.NotNil(t, at)
	require.Equal(t, retail.Staff{ID: staff.ID, Name: "Emma", Role: retail.RoleManager, PIN: at.PIN, Lang: "fr"}, *at)
	ok, err := secret.Verify(at.PIN, "4711")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, at, told(t, d, sud, staff.ID))

	staff.Stores = []uuid.UUID{sud}
	put(t, d, staff, users.Password{}, users.PIN{})
	require.Nil(t, told(t, d, nord, staff.ID))
	require.NotNil(t, told(t, d, sud, staff.ID), "the PIN stays")

	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return users.Disable(ctx, tx, staff.ID, clock.now()) }))
	require.Nil(t, told(t, d, sud, staff.ID))
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error { return users.Enable(ctx, tx, staff.ID) }))
	require.NotNil(t, told(t, d, sud, staff.ID))

	got, err := users.Get(ctx, d, staff.ID)
	require.NoError(t, err)
	staff.HasPassword, staff.HasPIN = true, true
	require.Equal(t, staff, got)
	names, err := users.Names(ctx, d, []uuid.UUID{staff.ID, uuid.New()})
	require.NoError(t, err)
	require.Equal(t, map[uuid.UUID]string{staff.ID: "Emma"}, names)
}

// A badge goes to the tills as a hash, belongs to one person, and stays whatever else is changed.
func TestBadges(t *testing.T) {
	d, _, _ := start(t)
	nord := uuid.New()
	anne, paul := emma(), emma()
	anne.Stores, paul.Stores, paul.Email = []uuid.UUID{nord}, []uuid.UUID{nord}, ""
	put(t, d, anne, users.Password{}, pin())
	put(t, d, paul, users.Password{}, pin())
	badge, err := users.NewBadge(" 00417733 ")
	require.NoError(t, err)
	set := func(id uuid.UUID, b users.Badge) error {
		return d.InTx(ctx, func(tx *db.Tx) error { return users.SetBadge(ctx, tx, id, b) })
	}
	require.NoError(t, set(anne.ID, badge))
	require.Equal(t, secret.Badge("00417733"), told(t, d, nord, anne.ID).Badge)
	require.Empty(t, told(t, d, nord, paul.ID).Badge)
	refused(t, set(paul.ID, badge), "staff.badge_taken")
	put(t, d, anne, users.Password{}, users.PIN{})
	require.NotEmpty(t, told(t, d, nord, anne.ID).Badge)
	got, err := users.Get(ctx, d, anne.ID)
	require.NoError(t, err)
	require.True(t, got.HasBadge)

	require.NoError(t, set(anne.ID, users.Badge{}))
	require.Empty(t, told(t, d, nord, anne.ID).Badge)
	require.NoError(t, set(paul.ID, badge), "it is free again")
	refused(t, set(uuid.New(), users.Badge{}), "staff.unknown")
	for _, wrong := range []string{"", "12345", strings.Repeat("1", 65), "1234\n567"} {
		_, err := users.NewBadge(wrong)
		refused(t, err, "staff.badge")
	}
}

// told is what the tills of a store know of a person.
func told(t *testing.T, d *db.DB, store, staff uuid.UUID) *retail.Staff {
	rows, err := d.Query(ctx, `SELECT body FROM feed.item WHERE feed = $1 AND type = $2 AND id = $3 AND body IS NOT NULL`,
		feed.Store(store), int16(retail.RowStaff), staff)
	require.NoError(t, err)
	defer rows.Close()
	if !rows.Next() {
		require.NoError(t, rows.Err())
		return nil
	}
	var body []byte
	require.NoError(t, rows.Scan(&body))
	var s retail.Staff
	require.NoError(t, cbor.Unmarshal(body, &s))
	return &s
}

func TestRefusals(t *testing.T) {
	d, _, _ := start(t)
	put(t, d, emma(), users.Password{}, users.PIN{})
	for key, change := range map[string]func(*users.Staff){
		"staff.name":        func(s *users.Staff) { s.Name = " " },
		"staff.role":        func(s *users.Staff) { s.Role = "king" },
		"staff.lang":        func(s *users.Staff) { s.Lang = "de" },
		"staff.email":       func(s *users.Staff) { s.Email = "emma" },
		"staff.email_taken": func(s *users.Staff) { s.Email = "EMMA@comptant.example" },
	} {
		s := emma()
		s.Email = "other@comptant.example"
		change(&s)
		refused(t, tryPut(d, s, users.Password{}, users.PIN{}), key)
	}
	for range 2 { // nobody's e-mail is not an e-mail twice
		s := emma()
		s.Email = ""
		put(t, d, s, users.Password{}, users.PIN{})
	}
	all, err := users.List(ctx, d)
	require.NoError(t, err)
	require.Len(t, all, 3)

	for _, wrong := range []string{"", "123", "1234567", "12a4", "１２３４"} {
		_, err := users.NewPIN(wrong)
		refused(t, err, "staff.pin")
	}
	for _, wrong := range []string{"", "too short"} {
		_, err := users.NewPassword(wrong)
		refused(t, err, "staff.password")
	}
	_, err = users.Get(ctx, d, uuid.New())
	refused(t, err, "staff.unknown")
	refused(t, d.InTx(ctx, func(tx *db.Tx) error { return users.Disable(ctx, tx, uuid.New(), time.Now()) }), "staff.unknown")
}

// Every action is in the list of all.
func TestActionsAreAll(t *testing.T) {
	source, err := os.ReadFile("may.go")
	require.NoError(t, err)
	var declared []users.Action
	for _, found := range regexp.MustCompile(`Action = "([a-z-]+)"`).FindAllSubmatch(source, -1) {
		declared = append(declared, users.Action(found[1]))
	}
	require.NotEmpty(t, declared)
	require.ElementsMatch(t, declared, users.Actions)
}

// A manager takes care of people of lower roles in stores of theirs, and of nobody else.
func TestMayEdit(t *testing.T) {
	north, south, east := uuid.New(), uuid.New(), uuid.New()
	person := func(role retail.Role, stores ...uuid.UUID) users.Staff {
		return users.Staff{Role: role, Stores: stores}
	}
	admin, all, some := person(retail.RoleAdministrator), person(retail.RoleManager), person(retail.RoleManager, north, south)
	for _, role := range users.Roles {
		low := role != retail.RoleAdministrator && role != retail.RoleManager
		for _, stores := range [][]uuid.UUID{nil, {north}, {north, south}, {east}, {north, east}} {
			other := person(role, stores...)
			require.True(t, admin.MayEdit(other))
			require.Equal(t, low, all.MayEdit(other), "%s at %v by who sees all", role, stores)
			within := len(stores) > 0 && !slices.Contains(stores, east)
			require.Equal(t, low && within, some.MayEdit(other), "%s at %v by who sees some", role, stores)
			if low {
				require.False(t, person(role, north).MayEdit(other), "%s by their like", role)
			}
		}
	}
}

func TestMay(t *testing.T) {
	for role, may := range map[retail.Role]map[users.Action]bool{
		retail.RoleAdministrator: {users.SeeOverview: true, users.EditStaff: true, users.DecideRestocks: true},
		retail.RoleManager:       {users.SeeOverview: true, users.SeeReports: true, users.DecideRestocks: true, users.EditStaff: true, users.EditRights: false, users.LockTills: true, users.EditTills: false},
		retail.RoleEmployee:      {users.SeeOverview: true, users.SeeStock: true, users.SeeReports: false, users.SeeRestocks: false},
		retail.RoleSupervisor:    {users.SeeOverview: false},
		retail.RoleCashier:       {users.SeeOverview: false},
		"":                       {users.SeeOverview: false},
	} {
		for action, want := range may {
			require.Equal(t, want, users.May(role, action), "%s %s", role, action)
		}
	}
}
