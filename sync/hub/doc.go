// Package hub is headquarters' side of the corridor: it accepts tills, proves who they are, hands their entries to
// Intake, acknowledges what was stored, and sends every till the pages of its feeds.
//
// The core (core*.go) is the state machine of one session, without clock, network or goroutine: messages, readings of
// the clock and what storage answered go in; messages, work for storage and a time to be called again come out. The
// shell gives each session a reader, which also waits for Intake, and a writer.
//
//   - An Ack means stored durably, chain verified. It is sent after Intake.Store returned and never before.
//   - Batches of a session are stored one after the other; a session never waits for another.
//   - There is no queue of changes per till: a dirty bit and a cursor per feed, and at most a couple of pages on the
//     way. A page is read and encoded once for all tills at the same cursor.
//   - A feed that cannot be read is tried again; entries go on coming in meanwhile. A till that does not read is cut off.
package hub
