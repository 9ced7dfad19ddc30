// Package tills knows the devices that sell: this headquarters' own key, one-time enrolment codes, the key of each
// till's machine, its sessions and the epochs it was granted. It owns the schema tills.
//
// Invariants:
//
//   - A till id belongs to a lane of a store for ever, a key to a machine: enrolling again keeps the id and changes the
//     key.
//   - Epochs are granted in hundreds and committed before a grant is sent. The number given is the first of its hundred;
//     those behind it are the till's to open by itself, so the two never meet.
//   - The newest session of a till fences the older ones.
//   - Who writes for a till (its entries, its session) holds the lock of its row.
package tills
