// Package feed keeps what tills must know as compacted state: one row per thing, in its newest state, numbered so that a
// till asks "what changed after S" and nothing else. It knows no domain; the domains publish in their own transactions.
//
// Invariants:
//
//   - seq follows commit order. It comes from one counter row per feed, locked by the last statements of the writing
//     transaction; with a sequence a reader would pass over rows whose transaction commits late, and miss them.
//   - The digest of a feed is the sum modulo 2^64 of wire.RowHash over its live rows, moved with them.
//   - A deleted thing leaves a tombstone, so the table is bounded by the number of things that ever were.
//   - NOTIFY never runs in a business transaction: commits that notify queue behind one lock of the whole cluster. A
//     Notifier sends for all of them, a moment later.
package feed
