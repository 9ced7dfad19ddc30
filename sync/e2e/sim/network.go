package sim

import "time"

// conn is a connection of a till to a process of headquarters. Within a direction frames keep their order and none comes
// twice, as TCP and the websocket promise; a frame that is cut in its middle never arrives, and ends the connection. What
// was on its way in one connection may arrive after what was sent in the next.
type conn struct {
	w    *world
	till *machine
	hq   *session
	up   *pipe
	down *pipe
}

// pipe is one direction.
type pipe struct {
	conn *conn
	// last is when the newest frame arrives.
	last time.Time
	// mute says that nothing arrives any more and nobody is told; cut that the other side learns of it.
	mute, cut bool
	deliver   func(frame []byte)
}

func (w *world) connect(m *machine, p *process) *conn {
	c := &conn{w: w, till: m}
	c.up, c.down = &pipe{conn: c}, &pipe{conn: c}
	c.up.deliver = func(f []byte) {
		if c.hq != nil {
			c.hq.arrived(f)
		}
	}
	c.down.deliver = func(f []byte) {
		if c.till != nil {
			c.till.received(c, f)
		}
	}
	w.conns = append(w.conns, c)
	return c
}

// delay is how long a frame is on its way.
func (w *world) delay() time.Duration {
	if !w.calm && w.chance(20) {
		w.hit("fault: slow network")
		return w.upTo(5 * time.Second)
	}
	return time.Millisecond + w.upTo(60*time.Millisecond)
}

func (p *pipe) send(frame []byte) {
	w := p.conn.w
	if p.mute || p.cut {
		return
	}
	if !w.calm && w.chance(w.odds.cut) {
		w.hit("fault: cut inside a frame")
		p.conn.cut()
		return
	}
	p.plan(frame)
}

func (p *pipe) plan(frame []byte) {
	w := p.conn.w
	at := w.now.Add(w.delay())
	if at.Before(p.last) {
		at = p.last
	}
	p.last = at
	w.after(at.Sub(w.now), func() {
		if !p.mute {
			p.deliver(frame)
		}
	})
}

// close says that nothing more comes, once everything before it has arrived.
func (p *pipe) close() {
	if !p.mute && !p.cut {
		p.plan(nil)
		p.cut = true
	}
}

// cut breaks the connection: what arrived has arrived, the rest is lost, and both sides are told.
func (c *conn) cut() {
	for _, p := range []*pipe{c.up, c.down} {
		if !p.mute {
			p.mute = true
			c.w.after(c.w.upTo(time.Second), func() { p.deliver(nil) })
		}
	}
}

// leave is the death of the till's process.
func (c *conn) leave(silent bool) {
	c.till = nil
	c.down.mute = true
	if silent {
		c.up.mute = true
		return
	}
	c.up.close()
}

// reach is a process that answers a machine; nil when the network or headquarters is down.
func (w *world) reach(m *machine) *process {
	if w.partitioned[m] {
		return nil
	}
	var up []*process
	for _, p := range w.processes {
		if p.up && !p.draining {
			up = append(up, p)
		}
	}
	if len(up) == 0 {
		return nil
	}
	return pick(w, up)
}

// heal makes the network whole: whoever still holds on to a connection that was broken hears so.
func (w *world) heal() {
	clear(w.partitioned)
	for _, c := range w.conns {
		if c.up.mute || c.down.mute || c.till == nil || c.hq == nil {
			w.after(w.upTo(time.Second), func() {
				c.up.mute, c.down.mute = true, true
				c.up.deliver(nil)
				c.down.deliver(nil)
			})
		}
	}
}
