package emulator

import (
	"fmt"
	"io"
	"net"
)

// Listen gives it a socket and returns its address. As printers do, it talks to one computer at a time.
func (p *Printer) Listen() (address string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	err = p.listen()
	return p.address, err
}

func (p *Printer) listen() error {
	at := p.address
	if at == "" {
		at = "127.0.0.1:0"
	}
	socket, err := net.Listen("tcp", at)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	p.socket, p.address = socket, socket.Addr().String()
	go func() {
		for {
			c, err := socket.Accept()
			if err != nil {
				return // unplugged
			}
			p.Attach(c)
		}
	}()
	return nil
}

// Attach talks to the computer at the other end of c until that hangs up.
func (p *Printer) Attach(c io.ReadWriteCloser) {
	defer c.Close() // both ends know
	p.mu.Lock()
	if !p.powered {
		p.mu.Unlock()
		return
	}
	p.lines[c] = struct{}{}
	life := p.life
	p.mu.Unlock()
	in := make([]byte, 256)
	var live realTime
	for {
		n, err := c.Read(in)
		for _, b := range in[:n] {
			if !p.take(life, c, b, &live) {
				return
			}
		}
		if err != nil {
			break
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.lines, c)
	if p.answer == c {
		p.answer = nil
	}
}

// take puts a byte where it belongs; false when the line is broken.
func (p *Printer) take(life int, from io.ReadWriteCloser, b byte, live *realTime) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, on := p.lines[from]; !on || p.life != life {
		return false
	}
	p.answer = from
	p.seen.Received++
	if p.dying == 1 {
		p.unplug()
		return false
	}
	p.dying = max(p.dying-1, -1)
	defer func() {
		if p.cutting--; p.cutting == 0 {
			p.disconnect()
		}
		p.cutting = max(p.cutting, -1)
	}()
	rest, command := live.add(b)
	if command != nil {
		p.obey(command)
	}
	for _, b := range rest {
		for len(p.buffer) >= bufferSize && p.life == life {
			p.changed.Wait()
		}
		if p.life != life {
			return false
		}
		p.buffer = append(p.buffer, b)
	}
	p.changed.Broadcast()
	return true
}

// realTime finds the commands that are obeyed at once.
type realTime struct{ begun []byte }

// add takes a byte: rest goes into the buffer, command is whole.
func (r *realTime) add(b byte) (rest, command []byte) {
	r.begun = append(r.begun, b)
	n := len(r.begun)
	switch {
	case r.begun[0] != 0x10:
	case n == 1:
		return nil, nil
	case r.begun[1] == 0x04 && n < 3, r.begun[1] == 0x05 && n < 3, r.begun[1] == 0x14 && n < 5:
		return nil, nil
	case r.begun[1] == 0x04, r.begun[1] == 0x05, r.begun[1] == 0x14:
		command, r.begun = r.begun, nil
		return nil, command
	case b == 0x10:
		rest, r.begun = r.begun[:n-1], []byte{b}
		return rest, nil
	}
	rest, r.begun = r.begun, nil
	return rest, nil
}

// obey does a command at once.
func (p *Printer) obey(command []byte) {
	switch {
	case command[1] == 0x04 && command[2] >= 1 && command[2] <= 4:
		p.seen.Questions++
		if p.mute != SaysNothing {
			p.reply(p.status(command[2]))
		}
	case command[1] == 0x14 && command[2] == 1 && command[3] <= 1 && command[4] >= 1 && command[4] <= 8:
		if p.left != 0 && !p.cover {
			p.seen.Drawer++
		}
	default:
		p.fail(fmt.Errorf("unknown real-time command % x", command))
	}
}

// reply sends a byte, without the lock: the other end may be slow to read it.
func (p *Printer) reply(b byte) {
	to := p.answer
	if to == nil {
		return
	}
	p.mu.Unlock()
	_, _ = to.Write([]byte{b}) // who hung up does not want to know
	p.mu.Lock()
}

// status answers a question.
func (p *Printer) status(question byte) byte {
	b := byte(0x12)
	on := func(bit byte, is bool) {
		if is {
			b |= bit
		}
	}
	switch question {
	case 1:
		on(0x08, p.left == 0 || p.cover)
	case 2:
		on(0x04, p.cover)
		on(0x20, p.left == 0)
	case 4:
		on(0x0c, p.low)
		on(0x60, p.left == 0)
	}
	return b
}
