// Package shop is the online shop without its pages: carts, what they come to, and how they become orders.
//
// Invariants:
//
//   - A cart is one visitor's browser's or one customer's. The database holds that, and nothing reads a cart but by who asks.
//   - What a cart comes to is worked out by the same code as a till's ticket, from the prices and taxes in force.
//   - An order is made at the total that the customer saw, or not at all.
//   - A checkout that is sent twice makes one order. The next one has another id, once it is known how the first ended. A cart waits for
//     one order at a time: while its end is not known there is no other, whoever asks.
//   - A cart is emptied of what was ordered when the order is confirmed, and kept when it is not.
//   - Only what headquarters knows the stock of, by the piece and at a price of its own, is sold here.
package shop
