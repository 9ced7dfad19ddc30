// Package journal is the till's append-only record: what an entry is, its exact bytes, and the hash chain over them.
//
// A journal belongs to one till and is cut into epochs, the lives of one journal file. Inside an epoch entries are
// numbered 1, 2, 3… without a gap. The stored bytes of an entry are what is hashed, sent and kept for ever: nobody
// decodes and encodes them again, so a key this version does not know survives. Both sides recompute the chain, so an
// entry that was changed, dropped or moved is found.
//
// The byte layout is final. Keys are only ever added; a key that changes money, stock or meaning raises Version.
package journal
