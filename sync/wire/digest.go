package wire

import (
	"crypto/sha256"
	"encoding/binary"

	"comptant/shared/retail"

	"github.com/google/uuid"
)

// RowHash is what one live row adds to the digest of its feed: the first 8 bytes, big endian, of SHA-256(type || id ||
// seq || body), the type as 2 bytes and seq as 8, big endian. The digest is the sum modulo 2^64 over the live rows, so
// a change costs one subtraction and one addition. A tombstone adds nothing.
func RowHash(t retail.RowType, id uuid.UUID, seq uint64, body []byte) uint64 {
	head := make([]byte, 0, 2+16+8)
	head = binary.BigEndian.AppendUint16(head, uint16(t))
	head = append(head, id[:]...)
	head = binary.BigEndian.AppendUint64(head, seq)
	d := sha256.New()
	d.Write(head)
	d.Write(body)
	var sum [sha256.Size]byte
	return binary.BigEndian.Uint64(d.Sum(sum[:0]))
}
