package hub

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"comptant/sync/wire"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// The acts of a script besides hearing a message: each is one byte, answers included.
const (
	actHear = iota
	actSign
	actAnswer
	actRefuse
	actAstray
	actWake
	actWait
	actBye
	acts
)

// addMessages gives the fuzzer scripts in which every message of version 1 is heard, alone and in a session.
func addMessages(f *testing.F) {
	text, err := os.Open("../wire/testdata/v1/messages.txt")
	require.NoError(f, err)
	defer func() { _ = text.Close() }()
	var hello, all []byte
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		name, digits, _ := strings.Cut(lines.Text(), " ")
		frame, err := hex.DecodeString(digits)
		require.NoError(f, err)
		if name == "Hello/full" {
			hello = append(act(actSign, frame), actAnswer, actAnswer, actAnswer)
		}
		if !strings.HasPrefix(name, "Bye") && !strings.HasPrefix(name, "Hello") {
			all = append(all, act(actHear, frame)...)
			all = append(all, actAnswer, actAnswer)
		}
		f.Add(act(actHear, frame))
	}
	f.Add(append(bytes.Clone(hello), all...))
	say := func(ms ...wire.Message) {
		script := append(bytes.Clone(hello), actAnswer, actAnswer, actAnswer, actWake)
		for _, m := range ms {
			frame, err := wire.Encode(m)
			require.NoError(f, err)
			script = append(append(script, act(actHear, frame)...), actAnswer, actWait)
		}
		f.Add(script)
	}
	given := wire.Ack{Epoch: 1, Upto: 1}
	say(entries(1, 3, 10), given, wire.Ping{}, entries(4, 1, 1), wire.Command{ID: uuid.UUID{1}, Name: wire.CommandHold})
	say(wire.Applied{Feed: "global", Gen: 1, Upto: 10}, wire.Applied{Feed: "global", Gen: 1, Upto: 20, Code: wire.DigestDiffers})
	say(wire.Hello{Till: lane.Till, Proto: 1})
	say(entries(1, 3, 10), wire.Prove{Epoch: 1, Points: []wire.Point{{Seq: 1}}}, wire.Bye{}, entries(1, 3, 10))
	for _, name := range []byte{actRefuse, actAstray, actWake, actWait, actBye} {
		f.Add(append(append(bytes.Clone(hello), name), all...))
		f.Add(append(bytes.ReplaceAll(append(bytes.Clone(hello), all...), []byte{actAnswer, actAnswer}, []byte{actAnswer, name}), name))
	}
}

// act is an act that carries a frame.
func act(what byte, frame []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{what}, uint16(len(frame))), frame...)
}

// FuzzCore drives a session with any messages and answers in any order: it never panics, and what it holds is bounded.
func FuzzCore(f *testing.F) {
	addMessages(f)
	f.Fuzz(func(t *testing.T, script []byte) {
		c := NewCore(hqKey, bytes.Repeat([]byte{3}, 32), func() float64 { return 0.5 })
		c.Begin(begin)
		s := &scripted{T: t, Core: c, now: begin}
		s.take()
		for len(script) > 0 {
			script = s.step(script)
			s.take()
		}
	})
}

// scripted is a core and what it last asked of storage.
type scripted struct {
	*testing.T
	*Core
	now   time.Time
	asked Effects
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
		if hello, ok := m.(wire.Hello); ok && what == actSign {
			hello.Till = lane.Till
			m, err = wire.SignHello(hello, s.nonce, tillKey)
		}
		// The shell hears nothing while it waits for storage.
		if err == nil && !s.asked.wantsStorage() {
			s.Received(s.now, m)
		}
	case actAnswer:
		s.answer(nil)
	case actRefuse:
		s.answer(errors.New("no connection"))
	case actAstray:
		s.answer(wire.UnknownParent)
	case actWake:
		s.Woken(s.now, "global")
	case actWait:
		s.now = s.now.Add(10 * time.Second)
		s.Tick(s.now)
	case actBye:
		s.Bye(wire.Draining, time.Second, nil)
	}
	return rest
}

// answer is what storage says to all that was asked.
func (s *scripted) answer(err error) {
	asked := s.asked
	s.asked = Effects{}
	switch {
	case asked.Know != nil:
		s.Known(lane, err)
	case asked.Open != nil:
		s.Opened(s.now, Session{
			ID: uuid.UUID{9}, N: 5, Store: lane.Store, Feeds: []string{"global", "store:x"}, Gaps: []Gap{{Epoch: 1}, {Epoch: 2, After: 3}},
		}, err)
	case asked.Store != nil:
		s.Stored(s.now, *asked.Store, Stored{Upto: asked.Store.First + uint64(len(asked.Store.Entries)) - 1}, err)
	case asked.Prove != nil:
		s.Proved(*asked.Prove, asked.Prove.Points[0].Seq, err)
	case asked.Refill != nil:
		s.Refilled(wire.Refill{Epoch: asked.Refill.Epoch, First: asked.Refill.After + 1, Entries: [][]byte{{1}}}, err)
	case asked.Command != nil:
		s.Commanded(*asked.Command, err)
	}
	for _, cursor := range asked.Pages {
		p := Page{Gen: max(cursor.Gen, 1), Upto: cursor.Seq + 10, More: cursor.Seq < 30, Frame: []byte("page"), Err: err}
		s.Paged(s.now, cursor, p)
	}
}

// take takes what the core wants, and checks what it holds.
func (s *scripted) take() {
	out := s.Take()
	require.LessOrEqual(s, len(out.Send), 8)
	one := 0
	for _, asked := range []bool{out.Know != nil, out.Open != nil, out.Store != nil, out.Prove != nil, out.Refill != nil, out.Command != nil} {
		if asked {
			one++
		}
	}
	require.LessOrEqual(s, one, 1, "one thing at a time")
	if out.Store != nil {
		require.NotEmpty(s, out.Store.Entries)
		require.LessOrEqual(s, len(out.Store.Entries), wire.BatchEntries)
		require.NotEqual(s, uuid.Nil, out.Store.Session, "only in an open session")
	}
	pages := append(s.asked.Pages, out.Pages...)
	if out.wantsStorage() {
		s.asked = out
	}
	s.asked.Pages = pages
	require.LessOrEqual(s, len(s.feeds), 2)
	for _, feed := range s.feeds {
		require.LessOrEqual(s, len(feed.ahead), pagesAhead)
	}
	require.LessOrEqual(s, len(pages), 2, "one page a feed")
	require.LessOrEqual(s, len(s.up.again), againMost)
	require.LessOrEqual(s, len(s.up.astray), nacksMost+1)
	if s.phase == ended {
		require.False(s, out.Store != nil)
	}
}
