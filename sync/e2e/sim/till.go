package sim

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/link"
	"comptant/sync/wire"
)

// machine is a computer that is a till: what its disk holds, and the process while it runs.
type machine struct {
	w    *world
	name string
	lane *lane
	key  ed25519.PrivateKey
	disk *disk
	// images are copies of the disk that somebody took.
	images []*disk
	// newest is the last entry this machine committed.
	newest journal.Hash
	// told is the least epoch it was told to write, in the last welcome that it kept.
	told uint64

	// full says that nothing can be written; killIn, when it is not 0, counts the writes until the process is killed.
	full   bool
	killIn int
	// skew and rate are how the wall clock is wrong. Timers run on the monotonic clock, as Go's do.
	skew time.Duration
	rate float64
	// gone says that the machine was taken away for good.
	gone bool

	// life counts starts; what was planned in an earlier life does not happen any more.
	life int
	core *link.Core
	conn *conn
	// opened is when its session opened; fenced when a newer one last sent it away, and stays how long it stays away then.
	opened, fenced time.Time
	stays          time.Duration
	// tick is when the core was last planned to be called.
	tick time.Time
}

var ctx = context.Background()

// wall is what the machine's clock says.
func (m *machine) wall() time.Time {
	age := m.w.now.Sub(begin)
	return m.w.now.Add(m.skew + time.Duration(m.rate*float64(age)))
}

// start boots the machine: the journal first, then the link.
func (m *machine) start() {
	if m.core != nil || m.gone {
		return
	}
	m.life++
	m.opened, m.stays = time.Time{}, 0
	m.guard("start", func() {
		err := m.first("start", func(f Folder) error {
			session, err := f.Start(ctx, m.wall)
			m.same("session", m.disk.file.sessions, session)
			return err
		}, m.open)
		if err != nil {
			m.w.say("%s cannot start: %v", m.name, err)
			m.planStart()
			return
		}
		var (
			journal link.Journal = m
			replica link.Replica = m
		)
		if m.disk.folder != nil {
			journal, replica = both{m}, both{m}
		}
		cfg := link.Config{
			Till: m.lane.id, Key: m.key, HQKey: m.w.identity.Public().(ed25519.PublicKey), App: "sim",
			Sessions: m.disk.file.sessions, Journal: journal, Replica: replica, Log: slog.New(slog.DiscardHandler), Rand: m.w.rand.Float64,
		}
		if m.disk.folder == nil { // a folder would need the file
			cfg.Snapshots = files{}
		}
		m.core = link.NewCore(cfg)
		m.core.Start(m.w.now)
		m.w.say("%s starts, epoch %d, session %d", m.name, m.disk.file.head().Epoch, m.disk.file.sessions)
		m.perform()
	})
	m.look()
	m.answers()
}

// look compares what the machine shows with the truth.
func (m *machine) look() {
	m.w.mustShowTruth(m)
	m.sameAsFolder()
}

func (m *machine) planStart() {
	m.w.after(time.Second+m.w.upTo(20*time.Second), func() {
		if m.core == nil {
			m.start()
		}
	})
}

// guard runs what a process does, which may kill it.
func (m *machine) guard(what string, do func()) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(died); !ok {
				panic(r)
			}
			m.w.say("%s killed during %s", m.name, what)
			m.stop(m.w.chance(2))
			m.planStart()
		}
	}()
	do()
}

// stop ends the process at once; the network may say so to headquarters or not.
func (m *machine) stop(silent bool) {
	m.life++
	if m.disk.folder != nil {
		m.must("stop", m.disk.folder.Kill())
	}
	m.core = nil
	if m.conn != nil {
		m.conn.leave(silent)
		m.conn = nil
	}
}

// hear drives the core with one event.
func (m *machine) hear(what string, do func(*link.Core)) {
	if m.core == nil {
		return
	}
	m.guard(what, func() {
		do(m.core)
		m.perform()
	})
}

// perform does what the core asks for, and plans when it must be called next.
func (m *machine) perform() {
	out := m.core.Take()
	if out.Dial {
		m.dial()
	}
	if m.conn != nil {
		for _, msg := range out.Send {
			frame, err := wire.Encode(msg)
			if err != nil {
				panic(err)
			}
			m.w.say("%s > %s", m.name, describe(msg))
			m.conn.up.send(frame)
		}
		if out.Hang {
			m.conn.up.close()
			m.conn.till, m.conn = nil, nil
		}
	}
	for _, reset := range out.Load {
		m.load(reset)
	}
	next := m.core.Next()
	if next.IsZero() || next.Equal(m.tick) {
		return
	}
	m.tick = next
	life := m.life
	m.w.after(next.Sub(m.w.now), func() {
		if m.life == life && m.tick.Equal(next) {
			m.tick = time.Time{}
			m.hear("tick", func(c *link.Core) { c.Tick(ctx, m.w.now) })
		}
	})
}

// dial asks the network for a connection.
func (m *machine) dial() {
	m.w.mustStayAway(m)
	life := m.life
	m.w.after(m.w.delay(), func() {
		if m.life != life || m.core == nil {
			return
		}
		p := m.w.reach(m)
		if p == nil {
			m.hear("dial", func(c *link.Core) { c.Lost(m.w.now, errors.New("no answer")) })
			return
		}
		m.conn = m.w.connect(m, p)
		m.hear("dial", func(c *link.Core) { c.Connected(m.w.now) })
		p.accept(m.conn)
	})
}

// received takes a frame of headquarters, or the end of the connection.
func (m *machine) received(c *conn, frame []byte) {
	if m.conn != c {
		return
	}
	if frame == nil {
		m.conn = nil
		m.closed()
		m.hear("loss", func(core *link.Core) { core.Lost(m.w.now, errors.New("connection lost")) })
		return
	}
	msg, err := wire.Decode(frame)
	if err != nil {
		m.w.broken("frames", "%s cannot read a frame: %v", m.name, err)
	}
	m.hear(describe(msg), func(core *link.Core) { core.Received(ctx, m.w.now, msg) })
	switch msg := msg.(type) {
	case wire.Welcome:
		if m.disk.file.sessions == msg.N {
			m.told, m.opened = msg.MinEpoch, m.w.now
		}
	case wire.Changes:
		m.look()
		m.answers()
	case wire.Bye:
		m.closed()
		if msg.Code == wire.Fenced {
			m.fenced, m.stays = m.w.now, min(max(2*m.stays, time.Second), longestAway)
		}
	}
}

// longestAway is how long a machine stays away, at most, that is sent away again and again. A session that lasts longer says
// that it is alone.
const longestAway = 10 * time.Minute

// closed says that the session, if one was open, is over.
func (m *machine) closed() {
	if !m.opened.IsZero() && m.w.now.Sub(m.opened) > longestAway {
		m.stays = 0
	}
	m.opened = time.Time{}
}

// sell commits a sale, or something else that a till writes.
func (m *machine) sell() {
	m.act("sale", func(epoch uint64) (journal.Kind, any) {
		switch {
		case m.w.chance(12):
			return journal.KindSignIn, retail.SignIn{Name: "A"}
		case m.w.chance(40):
			return newer, map[int]int{1: 1}
		}
		return journal.KindSale, m.w.sale(m.receipts(epoch)+1, m.wall())
	})
}

// act has the machine write what is drafted for its epoch; a nil body is nothing to write.
func (m *machine) act(what string, draft func(epoch uint64) (journal.Kind, any)) {
	if m.core == nil {
		return
	}
	m.guard(what, func() {
		epoch := m.disk.file.head().Epoch
		kind, body := draft(epoch)
		if body == nil {
			return
		}
		began := m.w.now
		err := m.commit(epoch, kind, body)
		m.w.mustNotWait(m, began, err)
		if err != nil {
			return
		}
		m.w.say("%s writes %d.%d, %s", m.name, epoch, m.disk.file.head().Seq, kind)
		m.core.Grew(ctx, m.w.now)
		m.perform()
	})
	m.look()
}

// commit writes an entry of an epoch.
func (m *machine) commit(epoch uint64, kind journal.Kind, body any) error {
	return m.first("commit", func(f Folder) error {
		return f.Commit(ctx, kind, func(number uint64) any {
			switch b := body.(type) {
			case retail.Sale:
				m.same("receipt number", b.Number, number)
			case retail.Refund:
				m.same("receipt number", b.Number, number)
			}
			return body
		})
	}, func() error { return m.persist(m.next(epoch, m.made(kind, body)), nil) })
}
