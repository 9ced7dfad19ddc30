package ledger

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"comptant/shared/journal"
)

// shortenSentinel writes the sentinel anew with the records to keep. The new file takes the place of the old one when it
// is whole and durable, and locked like it: whenever power goes, one of them is there. Sales go on meanwhile; only the
// end, what was appended since, is copied while they wait.
func (l *Ledger) shortenSentinel(keep func(journal.Link) bool) error {
	l.mu.Lock()
	old, broken := l.sentinel.size, l.sentinel.broken
	l.mu.Unlock()
	if broken != nil {
		return nil // the next sale mends it; tomorrow is early enough
	}
	from, err := os.Open(l.sentinel.path)
	if err != nil {
		return fmt.Errorf("shorten sentinel: %w", err)
	}
	defer from.Close()
	drop := 0
	records := io.NewSectionReader(from, 0, old)
	if _, err := scanRecords(records, l.identity.Till, func(k journal.Link) error {
		if !keep(k) {
			drop++
		}
		return nil
	}); err != nil || drop == 0 {
		return err
	}
	next := &sentinel{path: l.sentinel.path + ".new", till: l.identity.Till}
	err = next.fill(records, keep)
	if err == nil {
		err = l.swapSentinel(next, from, old)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("shorten sentinel: %w", err), next.discard())
	}
	l.cfg.Log.Info("sentinel shortened", "records", drop)
	return nil
}

// fill makes the new file, durable but for its name.
func (s *sentinel) fill(records *io.SectionReader, keep func(journal.Link) bool) (err error) {
	if s.file, err = os.OpenFile(s.path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600); err != nil {
		return err
	}
	if err := lock(s.file); err != nil {
		return err
	}
	if err := s.create(); err != nil {
		return err
	}
	if _, err := scanRecords(records, s.till, func(k journal.Link) error {
		if !keep(k) {
			return nil
		}
		n, err := s.file.WriteAt(record(k), s.size)
		s.size += int64(n)
		return err
	}); err != nil {
		return err
	}
	return s.file.Sync()
}

// swapSentinel puts next in the place of the sentinel, with what was appended to that since it had the size old.
func (l *Ledger) swapSentinel(next *sentinel, from io.ReaderAt, old int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.sentinel
	if now.broken != nil {
		return now.broken
	}
	tail := make([]byte, now.size-old)
	if _, err := from.ReadAt(tail, old); err != nil && len(tail) > 0 {
		return err
	}
	if _, err := next.file.WriteAt(tail, next.size); err != nil {
		return err
	}
	if err := next.file.Sync(); err != nil {
		return err
	}
	if err := os.Rename(next.path, now.path); err != nil {
		return err
	}
	_ = now.file.Close() // what it says of a file without a name is of no use
	next.path, next.size, next.last = now.path, next.size+int64(len(tail)), now.last
	next.room = next.size
	l.sentinel = next
	// Until the name is durable a power cut brings the old file back, without what is appended from now on.
	if err := syncPath(filepath.Dir(now.path)); err != nil {
		next.broken = err
		return err
	}
	return nil
}

// discard removes a new file that did not take the old one's place.
func (s *sentinel) discard() error {
	if s.file == nil || s.broken != nil {
		return nil
	}
	return errors.Join(s.file.Close(), os.Remove(s.path))
}

// syncPath makes a file durable, or the names in a folder.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
