package hub

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"comptant/shared/journal"
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// seenEvery is how often a connected till is written down as seen.
const seenEvery = time.Minute

// phase is how far a session has come.
type phase int

const (
	greeting phase = iota // for the till's hello
	knowing               // for the device's key
	opening               // for the database to open the session
	open                  // both ways
	ended                 // nothing counts any more
)

// effects is what the shell must do after an event.
type effects struct {
	send []outgoing
	// know, open and store ask for Tills.Key, Tills.Open and Intake.Store; at most one is set. The answer goes to known,
	// opened and stored.
	know  *wire.Hello
	open  *wire.Hello
	store *Batch
	// seen asks for Tills.Seen.
	seen bool
	// pages asks for these pages; each answer goes to paged.
	pages []wire.Cursor
	// end hangs up once everything was sent.
	end bool
}

// outgoing is a message, or the frame of a page that many sessions share.
type outgoing struct {
	message wire.Message
	frame   []byte
}

// core is the state of one session.
type core struct {
	// identity is HQ's key and nonce what this session must sign.
	identity ed25519.PrivateKey
	nonce    []byte
	// rand is a source of jitter in [0, 1).
	rand func() float64

	phase   phase
	hello   wire.Hello
	device  Device
	session Session
	feeds   []*feed
	seenAt  time.Time
	out     effects
	// err is why the session ended; nil when the till said bye.
	err error
}

// take gives what the shell must do, once.
func (c *core) take() effects {
	out := c.out
	c.out = effects{}
	return out
}

func (c *core) send(m wire.Message) { c.out.send = append(c.out.send, outgoing{message: m}) }

// begin sends the challenge.
func (c *core) begin(now time.Time) {
	c.send(wire.Challenge{
		Nonce: c.nonce, HQ: c.identity.Public().(ed25519.PublicKey), Time: now.UnixMilli(),
		Min: wire.Protocol, Max: wire.Protocol,
	})
}

// bye ends the session with a code and the time after which the till may come back.
func (c *core) bye(code wire.Code, after time.Duration, err error) {
	if c.phase == ended {
		return
	}
	c.send(wire.Bye{Code: code, AfterMS: after.Milliseconds()})
	c.phase, c.err, c.out.end = ended, err, true
}

// received takes a message of the till. A type this version has no use for is passed over.
func (c *core) received(now time.Time, m wire.Message) {
	switch m := m.(type) {
	case wire.Bye:
		if c.phase != ended {
			c.phase, c.out.end = ended, true
		}
	case wire.Hello:
		if c.phase != greeting {
			c.bye(wire.ProtocolError, 0, errors.New("second hello"))
			return
		}
		if m.Proto != wire.Protocol {
			c.bye(wire.UpgradeRequired, 0, fmt.Errorf("till speaks %d", m.Proto))
			return
		}
		c.phase, c.hello, c.out.know = knowing, m, &m
	default:
		switch c.phase {
		case open:
			c.inSession(now, m)
		case ended:
		default:
			c.bye(wire.ProtocolError, 0, fmt.Errorf("message %d before the welcome", m.Type()))
		}
	}
}

func (c *core) inSession(now time.Time, m wire.Message) {
	switch m := m.(type) {
	case wire.Entries:
		c.entries(m)
	case wire.Applied:
		c.applied(now, m)
	case wire.Ping:
		t := now.UnixMilli()
		c.send(wire.Pong{T0: m.T0, T1: t, T2: t})
		if now.Sub(c.seenAt) >= seenEvery {
			c.seenAt, c.out.seen = now, true
		}
	}
}

// known takes the device that claims to have sent the hello, and checks that it did.
func (c *core) known(device Device, err error) {
	if c.phase != knowing {
		return
	}
	if err == nil {
		err = wire.VerifyHello(c.hello, c.nonce, device.Key)
	}
	if err != nil {
		c.bye(codeOf(err), 0, err)
		return
	}
	c.phase, c.device, c.out.open = opening, device, &c.hello
}

// opened takes the session the database opened, and welcomes the till.
func (c *core) opened(now time.Time, session Session, err error) {
	if c.phase != opening {
		return
	}
	var welcome wire.Welcome
	if err == nil {
		welcome, err = wire.SignWelcome(wire.Welcome{
			Session: session.ID, N: session.N, Epochs: session.Epochs, MinEpoch: session.MinEpoch, Store: session.Store,
			Credit: wire.Window, BatchMax: wire.BatchEntries, Time: now.UnixMilli(), Feeds: session.Feeds,
		}, c.nonce, c.hello, c.identity)
	}
	if err != nil {
		c.bye(codeOf(err), 0, err)
		return
	}
	c.phase, c.session, c.seenAt = open, session, now
	c.send(welcome)
	c.follow(now)
}

// codeOf is what a till is told of an error: try again, when it is not one of the protocol's.
func codeOf(err error) wire.Code {
	if code, ok := errors.AsType[wire.Code](err); ok {
		return code
	}
	return wire.Overloaded
}

// entries checks the size of a batch and passes it on. Whether it can be placed is for Intake to say.
func (c *core) entries(m wire.Entries) {
	size := 0
	tooLarge := len(m.Entries) > wire.BatchEntries
	for _, e := range m.Entries {
		size += len(e)
		tooLarge = tooLarge || len(e) > journal.MaxEntry
	}
	switch {
	case len(m.Entries) == 0 || m.First == 0 || m.First+uint64(len(m.Entries)) < m.First:
		c.bye(wire.ProtocolError, 0, fmt.Errorf("batch of %d entries from %d", len(m.Entries), m.First))
	case tooLarge || size > wire.BatchBytes+journal.MaxEntry:
		c.nack(m.Epoch, m.First, wire.TooLarge, fmt.Errorf("batch of %d entries, %d bytes", len(m.Entries), size))
	default:
		c.out.store = &Batch{
			Till: c.device.Till, Store: c.session.Store, Session: c.session.ID,
			Epoch: m.Epoch, First: m.First, Prev: m.Prev, Head: m.Head, Entries: m.Entries,
		}
	}
}

// stored takes what Intake made of a batch, and acknowledges it.
func (c *core) stored(now time.Time, b Batch, s Stored, err error) {
	if c.phase != open {
		return
	}
	last := b.First + uint64(len(b.Entries)) - 1
	if err == nil && s.Upto < last {
		err = fmt.Errorf("intake stored epoch %d up to %d of %d", b.Epoch, s.Upto, last)
	}
	if err != nil {
		code, of := errors.AsType[wire.Code](err)
		switch {
		case of && code >= wire.UnknownParent:
			c.nack(b.Epoch, s.Upto+1, code, err)
		case of:
			c.bye(code, 0, err)
		default:
			c.bye(wire.Overloaded, 0, err)
		}
		return
	}
	// HQ may have more than the batch held; the till hears of what it sent.
	c.send(wire.Ack{Epoch: b.Epoch, Upto: last, Time: now.UnixMilli(), Credit: wire.Window, Notes: s.Notes})
}

func (c *core) nack(epoch, expect uint64, code wire.Code, err error) {
	c.send(wire.Nack{Code: code, Epoch: epoch, Expect: expect})
	c.bye(code, 0, err)
}

// till is who the session is for; the zero UUID before the hello.
func (c *core) till() uuid.UUID { return c.hello.Till }
