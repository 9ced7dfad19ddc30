package wire

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// Words that keep the two signatures apart from each other and from any other use of the keys.
const (
	helloDomain   = "comptant hello"
	welcomeDomain = "comptant welcome"
)

// Keys of the signatures in their maps.
const (
	helloSig   = 10
	welcomeSig = 11
)

// SignHello gives hello signed with the device's key: Ed25519 over "comptant hello" || nonce || the map without the
// signature.
func SignHello(hello Hello, nonce []byte, key ed25519.PrivateKey) (Hello, error) {
	hello.raw, hello.Sig = nil, nil
	raw, err := encodeMap(hello)
	if err != nil {
		return Hello{}, err
	}
	words, err := helloWords(raw, nonce)
	if err != nil {
		return Hello{}, err
	}
	hello.Sig = ed25519.Sign(key, words)
	hello.raw, err = encodeMap(hello)
	return hello, err
}

// VerifyHello checks the signature of a hello that Decode or SignHello gave. The error is BadSignature.
func VerifyHello(hello Hello, nonce []byte, key ed25519.PublicKey) error {
	words, err := helloWords(hello.raw, nonce)
	if err != nil {
		return fmt.Errorf("verify hello: %w: %w", BadSignature, err)
	}
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, words, hello.Sig) {
		return fmt.Errorf("verify hello of till %s: %w", hello.Till, BadSignature)
	}
	return nil
}

// SignWelcome gives welcome signed with HQ's key: Ed25519 over "comptant welcome" || nonce || SHA-256(the map of
// hello) || the map without the signature. It answers this hello to this nonce and no other.
func SignWelcome(welcome Welcome, nonce []byte, hello Hello, key ed25519.PrivateKey) (Welcome, error) {
	welcome.raw, welcome.Sig = nil, nil
	raw, err := encodeMap(welcome)
	if err != nil {
		return Welcome{}, err
	}
	words, err := welcomeWords(raw, nonce, hello)
	if err != nil {
		return Welcome{}, err
	}
	welcome.Sig = ed25519.Sign(key, words)
	welcome.raw, err = encodeMap(welcome)
	return welcome, err
}

// VerifyWelcome checks the signature of a welcome that Decode or SignWelcome gave. The error is BadSignature.
func VerifyWelcome(welcome Welcome, nonce []byte, hello Hello, key ed25519.PublicKey) error {
	words, err := welcomeWords(welcome.raw, nonce, hello)
	if err != nil {
		return fmt.Errorf("verify welcome: %w: %w", BadSignature, err)
	}
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, words, welcome.Sig) {
		return fmt.Errorf("verify welcome: %w", BadSignature)
	}
	return nil
}

func helloWords(raw, nonce []byte) ([]byte, error) {
	signed, err := without(raw, helloSig)
	if err != nil {
		return nil, err
	}
	words := append([]byte(helloDomain), nonce...)
	return append(words, signed...), nil
}

func welcomeWords(raw, nonce []byte, hello Hello) ([]byte, error) {
	signed, err := without(raw, welcomeSig)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(hello.raw)
	words := append([]byte(welcomeDomain), nonce...)
	words = append(words, sum[:]...)
	return append(words, signed...), nil
}

// without gives the map without one key. It works on the bytes as they came, so that a signature also covers the keys
// of a later version.
func without(raw []byte, key uint64) ([]byte, error) {
	var pairs map[uint64]cbor.RawMessage
	if err := decMode.Unmarshal(raw, &pairs); err != nil {
		return nil, fmt.Errorf("read signed map: %w", err)
	}
	delete(pairs, key)
	b, err := encMode.Marshal(pairs)
	if err != nil {
		return nil, fmt.Errorf("write signed map: %w", err)
	}
	return b, nil
}
