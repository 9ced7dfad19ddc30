// Package sales keeps what was sold and given back, as applied from the tills' journals, and its sums by hour, by
// product, by tax and by cashier. It owns the schema sales.
//
// Invariants:
//
//   - A document belongs to its store and business date; amounts of a refund are negative, so every figure is a sum.
//   - The sums are moved by Record in the transaction that writes the documents, in the order of their keys. Reports
//     read the sums, and `hq journal verify` compares both with the journal, to the cent.
package sales
