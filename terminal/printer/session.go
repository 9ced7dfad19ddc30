package printer

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"comptant/terminal/printer/escpos"
	"comptant/terminal/till"
)

// session is a talk with a printer, from its opening to its end.
type session struct {
	line
	unhook func() bool
	// answers is false for a printer of which nothing is heard.
	answers bool
	status  escpos.Status
	// printed says that the printer has done all it was given.
	printed bool
}

// end hangs up.
func (s *session) end() {
	s.unhook()
	_ = s.Close() // what had to be sent was, or an error is on its way
}

// drop hangs up so that what was not taken yet never is.
func (s *session) drop() {
	if c, ok := s.line.(*net.TCPConn); ok {
		_ = c.SetLinger(0) // a socket that is broken forgets by itself
	}
	_ = s.Close()
}

// hello asks how the printer is. One that does not answer the first question is asked no more.
func (s *session) hello() error {
	if err := s.ask(); err != nil && !errors.Is(err, errSilent) {
		return err
	}
	return nil
}

// errSilent is a printer that did not answer in time.
var errSilent = errors.New("the printer does not answer")

// ask asks all questions.
func (s *session) ask() error {
	s.status = escpos.Status{}
	for _, question := range escpos.Queries {
		if _, err := s.send(question.Command(), answerWithin); err != nil {
			return err
		}
		answer, err := s.answer(answerWithin)
		if err != nil {
			return err
		}
		s.answers = true
		s.status.Take(question, answer)
	}
	return nil
}

// answer waits for the answer to a question. What comes between may say that all is printed.
func (s *session) answer(within time.Duration) (byte, error) {
	end := time.Now().Add(within)
	for {
		b, err := s.receive(time.Until(end))
		switch {
		case err != nil:
			return 0, err
		case escpos.Answer(b):
			return b, nil
		case escpos.Printed(b):
			s.printed = true
		}
	}
}

// listen waits a little for word that all is printed.
func (s *session) listen(within time.Duration) error {
	if s.printed {
		return nil
	}
	b, err := s.receive(within)
	if errors.Is(err, errSilent) {
		return nil
	}
	s.printed = err == nil && escpos.Printed(b)
	return err
}

// receive takes a byte; errSilent when none comes in time.
func (s *session) receive(within time.Duration) (byte, error) {
	b := []byte{0}
	if err := s.SetReadDeadline(time.Now().Add(within)); err != nil {
		return 0, err
	}
	_, err := io.ReadFull(s.line, b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return 0, errSilent
	}
	return b[0], err
}

// send gives bytes to the printer; it returns how many it took. The error says that it took none in time.
func (s *session) send(b []byte, within time.Duration) (int, error) {
	if err := s.SetWriteDeadline(time.Now().Add(within)); err != nil {
		return 0, err
	}
	n, err := s.Write(b)
	if n > 0 && errors.Is(err, os.ErrDeadlineExceeded) {
		err = nil
	}
	return n, err
}

// flush waits for the other end to have taken everything, as far as that can be known.
func (s *session) flush(within time.Duration) error {
	c, ok := s.line.(*net.TCPConn)
	if !ok {
		return nil
	}
	err := c.CloseWrite()
	for err == nil {
		_, err = s.receive(within)
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	s.drop()
	return &trouble{till.PrinterOff, fmt.Errorf("broken off: %w", err)}
}

// serveDrawer opens the drawer while something else is printed, when somebody wants that.
func (s *session) serveDrawer(q *Queue) error {
	select {
	case at := <-q.drawer:
		if time.Since(at) >= openWithin {
			q.log.Warn("the drawer stays shut", "err", "the printer was busy")
			return nil
		}
		return s.openDrawer()
	default:
		return nil
	}
}

// openDrawer returns once the printer has taken the pulse. When that is not certain the line is dropped, so that it is not
// taken later.
func (s *session) openDrawer() error {
	if !s.answers {
		if _, err := s.send(escpos.OpenDrawer(), answerWithin); err != nil {
			s.drop()
			return &trouble{till.PrinterOff, err}
		}
		return s.flush(answerWithin)
	}
	_, err := s.send(append(escpos.OpenDrawerNow(), escpos.QueryPrinter.Command()...), answerWithin)
	if err == nil {
		_, err = s.answer(answerWithin)
	}
	if err != nil {
		s.drop()
		return &trouble{till.PrinterOff, fmt.Errorf("open the drawer: %w", err)}
	}
	return nil
}
