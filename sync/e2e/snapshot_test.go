package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"
	"comptant/sync/wire"
	"comptant/terminal/lane"
	"comptant/terminal/till"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// breaking is a network on which each download of a snapshot breaks off after a number of bytes, as often as it is told to.
type breaking struct {
	mu sync.Mutex
	// after is how many bytes a download gets, breaks how often it still breaks; broke is called then.
	after, breaks int
	broke         func()
	// downloads counts the requests, bytes what came of them.
	downloads int
	bytes     atomic.Int64
}

func (b *breaking) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return &line{Conn: c, of: b}, nil
}

// line is one connection.
type line struct {
	net.Conn
	of       *breaking
	download atomic.Bool
	left     int
}

func (l *line) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("GET "+wire.SnapshotPath)) {
		l.of.mu.Lock()
		l.of.downloads++
		if l.left = -1; l.of.breaks > 0 {
			l.of.breaks--
			l.left = l.of.after
		}
		l.of.mu.Unlock()
		l.download.Store(true)
	}
	return l.Conn.Write(p)
}

func (l *line) Read(p []byte) (int, error) {
	if !l.download.Load() {
		return l.Conn.Read(p)
	}
	if l.left == 0 {
		l.of.broke()
		_ = l.Close()
		return 0, net.ErrClosed
	}
	if l.left > 0 {
		p = p[:min(len(p), l.left)]
	}
	n, err := l.Conn.Read(p)
	if l.left > 0 {
		l.left -= n
	}
	l.of.bytes.Add(int64(n))
	return n, err
}

// A new till of a chain with a long catalogue gets it as one file, over a line that breaks and a headquarters that is killed
// meanwhile, and goes on each time from where it was. What it writes goes up before the catalogue is there.
func TestANewTillLoadsASnapshot(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 5*patience)
	defer cancel()
	products := 100_000
	if testing.Short() {
		products = 6_000
	}
	hq := headquarters(t)
	database := connect(t, hq)
	goods := filepath.Join(t.TempDir(), "goods.csv")
	var csv strings.Builder
	csv.WriteString("sku,name,category,price,barcode\n")
	for i := range products {
		fmt.Fprintf(&csv, "LONG-%06d,%s %d,Long,%d.%02d,\n", i, uuid.NewSHA1(uuid.Nil, fmt.Append(nil, i)), i, 1+i%90, i%100)
	}
	require.NoError(t, os.WriteFile(goods, []byte(csv.String()), 0o600))
	_, err := hq.Command(ctx, "import", "products", goods, "--apply")
	require.NoError(t, err)

	network := &breaking{breaks: 3, after: products * 12} // of about 78 a product
	dir := filepath.Join(t.TempDir(), "till")
	require.NoError(t, fleet.Enrol(ctx, hq, dir, "CV", 1))
	var shop *fleet.Till
	opened, breaks := make(chan struct{}), 0
	network.broke = func() {
		<-opened
		breaks++
		// The entries a till writes while it has no catalogue yet reach headquarters.
		_, err := shop.Ledger.Commit(ctx, somebody(breaks))
		require.NoError(t, err)
		require.NoError(t, shop.Drained(ctx))
		v, err := shop.Ledger.Prices(ctx)
		require.NoError(t, err)
		require.Zero(t, v, "there is no catalogue yet")
		if breaks == 2 {
			require.NoError(t, hq.Kill())
			require.NoError(t, hq.Start(ctx))
		}
	}
	log := slog.New(slog.NewTextHandler(logWriter{t}, nil))
	shop, err = fleet.Connect(ctx, lane.Config{Dir: dir, Log: log, Dial: network.dial})
	require.NoError(t, err)
	close(opened)
	defer func() { require.NoError(t, shop.Close()) }()
	require.NoError(t, shop.Loaded(ctx))
	require.Equal(t, 3, breaks)

	var size, made int64
	require.NoError(t, database.QueryRow(ctx, `SELECT max(size), count(*) FROM feed.snapshot WHERE feed = 'global'`).Scan(&size, &made))
	require.EqualValues(t, 1, made)
	require.GreaterOrEqual(t, network.downloads, 4)
	// A read that waited for the answer before the request was seen is not counted: 4 KiB a download.
	require.InDelta(t, size, network.bytes.Load(), float64(5000*network.downloads), "every byte came once")
	t.Logf("%d products in %d bytes, %d downloads", products, size, network.downloads)

	last := fmt.Sprintf("LONG-%06d", products-1)
	found, _, err := shop.Ledger.Search(ctx, last, 5)
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, last, found[0].SKU)
	same(ctx, t, shop, hq)

	// Changes go on from the snapshot, and the next till is given the same file.
	_, err = hq.Command(ctx, "prices", "add", last+"=12.34")
	require.NoError(t, err)
	require.NoError(t, shop.Until(ctx, func() (bool, error) {
		p, _, err := shop.Ledger.ByCode(ctx, last)
		return p.Price == 1234, err
	}))
	second := filepath.Join(t.TempDir(), "till2")
	require.NoError(t, fleet.Enrol(ctx, hq, second, "CV", 2))
	other, err := fleet.Open(ctx, second, log)
	require.NoError(t, err)
	defer func() { require.NoError(t, other.Close()) }()
	require.NoError(t, other.Loaded(ctx))
	same(ctx, t, other, hq)
	require.NoError(t, database.QueryRow(ctx, `SELECT count(*) FROM feed.snapshot WHERE feed = 'global'`).Scan(&made))
	require.EqualValues(t, 1, made)
}

// somebody signs in.
func somebody(n int) till.Draft {
	return till.Draft{Kind: journal.KindSignIn, Body: func(uint64) any { return retail.SignIn{Name: fmt.Sprint(n)} }}
}

// same waits until a till shows the global feed as headquarters has it.
func same(ctx context.Context, t *testing.T, shop *fleet.Till, hq *fleet.HQ) {
	t.Helper()
	database := connect(t, hq)
	require.NoError(t, shop.Until(ctx, func() (bool, error) {
		var want wire.Cursor
		var digest int64
		if err := database.QueryRow(ctx, `SELECT gen, seq, digest FROM feed.head WHERE feed = 'global'`).Scan(&want.Gen, &want.Seq, &digest); err != nil {
			return false, err
		}
		want.Feed, want.Digest = "global", uint64(digest)
		cursors, err := shop.Ledger.Cursors(ctx)
		for _, c := range cursors {
			if c == want {
				return true, nil
			}
		}
		return false, err
	}))
}
