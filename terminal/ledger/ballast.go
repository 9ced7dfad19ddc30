package ledger

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"comptant/shared/retail"
	"comptant/terminal/till"
)

// ballastFile is room kept back on the disk of the till, and on that of the sentinel. When an entry finds its disk full the
// room is given to it and to what ends the day, and nothing new is begun: see till.Storage.
const ballastFile = "ballast"

var _ till.Storage = (*Ledger)(nil)

// Full says that the room that was kept back is in use. It ends by itself once there is room again. See till.Storage.
func (l *Ledger) Full() bool {
	if !l.spent.Load() || !l.roomy() {
		return l.spent.Load()
	}
	if l.spent.Swap(false) {
		l.cfg.Log.Info("there is room on the disk again")
		l.ballasting.poke()
	}
	return false
}

// ballasts are the files, one a folder.
func (l *Ledger) ballasts() []string {
	if l.cfg.Ballast == 0 {
		return nil
	}
	files := []string{filepath.Join(l.cfg.Dir, ballastFile)}
	if l.cfg.SentinelDir != l.cfg.Dir {
		files = append(files, filepath.Join(l.cfg.SentinelDir, ballastFile))
	}
	return files
}

// roomy says that there is room for what is kept back, and as much again: else it would be given away at once.
func (l *Ledger) roomy() bool {
	for _, path := range l.ballasts() {
		need := 2 * l.cfg.Ballast
		if info, err := os.Stat(path); err == nil {
			need -= info.Size()
		}
		if room, known := freeSpace(filepath.Dir(path)); known && room < need {
			return false
		}
	}
	return true
}

// beginBallast looks at the opening whether the room is there. Where it is not and cannot be, the disk was full before.
func (l *Ledger) beginBallast() {
	for _, path := range l.ballasts() {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && !l.roomy() {
			l.spent.Store(true)
			l.cfg.Log.Error("the disk is full: nothing new is sold until there is room", "dir", filepath.Dir(path))
			return
		}
	}
	l.ballasting.poke()
}

// keepBack writes the files that are not there.
func (l *Ledger) keepBack() {
	l.ballast.Lock()
	defer l.ballast.Unlock()
	for _, path := range l.ballasts() {
		if info, err := os.Stat(path); err == nil && info.Size() == l.cfg.Ballast {
			continue
		}
		if !l.roomy() {
			l.spent.Store(true)
			return
		}
		if err := writeBallast(path, l.cfg.Ballast); err != nil {
			l.cfg.Log.Error("no room could be kept back", "error", err)
		}
	}
}

// writeBallast fills a file with what no file system can make smaller.
func writeBallast(path string, size int64) (err error) {
	part := path + ".new"
	defer func() {
		if err != nil {
			err = fmt.Errorf("keep room back: %w", errors.Join(err, os.Remove(part)))
		}
	}()
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.CopyN(f, rand.Reader, size)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(part, path)
}

// errWaits says that something waits for room: headquarters keeps it until then.
var errWaits = errors.New("the disk is full; what is left is for ending the day")

// mayWait is asked by what headquarters sends down and the day can end without.
func (l *Ledger) mayWait() error {
	if l.Full() {
		return &retail.Error{Code: retail.Failed, Key: KeyDiskFull, Err: errWaits}
	}
	return nil
}

// release gives the room to who has found the disk full. It says whether there was any.
func (l *Ledger) release(found error) bool {
	if l.cfg.Ballast == 0 || !fullDisk(found) {
		return false
	}
	l.ballast.Lock()
	defer l.ballast.Unlock()
	released := false
	for _, path := range l.ballasts() {
		if os.Remove(path) == nil {
			released = true
		}
	}
	l.spent.Store(true)
	if released {
		l.cfg.Log.Error("the disk is full: the room kept back is given to what ends the day", "found", found)
	}
	return released
}
