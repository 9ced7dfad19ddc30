package ledger

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"comptant/shared/journal"

	"github.com/google/uuid"
)

// The sentinel's bytes, all numbers big endian:
//
//	file   = "CPTSENT1" till(16) record*
//	record = len(4) crc(4) epoch(8) seq(8) prev(32) hash(32) entry
//
// len counts what comes after crc, and crc is CRC-32C over it.
const (
	sentinelMagic = "CPTSENT1"
	sentinelHead  = len(sentinelMagic) + 16
	recordHead    = 8
	recordFixed   = 8 + 8 + 32 + 32
	recordMax     = recordHead + recordFixed + journal.MaxEntry
	// sentinelRoom is reserved on disk at a time, so that a full disk is found before a sale and not in it.
	sentinelRoom = 1 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var (
	// errDamaged says that a sentinel cannot be read to its end.
	errDamaged = errors.New("sentinel damaged")
	// errInUse says that another program has the till open.
	errInUse = errors.New("another program has this till open")
	// errNoRoom says that its disk is full.
	errNoRoom = errors.New("no room for the sentinel")
)

// sentinel is the append-only copy of the journal.
type sentinel struct {
	path string
	till uuid.UUID
	file *os.File
	// size is where the last sound record ends, room how far blocks are reserved.
	size, room int64
	// last is the last record, its bytes left out; Seq 0: none.
	last journal.Link
	// broken is why the last append failed; pending is what it was to write.
	broken  error
	pending *journal.Link
}

// openSentinel opens or creates the file, takes its lock and reads it through. A last record that was torn by a power
// cut is cut off: its sale was never shown. A file that is damaged before its end, or another till's, is put aside
// under another name, and an empty one takes its place.
func openSentinel(path string, till uuid.UUID) (*sentinel, error) {
	s := &sentinel{path: path, till: till}
	err := s.open()
	if errors.Is(err, errDamaged) {
		aside, free := freeName(path + damagedSuffix)
		if !free {
			return nil, errors.Join(err, s.close())
		}
		if err := errors.Join(s.close(), os.Rename(path, aside)); err != nil {
			return nil, fmt.Errorf("put the sentinel aside: %w", err)
		}
		*s = sentinel{path: path, till: till}
		err = s.open()
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func freeName(path string) (string, bool) {
	for i := 1; i < 1000; i++ {
		name := fmt.Sprintf("%s-%d", path, i)
		if _, err := os.Lstat(name); errors.Is(err, os.ErrNotExist) {
			return name, true
		}
	}
	return "", false
}

func (s *sentinel) open() error {
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return fmt.Errorf("open sentinel: %w", err)
	}
	f, err := os.OpenFile(s.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open sentinel: %w", err)
	}
	s.file = f
	if err := lock(f); err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("open sentinel: %w", err)
	}
	if now, err := os.Stat(s.path); err != nil || !os.SameFile(info, now) {
		return fmt.Errorf("open sentinel: another program has just put a new one in its place: %w", errors.Join(errInUse, err))
	}
	if info.Size() < int64(sentinelHead) {
		return s.create()
	}
	end, err := s.scan(func(l journal.Link) error {
		s.last = journal.Link{Epoch: l.Epoch, Seq: l.Seq, Prev: l.Prev, Hash: l.Hash}
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.cut(end); err != nil {
		return fmt.Errorf("open sentinel: %w", err)
	}
	return nil
}

// create writes the head of a new file and makes its name durable.
func (s *sentinel) create() error {
	head := append([]byte(sentinelMagic), s.till[:]...)
	if _, err := s.file.WriteAt(head, 0); err != nil {
		return fmt.Errorf("create sentinel: %w", err)
	}
	if err := s.cut(int64(len(head))); err != nil {
		return fmt.Errorf("create sentinel: %w", err)
	}
	if err := syncPath(filepath.Dir(s.path)); err != nil {
		return fmt.Errorf("create sentinel: %w", err)
	}
	return nil
}

// cut ends the file at offset and makes that durable.
func (s *sentinel) cut(offset int64) error {
	if err := s.file.Truncate(offset); err != nil {
		return err
	}
	s.size, s.room = offset, offset
	return s.file.Sync()
}

// scan calls f for every record and gives the offset after the last sound one. The bytes of a link are only good until
// f returns. An unsound record that is the last is a torn append; one that others follow is damage.
func (s *sentinel) scan(f func(journal.Link) error) (end int64, err error) {
	info, err := s.file.Stat()
	if err != nil {
		return 0, fmt.Errorf("read sentinel: %w", err)
	}
	return scanRecords(io.NewSectionReader(s.file, 0, info.Size()), s.till, f)
}

func scanRecords(file *io.SectionReader, till uuid.UUID, f func(journal.Link) error) (end int64, err error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return 0, fmt.Errorf("read sentinel: %w", err)
	}
	r := bufio.NewReaderSize(file, 1<<20)
	head := make([]byte, sentinelHead)
	if _, err := io.ReadFull(r, head); err != nil {
		return 0, fmt.Errorf("read sentinel: %w", err)
	}
	if string(head[:len(sentinelMagic)]) != sentinelMagic || uuid.UUID(head[len(sentinelMagic):]) != till {
		return 0, fmt.Errorf("%w: it does not begin with the name of till %s", errDamaged, till)
	}
	end = int64(len(head))
	buffer := make([]byte, recordMax)
	for {
		n, l, err := readRecord(r, buffer)
		switch {
		case errors.Is(err, io.EOF):
			return end, nil
		case errors.Is(err, errDamaged):
			if rest := file.Size() - end; rest <= int64(recordMax) && int64(n) >= rest && !followed(file, end) {
				return end, nil
			}
			return end, fmt.Errorf("%w at byte %d of %d", err, end, file.Size())
		case err != nil:
			return end, fmt.Errorf("read sentinel: %w", err)
		}
		if err := f(l); err != nil {
			return end, err
		}
		end += int64(n)
	}
}

// followed says that somewhere after the unsound record at an offset there is a sound one: its length is what is damaged.
func followed(file io.ReaderAt, offset int64) bool {
	rest := make([]byte, recordMax)
	n, _ := file.ReadAt(rest, offset) // what cannot be read does not follow
	found := false
	_ = eachRecord(rest[:n], func(journal.Link) error { found = true; return io.EOF })
	return found
}

// readRecord reads one record into buffer. io.EOF: there is none; errDamaged: it is not sound, and n is how long it
// claims to be, or the greatest length when it does not say.
func readRecord(r io.Reader, buffer []byte) (n int, l journal.Link, err error) {
	if _, err := io.ReadFull(r, buffer[:recordHead]); err != nil {
		return recordMax, l, orDamaged(err)
	}
	length, sum := binary.BigEndian.Uint32(buffer), binary.BigEndian.Uint32(buffer[4:])
	if length < recordFixed || length > recordFixed+journal.MaxEntry {
		return recordMax, l, errDamaged
	}
	n = recordHead + int(length)
	body := buffer[recordHead:n]
	if _, err := io.ReadFull(r, body); err != nil {
		return n, l, errDamaged
	}
	if crc32.Checksum(body, castagnoli) != sum {
		return n, l, errDamaged
	}
	l.Epoch, l.Seq = binary.BigEndian.Uint64(body), binary.BigEndian.Uint64(body[8:])
	copy(l.Prev[:], body[16:])
	copy(l.Hash[:], body[48:])
	l.Bytes = body[recordFixed:]
	return n, l, nil
}

func orDamaged(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errDamaged
	}
	return err
}

func record(l journal.Link) []byte {
	b := make([]byte, recordHead, recordHead+recordFixed+len(l.Bytes))
	b = binary.BigEndian.AppendUint64(b, l.Epoch)
	b = binary.BigEndian.AppendUint64(b, l.Seq)
	b = append(b, l.Prev[:]...)
	b = append(b, l.Hash[:]...)
	b = append(b, l.Bytes...)
	binary.BigEndian.PutUint32(b, uint32(len(b)-recordHead))
	binary.BigEndian.PutUint32(b[4:], crc32.Checksum(b[recordHead:], castagnoli))
	return b
}

// ready makes sure, before an entry is committed, that its record can be written: it mends the file after a failed
// append and reserves the room. So the database is never more than one entry ahead.
func (s *sentinel) ready() error {
	if s.broken != nil {
		if err := s.mend(); err != nil {
			return err
		}
	}
	if s.room-s.size >= int64(recordMax) {
		return nil
	}
	if err := reserve(s.file, s.size, sentinelRoom); err != nil {
		return fmt.Errorf("%w: %w", errNoRoom, err)
	}
	s.room = s.size + sentinelRoom
	return nil
}

// mend opens the file anew (after a failed sync nothing that the old descriptor says can be trusted), cuts off what the
// failed append may have left, and writes that record.
func (s *sentinel) mend() error {
	size, pending := s.size, s.pending
	_ = s.file.Close()
	f, err := os.OpenFile(s.path, os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("mend sentinel: %w", err)
	}
	s.file = f
	if err := lock(f); err != nil {
		return err
	}
	if err := s.cut(size); err != nil {
		return fmt.Errorf("mend sentinel: %w", err)
	}
	if err := syncPath(filepath.Dir(s.path)); err != nil {
		return fmt.Errorf("mend sentinel: %w", err)
	}
	s.broken, s.pending = nil, nil
	if pending == nil {
		return nil // only its name was in doubt
	}
	return s.append(*pending)
}

// append writes the record of a committed entry and makes it durable.
func (s *sentinel) append(l journal.Link) error {
	b := record(l)
	_, err := s.file.WriteAt(b, s.size)
	if err == nil {
		err = syncData(s.file)
	}
	if err != nil {
		s.broken, s.pending = fmt.Errorf("append to sentinel: %w", err), &l
		return s.broken
	}
	s.size += int64(len(b))
	l.Bytes = nil
	s.last = l
	return nil
}

func (s *sentinel) close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
