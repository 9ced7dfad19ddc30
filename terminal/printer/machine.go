package printer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"comptant/terminal/printer/escpos"
	"comptant/terminal/till"
)

const (
	// dialWithin is how long a printer that is there takes to answer the door.
	dialWithin = 3 * time.Second
	// answerWithin is how long a question of status may take.
	answerWithin = time.Second
	// stalledAfter is when a printer that takes no more bytes is given up: a picture takes a few seconds.
	stalledAfter = 30 * time.Second
	// look is how often the wait for a printer is interrupted to see whether the drawer is to be opened, and askEvery how
	// often it is asked what is the matter.
	look     = 200 * time.Millisecond
	askEvery = 2 * time.Second
	// silentFor is when a printer that says it is well, and has never said that it has printed, is taken at its word.
	silentFor = 10 * time.Second
	// lostAfter is when a printer that has always said so, says it is well and has not, has lost what it was given.
	lostAfter = time.Minute
	// chunk is how many bytes are sent between two looks.
	chunk = 512
)

// line is an open way to a printer.
type line interface {
	io.ReadWriteCloser
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
}

// machine is a printer that speaks ESC/POS. It is the queue's goroutine's alone.
type machine struct {
	dial  func(ctx context.Context) (line, error)
	sheet Paper
	logo  escpos.Raster
	// confirms says that this printer has said before when it had printed.
	confirms bool
	// silence is how long one that never did is waited for.
	silence time.Duration
}

func (m *machine) paper() Paper { return m.sheet }

// encode is the bytes of a document. One that follows a part of itself begins with a cut and says so.
func (m *machine) encode(j *job) []byte {
	w := escpos.NewWriter(m.sheet.Columns, m.sheet.Page)
	lines := j.Lines
	if j.begun {
		w.Resume()
		w.Cut()
		lines = append(append([]Line{}, j.Again...), lines...)
	}
	w.Picture(m.logo)
	for _, l := range lines {
		w.Bold(l.Bold || l.Tall)
		w.Size(false, l.Tall)
		w.Line(l.Text)
	}
	w.Bold(false)
	w.Size(false, false)
	if j.Barcode != "" {
		w.Line("")
		// A number that is too long for the paper's width is on it in figures all the same.
		_ = w.Barcode(j.Barcode)
	}
	w.Cut()
	w.Ask()
	return w.Bytes()
}

// print sends the document and waits until the printer says that it has printed it, as far as it says anything.
func (m *machine) print(ctx context.Context, j *job, q *Queue) error {
	s, err := m.begin(ctx)
	if err != nil {
		return err
	}
	defer s.end()
	q.is("", s.status.PaperLow)
	for rest := m.encode(j); len(rest) > 0; {
		if err := s.serveDrawer(q); err != nil {
			return err
		}
		j.begun = true
		n, err := s.send(rest[:min(chunk, len(rest))], stalledAfter)
		if err != nil {
			return &trouble{till.PrinterOff, fmt.Errorf("send: %w", err)}
		}
		rest = rest[n:]
	}
	if !s.answers {
		return s.flush(stalledAfter)
	}
	return m.await(ctx, s, q)
}

// await waits for the printer to have printed. One that has no paper goes on by itself once it has some, so there is
// nothing to be sent again.
func (m *machine) await(ctx context.Context, s *session, q *Queue) error {
	well, asked, heard := time.Now(), time.Now(), time.Now()
	for {
		err := s.serveDrawer(q)
		if err == nil {
			err = s.listen(look)
		}
		if err == nil && !s.printed && time.Since(asked) >= askEvery {
			asked = time.Now()
			if err = s.ask(); errors.Is(err, errSilent) && time.Since(heard) < silentFor {
				continue
			}
			heard = time.Now()
			is := troubleOf(s.status)
			q.is(is, s.status.PaperLow)
			if is != "" {
				well = time.Now()
			}
		}
		switch {
		case ctx.Err() != nil:
			return &trouble{q.State().Trouble, ctx.Err()}
		case s.printed:
			m.confirms = true
			q.is("", s.status.PaperLow)
			return nil
		case err != nil:
			return &trouble{till.PrinterOff, fmt.Errorf("broken off: %w", err)}
		case m.confirms && time.Since(well) >= lostAfter:
			return &trouble{till.PrinterFault, errors.New("the printer says that it is well, and prints nothing")}
		case !m.confirms && time.Since(well) >= m.silence:
			m.silence = askEvery // so next time there is nothing to wait for
			return nil
		}
	}
}

// open opens the drawer of a printer that has nothing else to do.
func (m *machine) open(ctx context.Context) error {
	s, err := m.begin(ctx)
	if err != nil {
		return err
	}
	defer s.end()
	return s.openDrawer()
}

// begin opens the way and asks how the printer is.
func (m *machine) begin(ctx context.Context) (*session, error) {
	dial, cancel := context.WithTimeout(ctx, dialWithin)
	defer cancel()
	l, err := m.dial(dial)
	if err != nil {
		return nil, &trouble{till.PrinterOff, err}
	}
	s := &session{line: l}
	s.unhook = context.AfterFunc(ctx, func() { _ = l.Close() }) // whoever reads or writes sees the error
	if err := s.hello(); err != nil {
		s.end()
		return nil, &trouble{till.PrinterOff, err}
	}
	if is := troubleOf(s.status); is != "" {
		s.end()
		return nil, &trouble{is, fmt.Errorf("not ready: %s", is)}
	}
	return s, nil
}

func troubleOf(s escpos.Status) till.PrinterTrouble {
	switch {
	case s.PaperOut:
		return till.PrinterPaper
	case s.CoverOpen:
		return till.PrinterCover
	case !s.Ready():
		return till.PrinterFault
	}
	return ""
}

// dialTCP is a printer with a socket, as a rule on port 9100.
func dialTCP(address string) func(ctx context.Context) (line, error) {
	return func(ctx context.Context) (line, error) {
		c, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			return nil, err
		}
		return c.(*net.TCPConn), nil
	}
}

// dialFile is a printer behind a device file. It is opened for each job, so that it can be pulled out and put back.
func dialFile(path string) func(ctx context.Context) (line, error) {
	return func(context.Context) (line, error) {
		f, err := os.OpenFile(path, os.O_RDWR|noWait, 0)
		if err != nil {
			return nil, err
		}
		if err := f.SetWriteDeadline(time.Time{}); errors.Is(err, os.ErrNoDeadline) {
			_ = f.Close()
			return nil, fmt.Errorf("%s is no printer", path)
		}
		return f, nil
	}
}
