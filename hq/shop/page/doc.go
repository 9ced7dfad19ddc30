// Package page is the online shop as customers see it, below /shop/.
//
// Invariants:
//
//   - Every page works without a script, but for paying by Stripe; the page of an order has one, which makes it move.
//   - Nothing that is shown to one visitor is kept for another: no answer may be stored but pictures of products, and whose cart it is
//     comes from the request's own cookies alone.
//   - The number of a card is on no page, in no log and in no cookie. Stripe's goes from its frame to Stripe.
//   - Only the page that takes cards by Stripe lets anything in that is not ours.
//   - A visitor without an account finds an order by the address of its page, which cannot be guessed.
package page

//go:generate go tool templ generate
