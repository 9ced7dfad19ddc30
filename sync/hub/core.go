package hub

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

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

// Effects is what the shell must do after an event.
type Effects struct {
	Send []Outgoing
	// Know, Open, Store, Prove, Refill and Command ask for Tills.Key, Tills.Open, Intake.Store, Intake.Known, Intake.Refill
	// and Tills.Command; at most one is set. The answer goes to Known, Opened, Stored, Proved, Refilled and Commanded.
	Know    *wire.Hello
	Open    *wire.Hello
	Store   *Batch
	Prove   *wire.Prove
	Refill  *Gap
	Command *wire.Command
	// Seen asks for Tills.Seen, before the others, with what the till shows.
	Seen  bool
	Shown []wire.Cursor
	// Unsent asks for Tills.Unsent, before the others; nil when nothing has changed.
	Unsent *wire.Unsent
	// Pages asks for these pages; each answer goes to Paged.
	Pages []wire.Cursor
	// Snapshots asks for snapshots of these feeds; each answer goes to Offered.
	Snapshots []string
	// End hangs up once everything was sent.
	End bool
}

// Outgoing is a message, or the frame of a page that many sessions share.
type Outgoing struct {
	Message wire.Message
	Frame   []byte
}

// Core is the state of one session without its shell. After each call Take gives what must be done, and Next when Tick
// must be called.
type Core struct {
	// identity is HQ's key and nonce what this session must sign.
	identity ed25519.PrivateKey
	nonce    []byte
	// rand is a source of jitter in [0, 1).
	rand func() float64
	// least and most are the protocol versions HQ speaks in full, leastApp is the oldest program that is sent feeds.
	least, most int
	leastApp    string
	// credit is how many batches the till may have on the way.
	credit int

	phase phase
	// asked is when the challenge was sent.
	asked  time.Time
	hello  wire.Hello
	device Device
	// aside says that the device's key counts no more.
	aside   bool
	session Session
	up      upstream
	feeds   []*feed
	seenAt  time.Time
	// unsent is what the till last said it has to send; nil when it has not said.
	unsent *wire.Unsent
	out    Effects
	// err is why the session ended; nil when the till said bye.
	err error
}

// NewCore makes the core of a session: identity is HQ's key, nonce what the till must sign, rand jitter in [0, 1).
func NewCore(identity ed25519.PrivateKey, nonce []byte, rand func() float64) *Core {
	return &Core{
		identity: identity, nonce: nonce, rand: rand, least: wire.Protocol, most: wire.Protocol, credit: wire.Window,
	}
}

// Take gives what the shell must do, once.
func (c *Core) Take() Effects {
	out := c.out
	c.out = Effects{}
	return out
}

func (c *Core) send(m wire.Message) { c.out.Send = append(c.out.Send, Outgoing{Message: m}) }

// Begin sends the challenge.
func (c *Core) Begin(now time.Time) {
	c.asked = now
	c.send(wire.Challenge{
		Nonce: c.nonce, HQ: c.identity.Public().(ed25519.PublicKey), Time: now.UnixMilli(),
		Min: c.least, Max: c.most,
	})
}

// Bye ends the session with a code and the time after which the till may come back.
func (c *Core) Bye(code wire.Code, after time.Duration, err error) {
	if c.phase == ended {
		return
	}
	c.send(wire.Bye{Code: code, AfterMS: after.Milliseconds()})
	c.phase, c.err, c.out.End = ended, err, true
}

// Received takes a message of the till. A type this version has no use for is passed over.
func (c *Core) Received(now time.Time, m wire.Message) {
	switch m := m.(type) {
	case wire.Bye:
		if c.phase != ended {
			c.phase, c.out.End = ended, true
		}
	case wire.Hello:
		if c.phase != greeting {
			c.Bye(wire.ProtocolError, 0, errors.New("second hello"))
			return
		}
		if m.Proto < 1 || m.Proto > c.most {
			c.Bye(wire.ProtocolError, 0, fmt.Errorf("till speaks %d", m.Proto))
			return
		}
		c.phase, c.hello, c.out.Know, c.unsent = knowing, m, &m, m.Unsent
	default:
		switch c.phase {
		case open:
			c.inSession(now, m)
		case ended:
		default:
			c.Bye(wire.ProtocolError, 0, fmt.Errorf("message %d before the welcome", m.Type()))
		}
	}
}

func (c *Core) inSession(now time.Time, m wire.Message) {
	// Whatever the till says shows that it has kept the welcome.
	if c.seenAt.IsZero() || now.Sub(c.seenAt) >= seenEvery {
		c.seenAt, c.out.Seen, c.out.Shown = now, true, c.shown()
	}
	switch m := m.(type) {
	case wire.Entries:
		c.entries(m)
	case wire.Prove:
		c.prove(m)
	case wire.Ack:
		c.gaveBack(m)
	case wire.Command:
		if c.aside {
			c.Commanded(m, wire.Revoked)
			return
		}
		c.out.Command = &m
	case wire.Applied:
		c.applied(now, m)
	case wire.Ping:
		if m.Unsent != nil && (c.unsent == nil || *m.Unsent != *c.unsent) {
			c.unsent, c.out.Unsent = m.Unsent, m.Unsent
		}
		t := now.UnixMilli()
		c.send(wire.Pong{T0: m.T0, T1: t, T2: t})
	}
}

// Commanded answers a command.
func (c *Core) Commanded(m wire.Command, err error) {
	if c.phase != open {
		return
	}
	done := wire.Done{ID: m.ID}
	if err != nil {
		done.Code = codeOf(err)
	}
	c.send(done)
}

// Asked is when the challenge was sent.
func (c *Core) Asked() time.Time { return c.asked }

// Known takes the device that claims to have sent the hello, and checks that it did.
func (c *Core) Known(device Device, err error) {
	if c.phase != knowing {
		return
	}
	if err == nil {
		err = c.identify(device)
	}
	if err != nil {
		c.Bye(codeOf(err), 0, err)
		return
	}
	c.phase, c.out.Open = opening, &c.hello
}

// Opened takes the session the database opened, and welcomes the till.
func (c *Core) Opened(now time.Time, session Session, err error) {
	if c.phase != opening {
		return
	}
	var welcome wire.Welcome
	code := c.code()
	if err == nil {
		welcome, err = wire.SignWelcome(wire.Welcome{
			Session: session.ID, N: session.N, Epochs: session.Epochs, MinEpoch: session.MinEpoch, Store: session.Store,
			Credit: c.credit, BatchMax: wire.BatchEntries, Time: now.UnixMilli(), Feeds: session.Feeds,
			MinApp: c.leastApp, Code: code,
		}, c.nonce, c.hello, c.identity)
	}
	if err != nil {
		c.Bye(codeOf(err), 0, err)
		return
	}
	c.phase, c.session = open, session
	c.send(welcome)
	if code == 0 {
		c.follow(now)
	}
	c.giveBack()
}

// codeOf is what a till is told of an error: try again, when it is not one of the protocol's.
func codeOf(err error) wire.Code {
	if code, ok := errors.AsType[wire.Code](err); ok {
		return code
	}
	return wire.Overloaded
}

// Till is who the session is for; the zero UUID before the hello.
func (c *Core) Till() uuid.UUID { return c.hello.Till }
