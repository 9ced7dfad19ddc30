package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// domain separates these hashes from any other use of SHA-256.
const domain = "comptant1"

// Hash is a link of the chain: SHA-256.
type Hash [sha256.Size]byte

// String is the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Short is the first six characters of the hash in upper case, as printed on a receipt.
func (h Hash) Short() string { return fmt.Sprintf("%X", h[:3]) }

// MarshalBinary gives the 32 bytes, so that CBOR carries a byte string.
func (h Hash) MarshalBinary() ([]byte, error) { return h[:], nil }

// UnmarshalBinary takes exactly 32 bytes.
func (h *Hash) UnmarshalBinary(b []byte) error {
	if len(b) != len(h) {
		return fmt.Errorf("hash of %d bytes, want %d", len(b), len(h))
	}
	copy(h[:], b)
	return nil
}

// Genesis is h(0), the hash before the first entry of an epoch: SHA-256("comptant1" || till || epoch), the epoch as 8
// bytes, big endian.
func Genesis(till uuid.UUID, epoch uint64) Hash {
	b := make([]byte, 0, len(domain)+16+8)
	b = append(b, domain...)
	b = append(b, till[:]...)
	b = binary.BigEndian.AppendUint64(b, epoch)
	return sha256.Sum256(b)
}

// Next is h(n) = SHA-256("comptant1" || h(n-1) || till || epoch || seq || len || bytes): epoch and seq as 8 bytes and
// len as 4 bytes, all big endian.
func Next(prev Hash, till uuid.UUID, epoch, seq uint64, entry []byte) Hash {
	head := make([]byte, 0, len(domain)+sha256.Size+16+8+8+4)
	head = append(head, domain...)
	head = append(head, prev[:]...)
	head = append(head, till[:]...)
	head = binary.BigEndian.AppendUint64(head, epoch)
	head = binary.BigEndian.AppendUint64(head, seq)
	head = binary.BigEndian.AppendUint32(head, uint32(len(entry)))
	d := sha256.New()
	d.Write(head)
	d.Write(entry)
	var h Hash
	d.Sum(h[:0])
	return h
}

// Link is one stored entry with its place in the chain.
type Link struct {
	Epoch, Seq uint64
	Prev, Hash Hash
	Bytes      []byte
}

// Chain computes the links of consecutive entries, the first of them numbered first, after the hash prev.
func Chain(till uuid.UUID, epoch, first uint64, prev Hash, entries [][]byte) []Link {
	links := make([]Link, len(entries))
	for i, b := range entries {
		seq := first + uint64(i)
		h := Next(prev, till, epoch, seq, b)
		links[i] = Link{Epoch: epoch, Seq: seq, Prev: prev, Hash: h, Bytes: b}
		prev = h
	}
	return links
}

// Errors of Verify.
var (
	ErrGap    = errors.New("entry missing")
	ErrChain  = errors.New("hash does not chain on the entry before")
	ErrBytes  = errors.New("bytes do not match the hash")
	ErrDecode = errors.New("entry cannot be read")
)

// Fault names the entry at which a chain stops verifying.
type Fault struct {
	Till       uuid.UUID
	Epoch, Seq uint64
	Err        error
}

func (f *Fault) Error() string {
	return fmt.Sprintf("till %s epoch %d seq %d: %v", f.Till, f.Epoch, f.Seq, f.Err)
}

// Unwrap gives the cause, one of the errors above.
func (f *Fault) Unwrap() error { return f.Err }

// Verifier walks one branch of one epoch, entry by entry, in order of seq.
type Verifier struct {
	till  uuid.UUID
	epoch uint64
	seq   uint64
	head  Hash
}

// NewVerifier starts at the beginning of an epoch.
func NewVerifier(till uuid.UUID, epoch uint64) *Verifier {
	return NewVerifierAfter(till, epoch, 0, Genesis(till, epoch))
}

// NewVerifierAfter starts after an entry of an epoch, on a branch that begins there.
func NewVerifierAfter(till uuid.UUID, epoch, seq uint64, hash Hash) *Verifier {
	return &Verifier{till: till, epoch: epoch, seq: seq, head: hash}
}

// Head is the last entry that verified: its seq (0 before the first) and its hash.
func (v *Verifier) Head() (uint64, Hash) { return v.seq, v.head }

// Add checks the next entry. The error is a *Fault, which names the first seq that is wrong.
func (v *Verifier) Add(l Link) error {
	want := v.seq + 1
	if l.Seq != want {
		return &Fault{v.till, v.epoch, want, ErrGap}
	}
	if l.Prev != v.head {
		return &Fault{v.till, v.epoch, want, ErrChain}
	}
	if Next(v.head, v.till, v.epoch, want, l.Bytes) != l.Hash {
		return &Fault{v.till, v.epoch, want, ErrBytes}
	}
	if _, err := Decode(l.Bytes); err != nil {
		return &Fault{v.till, v.epoch, want, fmt.Errorf("%w: %w", ErrDecode, err)}
	}
	v.seq, v.head = want, l.Hash
	return nil
}
