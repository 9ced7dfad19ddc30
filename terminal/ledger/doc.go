// Package ledger is the till's disk: the journal, what is derived from it, and the till's copy of the feeds.
//
// There are two SQLite files and one plain one. ledger.db is precious: journal, projections, identity. The catalogue can
// be loaded again: feeds and the product search. It is catalog.db, or catalog-1.db and so on once a whole feed was loaded
// into a file that took its place. The sentinel is an append-only file, best kept on another disk, that repeats every entry.
//
// What always holds:
//   - An entry, its receipt number, what is derived from it and the counters are one transaction, durable on return
//     (WAL, synchronous=FULL, read back on every connection).
//   - The order is database, sentinel, return. So at start the database may be one entry ahead of the sentinel; any
//     other difference means that one of them was restored or lost, and a new epoch begins before the first sale.
//   - seq and receipt numbers have no gap within an epoch. Nothing in the journal is ever changed, and nothing deleted
//     before headquarters has had it for 35 days of its own time.
//   - An entry that either file knew is on some path: an epoch's own, or a branch made of what the sentinel gave back and
//     does not chain on.
//   - A database that cannot be opened, or was seen to be damaged, is put aside at the next start, and the till goes on with
//     a new one that knows it from identity.json: the entries come from the sentinel, from what the damaged file still
//     gives, and then from headquarters. A catalogue like that is loaded again.
//   - What is given out gives its hash. What the disk has spoilt comes from the sentinel, or is a hole.
//   - An entry is dated by the machine's clock and by the estimate of headquarters' time, which nobody can set. When the
//     estimate was wrong, an entry says so of those before it.
//   - Tickets nobody has paid, and what is being counted, are no part of the journal. The open ticket is never flushed, and never
//     comes back once sold; nor does a count that is over.
//   - One process writes. It holds a lock on the sentinel.
//   - What a feed shows changes only when a whole load is published, in one transaction with its cursor, or with the file.
package ledger
