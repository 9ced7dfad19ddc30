package chaos

import (
	"crypto/rand"
	"io"
	"net"
	"testing"
	"time"

	"comptant/sync/e2e/proxy"

	"github.com/Shopify/toxiproxy/v2/toxics"
	"github.com/stretchr/testify/require"
)

// startRoute gives a route and the other end of its connection.
func startRoute(t *testing.T, p plan) (r *route, hq net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	conn, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	hq, err = listener.Accept()
	require.NoError(t, err)
	r = newRoute(conn.(*net.TCPConn), 0, p)
	t.Cleanup(func() { _, _ = r.Close(), hq.Close() })
	require.NoError(t, hq.SetDeadline(time.Now().Add(10*time.Second)))
	return r, hq
}

// What must go unnoticed changes no byte, in either direction, and what was said before hanging up still arrives.
func TestStrainsChangeNothing(t *testing.T) {
	var p plan
	for d := range p.strains {
		p.strains[d] = []toxic{
			{Toxic: &toxics.LatencyToxic{Latency: 5, Jitter: 2}},
			{Toxic: &toxics.SlicerToxic{AverageSize: 50, SizeVariation: 8, Delay: 10}},
			{Toxic: &toxics.BandwidthToxic{Rate: 1000}},
		}
	}
	r, hq := startRoute(t, p)
	said := make([]byte, 10_000)
	_, _ = rand.Read(said)
	heard := make([]byte, len(said))
	_, err := hq.Write(said)
	require.NoError(t, err)
	_, err = io.ReadFull(r, heard)
	require.NoError(t, err)
	require.Equal(t, said, heard)

	_, err = r.Write(said)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	_, err = r.Write(said)
	require.ErrorIs(t, err, net.ErrClosed)
	heard, err = io.ReadAll(hq)
	require.NoError(t, err)
	require.Equal(t, said, heard)
}

// A breaker lets everything through until it begins; then nothing, and both ends lose the connection.
func TestBreakersBreak(t *testing.T) {
	for name, breaker := range map[string]toxics.Toxic{
		"timeout": &toxics.TimeoutToxic{Timeout: 5}, "reset_peer": &toxics.ResetToxic{Timeout: 1},
	} {
		t.Run(name, func(t *testing.T) {
			for _, d := range []proxy.Direction{proxy.Up, proxy.Down} {
				r, hq := startRoute(t, plan{breaker: toxic{kind: name, Toxic: breaker}, on: d, after: 20 * time.Millisecond})
				from, to := io.ReadWriter(r), io.ReadWriter(hq)
				if d == proxy.Down {
					from, to = to, from
				}
				_, err := from.Write([]byte("before"))
				require.NoError(t, err)
				heard := make([]byte, 6)
				_, err = io.ReadFull(to, heard)
				require.NoError(t, err)
				require.Eventually(t, r.breaks[d].Load, 10*time.Second, time.Millisecond)
				_, _ = from.Write([]byte("after"))
				rest, _ := io.ReadAll(to)
				require.Empty(t, rest)
				_, _ = io.ReadAll(r) // ends
				require.NoError(t, r.Close())
				_, _ = io.ReadAll(hq) // ends
			}
		})
	}
}
