package link

import (
	"testing"
	"time"

	"comptant/sync/wire"

	"github.com/stretchr/testify/require"
)

func TestBatchIsSentAgainAfterAPause(t *testing.T) {
	p := newPlay(t, &file{epochs: []wire.EpochState{{Epoch: 1, Floor: 20, Last: 620}, {Epoch: 2, Last: 5}}})
	require.Len(t, p.open(wire.Welcome{Epochs: []wire.EpochHave{{Epoch: 1, Have: 10}}, Feeds: []string{"global"}}), 3)
	nack := wire.Nack{Code: wire.Overloaded, Epoch: 1, Expect: 21}
	require.Empty(t, p.hear(nack))
	require.True(t, p.status.Online)
	require.Empty(t, p.hear(wire.Ack{Epoch: 2, Upto: 5, Credit: 4}), "nothing is sent before the pause is over")
	require.Len(t, p.hear(page(0, 10, false)), 1, "the feeds go on")

	said := p.after(500 * time.Millisecond)
	require.Equal(t, [][3]uint64{{1, 21, 500}, {1, 521, 100}}, batches(t, said))
	require.True(t, said[0].(wire.Entries).Hole, "the hole is said again")
	// The pauses grow, and an answer to a ping does not end them: the way up does not work.
	p.hear(nack)
	p.hear(wire.Pong{T0: p.pingT0})
	require.Equal(t, p.now.Add(500*time.Millisecond), p.resendAt, "an acknowledgement began them anew")
	p.after(500 * time.Millisecond)
	p.hear(nack)
	require.Equal(t, p.now.Add(time.Second), p.resendAt)
	require.Len(t, p.after(time.Second), 2)
	p.hear(wire.Ack{Epoch: 1, Upto: 620, Credit: 4})
	require.EqualValues(t, 620, p.file.epoch(1).Acked)
}

func TestNewerHeadquarters(t *testing.T) {
	p := newPlay(t, &file{epochs: []wire.EpochState{{Epoch: 1, Last: 3}}})
	p.after(0)
	p.Connected(p.now)
	hello := p.hear(wire.Challenge{Nonce: nonce, HQ: p.hqKey, Min: 2, Max: 3})[0].(wire.Hello)
	require.Equal(t, 1, hello.Proto)
	welcome, err := wire.SignWelcome(wire.Welcome{N: 1, Feeds: []string{"global"}, Code: wire.UpgradeRequired}, nonce, hello, hqKey)
	require.NoError(t, err)
	require.Equal(t, [][3]uint64{{1, 1, 3}}, batches(t, p.hear(welcome)[1:]), "sales always drain")
	require.True(t, p.status.TooOld)
	require.NotNil(t, p.down["global"], "the till keeps what it has")

	// The next session is with the newer program.
	p.Lost(p.now, errDisk)
	p.open(wire.Welcome{})
	require.False(t, p.status.TooOld)
}

func TestTurnedAway(t *testing.T) {
	p := newPlay(t, &file{})
	for asked, want := range map[time.Duration]time.Duration{
		7 * time.Second: 7500 * time.Millisecond, 1000 * time.Hour: maxBye + 500*time.Millisecond,
	} {
		p.after(p.Next().Sub(p.now))
		require.True(t, p.last.Dial)
		p.TurnedAway(p.now, asked, errDisk)
		require.Equal(t, p.now.Add(want), p.Next())
	}
}
