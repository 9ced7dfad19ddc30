package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"strings"
)

// Token returns 256 random bits in base64url (43 characters), for sessions and the API. It is shown once; what is stored
// is HashToken of it.
func Token() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// HashToken returns what is stored and looked up instead of a token: its SHA-256. A token has too many bits to be guessed,
// so no slow hash is needed.
func HashToken(token string) [32]byte {
	return sha256.Sum256([]byte(token))
}

// crockford is the alphabet of Code: no I, L, O (taken for 1 and 0) and no U (Douglas Crockford, "Base 32").
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// codeLen is the number of characters of a code, of 5 bits each.
const codeLen = 10

// Code returns a one-time enrolment code of 50 random bits, to be read aloud and typed: "7K3QF-0ZR9M". 50 bits are enough
// only because a code lives minutes, works once and wrong ones are counted.
func Code() string {
	var b [8]byte
	rand.Read(b[:])
	bits := binary.BigEndian.Uint64(b[:])
	code := make([]byte, codeLen)
	for i := range code {
		code[i] = crockford[bits&31]
		bits >>= 5
	}
	return groupCode(code)
}

// NormalizeCode returns a typed code the way Code wrote it: case, spaces and hyphens do not count, O is read as 0, I and L
// as 1. It is false when what remains is not a code.
func NormalizeCode(typed string) (code string, ok bool) {
	digits := make([]byte, 0, codeLen)
	for _, r := range strings.ToUpper(typed) {
		switch r {
		case ' ', '-', '\u00a0', '–':
			continue
		case 'O':
			r = '0'
		case 'I', 'L':
			r = '1'
		}
		if len(digits) == codeLen || !strings.ContainsRune(crockford, r) {
			return "", false
		}
		digits = append(digits, byte(r))
	}
	if len(digits) != codeLen {
		return "", false
	}
	return groupCode(digits), true
}

func groupCode(digits []byte) string {
	return string(digits[:codeLen/2]) + "-" + string(digits[codeLen/2:])
}

// Equal compares two secrets in a time that does not tell where they differ, nor how long the other is.
func Equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
