package emulator

import (
	"errors"
	"fmt"

	"golang.org/x/text/encoding/charmap"
)

// errGone ends the work of a printer that was unplugged.
var errGone = errors.New("unplugged")

// state is what commands have set.
type state struct {
	page             *charmap.Charmap
	align            Align
	bold, wide, tall bool
	module, height   int
	line             []Cell
}

// pages are the code pages of ESC t.
var pages = map[byte]*charmap.Charmap{2: charmap.CodePage850, 16: charmap.Windows1252, 19: charmap.CodePage858}

// work prints until the power goes, or until it does not understand.
func (p *Printer) work(life int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := machine{p: p, life: life, state: state{module: 3, height: 162}}
	for {
		err := m.command()
		if errors.Is(err, errGone) {
			return
		}
		if err != nil && !p.torn {
			p.fail(err)
			return
		}
	}
}

// machine obeys one command after the other. The printer's lock is held, except while it waits.
type machine struct {
	p    *Printer
	life int
	state
}

// next waits for a byte.
func (m *machine) next() (byte, error) {
	for m.p.life == m.life && (len(m.p.buffer) == 0 || m.p.held || m.p.cover) {
		m.p.changed.Wait()
	}
	if m.p.life != m.life {
		return 0, errGone
	}
	if m.p.tear == 0 {
		m.p.torn = true
	}
	m.p.tear = max(m.p.tear-1, -1)
	b := m.p.buffer[0]
	m.p.buffer = m.p.buffer[1:]
	m.p.changed.Broadcast()
	return b, nil
}

func (m *machine) take(n int) ([]byte, error) {
	out := make([]byte, 0, n)
	for range n {
		b, err := m.next()
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

func (m *machine) command() error {
	b, err := m.next()
	if err != nil {
		return err
	}
	switch b {
	case 0:
		return nil
	case '\n':
		return m.endLine()
	case 0x1b, 0x1d:
		return m.escape(b)
	}
	return m.character(b)
}

func (m *machine) character(b byte) error {
	if b < 0x20 || b == 0x7f {
		return fmt.Errorf("unknown control %02x", b)
	}
	if m.page == nil {
		return errors.New("text before a code page was chosen")
	}
	r := m.page.DecodeByte(b)
	if r == '\ufffd' || b >= 0x80 && r < 0xa0 {
		return fmt.Errorf("%02x is no character of the page", b)
	}
	m.line = append(m.line, Cell{Rune: r, Bold: m.bold, Wide: m.wide, Tall: m.tall})
	if width(m.line) > m.p.columns {
		return fmt.Errorf("line longer than %d columns: %q", m.p.columns, text(m.line))
	}
	return nil
}

// endLine puts the line on the paper.
func (m *machine) endLine() error {
	err := m.put(Item{Cells: m.line, Align: m.align})
	m.line = nil
	return err
}

// put puts something on the paper, when there is some.
func (m *machine) put(i Item) error {
	for m.p.left == 0 && m.p.life == m.life {
		m.p.changed.Wait()
	}
	if m.p.life != m.life {
		return errGone
	}
	if m.p.left > 0 {
		m.p.left--
	}
	last := &m.p.seen.Strips[len(m.p.seen.Strips)-1]
	last.Items = append(last.Items, i)
	m.p.changed.Broadcast()
	return nil
}

func (m *machine) escape(first byte) error {
	second, err := m.next()
	if err != nil {
		return err
	}
	size, known := arguments[[2]byte{first, second}]
	if !known {
		return fmt.Errorf("unknown command %02x %02x", first, second)
	}
	args, err := m.take(size)
	if err != nil {
		return err
	}
	if first == 0x1b {
		return m.plain(second, args)
	}
	return m.group(second, args)
}

// arguments is how many bytes follow each command.
var arguments = map[[2]byte]int{
	{0x1b, '@'}: 0, {0x1b, 't'}: 1, {0x1b, 'a'}: 1, {0x1b, 'E'}: 1, {0x1b, 'p'}: 3,
	{0x1d, '!'}: 1, {0x1d, 'V'}: 2, {0x1d, 'r'}: 1, {0x1d, 'H'}: 1, {0x1d, 'w'}: 1, {0x1d, 'h'}: 1, {0x1d, 'k'}: 2,
	{0x1d, 'v'}: 6,
}

// plain obeys the commands that begin with ESC.
func (m *machine) plain(command byte, args []byte) error {
	switch {
	case command == '@':
		m.state, m.p.torn = state{module: 3, height: 162}, false
	case command == 't' && pages[args[0]] != nil:
		m.page = pages[args[0]]
	case command == 'a' && args[0] <= 2 && len(m.line) == 0:
		m.align = Align(args[0])
	case command == 'E' && args[0] <= 1:
		m.bold = args[0] == 1
	case command == 'p' && args[0] <= 1:
		m.p.seen.Drawer++
		m.p.changed.Broadcast()
	default:
		return fmt.Errorf("command ESC %c % x in a line of %d", command, args, len(m.line))
	}
	return nil
}

// group obeys the commands that begin with GS.
func (m *machine) group(command byte, args []byte) error {
	switch {
	case command == '!' && args[0]&0xee == 0:
		m.wide, m.tall = args[0]&0x10 != 0, args[0]&0x01 != 0
	case command == 'r' && args[0] == 1:
		if m.p.mute == Answers {
			m.p.reply(0)
		}
	case command == 'H' && args[0] == 0:
	case command == 'w' && args[0] >= 2 && args[0] <= 6:
		m.module = int(args[0])
	case command == 'h' && args[0] > 0:
		m.height = int(args[0])
	case len(m.line) > 0:
		return fmt.Errorf("command GS %c within a line", command)
	case command == 'V' && args[0] == 66:
		if err := m.put(Item{Knife: true}); err != nil {
			return err
		}
		m.p.seen.Strips = append(m.p.seen.Strips, Strip{})
	case command == 'k' && args[0] == 73:
		return m.barcode(int(args[1]))
	case command == 'v' && args[0] == '0' && args[1] == 0:
		return m.picture(int(args[2])|int(args[3])<<8, int(args[4])|int(args[5])<<8)
	default:
		return fmt.Errorf("command GS %c % x", command, args)
	}
	return nil
}

func (m *machine) picture(stride, rows int) error {
	if stride == 0 || rows == 0 || stride*8 > m.p.columns*12 {
		return fmt.Errorf("picture of %d x %d dots", stride*8, rows)
	}
	bits, err := m.take(stride * rows)
	if err != nil {
		return err
	}
	return m.put(Item{Picture: &Picture{Stride: stride, Bits: bits}, Align: m.align})
}
