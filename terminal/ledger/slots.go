package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"sync"
)

// slots is a small record that is replaced often, in a file with two places that are written in turns: so one of them is
// always whole. Nothing is flushed: what was written survives the program, whatever kills it, and nobody waits for the disk.
// A power cut may lose the last changes, or spoil a place, which its checksum shows; the other one then counts.
type slots struct {
	mu   sync.Mutex
	file *os.File
	// turn is how often the record was replaced; its last bit is the place.
	turn uint64
	// size is the record's.
	size int
}

const (
	// slotSize is how far apart the places are. The file is sparse.
	slotSize = 1 << 20
	// slotHead is the turn, the length of the record, and the checksum of both and of the record.
	slotHead = 8 + 4 + 4
)

var errSpoilt = errors.New("neither place is whole")

// openSlots opens or creates the file.
func openSlots(path string) (*slots, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	s := &slots{file: f}
	turn, record, _ := s.newest()
	s.turn, s.size = turn, len(record)
	return s, nil
}

// record is what was written last; nil when there is nothing. Where no place is whole it is errSpoilt, and what is written
// next counts again.
func (s *slots) record() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	info, err := s.file.Stat()
	if err != nil || info.Size() == 0 {
		return nil, err
	}
	_, record, whole := s.newest()
	if !whole {
		return nil, errSpoilt
	}
	return record, nil
}

func (s *slots) newest() (turn uint64, record []byte, whole bool) {
	for i := range int64(2) {
		if n, found, ok := s.at(i * slotSize); ok && (!whole || n > turn) {
			turn, record, whole = n, found, true
		}
	}
	return turn, record, whole
}

// at reads a place.
func (s *slots) at(offset int64) (turn uint64, record []byte, ok bool) {
	b := make([]byte, slotHead)
	if _, err := s.file.ReadAt(b, offset); err != nil {
		return 0, nil, false
	}
	length := binary.BigEndian.Uint32(b[8:])
	if length > slotSize-slotHead {
		return 0, nil, false
	}
	record = make([]byte, length)
	if _, err := s.file.ReadAt(record, offset+slotHead); err != nil && !(errors.Is(err, io.EOF) && length == 0) {
		return 0, nil, false
	}
	return binary.BigEndian.Uint64(b), record, slotSum(b, record) == binary.BigEndian.Uint32(b[12:])
}

func slotSum(head, record []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE(head[:12]), crc32.IEEETable, record)
}

// replace writes the record over the older of the two.
func (s *slots) replace(record []byte) error {
	if len(record) > slotSize-slotHead {
		return fmt.Errorf("%d bytes are more than the %d there is room for", len(record), slotSize-slotHead)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := make([]byte, slotHead, slotHead+len(record))
	binary.BigEndian.PutUint64(b, s.turn+1)
	binary.BigEndian.PutUint32(b[8:], uint32(len(record)))
	binary.BigEndian.PutUint32(b[12:], slotSum(b, record))
	if _, err := s.file.WriteAt(append(b, record...), int64((s.turn+1)%2)*slotSize); err != nil {
		return err
	}
	s.turn, s.size = s.turn+1, len(record)
	return nil
}

// length is how long the record is.
func (s *slots) length() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.size
}

func (s *slots) close() error { return s.file.Close() }
