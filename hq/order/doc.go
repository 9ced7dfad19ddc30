// Package order takes orders of the shop from the cart to the customer: a saga whose state and every step are stored, so that
// any process of headquarters goes on with it after any other died. It owns the schema orders.
//
// Invariants:
//
//   - retail.OrderSteps says what may become of an order; every change asks it, under a lock of the order's row.
//   - A step and what it does are one transaction, which several orders may share. Only payments are outside, and each of theirs may
//     be repeated.
//   - An order that waits for headquarters has a due_at: whoever was driving it may die, and the jobs find it.
//   - Nothing is captured before a location has accepted, and no authorisation outlives its order.
//   - What is promised to an order is released or sold, once.
//   - The sale is recorded once: by the till's entry where it is collected, by headquarters where it is shipped.
package order
