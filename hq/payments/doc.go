// Package payments charges the customers of the shop: authorise, capture, void, refund, by a gateway, exactly once whatever is
// lost on the way. It owns the schema payments. The saga of the orders is its user.
//
// A payment is written down in the order's transaction, before anybody is asked for money; its id is in every idempotency
// key. So a request may be repeated, by any process, after a crash anywhere: it is the same request. What the gateway answers is
// how the charge stands, whole; the row takes of it what is later, so that late answers, repeated ones and notifications in any
// order come to the same.
//
// Invariants:
//
//   - No request is made inside a transaction, and each is written down before it is made.
//   - An answer that was lost is asked for, never replaced by another charge. Where nobody can tell yet, Later says so and
//     the payment keeps its state.
//   - A key is left for another only when the gateway gives its failure to whoever comes with it, and says that nothing was done.
//   - Every change of state is one of Steps.
//   - captured <= amount, refunded <= captured: the table holds to it too.
//   - Once a void is asked for, nothing leads forward any more; no authorisation is left, also of a request that still runs.
//   - One refund of a payment is under way at a time. Whoever comes meanwhile brings it to its end first.
//   - The number of a card, and the gateway's secrets, are nowhere.
package payments
