package ledger

import (
	"errors"

	"comptant/shared/retail"
	"comptant/terminal/till"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// The keys of the errors a person can see. The screen's language files have one wording for each.
const (
	KeyDiskFull    = "journal.disk_full"
	KeySentinel    = "journal.sentinel"
	KeyFailed      = "journal.commit"
	KeyDamaged     = "journal.damaged"
	KeyNoReceipt   = till.KeyNoReceipt
	KeyNotEnrolled = "till.not_enrolled"
	KeyOtherTill   = "till.other"
)

// Keys lists them.
var Keys = []string{KeyDiskFull, KeySentinel, KeyFailed, KeyDamaged, KeyNoReceipt, KeyNotEnrolled, KeyOtherTill}

// ErrNotEnrolled is returned by Open for a folder that no till was enrolled in.
var ErrNotEnrolled = &retail.Error{Code: retail.NotFound, Key: KeyNotEnrolled}

// diskError tells a full disk and a damaged file, which a person can do something about, from other failures.
func diskError(err error) error {
	var failure *sqlite.Error
	key := KeyFailed
	// The low byte is the primary code: https://www.sqlite.org/rescode.html
	if errors.As(err, &failure) && failure.Code()&0xff == sqlite3.SQLITE_FULL {
		key = KeyDiskFull
	}
	if corrupt(err) {
		key = KeyDamaged
	}
	return &retail.Error{Code: retail.Failed, Key: key, Err: err}
}

// sentinelError says why a sentinel keeps the till from selling.
func sentinelError(err error) error {
	key := KeySentinel
	if errors.Is(err, errNoRoom) {
		key = KeyDiskFull
	}
	return &retail.Error{Code: retail.Failed, Key: key, Err: err}
}
