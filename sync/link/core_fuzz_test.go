package link

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"time"

	"comptant/sync/wire"

	"github.com/stretchr/testify/require"
)

// The acts of a script besides hearing a message.
const (
	actHear = iota
	actSign
	actConnect
	actLose
	actGrow
	actWait
	actDisk
	acts
)

// act is an act that carries a frame.
func act(what byte, frame []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{what}, uint16(len(frame))), frame...)
}

// addMessages gives the fuzzer scripts in which every message of version 1 is heard, alone and in a session.
func addMessages(f *testing.F) {
	text, err := os.Open("../wire/testdata/v1/messages.txt")
	require.NoError(f, err)
	defer func() { _ = text.Close() }()
	begun := []byte{actWait, actConnect}
	var frames [][]byte
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		name, digits, _ := strings.Cut(lines.Text(), " ")
		frame, err := hex.DecodeString(digits)
		require.NoError(f, err)
		switch name {
		case "Challenge/full", "Welcome/full":
			begun = append(begun, act(actSign, frame)...)
		}
		frames = append(frames, frame)
	}
	for _, frame := range frames {
		f.Add(act(actHear, frame))
		f.Add(append(bytes.Clone(begun), act(actHear, frame)...))
	}
	say := func(ms ...wire.Message) {
		script := bytes.Clone(begun)
		for _, m := range ms {
			frame, err := wire.Encode(m)
			require.NoError(f, err)
			script = append(append(script, act(actHear, frame)...), actGrow, actWait)
		}
		f.Add(script)
	}
	lost := wire.Nack{Code: wire.UnknownParent, Epoch: 1, Expect: 400}
	say(wire.Ack{Epoch: 1, Upto: 520, Credit: 1000}, wire.Ack{Epoch: 1, Upto: 1}, wire.Ack{Epoch: 2, Upto: 1})
	f.Add(append(append(bytes.Clone(begun), actLose), begun...))
	say(lost, wire.Proof{Epoch: 1, Seq: 300}, wire.Proof{Epoch: 1, Seq: 200}, wire.Proof{Epoch: 1})
	say(wire.Nack{Code: wire.Overloaded, Epoch: 1}, wire.Nack{Code: wire.Overloaded, Epoch: 1}, lost)
	say(page(0, 10, true), page(10, 20, false), page(40, 50, false), wire.Reset{Feed: "global", Gen: 8})
	say(wire.Refill{Epoch: 3, First: 1, Entries: [][]byte{{1}}}, wire.Ack{Epoch: 3, Upto: 1})
}

// FuzzCore drives a link with any messages and events in any order: it never panics, and what it holds is bounded.
func FuzzCore(f *testing.F) {
	addMessages(f)
	f.Fuzz(func(t *testing.T, script []byte) {
		s := &scripted{play: newPlay(t, &file{
			epochs: []wire.EpochState{{Epoch: 1, Floor: 20, Last: 5020}, {Epoch: 2, Last: 5, Acked: 5}},
		})}
		for len(script) > 0 {
			script = s.step(script)
			s.check()
		}
	})
}

// scripted is a core whose shell has a connection, or not.
type scripted struct {
	*play
	up bool
}

// step does the first act of the script, and gives the rest.
func (s *scripted) step(script []byte) []byte {
	what, rest := script[0]%acts, script[1:]
	switch what {
	case actHear, actSign:
		if len(rest) < 2 {
			return nil
		}
		n := min(int(binary.BigEndian.Uint16(rest)), len(rest)-2)
		m, err := wire.Decode(rest[2 : 2+n])
		rest = rest[2+n:]
		if what == actSign && err == nil {
			m = s.sign(m)
		}
		if err == nil && s.up {
			s.hear(m)
		}
	case actConnect:
		if s.phase == dialling {
			s.Connected(s.now)
			s.said()
			s.up = true
		}
	case actLose:
		if s.up {
			s.Lost(s.now, errDisk)
			s.said()
			s.up = false
		}
	case actGrow:
		s.file.epochs[0].Last++
		s.notify()
	case actWait:
		s.after(10 * time.Second)
	case actDisk:
		s.file.feedErr = errDisk
		if len(rest) > 0 && rest[0]%2 == 0 {
			s.file.feedErr = nil
		}
	}
	return rest
}

// sign makes a message headquarters'.
func (s *scripted) sign(m wire.Message) wire.Message {
	switch m := m.(type) {
	case wire.Challenge:
		m.HQ, m.Nonce = s.hqKey, nonce
		return m
	case wire.Welcome:
		signed, err := wire.SignWelcome(m, s.nonce, s.hello, hqKey)
		require.NoError(s, err)
		return signed
	}
	return m
}

// check looks at what the core wants and holds.
func (s *scripted) check() {
	if s.last.Hang {
		s.up = false
	}
	require.LessOrEqual(s, len(s.last.Send), outbox/2)
	require.LessOrEqual(s, len(s.Core.up.inflight), wire.Window)
	require.LessOrEqual(s, len(s.Core.up.streams), len(s.file.epochs))
	for _, stream := range s.Core.up.streams {
		require.LessOrEqual(s, stream.sent, max(stream.last, stream.floor))
		if stream.search != nil {
			require.LessOrEqual(s, len(stream.search.offered), wire.ProvePoints)
		}
	}
	for _, follow := range s.down {
		require.LessOrEqual(s, len(follow.held), maxHeld+1)
	}
	require.False(s, s.phase == open && s.hearBy.IsZero(), "an open session ends when headquarters falls silent")
	require.False(s, s.phase == waiting && s.dialAt.IsZero(), "it always comes back")
}
