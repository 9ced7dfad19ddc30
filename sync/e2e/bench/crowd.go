package bench

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"comptant/shared/journal"
	"comptant/sync/link"
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// crowd is a process of many tills: this program, started again. It is told what to do on standard input and answers on
// standard output:
//
//	(at start)          upto SEQ      each time every till has published the global feed up to the newest seq
//	bare ADDRESS SIZE   bare open     connections from each till with nothing on top
//	                    read N        each time SIZE bytes more have come on all of them
type crowd struct {
	tills int
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan string
}

// crowdEnv tells the program that it is the crowd: headquarters' address, its key, and how many tills.
const crowdEnv = "COMPTANT_BENCH_CROWD"

// crowdPatience bounds how long the crowd may take for anything.
const crowdPatience = 2 * time.Minute

// init turns a program that was started as the crowd into it.
func init() {
	settings := os.Getenv(crowdEnv)
	if settings == "" {
		return
	}
	if err := beCrowd(context.Background(), settings); err != nil {
		fmt.Fprintln(os.Stderr, "crowd:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func startCrowd(ctx context.Context, url string, hq ed25519.PrivateKey, tills int) (*crowd, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start the tills: %w", err)
	}
	c := &crowd{tills: tills, cmd: exec.CommandContext(ctx, program), lines: make(chan string, 64)}
	c.cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %x %d", crowdEnv, url, hq.Public(), tills))
	c.cmd.Stderr = os.Stderr
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start the tills: %w", err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the tills: %w", err)
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the tills: %w", err)
	}
	go func() {
		defer close(c.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			c.lines <- s.Text()
		}
	}()
	return c, nil
}

func (c *crowd) say(format string, args ...any) error {
	_, err := fmt.Fprintf(c.in, format+"\n", args...)
	return err
}

// wait waits until the crowd says a line, passing over others.
func (c *crowd) wait(ctx context.Context, line string) error {
	enough := time.NewTimer(crowdPatience)
	defer enough.Stop()
	for {
		select {
		case said, ok := <-c.lines:
			if !ok {
				return fmt.Errorf("the tills ended while %q was awaited", line)
			}
			if said == line {
				return nil
			}
		case <-enough.C:
			return fmt.Errorf("the tills did not say %q within %s", line, crowdPatience)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// cpu is the processor time the tills used.
func (c *crowd) cpu() time.Duration { return familyTime(c.cmd.Process.Pid) }

func (c *crowd) close() error {
	err := c.in.Close()
	for range c.lines { // until it has ended
	}
	return errors.Join(err, c.cmd.Wait())
}

// beCrowd runs the tills until standard input ends.
func beCrowd(ctx context.Context, settings string) error {
	var url, key string
	var tills int
	if _, err := fmt.Sscan(settings, &url, &key, &tills); err != nil {
		return err
	}
	hq, err := hex.DecodeString(key)
	if err != nil {
		return err
	}
	ctx, leave := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer func() {
		leave()
		running.Wait()
	}()
	all := &progress{tills: tills}
	// Not all at once: what is measured comes later.
	next := time.NewTicker(time.Millisecond)
	for i := range tills {
		<-next.C
		id, private := device(i)
		idle := &idle{till: id, epoch: 1, cursors: map[string]wire.Cursor{}, all: all}
		l, err := link.New(link.Config{
			URL: url, Till: id, Key: private, HQKey: ed25519.PublicKey(hq), Journal: idle, Replica: idle,
			Log: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			return err
		}
		running.Go(func() { _ = l.Run(ctx) }) // ends with ctx only
	}
	next.Stop()
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var address string
		var size int
		if _, err := fmt.Sscanf(in.Text(), "bare %s %d", &address, &size); err != nil {
			return fmt.Errorf("told %q: %w", in.Text(), err)
		}
		if err := listen(ctx, address, tills, size); err != nil {
			return err
		}
		fmt.Println("bare open")
	}
	return nil
}

// progress says when every till has what is newest.
type progress struct {
	tills int

	mu     sync.Mutex
	newest uint64
	have   int
}

func (p *progress) published(upto uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if upto > p.newest {
		p.newest, p.have = upto, 0
	}
	if upto == p.newest {
		p.have++
	}
	if p.have == p.tills {
		fmt.Println("upto", upto)
	}
}

// idle is the least a till may be: an epoch without entries, and pages of which only the cursor is kept.
type idle struct {
	link.Journal
	till    uuid.UUID
	epoch   uint64
	cursors map[string]wire.Cursor
	all     *progress
}

func (i *idle) Epochs(context.Context) ([]wire.EpochState, error) {
	return []wire.EpochState{{Epoch: i.epoch, Hash: journal.Genesis(i.till, i.epoch)}}, nil
}

func (i *idle) OpenEpoch(_ context.Context, least uint64) error {
	i.epoch = least
	return nil
}

func (*idle) SessionOpened(context.Context, uint64, uint64, time.Time) error { return nil }
func (*idle) Follow(context.Context, []string) error                         { return nil }
func (*idle) Stage(context.Context, wire.Changes) error                      { return nil }

func (i *idle) Cursors(context.Context) ([]wire.Cursor, error) {
	return slices.Collect(maps.Values(i.cursors)), nil
}

func (i *idle) Reset(_ context.Context, feed string, gen uint64) error {
	i.cursors[feed] = wire.Cursor{Feed: feed, Gen: gen}
	return nil
}

func (i *idle) Publish(_ context.Context, page wire.Changes) error {
	i.cursors[page.Feed] = wire.Cursor{Feed: page.Feed, Gen: page.Gen, Seq: page.Upto}
	if page.Feed == global {
		i.all.published(page.Upto)
	}
	return nil
}

// listen opens bare connections and counts, for all together, what comes on them.
func listen(ctx context.Context, address string, conns, size int) error {
	var mu sync.Mutex
	read := 0
	count := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		full := size * conns
		if before := read; (before+n)/full > before/full {
			fmt.Println("read", (before+n)/full)
		}
		read += n
	}
	for range conns {
		c, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			return fmt.Errorf("bare connection: %w", err)
		}
		go func() {
			defer c.Close()
			buf := make([]byte, size)
			for {
				n, err := c.Read(buf)
				count(n)
				if err != nil {
					return
				}
			}
		}()
	}
	return nil
}
