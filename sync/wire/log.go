package wire

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/google/uuid"
)

// LogPath is where a till sends its log when its feed asks for that: POST, the newest LogText bytes of text as gzip, at most LogBody.
// The headers say whose it is, which asking it answers (the At of retail.LogAsked, in decimal), and the signature in base64.
const (
	LogPath = "/sync/log"

	LogText = 256 << 10
	LogBody = 288 << 10

	LogTill      = "Comptant-Till"
	LogAsked     = "Comptant-Asked"
	LogSignature = "Comptant-Signature"
)

const logDomain = "comptant log"

// SignLog signs a log with the device's key: Ed25519 over "comptant log" || till || asked in 8 bytes || SHA-256(body).
func SignLog(till uuid.UUID, asked int64, body []byte, key ed25519.PrivateKey) []byte {
	return ed25519.Sign(key, logWords(till, asked, body))
}

// VerifyLog checks the signature of a log. The error is BadSignature.
func VerifyLog(till uuid.UUID, asked int64, body, sig []byte, key ed25519.PublicKey) error {
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, logWords(till, asked, body), sig) {
		return fmt.Errorf("verify log of till %s: %w", till, BadSignature)
	}
	return nil
}

func logWords(till uuid.UUID, asked int64, body []byte) []byte {
	words := append([]byte(logDomain), till[:]...)
	words = binary.BigEndian.AppendUint64(words, uint64(asked))
	sum := sha256.Sum256(body)
	return append(words, sum[:]...)
}
