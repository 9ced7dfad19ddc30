package lane

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"comptant/shared/retail"
	"comptant/sync/link"
	"comptant/sync/wire"
	"comptant/terminal/ledger"
	"comptant/terminal/till"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
)

// Config says where a lane lives and what it needs from outside.
type Config struct {
	// Dir is the till's folder; SentinelDir, empty for the same, should be on another disk.
	Dir         string
	SentinelDir string
	// URL is headquarters' address; empty for the one of the enrolment.
	URL string
	// App is the program's version.
	App string
	Log *slog.Logger
	// Printer prints receipts; nil opens the one that PrintTo names, as printer.Open understands it. Empty makes PDF files in
	// the folder receipts of Dir.
	Printer till.Printer
	PrintTo string
	// Upkeep says that the lane looks after its disk: see Upkeep.
	Upkeep Upkeep
	// Uptime names the boot of the machine and says how long it has lasted, as MachineUptime does; nil lets each opening
	// count as one.
	Uptime func() (boot string, up time.Duration)
	// Built is when the program was made; zero when that is not known.
	Built time.Time
	// Now and Dial replace the clock and the network; nil is the real one.
	Now  func() time.Time
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// tls replaces the machine's list of authorities in a test.
	tls *tls.Config
}

// Upkeep is what a lane does for its disk. The zero value is nothing, for lanes that live for a test.
type Upkeep struct {
	// Ballast is how much room is kept back, in bytes.
	Ballast int64
	// BackupDir takes a copy of the journal each night, of which the newest Backups are kept.
	BackupDir string
	Backups   int
}

// Lane is an open checkout lane.
type Lane struct {
	Till   *till.Till
	Ledger *ledger.Ledger
	Link   *link.Link
	// press is the lane's own printer; nil when it was given one.
	press *press
	holds till.Holds
	// published says that the feeds show something new.
	published chan struct{}
	// people says that somebody was written down, or may have arrived at headquarters.
	people chan struct{}
	// asked says that headquarters may have asked for the log.
	asked chan struct{}
	// measured says that the link has headquarters' time anew.
	measured chan struct{}
	// nights says that the lane looks after its disk.
	nights bool
	// wasOnline says that headquarters was in reach since the lane was opened.
	wasOnline atomic.Bool
	log       *slog.Logger
	now       func() time.Time
	dir       string
}

// Open opens the folder of an enrolled till. The lane can sell at once; Run connects it. The error is
// ledger.ErrNotEnrolled when there is no till in the folder.
func Open(ctx context.Context, cfg Config) (*Lane, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	l := &Lane{dir: cfg.Dir, now: cfg.Now, log: cfg.Log, published: make(chan struct{}, 1), measured: make(chan struct{}, 1), people: make(chan struct{}, 1), asked: make(chan struct{}, 1), nights: cfg.Upkeep != (Upkeep{})}
	var err error
	l.Ledger, err = ledger.Open(ctx, ledger.Config{
		Dir: cfg.Dir, SentinelDir: cfg.SentinelDir, App: cfg.App, Log: cfg.Log, Now: cfg.Now, Uptime: cfg.Uptime,
		Ballast: cfg.Upkeep.Ballast, BackupDir: cfg.Upkeep.BackupDir, Backups: cfg.Upkeep.Backups,
	})
	if err != nil {
		return nil, err
	}
	if cfg.Printer == nil {
		if l.press, err = openPress(cfg.Dir, cfg.PrintTo, cfg.Log); err != nil {
			return nil, errors.Join(err, l.Ledger.Close())
		}
		cfg.Printer = l.press
	}
	if err := l.wire(cfg); err != nil {
		l.closePrinter()
		return nil, errors.Join(err, l.Ledger.Close())
	}
	return l, nil
}

func (l *Lane) wire(cfg Config) (err error) {
	e := l.Ledger.Enrolment()
	if cfg.URL == "" {
		cfg.URL = e.URL
	}
	l.Link, err = link.New(link.Config{
		URL: cfg.URL, Till: e.Till, Key: e.Key, HQKey: e.HQKey, App: cfg.App, Sessions: l.Ledger.Session(),
		Journal: l.Ledger, Replica: l.Ledger, Snapshots: l.Ledger, Unsent: l.unsent, Log: cfg.Log, Now: cfg.Now, Dial: cfg.Dial,
	})
	if err != nil {
		return err
	}
	l.Ledger.OnCommit(l.Link.Notify)
	l.Ledger.OnPublish(l.lookAtHolds)
	l.Ledger.OnPublish(l.lookAtPeople)
	l.Ledger.OnPublish(l.lookAtLog)
	l.Link.OnStatus(func(link.Status) { wake(l.measured) })
	l.Link.OnStatus(func(link.Status) { l.lookAtPeople() })
	l.Link.OnStatus(func(s link.Status) {
		if s.Online {
			l.wasOnline.Store(true)
			l.lookAtLog()
		}
	})
	l.holds = till.Holds{Till: e.Till, Journal: l.Ledger, Book: l.Ledger, Log: cfg.Log}
	l.Till, err = till.New(till.Config{
		Journal: l.Ledger, Catalogue: l.Ledger, Book: l.Ledger, Tickets: l.Ledger, Counts: l.Ledger, Picks: l.Ledger, Customers: people{l.Ledger, l.lookAtPeople},
		Tries: l.Ledger, Storage: l.Ledger, Printer: cfg.Printer, Disk: func() (int64, bool) { return Free(cfg.Dir) }, Network: l.Network,
		Ask: l.ask, Find: l.find, Now: cfg.Now, Built: cfg.Built, Log: cfg.Log,
	})
	return err
}

// unsent is what headquarters is told of what waits here.
func (l *Lane) unsent(ctx context.Context) (wire.Unsent, error) {
	w, err := l.Ledger.Waiting(ctx)
	u := wire.Unsent{Count: uint64(w.Count)}
	if !w.Oldest.IsZero() {
		u.Oldest = w.Oldest.UnixMilli()
	}
	return u, err
}

// askWithin is how long the line may take to send a request.
const askWithin = 5 * time.Second

// ask passes a request for a hold on to headquarters.
func (l *Lane) ask(ctx context.Context, hold retail.HoldAsked) error {
	return l.command(ctx, hold.ID, wire.CommandHold, hold)
}

// find passes a question for a receipt on to headquarters.
func (l *Lane) find(ctx context.Context, receipt retail.ReceiptAsked) error {
	return l.command(ctx, receipt.ID, wire.CommandReceipt, receipt)
}

func (l *Lane) command(ctx context.Context, id uuid.UUID, name string, of any) error {
	args, err := cbor.Marshal(of)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	return l.Link.Ask(ctx, wire.Command{ID: id, Name: name, Args: args})
}

func (l *Lane) lookAtHolds() { wake(l.published) }

// wake tells who waits for c, once.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// answerHolds answers other tills whenever the feed has something to ask, until ctx is done.
func (l *Lane) answerHolds(ctx context.Context) {
	l.lookAtHolds()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.published:
		}
		if err := l.holds.Answer(ctx); err != nil && ctx.Err() == nil {
			l.log.Error("holds not answered", "error", err)
		}
	}
}

// Run keeps the lane connected to headquarters until ctx is done. A lane that does not run sells all the same.
func (l *Lane) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { l.answerHolds(ctx) })
	beside.Go(func() { l.keepTime(ctx) })
	beside.Go(func() { l.sendPeople(ctx) })
	beside.Go(func() { l.sendLogs(ctx) })
	err := l.Link.Run(ctx)
	stop()
	beside.Wait()
	if !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// Close waits for what is being printed and written, and closes the folder. Run must have returned.
func (l *Lane) Close() error {
	l.closePrinter()
	l.Till.Close()
	return l.Ledger.Close()
}

func (l *Lane) closePrinter() {
	if l.press != nil {
		l.press.close()
	}
}

// Paper is the file a receipt was printed to; empty when it is on paper.
func (l *Lane) Paper(r retail.Receipt) string {
	if l.press == nil {
		return ""
	}
	return l.press.now().File(r.Code())
}

// Network is the state of the line to headquarters.
func (l *Lane) Network() till.Network {
	s := l.Link.Status()
	n := till.Network{Online: s.Online, Since: s.Since, TooOld: s.TooOld, LastAck: l.Ledger.LastAck()}
	switch n.Heard = n.LastAck; {
	case s.Online:
		n.Heard = l.now()
	case l.wasOnline.Load():
		n.Heard = s.Since
	}
	n.Offset, n.Error = l.Ledger.Offset()
	n.Certain, n.Passed = l.Ledger.Certain(), l.Ledger.Passed()
	return n
}

// OnChange calls f whenever something shown may have changed: an entry was written, a feed published, the line came or
// went, the printer did something. f is called from any goroutine and must not block.
func (l *Lane) OnChange(f func()) {
	l.Ledger.OnCommit(f)
	l.Ledger.OnPublish(f)
	l.Link.OnStatus(func(link.Status) { f() })
	if l.press != nil {
		l.press.onChange(f)
	}
}
