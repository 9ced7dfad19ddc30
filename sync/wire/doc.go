// Package wire is the language tills and headquarters speak: the messages of the subprotocol comptant.sync.1, their
// codes, limits and encoding, and the signatures of the session.
//
// A frame is one binary websocket message: a flag byte (bit 0: the rest is zstd), then a CBOR map with integer keys
// in which key 0 is the message's type. Keys are only added; unknown keys and unknown types are skipped.
package wire
