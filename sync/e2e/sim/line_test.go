package sim_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"comptant/sync/e2e/sim"

	"github.com/stretchr/testify/require"
)

// line stands between headquarters and its database, and cuts a connection at a chosen message.
type line struct {
	listener net.Listener
	database string

	mu        sync.Mutex
	at, count int
	answered  bool
	broke     bool
}

// newLine is a line to the database at an address, and its own address.
func newLine(t *testing.T, address string) (*line, string) {
	u, err := url.Parse(address)
	require.NoError(t, err)
	l := &line{database: u.Host}
	l.listener, err = net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.listener.Close() })
	go func() {
		for {
			conn, err := l.listener.Accept()
			if err != nil {
				return
			}
			go l.carry(conn)
		}
	}()
	u.Host = l.listener.Addr().String()
	return l, u.String()
}

// carry passes on what two sides say, each piece as it comes: they take turns, so a piece is a message and those sent with
// it.
func (l *line) carry(hq net.Conn) {
	defer hq.Close()
	database, err := net.Dial("tcp", l.database)
	if err != nil {
		return
	}
	defer database.Close()
	var mu sync.Mutex
	deaf := false
	go func() {
		defer hq.Close()
		pass(database, hq, func([]byte) bool {
			mu.Lock()
			defer mu.Unlock()
			return !deaf
		})
	}()
	pass(hq, database, func(said []byte) bool {
		broke, answered := l.message(said)
		mu.Lock()
		defer mu.Unlock()
		deaf = broke
		return !broke || answered
	})
}

// pass carries one direction as long as it may.
func pass(from io.Reader, to io.Writer, may func([]byte) bool) {
	b := make([]byte, 1<<20)
	for {
		n, err := from.Read(b)
		if n > 0 && may(b[:n]) {
			_, failed := to.Write(b[:n])
			err = errors.Join(err, failed)
		} else if err == nil {
			return
		}
		if err != nil {
			return
		}
	}
}

// message counts one, and says whether the line is cut at it.
func (l *line) message(said []byte) (broke, answered bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	commits := bytes.HasSuffix(said, []byte("commit\x00"))
	if l.broke || l.count != l.at && (l.at != sim.AtCommit || !commits) {
		return false, false
	}
	l.broke = true
	return true, l.answered
}

// Break cuts the line at the n-th message from now on. See sim.BreakableHeadquarters.
func (l *line) Break(n int, answered bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at, l.count, l.answered, l.broke = n, 0, answered, false
}

// Broke says whether the line was cut.
func (l *line) Broke() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.broke
}
