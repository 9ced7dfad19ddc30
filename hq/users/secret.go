package users

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"comptant/shared/retail"
	"comptant/shared/secret"
)

// The bounds of what people choose.
const (
	minPassword = 10 // characters
	maxPassword = 200
	minPIN      = 4 // digits
	maxPIN      = 6
	minBadge    = 6 // characters: what tills take for a scan
	maxBadge    = 64
)

// Password is the hash of a password for headquarters. The zero value is none.
type Password struct{ phc string }

// PIN is the hash of a PIN for the tills. The zero value is none.
type PIN struct{ phc string }

// NewPassword hashes a password of at least 10 characters. It takes 0.2 s: call it before a transaction.
func NewPassword(plain string) (Password, error) {
	if n := utf8.RuneCountInString(plain); n < minPassword || n > maxPassword {
		return Password{}, &retail.Error{Code: retail.Invalid, Key: "staff.password", Args: map[string]any{"min": minPassword}}
	}
	phc, err := secret.Hash(plain, secret.Password)
	return Password{phc}, err
}

// NewPIN hashes a PIN of 4 to 6 digits. It takes 0.3 s: call it before a transaction.
func NewPIN(plain string) (PIN, error) {
	ok := len(plain) >= minPIN && len(plain) <= maxPIN
	for _, r := range plain {
		ok = ok && r >= '0' && r <= '9'
	}
	if !ok {
		return PIN{}, &retail.Error{Code: retail.Invalid, Key: "staff.pin", Args: map[string]any{"min": minPIN, "max": maxPIN}}
	}
	phc, err := secret.Hash(plain, secret.PIN)
	return PIN{phc}, err
}

// Badge is what a badge is known by at the tills; the code itself is kept nowhere. The zero value is none.
type Badge struct{ hash []byte }

// NewBadge takes the code that a scanner reads from a badge.
func NewBadge(code string) (Badge, error) {
	code = strings.TrimSpace(code)
	ok := len(code) >= minBadge && len(code) <= maxBadge
	for _, r := range code {
		ok = ok && unicode.IsPrint(r)
	}
	if !ok {
		return Badge{}, &retail.Error{Code: retail.Invalid, Key: "staff.badge", Args: map[string]any{"min": minBadge, "max": maxBadge}}
	}
	return Badge{secret.Badge(code)}, nil
}
