// Package link is the till's side of the corridor: it dials headquarters for ever, proves who it is, sends what the
// journal holds and HQ does not have, and takes the feeds.
//
// The core (core*.go) is a state machine without clock, network or goroutine: events, readings of the clock and storage
// go in; messages, a time to be called again, and requests to dial or hang up come out. Link is the thin shell around it.
//
//   - The journal is the queue. Nothing leaves it before HQ has acknowledged it, and nothing HQ says can take it out.
//   - The session resumes after what HQ says it has, also when that is less than it once acknowledged.
//   - Feeds never stop the way up: whatever fails down here is held and tried again while entries go on draining.
package link
