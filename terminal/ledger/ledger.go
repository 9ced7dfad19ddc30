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

	"github.com/google/uuid"
)

// The files of a till's folder.
const (
	ledgerFile   = "ledger.db"
	sentinelFile = "sentinel"
)

var (
	_ till.Journal   = (*Ledger)(nil)
	_ till.Catalogue = (*Ledger)(nil)
	_ till.Book      = (*Ledger)(nil)
	_ till.Tickets   = (*Ledger)(nil)
	_ till.Tries     = (*Ledger)(nil)
	_ till.Picks     = (*Ledger)(nil)
	_ link.Journal   = (*Ledger)(nil)
	_ link.Replica   = (*Ledger)(nil)
	_ link.Snapshots = (*Ledger)(nil)
)

// Config says where a ledger lives and what it needs from outside.
type Config struct {
	// Dir holds the databases.
	Dir string
	// SentinelDir holds the sentinel; it should be on another disk. Empty: Dir.
	SentinelDir string
	// Ballast is how much room is kept back on each disk, in bytes; 0 for none.
	Ballast int64
	// BackupDir takes a copy of ledger.db each night, of which the newest Backups are kept; best on another disk. Empty: none.
	BackupDir string
	Backups   int
	// App is the program's name and version.
	App string
	Log *slog.Logger
	Now func() time.Time
	// Uptime names the boot of the machine and says how long it has lasted, sleep included. Nil: each opening counts as a
	// boot, carried by Now.
	Uptime func() (boot string, up time.Duration)
}

// Ledger is an open till folder.
type Ledger struct {
	cfg      Config
	ledger   *database
	identity identity
	// current is the catalogue in force, catalogues all that are open; feeding is held by who writes to the one in force or
	// puts another there, and loading, before it, by who makes that one.
	current     atomic.Pointer[catalogue]
	catalogues  []catalogue
	feeding     sync.Mutex
	loading     sync.Mutex
	damagedPath atomic.Pointer[string]
	// store is the till's store, as the feed last described it.
	store atomic.Pointer[retail.Location]
	// ackAt is headquarters' time at the last acknowledgement, in milliseconds; 0 for never.
	ackAt atomic.Int64

	// clock is the estimate of headquarters' time; passed is the latest moment that is known to have passed, in
	// milliseconds.
	clock  atomic.Pointer[clock]
	passed atomic.Int64

	// shown counts the changes of what the feeds show; priced is what was read of it.
	shown  atomic.Uint64
	priced atomic.Pointer[pricing]
	// names counts the publications that changed what products are found by, renamed that one is under way; found is what was
	// made of them.
	names   atomic.Uint64
	renamed atomic.Bool
	found   atomic.Pointer[finder]
	// goods and stocks are what was read lately.
	goods  remembered[goodsOf, int64, retail.Product]
	stocks remembered[[2]written, uuid.UUID, till.Stock]

	// sold is where the newest sale stands, for who must not wait for one that is being written.
	sold   atomic.Pointer[place]
	ticket *slots
	count  *slots
	drawer *slots
	picks  *slots

	// mu lets one entry be written at a time; head, sentinel, keptAt and changes of the clock belong to it.
	mu       sync.Mutex
	head     head
	sentinel *sentinel
	// opened is the epoch the folder wrote when it was opened; restored says that opening found the database or the sentinel
	// restored, and began another.
	opened   uint64
	restored bool
	// keptAt is the moment of the estimate on disk.
	keptAt time.Duration

	// spent says that the room kept back was given away; ballast is held by who writes or removes its files.
	spent   atomic.Bool
	ballast sync.Mutex

	hooks       sync.Mutex
	onCommit    []func()
	onPublish   []func()
	checkpoints *worker
	pruning     *worker
	checking    *worker
	ballasting  *worker
	nights      *worker
	falling     *worker
	finding     *worker
	// backedUp is when the newest backup was begun; the others are when the night's work was last tried, in milliseconds.
	backedUp                  atomic.Pointer[time.Time]
	backupTried, renewalTried atomic.Int64
	// today is headquarters' day as last heard, in days since 1970; 0 before.
	today   atomic.Int64
	closing sync.Once
}

// Open opens the folder of an enrolled till. When the database or the sentinel was restored or lost, it copies back
// what is missing and begins a new epoch, without headquarters; one that cannot be read any more is put aside for a new one. The error is ErrNotEnrolled when there is no till in
// the folder.
func Open(ctx context.Context, cfg Config) (*Ledger, error) {
	if cfg.SentinelDir == "" {
		cfg.SentinelDir = cfg.Dir
	}
	if cfg.Uptime == nil {
		cfg.Uptime = process(cfg.Now)
	}
	l := &Ledger{cfg: cfg}
	err := l.open(ctx)
	if l.release(err) { // not even opening finds room
		_ = l.Close() // what has failed is open again below
		l = &Ledger{cfg: cfg}
		err = l.open(ctx)
	}
	if corrupt(err) || l.ledger != nil && errors.Is(err, ErrNotEnrolled) { // an empty file is one that lost everything
		if failed := errors.Join(l.Close(), replaceDamaged(ctx, cfg, err)); failed == nil {
			l = &Ledger{cfg: cfg}
			err = l.open(ctx)
		} else if corrupt(err) {
			err = errors.Join(err, failed)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger %s: %w", cfg.Dir, err), l.Close())
	}
	l.keepIdentity()
	l.checking.poke()
	l.beginBallast()
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
	if err := l.clearSuspicion(ctx); err != nil {
		return err
	}
	if l.identity, err = readIdentity(ctx, l.ledger.read); err != nil {
		return err
	}
	l.ackAt.Store(l.identity.ackAt)
	if l.sentinel, err = openSentinel(l.sentinelPath(), l.identity.Till); err != nil {
		return err
	}
	if l.ticket, err = openSlots(filepath.Join(l.cfg.Dir, ticketFile)); err != nil {
		return err
	}
	if l.drawer, err = openSlots(filepath.Join(l.cfg.Dir, drawerFile)); err != nil {
		return err
	}
	if l.count, err = openSlots(filepath.Join(l.cfg.Dir, countFile)); err != nil {
		return err
	}
	if l.picks, err = openSlots(filepath.Join(l.cfg.Dir, picksFile)); err != nil {
		return err
	}
	l.checkpoints, l.pruning, l.checking = startWorker(l.checkpointAll), startWorker(l.prune), startWorker(l.check)
	l.ballasting = startWorker(func(context.Context) { l.keepBack() })
	l.nights, l.falling = startWorker(l.night), startWorker(l.fallBack)
	l.finding = startWorker(l.find)
	l.feeding.Lock()
	err = l.beginCatalogue(ctx)
	l.feeding.Unlock()
	if err != nil {
		return err
	}
	l.findBackups()
	before, err := l.readHead(ctx)
	if err != nil {
		return err
	}
	fresh, err := l.loadClock(ctx)
	if err != nil {
		return err
	}
	if err := l.reconcile(ctx); err != nil {
		return err
	}
	if err := l.beginClock(ctx, fresh, before); err != nil {
		return err
	}
	return l.signLast(ctx)
}

func (l *Ledger) sentinelPath() string { return filepath.Join(l.cfg.SentinelDir, sentinelFile) }

// Close waits for the entry being written and closes every file. Closing again does nothing.
func (l *Ledger) Close() error {
	var err error
	l.closing.Do(func() { err = l.close() })
	return err
}

func (l *Ledger) close() error {
	for _, w := range []*worker{l.pruning, l.checkpoints, l.checking, l.ballasting, l.nights, l.falling, l.finding} {
		if w != nil {
			w.stop() // before mu: the work may want it
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for _, c := range l.catalogues {
		errs = append(errs, c.close())
	}
	if l.ledger != nil {
		errs = append(errs, l.ledger.close())
	}
	if l.sentinel != nil {
		errs = append(errs, l.sentinel.close())
	}
	for _, s := range []*slots{l.ticket, l.count, l.drawer, l.picks} {
		if s != nil {
			errs = append(errs, s.close())
		}
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
	published, ok, err := rowOf[retail.Location](ctx, l.catalogue().read, retail.RowLocation, store.ID)
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

// published says that the feeds show something else.
func (l *Ledger) published() {
	if l.renamed.Swap(false) {
		l.names.Add(1)
	}
	l.shown.Add(1)
	l.call(&l.onPublish)
}

func (l *Ledger) call(hooks *[]func()) {
	l.hooks.Lock()
	defer l.hooks.Unlock()
	for _, f := range *hooks {
		f()
	}
}
