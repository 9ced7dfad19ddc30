package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"comptant/sync/wire"
)

// bare is a connection from each till of a crowd with nothing on top, and a frame to write on them.
type bare struct {
	crowd *crowd
	conns []net.Conn
	frame []byte
	// written counts the frames sent to each connection.
	written int
}

// frameOf is a message with the head that a websocket puts before it.
func frameOf(m wire.Message) ([]byte, error) {
	frame, err := wire.Encode(m)
	if err != nil {
		return nil, err
	}
	websocket := 2
	if len(frame) > 125 {
		websocket = 4
	}
	return append(make([]byte, websocket), frame...), nil
}

// openBare accepts the connections.
func openBare(ctx context.Context, crowd *crowd, frame []byte) (*bare, error) {
	b := &bare{crowd: crowd, frame: frame}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("bare connections: %w", err)
	}
	defer l.Close()
	if err := crowd.say("bare %s %d", l.Addr(), len(frame)); err != nil {
		return nil, err
	}
	for range crowd.tills {
		c, err := l.Accept()
		if err != nil {
			return nil, errors.Join(fmt.Errorf("bare connections: %w", err), b.close())
		}
		b.conns = append(b.conns, c)
	}
	return b, crowd.wait(ctx, "bare open")
}

// write writes the frame to each connection and waits until all of it was read; runs times. It is done once before that,
// unmeasured: whichever side comes first would pay for waking the readers up.
func (b *bare) write(ctx context.Context, runs int, w *Watch) error {
	if err := b.once(ctx); err != nil {
		return err
	}
	w.Start()
	for range runs {
		start := time.Now()
		if err := b.once(ctx); err != nil {
			return err
		}
		w.Lap(time.Since(start))
	}
	w.Stop(runs * len(b.conns))
	return nil
}

func (b *bare) once(ctx context.Context) error {
	for _, c := range b.conns {
		if _, err := c.Write(b.frame); err != nil {
			return fmt.Errorf("bare connection: %w", err)
		}
	}
	b.written++
	return b.crowd.wait(ctx, fmt.Sprintf("read %d", b.written))
}

func (b *bare) close() error {
	var errs []error
	for _, c := range b.conns {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}
