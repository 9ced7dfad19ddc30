package hub

import (
	"errors"
	"testing"

	"comptant/sync/wire"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestBatchThatCannotBeStoredForNow(t *testing.T) {
	for name, test := range map[string]struct {
		stored   Stored
		err      error
		compares bool
	}{
		"database away": {Stored{}, errors.New("no connection"), true},
		"overloaded":    {Stored{}, wire.Overloaded, false},
		"not all of it": {Stored{Upto: 12}, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlay(t)
			ask := p.open()
			p.hear(entries(11, 3, 10))
			p.Stored(p.now, *p.last.Store, test.stored, test.err)
			require.Equal(t, []any{wire.Nack{Code: wire.Overloaded, Epoch: 1, Expect: 11}}, p.said())
			require.False(t, p.last.End)
			require.Equal(t, []any{"0-10"}, p.answer(ask, 10, false), "the feeds go on")

			p.hear(entries(14, 1, 1))
			require.Nil(t, p.last.Store, "it was sent before the till knew")
			p.hear(entries(11, 4, 1))
			require.NotNil(t, p.last.Store)
			p.credit = 1
			p.Stored(p.now, *p.last.Store, Stored{Upto: 14}, nil)
			ack := wire.Ack{Epoch: 1, Upto: 14, Time: p.now.UnixMilli(), Credit: 1}
			if test.compares {
				require.Equal(t, []any{ack, wire.Bye{Code: wire.Wait}}, p.said(), "storage may be another one now")
				return
			}
			require.Equal(t, []any{ack}, p.said())
			p.hear(entries(15, 1, 1))
			require.NotNil(t, p.last.Store)
		})
	}
}

func TestPathsThatWaitAreBounded(t *testing.T) {
	p := newPlay(t)
	p.open()
	for epoch := range uint64(againMost + 1) {
		e := entries(1, 1, 1)
		e.Epoch = epoch + 1
		p.hear(e)
		require.NotNil(t, p.last.Store)
		p.Stored(p.now, *p.last.Store, Stored{}, errors.New("no connection"))
	}
	said := p.said()
	require.Equal(t, wire.Bye{Code: wire.Overloaded}, said[len(said)-1])
	require.True(t, p.last.End)
}

// meet has a till that speaks proto and runs app meet this headquarters, and gives the welcome.
func (p *play) meet(proto int, app string) wire.Welcome {
	hello, err := wire.SignHello(wire.Hello{Till: lane.Till, Proto: proto, App: app}, p.nonce, tillKey)
	require.NoError(p, err)
	p.hear(hello)
	p.Known(lane, nil)
	p.said()
	p.Opened(p.now, Session{ID: uuid.UUID{9}, N: 5, Store: lane.Store, Feeds: []string{"global"}}, nil)
	return p.said()[0].(wire.Welcome)
}

func TestOldTillsAreHeard(t *testing.T) {
	for name, test := range map[string]struct {
		least    int
		leastApp string
		app      string
		want     wire.Code
	}{
		"as new as it must be":   {1, "1.4", "1.4", 0},
		"newer":                  {1, "1.4", "1.10", 0},
		"a developer's":          {1, "1.4", "test", 0},
		"any":                    {1, "", "0.1", 0},
		"older program":          {1, "1.4", "1.3.9", wire.UpgradeRequired},
		"fewer numbers":          {1, "1.4", "1", wire.UpgradeRequired},
		"older version of ours":  {2, "", "1.0", wire.UpgradeRequired},
		"older in both respects": {2, "2.0", "1.0", wire.UpgradeRequired},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlay(t)
			p.least, p.most, p.leastApp = test.least, test.least+1, test.leastApp
			welcome := p.meet(1, test.app)
			require.Equal(t, test.want, welcome.Code)
			require.Equal(t, test.leastApp, welcome.MinApp)
			require.Equal(t, []string{"global"}, welcome.Feeds, "the till keeps what it has")
			if test.want != 0 {
				require.Empty(t, p.last.Pages)
				p.Woken(p.now, "global")
				require.Empty(t, p.Take().Pages)
			} else {
				require.Len(t, p.last.Pages, 1)
			}
			p.hear(entries(1, 3, 10))
			require.NotNil(t, p.last.Store, "sales always drain")
			p.Stored(p.now, *p.last.Store, Stored{Upto: 3}, nil)
			require.IsType(t, wire.Ack{}, p.said()[0])
		})
	}
}

func TestVersionsHeadquartersDoesNotHave(t *testing.T) {
	for _, proto := range []int{0, -1, 2} {
		p := newPlay(t)
		require.Equal(t, []any{wire.Bye{Code: wire.ProtocolError}}, p.hear(wire.Hello{Till: lane.Till, Proto: proto}))
	}
}
