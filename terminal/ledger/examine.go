package ledger

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"comptant/shared/journal"
	"comptant/sync/wire"
	"comptant/terminal/till"
)

// Examined is what was found in a till's folder. It was only read.
type Examined struct {
	Enrolment Enrolment
	// Running says that a till has the folder open.
	Running bool
	Waiting till.Waiting
	// LastAck is headquarters' time at the last acknowledgement; zero for never.
	LastAck time.Time
	// Offset is headquarters' time minus the machine's clock, as last measured at Measured; zero for never.
	Offset   time.Duration
	Measured time.Time
	// Entries is how many there are. Damage is what is wrong with the file or its chain, Catalogue with the copy of what
	// headquarters publishes, Sentinel why it cannot be opened: nil for nothing.
	Entries                     int
	Damage, Catalogue, Sentinel error
}

// Examine reads the folder of a till, whether it runs or not, and changes nothing. The error is ErrNotEnrolled when there is no
// till, and else why the journal cannot be opened at all.
func Examine(ctx context.Context, cfg Config) (x Examined, err error) {
	path := filepath.Join(cfg.Dir, ledgerFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return x, ErrNotEnrolled
	}
	db, err := open(path, fullSync, fullReadBack, true)
	if err != nil {
		return x, err
	}
	read := &pool{db: db}
	defer func() { err = errors.Join(err, read.close()) }()
	l := &Ledger{cfg: cfg, ledger: &database{path: path, read: read}}
	if l.cfg.Log == nil {
		l.cfg.Log = slog.New(slog.DiscardHandler)
	}
	if l.identity, err = readIdentity(ctx, read); err != nil {
		return x, err
	}
	x.Enrolment = l.identity.Enrolment
	if l.identity.ackAt > 0 {
		x.LastAck = time.UnixMilli(l.identity.ackAt).UTC()
	}
	x.Running, x.Sentinel = l.inUse()
	if x.Damage = l.ledger.sound(ctx, "quick_check"); x.Damage == nil {
		x.Entries, x.Damage = l.verify(ctx)
	}
	if x.Waiting, err = l.Waiting(ctx); err != nil {
		return x, err
	}
	if x.Offset, x.Measured, err = lastMeasured(ctx, read); err != nil {
		return x, err
	}
	x.Catalogue = examineCatalogue(ctx, cfg.Dir)
	return x, nil
}

// inUse says whether another program has the sentinel, and why it cannot be opened.
func (l *Ledger) inUse() (bool, error) {
	if l.cfg.SentinelDir == "" {
		l.cfg.SentinelDir = l.cfg.Dir
	}
	f, err := os.OpenFile(l.sentinelPath(), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // it was never opened, or the next start makes another
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	err = lock(f)
	return errors.Is(err, errInUse), nil
}

// verify recomputes the chain of every path, and says how many entries there are.
func (l *Ledger) verify(ctx context.Context) (entries int, err error) {
	states, err := l.Epochs(ctx)
	if err != nil {
		return 0, err
	}
	for _, s := range states {
		n, err := l.verifyPath(ctx, s)
		entries += n
		if err != nil {
			return entries, err
		}
	}
	return entries, nil
}

func (l *Ledger) verifyPath(ctx context.Context, s wire.EpochState) (entries int, err error) {
	rows, err := l.ledger.read.QueryContext(ctx, `SELECT epoch, seq, prev, hash, bytes FROM path_entry
		WHERE epoch = ? AND branch = ? AND seq > ? AND seq <= ? ORDER BY seq`, s.Epoch, s.Branch, s.Floor, s.Last)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var v *journal.Verifier
	for rows.Next() {
		k, err := scanLink(rows)
		if err != nil {
			return entries, err
		}
		if v == nil {
			v = journal.NewVerifierAfter(l.identity.Till, s.Epoch, s.Floor, k.Prev)
		}
		if err := v.Add(k); err != nil {
			return entries, err
		}
		entries++
	}
	if err := rows.Err(); err != nil {
		return entries, err
	}
	if want := int(s.Last - s.Floor); entries != want {
		return entries, fmt.Errorf("%v has %d entries, want %d", s.Path(), entries, want)
	}
	return entries, nil
}

// lastMeasured is what the till last heard of headquarters' clock.
func lastMeasured(ctx context.Context, q querier) (offset time.Duration, at time.Time, err error) {
	type row struct{ wall, hq, bound int64 }
	c, ok, err := one(ctx, q, func(r *sql.Rows) (c row, err error) { return c, r.Scan(&c.wall, &c.hq, &c.bound) }, `SELECT wall, hq, bound FROM clock`)
	if err != nil || !ok || c.bound == 0 {
		return 0, at, err
	}
	return time.Duration(c.hq-c.wall) * time.Microsecond, time.UnixMicro(c.wall).UTC(), nil
}

// examineCatalogue reads the newest copy of what headquarters publishes.
func examineCatalogue(ctx context.Context, dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, "catalog*.db"))
	if err != nil {
		return err
	}
	newest := ""
	for _, name := range names {
		if newest == "" || catalogueNumber(name) > catalogueNumber(newest) {
			newest = name
		}
	}
	if newest == "" {
		return errors.New("there is none yet")
	}
	db, err := open(newest, normalSync, normalReadBack, true)
	if err != nil {
		return err
	}
	d := &database{path: newest, read: &pool{db: db}}
	return errors.Join(d.sound(ctx, "quick_check"), d.read.close())
}

// Keys says whether the device's key belongs to the public one of the enrolment: a damaged one could not sign a session.
func (x Examined) Keys() bool {
	return len(x.Enrolment.Key) == ed25519.PrivateKeySize && x.Enrolment.Key.Equal(ed25519.NewKeyFromSeed(x.Enrolment.Key.Seed()))
}
