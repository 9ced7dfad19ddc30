package emulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

// Printer is the machine. It may be used by several goroutines.
type Printer struct {
	columns int

	mu      sync.Mutex
	changed *sync.Cond
	// life counts how often the power was switched: what belongs to an earlier one is over.
	life    int
	powered bool
	address string // of the socket; empty before Listen
	socket  net.Listener
	lines   map[io.ReadWriteCloser]struct{} // connections
	answer  io.Writer                       // the one that was heard last
	buffer  []byte
	held    bool
	left    int // lines of paper; negative for plenty
	dying   int // bytes until the power goes; negative for never
	cutting int // bytes until the connections break; negative for never
	// torn says that a line was broken, maybe within a command: printers pass over what makes no sense then, until the next
	// ESC @. tear is how many bytes before that are still to be obeyed; negative for no tear.
	torn  bool
	tear  int
	mute  Silence
	low   bool
	cover bool

	failed error
	seen   Seen
}

// Seen is what came out.
type Seen struct {
	// Strips are the pieces of paper, the last of them not cut yet.
	Strips []Strip
	// Drawer counts the pulses.
	Drawer int
	// Received counts the bytes, Questions those of status.
	Received, Questions int
}

// Cut are the pieces that were cut off.
func (s Seen) Cut() []Strip { return s.Strips[:len(s.Strips)-1] }

// Silence is what a printer does not answer.
type Silence int

// Some printers say nothing at all, others tell how they are but not when they have printed.
const (
	Answers Silence = iota
	NeverConfirms
	SaysNothing
)

// bufferSize is what a printer takes beyond what it has printed.
const bufferSize = 4096

// New is a printer that is switched on, with paper for so many columns.
func New(columns int) *Printer {
	p := &Printer{columns: columns, left: -1, dying: -1, cutting: -1, tear: -1, lines: map[io.ReadWriteCloser]struct{}{}, seen: Seen{Strips: make([]Strip, 1)}}
	p.changed = sync.NewCond(&p.mu)
	p.Plug()
	return p
}

// Plug switches it on. A printer that had a socket has it again at the same address.
func (p *Printer) Plug() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.powered {
		return
	}
	p.life++
	p.powered, p.buffer, p.torn, p.tear = true, nil, false, -1
	go p.work(p.life)
	if p.address != "" {
		if err := p.listen(); err != nil {
			p.fail(err)
		}
	}
	p.changed.Broadcast()
}

// Unplug takes the power away: connections break, and what was not printed is forgotten.
func (p *Printer) Unplug() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unplug()
}

func (p *Printer) unplug() {
	p.powered, p.buffer, p.dying, p.cutting = false, nil, -1, -1
	p.life++
	if p.socket != nil {
		_ = p.socket.Close() // nobody is left to hear of it
	}
	p.disconnect()
	p.changed.Broadcast()
}

// Disconnect breaks the connections and leaves the power on: the printer waits for the rest of what was begun.
func (p *Printer) Disconnect() { p.set(p.disconnect) }

func (p *Printer) disconnect() {
	for c := range p.lines {
		_ = c.Close() // the other end hears of it
	}
	clear(p.lines)
	p.answer, p.tear = nil, len(p.buffer)
}

// DisconnectAfter does so once so many more bytes have come.
func (p *Printer) DisconnectAfter(bytes int) { p.set(func() { p.cutting = bytes }) }

// UnplugAfter takes the power away once so many more bytes have come.
func (p *Printer) UnplugAfter(bytes int) { p.set(func() { p.dying = bytes }) }

// Hold has it print nothing until Release: a slow printer that says that it is well.
func (p *Printer) Hold() { p.set(func() { p.held = true }) }

// Release ends Hold.
func (p *Printer) Release() { p.set(func() { p.held = false }) }

// Paper loads paper for so many lines; negative for plenty.
func (p *Printer) Paper(lines int) { p.set(func() { p.left = lines }) }

// PaperLow has it say that the roll nears its end.
func (p *Printer) PaperLow(on bool) { p.set(func() { p.low = on }) }

// Cover opens or closes the lid.
func (p *Printer) Cover(open bool) { p.set(func() { p.cover = open }) }

// Silent has it answer less.
func (p *Printer) Silent(s Silence) { p.set(func() { p.mute = s }) }

func (p *Printer) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	p.changed.Broadcast()
}

// Seen is what came out until now.
func (p *Printer) Seen() Seen {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.copy()
}

func (p *Printer) copy() Seen {
	s := p.seen
	s.Strips = make([]Strip, len(p.seen.Strips))
	for i, strip := range p.seen.Strips {
		s.Strips[i] = Strip{Columns: p.columns, Items: append([]Item{}, strip.Items...)}
	}
	return s
}

// Err is the first thing that it did not understand.
func (p *Printer) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failed
}

// fail is called with the lock held.
func (p *Printer) fail(err error) {
	if p.failed == nil {
		p.failed = fmt.Errorf("printer: %w", err)
	}
	p.changed.Broadcast()
}

// Until waits for what came out to be as is says. It ends with the first thing the printer does not understand.
func (p *Printer) Until(ctx context.Context, is func(Seen) bool) error {
	defer context.AfterFunc(ctx, func() { p.set(func() {}) })()
	p.mu.Lock()
	defer p.mu.Unlock()
	for !is(p.copy()) {
		if err := errors.Join(p.failed, ctx.Err()); err != nil {
			return err
		}
		p.changed.Wait()
	}
	return nil
}
