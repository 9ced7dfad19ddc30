package fleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/lane"
	"comptant/terminal/till"

	"github.com/google/uuid"
)

// Till is one lane of the fleet, with its link running and a network that can be cut.
type Till struct {
	*lane.Lane
	Dir string

	cancel context.CancelFunc
	done   chan error

	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

// App is the version the fleet's tills give.
const App = "fleet"

// Enrol makes dir the folder of a till of the store (its code), with a one-time code of hq.
func Enrol(ctx context.Context, hq *HQ, dir, store string, number int) error {
	return EnrolThrough(ctx, hq, hq.URL(), dir, store, number)
}

// EnrolThrough is Enrol for a till that reaches hq by another address, now and later.
func EnrolThrough(ctx context.Context, hq *HQ, url, dir, store string, number int) error {
	code, err := hq.Command(ctx, "till", "code", "--store", store, "--number", fmt.Sprint(number))
	if err != nil {
		return err
	}
	return lane.Enrol(ctx, dir, url, strings.TrimSpace(code), App)
}

// Open opens an enrolled folder and connects it.
func Open(ctx context.Context, dir string, log *slog.Logger) (*Till, error) {
	return Connect(ctx, lane.Config{Dir: dir, Log: log})
}

// Connect is Open for a till with a clock or a network of its own.
func Connect(ctx context.Context, cfg lane.Config) (*Till, error) {
	t, err := open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	t.cancel, t.done = cancel, make(chan error, 1)
	go func() { t.done <- t.Run(run) }()
	return t, nil
}

// OpenOffline opens an enrolled folder and leaves it alone.
func OpenOffline(ctx context.Context, dir string, log *slog.Logger) (*Till, error) {
	return open(ctx, lane.Config{Dir: dir, Log: log})
}

func open(ctx context.Context, cfg lane.Config) (*Till, error) {
	t := &Till{Dir: cfg.Dir, conns: map[net.Conn]struct{}{}}
	cfg.App, cfg.Printer = App, paper{}
	if cfg.Dial == nil {
		cfg.Dial = t.dial
	}
	var err error
	if t.Lane, err = lane.Open(ctx, cfg); err != nil {
		return nil, fmt.Errorf("open till %s: %w", filepath.Base(cfg.Dir), err)
	}
	return t, nil
}

// paper is a printer that always has paper and keeps none.
type paper struct{}

func (paper) Print(context.Context, retail.Receipt) error { return nil }

func (paper) PrintReport(context.Context, retail.Report) error { return nil }

// float is what the drawer of a shift holds when it opens.
const float = 20000

// Work signs a person in, and opens a shift when none is open. The customer of a ticket that was open when the till was killed
// has left.
func (t *Till) Work(ctx context.Context, user uuid.UUID, pin string) error {
	at := t.Lane.Till
	if err := at.SignIn(ctx, user, pin); err != nil {
		return err
	}
	if !at.Shift().Open() {
		if err := at.OpenShift(ctx, float); err != nil {
			return err
		}
	}
	if err := at.CancelPayment(); err != nil {
		return err
	}
	return at.Clear()
}

// CloseShift counts exactly what a drawer with so much in it holds, in one piece, and closes the shift.
func (t *Till) CloseShift(ctx context.Context, drawer money.Amount) (till.Closed, error) {
	if err := t.Lane.Till.StartCount(); err != nil {
		return till.Closed{}, err
	}
	var count []retail.Denomination
	if drawer > 0 {
		count = append(count, retail.Denomination{Value: drawer, Count: 1})
	}
	return t.Lane.Till.CloseShift(ctx, count)
}

// Close disconnects and closes the folder. Closing again does nothing.
func (t *Till) Close() error {
	if t.cancel == nil {
		return t.Lane.Close()
	}
	t.cancel()
	t.cancel = nil
	return errors.Join(<-t.done, t.Lane.Close())
}

// Cut closes the till's connections in the middle of whatever they carry.
func (t *Till) Cut() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for c := range t.conns {
		_ = c.Close() // the link sees the error
	}
	clear(t.conns)
}

func (t *Till) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.conns[c] = struct{}{}
	return c, nil
}

// Until waits until the condition holds, looking again whenever something of the till changed.
func (t *Till) Until(ctx context.Context, condition func() (bool, error)) error {
	changed := make(chan struct{}, 1)
	t.OnChange(func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	})
	// An acknowledgement changes nothing a till shows at once, so look now and then as well.
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for {
		ok, err := condition()
		if err != nil || ok {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("till %s: %w", filepath.Base(t.Dir), ctx.Err())
		case <-changed:
		case <-look.C:
		}
	}
}

// Drained waits until headquarters has acknowledged every entry.
func (t *Till) Drained(ctx context.Context) error {
	return t.Until(ctx, func() (bool, error) {
		w, err := t.Ledger.Waiting(ctx)
		return w.Count == 0, err
	})
}

// Loaded waits until the till has a catalogue.
func (t *Till) Loaded(ctx context.Context) error {
	return t.Until(ctx, func() (bool, error) {
		v, err := t.Ledger.Prices(ctx)
		return v > 0, err
	})
}
