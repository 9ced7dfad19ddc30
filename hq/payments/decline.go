package payments

// Expired is the decline of an authorisation that lapsed before anybody captured it.
const Expired = "authorisation_expired"

// authenticate is the decline of a bank that wants to see the customer (3-D Secure).
const authenticate = "authentication_required"

// declines are the words of the codes that gateways decline with; the codes are Stripe's, and the sandbox uses the same.
// https://docs.stripe.com/declines/codes
var declines = map[string]string{
	"insufficient_funds":         "payment.declined.funds",
	"expired_card":               "payment.declined.expired",
	"incorrect_number":           "payment.declined.number",
	"invalid_number":             "payment.declined.number",
	"incorrect_cvc":              "payment.declined.code",
	"invalid_cvc":                "payment.declined.code",
	"incorrect_zip":              "payment.declined.postal_code",
	"processing_error":           "payment.declined.busy",
	"try_again_later":            "payment.declined.busy",
	"issuer_not_available":       "payment.declined.busy",
	authenticate:                 "payment.declined.authentication",
	"authentication_not_handled": "payment.declined.authentication", // what a request that allows no action is declined with
	"amount_too_small":           "payment.declined.amount",
	"amount_too_large":           "payment.declined.amount",
	Expired:                      "payment.declined.lapsed",
}

// DeclineWords gives the key of the words that tell a customer why. Of a card that is said to be lost, stolen or used by somebody
// else they say no more than that the bank refused: who holds it may be the thief.
func DeclineWords(code string) string {
	if key, ok := declines[code]; ok {
		return key
	}
	return "payment.declined.bank"
}
