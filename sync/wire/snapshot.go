package wire

import (
	"bufio"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// SnapshotPath is where HQ gives the file of a snapshot: GET SnapshotPath/name, ranges allowed. Only who was told the name
// can ask for it.
const SnapshotPath = "/sync/snapshot"

const snapshotDomain = "comptant snapshot"

// SignSnapshot gives a reset that names a snapshot, signed with HQ's key: Ed25519 over "comptant snapshot" || generation ||
// seq (8 bytes each) || SHA-256 of the file || name of the feed.
func SignSnapshot(reset Reset, key ed25519.PrivateKey) Reset {
	reset.Sig = ed25519.Sign(key, snapshotWords(reset))
	return reset
}

// VerifySnapshot checks the signature of a reset that names a snapshot. The error is BadSignature.
func VerifySnapshot(reset Reset, key ed25519.PublicKey) error {
	if len(reset.SHA256) != sha256.Size || len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, snapshotWords(reset), reset.Sig) {
		return fmt.Errorf("verify snapshot of %s: %w", reset.Feed, BadSignature)
	}
	return nil
}

func snapshotWords(r Reset) []byte {
	words := []byte(snapshotDomain)
	words = binary.BigEndian.AppendUint64(words, r.Gen)
	words = binary.BigEndian.AppendUint64(words, r.Seq)
	words = append(words, r.SHA256...)
	return append(words, r.Feed...)
}

// AppendPage adds a page to the file of a snapshot: its frame, with the length before it in 4 bytes, big endian.
func AppendPage(file []byte, page Changes) ([]byte, error) {
	frame, err := Encode(page)
	if err != nil {
		return nil, err
	}
	return append(binary.BigEndian.AppendUint32(file, uint32(len(frame))), frame...), nil
}

// ReadPage gives the next page of the file of a snapshot. The error is io.EOF after the last one.
func ReadPage(r *bufio.Reader) (Changes, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return Changes{}, err
	}
	n := binary.BigEndian.Uint32(length[:])
	if n > MaxFrame {
		return Changes{}, fmt.Errorf("page of %d bytes: %w", n, TooLarge)
	}
	frame := make([]byte, n)
	if _, err := io.ReadFull(r, frame); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return Changes{}, fmt.Errorf("read a page: %w", err)
	}
	m, err := Decode(frame)
	if err != nil {
		return Changes{}, err
	}
	page, ok := m.(Changes)
	if !ok {
		return Changes{}, fmt.Errorf("message %d in a snapshot: %w", m.Type(), BadFrame)
	}
	return page, nil
}
