// Package intake takes the entries of the tills' journals: it stores their bytes and applies them to the domains, in
// one Postgres transaction. It owns the schema journal.
//
// Invariants:
//
//   - An acknowledgement means that the bytes are stored durably and their chain verified, and nothing else. No business
//     rule refuses an entry.
//   - Bytes are kept as they came. An entry is known by its hash, its parent by the hash before; what is already there
//     is skipped, so a batch may come any number of times.
//   - A poison entry never blocks: what cannot be applied, for any reason, is stored, deferred and tried again.
//   - When something happened is what its entry says and the last clock entry that covers it, whichever came first.
//   - What is wrong as business (sums that do not add up) is applied all the same, because goods and money have moved,
//     and flagged for a person.
//   - Who writes a till's entries, or reads how far they have come together with the stock they moved, holds the lock of
//     the till's row.
package intake
