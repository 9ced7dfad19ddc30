package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"comptant/shared/retail"
	"comptant/sync/link"
	"comptant/terminal/till"
)

// The files of a till's folder.
const (
	ledgerFile   = "ledger.db"
	catalogFile  = "catalog.db"
	sentinelFile = "sentinel"
)

var (
	_ till.Journal   = (*Ledger)(nil)
	_ till.Catalogue = (*Ledger)(nil)
	_ till.Book      = (*Ledger)(nil)
	_ link.Journal   = (*Ledger)(nil)
	_ link.Replica   = (*Ledger)(nil)
)

// Config says where a ledger lives and what it needs from outside.
type Config struct {
	// Dir holds the databases.
	Dir string
	// SentinelDir holds the sentinel; it should be on another disk. Empty: Dir.
	SentinelDir string
	// App is the program's name and version.
	App string
	Log *slog.Logger
	Now func() time.Time
	// Offset is the estimate of headquarters' time minus the till's, and its bound. Nil: not known.
	Offset func() (offset, bound time.Duration)
	// Certain says whether that estimate may be acted on, or a person has confirmed the date: until then no price book takes
	// effect. Nil: it always may.
	Certain func() bool
}

// Ledger is an open till folder.
type Ledger struct {
	cfg      Config
	ledger   *database
	catalog  *database
	identity identity
	// store is the till's store, as the feed last described it.
	store atomic.Pointer[retail.Location]
	// ackAt is headquarters' time at the last acknowledgement, in milliseconds; 0 for never.
	ackAt atomic.Int64
	// lastPriced is the last moment that prices were read for with a certain clock, or the beginning of the book that the
	// last sale was made at, in milliseconds.
	lastPriced atomic.Int64

	// mu lets one entry be written at a time; head and sentinel belong to it.
	mu       sync.Mutex
	head     head
	sentinel *sentinel

	hooks       sync.Mutex
	onCommit    []func()
	onPublish   []func()
	checkpoints *checkpointer
	closing     sync.Once
}

// Open opens the folder of an enrolled till. When the database or the sentinel was restored or lost, it copies back
// what is missing and begins a new epoch, without headquarters. The error is ErrNotEnrolled when there is no till in
// the folder.
func Open(ctx context.Context, cfg Config) (*Ledger, error) {
	if cfg.SentinelDir == "" {
		cfg.SentinelDir = cfg.Dir
	}
	if cfg.Offset == nil {
		cfg.Offset = func() (time.Duration, time.Duration) { return 0, 0 }
	}
	if cfg.Certain == nil {
		cfg.Certain = func() bool { return true }
	}
	l := &Ledger{cfg: cfg}
	if err := l.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger %s: %w", cfg.Dir, err), l.Close())
	}
	return l, nil
}

func (l *Ledger) open(ctx context.Context) (err error) {
	path := filepath.Join(l.cfg.Dir, ledgerFile)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return ErrNotEnrolled
	}
	if l.ledger, err = openDatabase(ctx, path, "ledger", fullSync, fullReadBack); err != nil {
		return err
	}
	if l.identity, err = readIdentity(ctx, l.ledger.read); err != nil {
		return err
	}
	l.ackAt.Store(l.identity.ackAt)
	if l.sentinel, err = openSentinel(filepath.Join(l.cfg.SentinelDir, sentinelFile), l.identity.Till); err != nil {
		return err
	}
	catalog := filepath.Join(l.cfg.Dir, catalogFile)
	if l.catalog, err = openDatabase(ctx, catalog, "catalog", normalSync, normalReadBack); err != nil {
		return err
	}
	if err := l.keepBooks(ctx); err != nil {
		return err
	}
	if err := l.refreshStore(ctx); err != nil {
		return err
	}
	l.checkpoints = startCheckpointer(l.ledger, l.catalog, l.cfg.Log)
	if err := l.reconcile(ctx); err != nil {
		return err
	}
	return l.rememberPrices(ctx)
}

// Close waits for the entry being written and closes every file. Closing again does nothing.
func (l *Ledger) Close() error {
	var err error
	l.closing.Do(func() { err = l.close() })
	return err
}

func (l *Ledger) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	if l.checkpoints != nil {
		l.checkpoints.stop()
	}
	if l.catalog != nil {
		errs = append(errs, l.catalog.close())
	}
	if l.ledger != nil {
		errs = append(errs, l.ledger.close())
	}
	if l.sentinel != nil {
		errs = append(errs, l.sentinel.close())
	}
	return errors.Join(errs...)
}

// Enrolment is what the till was enrolled with.
func (l *Ledger) Enrolment() Enrolment { return l.identity.Enrolment }

// Session is n, the number of the last session with headquarters when the ledger was opened.
func (l *Ledger) Session() uint64 { return l.identity.session }

// Identity is the till, its store and its settings.
func (l *Ledger) Identity() till.Identity {
	return till.Identity{
		Till: l.identity.Till, Number: l.identity.Number, Store: *l.store.Load(),
		Currency: l.identity.Currency, App: l.cfg.App,
	}
}

// refreshStore takes the store's name and address from the feed, where it is newer than the enrolment's.
func (l *Ledger) refreshStore(ctx context.Context) error {
	store := l.identity.Store
	published, ok, err := rowOf[retail.Location](ctx, l.catalog.read, retail.RowLocation, store.ID)
	if err != nil {
		return err
	}
	if ok {
		store = published
	}
	l.store.Store(&store)
	return nil
}

// OnCommit calls f after every entry that was written. f must not block.
func (l *Ledger) OnCommit(f func()) {
	l.hooks.Lock()
	defer l.hooks.Unlock()
	l.onCommit = append(l.onCommit, f)
}

// OnPublish calls f after every change of what the feeds show. f must not block.
func (l *Ledger) OnPublish(f func()) {
	l.hooks.Lock()
	defer l.hooks.Unlock()
	l.onPublish = append(l.onPublish, f)
}

func (l *Ledger) call(hooks *[]func()) {
	l.hooks.Lock()
	defer l.hooks.Unlock()
	for _, f := range *hooks {
		f()
	}
}
