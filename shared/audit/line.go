package audit

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"comptant/shared/journal"

	"github.com/google/uuid"
)

// Format is the version of the file.
const Format = 1

// Head says of when a file is.
type Head struct {
	Format int       `json:"format"`
	Made   time.Time `json:"made"`
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`
}

// Till is one whose journal follows.
type Till struct {
	ID     uuid.UUID           `json:"id"`
	Store  string              `json:"store"`
	Number int                 `json:"number"`
	Keys   []ed25519.PublicKey `json:"keys"`
}

// Fingerprint is a key in short, to compare by eye: the first 16 hexadecimal digits of its SHA-256.
func Fingerprint(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

// Chain begins a piece of a journal after an entry; After is 0 at the beginning of an epoch.
type Chain struct {
	Epoch  uint64 `json:"epoch"`
	Branch int    `json:"branch"`
	After  uint64 `json:"after"`
	Hash   Hex    `json:"hash"`
}

// Entry is the next of the piece.
type Entry struct {
	Seq   uint64 `json:"seq"`
	Hash  Hex    `json:"hash"`
	Bytes []byte `json:"bytes"`
}

// End counts what the file has.
type End struct {
	Tills   int `json:"tills"`
	Entries int `json:"entries"`
}

// Hex is a hash as JSON has it.
type Hex journal.Hash

// MarshalText writes it in hexadecimal digits.
func (h Hex) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h[:])), nil }

// UnmarshalText reads them.
func (h *Hex) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil {
		return err
	}
	return (*journal.Hash)(h).UnmarshalBinary(b)
}

// line is one of the file.
type line struct {
	Audit *Head  `json:"audit,omitempty"`
	Till  *Till  `json:"till,omitempty"`
	Chain *Chain `json:"chain,omitempty"`
	Entry *Entry `json:"entry,omitempty"`
	End   *End   `json:"end,omitempty"`
}
