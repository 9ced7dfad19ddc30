package tills_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/tills"
	"comptant/shared/retail"
	"comptant/sync/wire"
)

// Everything that can happen to a till happens in each of its states: what comes of it is what Steps says.
func TestStepsAreWhatIsDone(t *testing.T) {
	o := newOffice(t)
	store, number := uuid.New(), 0
	state := func() (till tills.Till, s tills.State) {
		all, err := o.List(ctx)
		require.NoError(t, err)
		for _, till := range all {
			if till.Number == number {
				return till, till.State()
			}
		}
		return till, ""
	}
	enrol := func() {
		code, err := o.NewCode(ctx, store, number)
		require.NoError(t, err)
		_, _, err = o.redeem(code, machine(t))
		require.NoError(t, err)
	}
	connect := func() {
		till, s := state()
		if s == "" || s == tills.Revoked {
			return // its key opens no session: TestRevoke
		}
		till = o.start(till, wire.Hello{})
		require.NoError(t, o.Seen(ctx, till.ID, *till.Session, o.now, nil))
	}
	disconnect := func() {
		if till, _ := state(); till.Session != nil {
			require.NoError(t, o.Closed(ctx, till.ID, *till.Session, o.now))
		}
	}
	silence := func() { o.now = o.now.Add(2 * time.Minute) }
	revoke := func() {
		if till, s := state(); s != "" {
			require.NoError(t, o.Revoke(ctx, till.ID))
		}
	}
	deeds := []struct {
		name string
		do   func()
	}{{"enrol", enrol}, {"connect", connect}, {"disconnect", disconnect}, {"silence", silence}, {"revoke", revoke}}
	var seen retail.Steps[tills.State]
	for from, way := range map[tills.State][]func(){
		"": {}, tills.Offline: {enrol}, tills.Online: {enrol, connect}, tills.Revoked: {enrol, revoke},
	} {
		for _, deed := range deeds {
			number++
			for _, step := range way {
				step()
			}
			_, was := state()
			require.Equal(t, from, was)
			deed.do()
			if _, to := state(); to != from {
				seen = append(seen, retail.Step[tills.State]{From: from, To: to, Deed: deed.name})
			}
		}
	}
	require.ElementsMatch(t, tills.Steps, seen)
}
