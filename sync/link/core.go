package link

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"comptant/shared/journal"
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// The rhythm of a session.
const (
	// greetWithin is how long HQ may take from the dial to the welcome.
	greetWithin = 20 * time.Second
	// heartbeat is the middle of the time between two pings; each is up to a fifth shorter or longer.
	heartbeat = 30 * time.Second
	// silence is how long HQ may say nothing.
	silence = 75 * time.Second
	// holdPage is how long a page that could not be stored waits for the next try.
	holdPage = 10 * time.Second
	// minNonce is the least length of a challenge's nonce.
	minNonce = 16
)

// identity is what the core knows of itself and of HQ.
type identity struct {
	till  uuid.UUID
	key   ed25519.PrivateKey
	hqKey ed25519.PublicKey
	app   string
	// snapshots says that feeds can be loaded from files.
	snapshots bool
	// sessions is the number of this till's last session.
	sessions uint64
}

// phase is how far a connection has come.
type phase int

const (
	waiting  phase = iota // for the time to dial
	dialling              // for the connection
	greeting              // for HQ's challenge
	proving               // for HQ's welcome
	open                  // both ways
)

// Effects is what the shell must do after an event, in this order.
type Effects struct {
	// Dial asks for a connection: Connected or Lost answers.
	Dial bool
	Send []wire.Message
	// Load asks for these snapshots to be loaded: Loaded answers for each. They end with the session.
	Load []wire.Reset
	// Hang closes the connection once everything was sent.
	Hang bool
}

// Core is the link without its shell: a state machine driven by one goroutine. After each call Take gives what must be
// done, and Next when Tick must be called.
type Core struct {
	identity
	journal Journal
	replica Replica
	unsaid  func(ctx context.Context) (wire.Unsent, error) // nil: HQ is not told
	log     *slog.Logger
	rand    func() float64

	started time.Time
	phase   phase
	backoff backoff
	fence   fence
	out     Effects
	status  Status

	// dialAt, hearBy, pingAt, retryAt and resendAt are when something must happen; zero is never.
	dialAt, hearBy, pingAt, retryAt, resendAt time.Time

	nonce []byte
	hello wire.Hello
	// hqTime is HQ's clock when it last told it.
	hqTime   time.Time
	pingSent time.Time
	pingT0   int64

	up   upstream
	down map[string]*follow
}

// NewCore makes the core of a link. Of the configuration it does not use what belongs to the shell: URL, Now and Dial.
func NewCore(cfg Config) *Core {
	return &Core{
		identity: identity{till: cfg.Till, key: cfg.Key, hqKey: cfg.HQKey, app: cfg.App, sessions: cfg.Sessions, snapshots: cfg.Snapshots != nil},
		journal:  cfg.Journal, replica: cfg.Replica, unsaid: cfg.Unsent, log: cfg.Log, rand: cfg.Rand,
	}
}

// Status is where the link stands.
func (c *Core) Status() Status { return c.status }

// Start makes the first dial due.
func (c *Core) Start(now time.Time) {
	c.started, c.dialAt = now, now
	c.status.Since = now
}

// Take gives what the shell must do, once.
func (c *Core) Take() Effects {
	out := c.out
	c.out = Effects{}
	return out
}

// Next is when Tick must be called; zero is never.
func (c *Core) Next() time.Time {
	var next time.Time
	for _, t := range []time.Time{c.dialAt, c.hearBy, c.pingAt, c.retryAt, c.resendAt} {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	return next
}

// Tick does what has become due.
func (c *Core) Tick(ctx context.Context, now time.Time) {
	due := func(t *time.Time) bool {
		if t.IsZero() || now.Before(*t) {
			return false
		}
		*t = time.Time{}
		return true
	}
	if due(&c.dialAt) {
		c.phase, c.out.Dial = dialling, true
	}
	if due(&c.hearBy) {
		c.end(now, errors.New("headquarters fell silent"))
		return
	}
	if due(&c.pingAt) {
		c.ping(ctx, now)
	}
	if due(&c.retryAt) {
		c.retryHeld(ctx, now)
	}
	if due(&c.resendAt) {
		c.pump(ctx, now)
	}
}

// Connected says that the dial succeeded.
func (c *Core) Connected(now time.Time) {
	c.phase, c.hearBy = greeting, now.Add(greetWithin)
}

// TurnedAway says that HQ took no connection and asked to wait. Its seconds are spread, so that tills sent away together do
// not come back together.
func (c *Core) TurnedAway(now time.Time, after time.Duration, err error) {
	c.wait(now, min(after, maxBye)+time.Duration(c.rand()*float64(time.Second)), err)
}

// Lost says that the dial failed or the connection broke.
func (c *Core) Lost(now time.Time, err error) { c.wait(now, c.backoff.next(c.rand), err) }

// end hangs up because of err and comes back later.
func (c *Core) end(now time.Time, err error) {
	c.out.Hang = true
	c.Lost(now, err)
}

// refuse ends the session because HQ did what it must not.
func (c *Core) refuse(now time.Time, code wire.Code, err error) {
	c.send(wire.Bye{Code: code})
	c.end(now, fmt.Errorf("%w: %w", code, err))
}

func (c *Core) wait(now time.Time, pause time.Duration, err error) {
	c.log.Warn("link down", "error", err, "again_in", pause)
	c.closed(now)
	c.status.Err = err
	c.phase, c.dialAt = waiting, now.Add(pause)
	c.hearBy, c.pingAt, c.pingSent = time.Time{}, time.Time{}, time.Time{}
	c.retryAt, c.resendAt = time.Time{}, time.Time{}
	c.up, c.down = upstream{}, nil
}

// closed says that the session, if one was open, is over.
func (c *Core) closed(now time.Time) {
	if c.status.Online {
		c.fence.lasted(now.Sub(c.status.Since))
		c.status.Online, c.status.Since = false, now
	}
}

func (c *Core) send(m wire.Message) { c.out.Send = append(c.out.Send, m) }

// Grew says that the journal has new entries.
func (c *Core) Grew(ctx context.Context, now time.Time) {
	c.up.grown = true
	if c.phase == open {
		c.pump(ctx, now)
	}
}

// Ask sends HQ a command. It reports false when no session is open: nothing is kept for later.
func (c *Core) Ask(m wire.Command) bool {
	if c.phase != open {
		return false
	}
	c.send(m)
	return true
}

// Received takes a message of HQ. A type this version has no use for is passed over.
func (c *Core) Received(ctx context.Context, now time.Time, m wire.Message) {
	if bye, ok := m.(wire.Bye); ok {
		c.bye(now, bye)
		return
	}
	switch c.phase {
	case waiting, dialling:
	case greeting:
		if m, ok := m.(wire.Challenge); ok {
			c.challenged(ctx, now, m)
			return
		}
		c.refuse(now, wire.ProtocolError, fmt.Errorf("message %d before the challenge", m.Type()))
	case proving:
		if m, ok := m.(wire.Welcome); ok {
			c.welcomed(ctx, now, m)
			return
		}
		c.refuse(now, wire.ProtocolError, fmt.Errorf("message %d before the welcome", m.Type()))
	case open:
		c.hearBy = now.Add(silence)
		c.opened(ctx, now, m)
	}
}

func (c *Core) opened(ctx context.Context, now time.Time, m wire.Message) {
	switch m := m.(type) {
	case wire.Ack:
		c.acked(ctx, now, m)
	case wire.Nack:
		c.nacked(ctx, now, m)
	case wire.Proof:
		c.proved(ctx, now, m)
	case wire.Refill:
		c.refilled(ctx, m)
	case wire.Changes:
		c.took(ctx, now, m.Feed, m)
	case wire.Reset:
		c.took(ctx, now, m.Feed, m)
	case wire.Ping:
		t := now.UnixMilli()
		c.send(wire.Pong{T0: m.T0, T1: t, T2: t})
	case wire.Pong:
		c.ponged(now, m)
	case wire.Challenge, wire.Welcome:
		c.refuse(now, wire.ProtocolError, fmt.Errorf("message %d in an open session", m.Type()))
	default:
		c.log.Debug("message passed over", "type", m.Type())
	}
}

// challenged answers HQ's challenge with everything the file holds.
func (c *Core) challenged(ctx context.Context, now time.Time, m wire.Challenge) {
	switch {
	case !bytes.Equal(m.HQ, c.hqKey):
		c.refuse(now, wire.BadSignature, errors.New("another headquarters answers"))
		return
	case len(m.Nonce) < minNonce:
		c.refuse(now, wire.ProtocolError, fmt.Errorf("nonce of %d bytes", len(m.Nonce)))
		return
	case m.Max < 1:
		c.refuse(now, wire.ProtocolError, fmt.Errorf("headquarters speaks %d to %d", m.Min, m.Max))
		return
	}
	epochs, err := c.journal.Epochs(ctx)
	if err != nil {
		c.end(now, fmt.Errorf("list epochs: %w", err))
		return
	}
	cursors, err := c.replica.Cursors(ctx)
	if err != nil {
		// A broken catalogue must not keep sales from draining: HQ will send it from the start.
		c.log.Error("feed cursors unreadable", "error", err)
		cursors = nil
	}
	c.hello, err = wire.SignHello(wire.Hello{
		Till: c.till, N: c.sessions, Proto: min(wire.Protocol, m.Max), App: c.app, Schema: journal.Version,
		Epochs: epochs, Cursors: cursors, Wall: now.UnixMilli(), Mono: now.Sub(c.started).Milliseconds(),
		Snapshots: c.snapshots, Unsent: c.unsent(ctx),
	}, m.Nonce, c.key)
	if err != nil {
		c.end(now, fmt.Errorf("sign hello: %w", err))
		return
	}
	c.nonce, c.phase = m.Nonce, proving
	c.send(c.hello)
}

// welcomed opens the session.
func (c *Core) welcomed(ctx context.Context, now time.Time, m wire.Welcome) {
	if err := wire.VerifyWelcome(m, c.nonce, c.hello, c.hqKey); err != nil {
		c.refuse(now, wire.BadSignature, err)
		return
	}
	at := time.UnixMilli(m.Time).UTC()
	if err := c.journal.SessionOpened(ctx, m.N, m.MinEpoch, at); err != nil {
		c.end(now, fmt.Errorf("store session %d: %w", m.N, err))
		return
	}
	c.sessions, c.hqTime = m.N, at
	c.phase, c.hearBy = open, now.Add(silence)
	c.status.Session, c.status.Err = m.Session, nil
	if m.Code == wire.Revoked {
		c.status.Err = m.Code // entries go up, and nothing comes down: for the person here the till is offline
	} else {
		c.status.Online, c.status.Since = true, now
	}
	c.status.TooOld = m.Code == wire.UpgradeRequired
	c.log.Info("link up", "session", m.Session, "n", m.N)
	c.ping(ctx, now)
	c.followAll(ctx, m.Feeds)
	if err := c.resume(ctx, m); err != nil {
		c.end(now, err)
		return
	}
	c.pump(ctx, now)
}

// maxBye bounds what HQ may ask a till to wait.
const maxBye = 10 * time.Minute

// bye ends the session as HQ asked. The till comes back at its slot when HQ gave one, else after the usual pause, or the longer
// one of a till that a newer session of itself has sent away.
func (c *Core) bye(now time.Time, m wire.Bye) {
	if c.phase == waiting || c.phase == dialling {
		return
	}
	c.out.Hang = true
	err := fmt.Errorf("headquarters ended the session: %w", m.Code)
	if after := time.Duration(min(m.AfterMS, maxBye.Milliseconds())) * time.Millisecond; after > 0 {
		c.wait(now, after, err)
		return
	}
	if m.Code == wire.Fenced {
		c.closed(now)
		c.wait(now, c.fence.next(), err)
		return
	}
	c.Lost(now, err)
}
