package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"
	"modernc.org/sqlite"
)

// Backups of ledger.db are named by the moment they were begun, in UTC, and are whole databases. What putting one back does
// is in restore.go: it is a restored database like any other.
const (
	backupFormat = "ledger-20060102T150405Z.db"
	backupGlob   = "ledger-????????T??????Z.db"
	backupPart   = "ledger.db.part"
)

// LastBackup is when the newest copy of the journal was made; zero for never. See till.Storage.
func (l *Ledger) LastBackup() time.Time {
	if at := l.backedUp.Load(); at != nil {
		return *at
	}
	return time.Time{}
}

// findBackups looks for the newest one there is.
func (l *Ledger) findBackups() {
	if names := l.backups(); len(names) > 0 {
		if at, err := time.Parse(backupFormat, filepath.Base(names[len(names)-1])); err == nil {
			l.backedUp.Store(&at)
		}
	}
}

// backups are the copies there are, the oldest first.
func (l *Ledger) backups() []string {
	if l.cfg.BackupDir == "" {
		return nil
	}
	names, _ := filepath.Glob(filepath.Join(l.cfg.BackupDir, backupGlob)) // fails for a bad pattern alone
	slices.Sort(names)
	return names
}

// backUp copies ledger.db, checks the copy, and removes the oldest ones. Sales go on meanwhile: the copy is read as of its
// beginning, and the WAL keeps what is written since.
func (l *Ledger) backUp(ctx context.Context) (err error) {
	at := l.cfg.Now().UTC().Truncate(time.Second)
	part := filepath.Join(l.cfg.BackupDir, backupPart)
	defer func() {
		if err != nil {
			_ = os.Remove(part) // the next one begins with that too
			err = fmt.Errorf("back up the journal to %s: %w", l.cfg.BackupDir, err)
		}
	}()
	if err := os.MkdirAll(l.cfg.BackupDir, 0o700); err != nil {
		return err
	}
	if err := l.backupRoom(); err != nil {
		return err
	}
	// The till's key is in it: SQLite writes into a file that is there and empty, with its mode.
	if err := os.WriteFile(part, nil, 0o600); err != nil {
		return err
	}
	if err := l.ledger.copyTo(ctx, part); err != nil {
		l.suspect(err)
		return err
	}
	if _, err := checkCopy(ctx, part); err != nil {
		return err
	}
	path := filepath.Join(l.cfg.BackupDir, at.Format(backupFormat))
	if err := errors.Join(syncPath(part), os.Rename(part, path)); err != nil {
		return err
	}
	l.backedUp.Store(&at)
	l.cfg.Log.Info("journal backed up", "file", path)
	return errors.Join(syncPath(l.cfg.BackupDir), l.dropBackups(path))
}

// backupRoom refuses to fill a disk: what is kept back on it is for sales.
func (l *Ledger) backupRoom() error {
	info, err := os.Stat(l.ledger.path)
	if err != nil {
		return err
	}
	if room, known := freeSpace(l.cfg.BackupDir); known && room < info.Size()+2*l.cfg.Ballast {
		return fmt.Errorf("%d bytes free, %d wanted: %w", room, info.Size()+2*l.cfg.Ballast, errNoRoom)
	}
	return nil
}

// dropBackups removes all but the newest copies, and never the one just made: a clock that was ahead has named others later.
func (l *Ledger) dropBackups(made string) error {
	names := slices.DeleteFunc(l.backups(), func(name string) bool { return name == made })
	for len(names) > max(l.cfg.Backups, 1)-1 {
		if err := os.Remove(names[0]); err != nil {
			return err
		}
		names = names[1:]
	}
	return nil
}

// checkCopy reads all of a database nobody writes to, and says which till's it is. It may be of an earlier version.
func checkCopy(ctx context.Context, path string) (till uuid.UUID, err error) {
	if path, err = filepath.Abs(path); err != nil {
		return till, err
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: "mode=ro&immutable=1"}
	c, err := sqlite.NewConnector(u.String())
	if err != nil {
		return till, fmt.Errorf("open %s: %w", path, err)
	}
	d := database{path: path, read: &pool{db: sql.OpenDB(c)}}
	enrolled := false
	if err = d.sound(ctx, "quick_check"); err == nil {
		till, enrolled, err = one(ctx, d.read, value[uuid.UUID], `SELECT till FROM identity`)
	}
	if err == nil && !enrolled {
		err = ErrNotEnrolled
	}
	return till, errors.Join(err, d.read.close())
}
