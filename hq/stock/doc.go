// Package stock keeps what is where: locations, signed movements, their sums, and the goods on their way between. It
// owns the schema stock.
//
// Invariants:
//
//   - A level is the sum of its movements: both are written by Record, in one transaction, and by nothing else.
//   - Levels are written in the order of their keys, so that transactions wait for each other and do not deadlock.
//   - Below zero is allowed: the customer held the item, so the number is wrong and not the sale.
//   - A purchase and its deliveries are never changed: a mistake is taken back by a delivery that corrects another (Correct). Then stock and
//     average cost are what they would be without the two.
//   - A level that changed is stale until its row of the feed is published. The mark is in the table and not in memory:
//     a process that dies loses nothing.
package stock
