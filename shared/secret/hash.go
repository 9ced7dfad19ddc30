package secret

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Params is the cost of one argon2id hash (RFC 9106).
type Params struct {
	Memory  uint32 // KiB
	Time    uint32 // passes over the memory
	Threads uint8
}

// The two costs in use, both of 64 MiB and well above OWASP's minimum of 19 MiB and two passes. On a two-core machine a
// PIN takes about 0.3 s, inside the two seconds of a sign-in also on a slower till; a password 0.2 s, because HQ checks
// many. No cost makes 4 to 6 digits safe once a hash is stolen; it only buys the time to revoke the till and reset its
// PINs.
var (
	PIN      = Params{Memory: 64 << 10, Time: 6, Threads: 2}
	Password = Params{Memory: 64 << 10, Time: 4, Threads: 2}
)

// Least is the least that argon2id takes: for tests, which hash for each of their people.
var Least = Params{Memory: 8, Time: 1, Threads: 1}

// What a hash may ask for. The upper bounds keep a hostile one from taking the machine's memory or a minute of its time;
// the lower are argon2's own.
const (
	maxMemory  = 256 << 10 // KiB
	maxTime    = 16
	maxThreads = 8
	minSalt    = 8
	maxSalt    = 64
	minKey     = 16
	maxKey     = 64

	saltLen = 16
	keyLen  = 32
)

var (
	// ErrEmpty refuses to hash nothing.
	ErrEmpty = errors.New("secret is empty")
	// ErrMalformed means that a stored hash is not one this package could have written.
	ErrMalformed = errors.New("malformed argon2id hash")
	// ErrCost means that a hash asks for more memory, time or threads than allowed, or for less than argon2 needs.
	ErrCost = errors.New("argon2id cost out of bounds")
)

// Hash returns the PHC string of a PIN or password under a fresh random salt:
// $argon2id$v=19$m=65536,t=4,p=2$<salt>$<key>.
func Hash(secret string, p Params) (string, error) {
	if secret == "" {
		return "", ErrEmpty
	}
	if err := p.check(); err != nil {
		return "", err
	}
	salt := make([]byte, saltLen)
	rand.Read(salt) // never fails: crypto/rand ends the program instead
	return encode(p, salt, p.key(secret, salt, keyLen)), nil
}

// Verify tells whether secret is the one phc was made from. A wrong secret is false without an error; an error means that
// the stored hash is malformed or too costly, and that nothing was computed.
func Verify(phc, secret string) (bool, error) {
	p, salt, key, err := decode(phc)
	if err != nil {
		return false, err
	}
	if secret == "" {
		return false, nil
	}
	return subtle.ConstantTimeCompare(key, p.key(secret, salt, len(key))) == 1, nil
}

func (p Params) key(secret string, salt []byte, n int) []byte {
	return argon2.IDKey([]byte(secret), salt, p.Time, p.Memory, p.Threads, uint32(n))
}

func (p Params) check() error {
	switch {
	case p.Memory > maxMemory, p.Time > maxTime, p.Threads > maxThreads:
	case p.Time < 1, p.Threads < 1, p.Memory < 8*uint32(p.Threads):
	default:
		return nil
	}
	return fmt.Errorf("%w: m=%d,t=%d,p=%d", ErrCost, p.Memory, p.Time, p.Threads)
}

// b64 is the encoding of PHC strings: no padding, and no second spelling of the same bytes.
var b64 = base64.RawStdEncoding.Strict()

func encode(p Params, salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		p.Memory, p.Time, p.Threads, b64.EncodeToString(salt), b64.EncodeToString(key))
}

func decode(phc string) (p Params, salt, key []byte, err error) {
	fields := strings.Split(phc, "$")
	if len(fields) != 6 {
		return p, nil, nil, ErrMalformed
	}
	if _, err := fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &p.Memory, &p.Time, &p.Threads); err != nil {
		return p, nil, nil, ErrMalformed
	}
	if err := p.check(); err != nil {
		return p, nil, nil, err
	}
	salt, saltErr := b64.DecodeString(fields[4])
	key, keyErr := b64.DecodeString(fields[5])
	if saltErr != nil || keyErr != nil || len(salt) < minSalt || len(salt) > maxSalt || len(key) < minKey || len(key) > maxKey {
		return p, nil, nil, ErrMalformed
	}
	// Sscanf is lenient; writing it again accepts exactly one spelling, and no other algorithm or version.
	if encode(p, salt, key) != phc {
		return p, nil, nil, ErrMalformed
	}
	return p, salt, key, nil
}
