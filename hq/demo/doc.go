// Package demo makes a retailer to look at: five stores and their warehouse, a catalogue, staff, stock, and ninety days of
// trade up to now, all from one seed.
//
// Invariants:
//
//   - The same seed and the same moment give the same world; the catalogue does not even depend on these.
//   - Every sale goes the way of a real one: a till is enrolled, writes its hash-chained journal and sends it in batches,
//     and headquarters stores and applies it. So journals verify, and reports and stock equal them.
//   - Stock is worked out backwards, from what the shelves are to hold today and what was sold, so that today's has
//     something to show: low, sold out, too much, below zero.
//   - The administrator is written last: where there is one, the demo is complete, and Create does nothing.
package demo
