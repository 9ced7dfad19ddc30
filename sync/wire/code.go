package wire

import "fmt"

// Code says what went wrong, in ranges: 1xx try again, 2xx the session, 3xx the stream of entries, 4xx one entry
// (stored all the same), 5xx a feed.
type Code uint16

// The codes.
const (
	Overloaded Code = 101
	Draining   Code = 102
	Wait       Code = 103

	BadSignature    Code = 201
	Revoked         Code = 202
	UnknownTill     Code = 203
	Fenced          Code = 204
	ProtocolError   Code = 205
	UpgradeRequired Code = 206

	UnknownParent Code = 301
	BadHead       Code = 302
	Fork          Code = 303
	TooLarge      Code = 304
	BadFrame      Code = 305

	Deferred   Code = 401
	Invalid    Code = 402
	Duplicate  Code = 403
	UnknownRef Code = 404

	GenerationChanged Code = 501
	CursorTooOld      Code = 502
	CursorAhead       Code = 503
	DigestDiffers     Code = 504
)

var codeNames = map[Code]string{
	Overloaded: "overloaded", Draining: "draining", Wait: "wait",
	BadSignature: "bad signature", Revoked: "revoked", UnknownTill: "unknown till", Fenced: "fenced",
	ProtocolError: "protocol error", UpgradeRequired: "upgrade required",
	UnknownParent: "unknown parent", BadHead: "bad head", Fork: "fork", TooLarge: "too large", BadFrame: "bad frame",
	Deferred: "deferred", Invalid: "invalid", Duplicate: "duplicate", UnknownRef: "unknown reference",
	GenerationChanged: "generation changed", CursorTooOld: "cursor too old", CursorAhead: "cursor ahead",
	DigestDiffers: "digest differs",
}

// String is the code's number and name.
func (c Code) String() string { return fmt.Sprintf("%d %s", uint16(c), codeNames[c]) }

func (c Code) Error() string { return "sync: " + c.String() }
