package till_test

import (
	"errors"
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
	"comptant/terminal/till/tilltest"

	"github.com/stretchr/testify/require"
)

func TestSignInIsJournaledAndOpensNothing(t *testing.T) {
	w := newWorld(t)
	refused(t, till.KeySignInNeeded, w.Add(t.Context(), coffee, money.One))
	require.NoError(t, w.SignIn(t.Context(), robert, "777777"))
	require.Equal(t, []journal.Kind{journal.KindSignIn}, w.journal.Kinds())
	require.Equal(t, retail.SignIn{Name: "Robert"}, w.journal.Drafts[0].Body)
	require.Equal(t, robert, w.journal.Drafts[0].User)
	require.Zero(t, w.journal.Drafts[0].Shift)
	require.Equal(t, "en", w.Lang(), "the language of who signed in")
	u, ok := w.User()
	require.True(t, ok)
	require.Equal(t, "Robert", u.Name)
}

func TestWrongPINsCostGrowingTime(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		refused(t, till.KeySignInWrong, w.SignIn(t.Context(), alice, "0000"))
	}
	for _, delay := range []time.Duration{5, 10, 20, 40, 80, 160, 300, 300} {
		delay *= time.Second
		e := refused(t, till.KeySignInWait, w.SignIn(t.Context(), alice, "1234"))
		require.Equal(t, int(delay.Seconds()), e.Args["seconds"])
		w.clock = w.clock.Add(delay - time.Millisecond)
		refused(t, till.KeySignInWait, w.SignIn(t.Context(), alice, "1234"))
		w.clock = w.clock.Add(time.Millisecond)
		refused(t, till.KeySignInWrong, w.SignIn(t.Context(), alice, "0000"))
	}
	require.NoError(t, w.SignIn(t.Context(), robert, "777777"), "another person does not wait")
	w.clock = w.clock.Add(5 * time.Minute)
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	refused(t, till.KeySignInWrong, w.SignIn(t.Context(), alice, "0000"))
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"), "the right PIN forgets the wrong ones")
}

// The delays and the count outlive the program, and a guess counts although the plug is pulled while it is looked at.
func TestRestartForgivesNoWrongPIN(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		refused(t, till.KeySignInWrong, w.SignIn(t.Context(), alice, "0000"))
		w.start()
	}
	refused(t, till.KeySignInWait, w.SignIn(t.Context(), alice, "1234"))
	w.clock = w.clock.Add(5 * time.Second)
	w.goods.Staff[0].PIN = "power cut"
	require.Error(t, w.SignIn(t.Context(), alice, "0001"))
	w.goods.Staff[0].PIN = tilltest.PIN("1234")
	w.start()
	e := refused(t, till.KeySignInWait, w.SignIn(t.Context(), alice, "1234"))
	require.Equal(t, 10, e.Args["seconds"])
	w.clock = w.clock.Add(-24 * time.Hour)
	e = refused(t, till.KeySignInWait, w.SignIn(t.Context(), alice, "1234"))
	require.Equal(t, 300, e.Args["seconds"], "a clock that was set back keeps nobody out for a day")
	w.clock = w.clock.Add(25 * time.Hour)
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	w.start()
	refused(t, till.KeySignInWrong, w.SignIn(t.Context(), alice, "0000"))
	w.start()
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"), "the right PIN forgets the wrong ones, on disk too")

	w.tries.Fails = errors.New("disk full")
	w.start()
	for range 3 {
		refused(t, till.KeySignInWrong, w.SignIn(t.Context(), robert, "0000"))
	}
	refused(t, till.KeySignInWait, w.SignIn(t.Context(), robert, "777777"))
}

func TestABadgeSaysWhoAndNothingMore(t *testing.T) {
	w := newWorld(t)
	require.True(t, w.Badges(t.Context()))
	who, err := w.ByBadge(t.Context(), " 00417733")
	require.NoError(t, err)
	require.Equal(t, robert, who.ID)
	_, ok := w.User()
	require.False(t, ok, "the PIN is still asked for")
	for _, code := range []string{"00417734", "0417733", ""} {
		_, err = w.ByBadge(t.Context(), code)
		refused(t, till.KeySignInBadge, err)
	}
	w.goods.Staff[1].Badge = nil
	require.False(t, w.Badges(t.Context()))
	_, err = w.ByBadge(t.Context(), "")
	refused(t, till.KeySignInBadge, err)
}

// What headquarters says of a person counts at once: a role, the rights of roles, and that they are gone.
func TestRecheckFollowsHeadquarters(t *testing.T) {
	w := signedIn(t)
	w.scan(pen.SKU)
	need := retail.Need{Deed: retail.DeedDrawer}
	_, asks := till.NeedOf(w.OpenDrawer(t.Context(), "change", till.Approval{}))
	require.True(t, asks)
	recheck := func() bool {
		here, err := w.Recheck(t.Context())
		require.NoError(t, err)
		return here
	}
	w.goods.Staff[0].Role = retail.RoleSupervisor
	require.True(t, recheck())
	require.NoError(t, w.OpenDrawer(t.Context(), "change", till.Approval{}))
	w.goods.Rights = []retail.Rights{{Role: retail.RoleSupervisor}}
	require.True(t, recheck())
	got, asks := till.NeedOf(w.OpenDrawer(t.Context(), "change", till.Approval{}))
	require.True(t, asks)
	require.Equal(t, need, got)

	w.goods.Staff = w.goods.Staff[1:]
	require.False(t, recheck())
	_, ok := w.User()
	require.False(t, ok)
	require.Len(t, w.Ticket().Lines, 1, "the ticket stays")
	refused(t, till.KeySignInUnknown, w.SignIn(t.Context(), alice, "1234"))
	require.True(t, recheck(), "nobody is signed in")
}

// A lock of headquarters signs out whoever is there and lets nobody in, whatever their PIN; the ticket and the shift stay.
func TestNobodyWorksAtATillThatHeadquartersLocked(t *testing.T) {
	w := signedIn(t)
	w.scan(pen.SKU)
	w.goods.Control = retail.Control{LockedAt: 1, Reason: "audit", By: "Sophie"}
	here, err := w.Recheck(t.Context())
	require.NoError(t, err)
	require.False(t, here)
	for range 5 {
		e := refused(t, till.KeySignInLocked, w.SignIn(t.Context(), alice, "0000"))
		require.Equal(t, "audit", e.Args["reason"])
	}
	w.start()
	refused(t, till.KeySignInLocked, w.SignIn(t.Context(), alice, "1234"))
	refused(t, till.KeySignInNeeded, w.Add(t.Context(), coffee, money.One))

	w.goods.Control = retail.Control{}
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"), "no PIN counted as wrong meanwhile")
	require.Len(t, w.Ticket().Lines, 1)
	require.True(t, w.Shift().Open())
}

func TestSignInRefusesStrangersAndSaysWhenItCannotWrite(t *testing.T) {
	w := newWorld(t)
	refused(t, till.KeySignInUnknown, w.SignIn(t.Context(), id(77), "1234"))
	w.journal.Fails = errors.New("disk full")
	e := refused(t, till.KeyJournal, w.SignIn(t.Context(), alice, "1234"))
	require.ErrorContains(t, e, "disk full")
	_, ok := w.User()
	require.False(t, ok, "nobody is signed in whose sign-in is not written")
}

func TestLockKeepsTicketAndPayment(t *testing.T) {
	w := signedIn(t)
	w.scan("3*"+pen.SKU, syrup.SKU)
	w.Lock()
	require.Len(t, w.Ticket().Lines, 2, "the kept ticket is shown at sign-in")
	refused(t, till.KeySignInNeeded, w.Remove(0))
	_, err := w.Scan(t.Context(), pen.SKU)
	refused(t, till.KeySignInNeeded, err)
	require.NoError(t, w.SignIn(t.Context(), robert, "777777"))
	p := w.pay()
	p, err = w.TenderCard(t.Context(), p.Turn, 1000, "083214", "4417")
	require.NoError(t, err)
	w.Lock()
	_, err = w.TenderCash(t.Context(), p.Turn, 1000)
	refused(t, till.KeySignInNeeded, err)
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	kept, ok := w.Payment()
	require.True(t, ok)
	require.Equal(t, p, kept, "money that was taken is not forgotten")
}

func TestNewRefusesAPartOfAConfiguration(t *testing.T) {
	_, err := till.New(till.Config{})
	require.Error(t, err)
}

func TestUnknownZoneIsNoReasonNotToSell(t *testing.T) {
	w := newWorld(t)
	w.goods.Identity.Store.Zone = "America/Nowhere"
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	w.goods.Identity.Store.Zone = "Pacific/Auckland"
	require.Equal(t, 23, w.Now().Day(), "corrected while the till runs")
}
