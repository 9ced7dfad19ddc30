package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"

	"comptant/shared/journal"
)

// damagedSuffix names a sentinel that was put aside; a number follows.
const damagedSuffix = ".damaged"

// aside lists the damaged sentinels that were put aside.
func (s *sentinel) aside() ([]string, error) {
	entries, err := os.ReadDir(filepath.Dir(s.path))
	if err != nil {
		return nil, fmt.Errorf("look for damaged sentinels: %w", err)
	}
	var found []string
	for _, e := range entries {
		if ok, _ := filepath.Match(filepath.Base(s.path)+damagedSuffix+"-*", e.Name()); ok {
			found = append(found, filepath.Join(filepath.Dir(s.path), e.Name()))
		}
	}
	sort.Strings(found)
	return found, nil
}

// salvage calls f for every record of a damaged sentinel that can still be read.
func salvage(path string, f func(journal.Link) error) error {
	file, err := os.ReadFile(path)
	if err == nil {
		err = eachRecord(file, f)
	}
	if err != nil {
		return fmt.Errorf("salvage sentinel: %w", err)
	}
	return nil
}

// eachRecord calls f for every sound record. After what is none it looks for the next at every byte: the checksum, and the
// hash for whoever checks it, tell a record from what merely looks like one.
func eachRecord(file []byte, f func(journal.Link) error) error {
	buffer := make([]byte, recordMax)
	for at := 0; at < len(file); {
		n, k, err := readRecord(bytes.NewReader(file[at:]), buffer)
		if err != nil {
			at++
			continue
		}
		if err := f(k); err != nil {
			return err
		}
		at += n
	}
	return nil
}

// recall looks in the sentinel, and in those that were put aside, for the entries of one epoch. It reads the file through a
// descriptor of its own: entries may be appended, and the file replaced by a shorter one, meanwhile.
func (l *Ledger) recall(epoch uint64) (map[journal.Hash]journal.Link, error) {
	file, err := os.Open(l.sentinelPath())
	if err != nil {
		return nil, fmt.Errorf("look in the sentinel: %w", err)
	}
	defer file.Close()
	found := map[journal.Hash]journal.Link{}
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("look in the sentinel: %w", err)
	}
	keep := func(k journal.Link) error {
		if k.Epoch == epoch && l.intact(k) {
			k.Bytes = bytes.Clone(k.Bytes)
			found[k.Hash] = k
		}
		return nil
	}
	_, err = scanRecords(io.NewSectionReader(file, 0, info.Size()), l.identity.Till, keep)
	damaged, failed := (&sentinel{path: l.sentinelPath()}).aside()
	if errors.Is(err, errDamaged) {
		damaged, err = append(damaged, l.sentinelPath()), nil // what comes after the damage is good too
	}
	err = errors.Join(err, failed)
	for _, path := range damaged {
		err = errors.Join(err, salvage(path, keep))
	}
	return found, err
}
