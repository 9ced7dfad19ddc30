package payments

import (
	"strings"

	"comptant/shared/retail"
)

// Card is a test card of the sandbox: it always does the same.
type Card struct {
	// Number is as people type it, Token what is kept of it.
	Number, Token string
	// Words is the key of what it does, for the shop's page.
	Words string

	decline string       // refused with this code
	ignored map[deed]int // so many requests are never heard: the caller's wait ends, and nothing was made
	unheard map[deed]int // so many answers are never heard: the caller's wait ends, and it was made
	late    bool         // the caller's wait ends, the charge becomes real afterwards, and a notification says so
	twice   bool         // everything is notified twice, the newest first
	lapses  bool         // the authorisation lapses at once
	closed  bool         // takes no refund
	breaks  bool         // the first request of each kind fails, and fails again whenever it comes with the same key
}

// Cards are the test cards. The first few numbers are Stripe's, and do there what they do here.
var Cards = []Card{
	{Number: "4242 4242 4242 4242", Token: "approves", Words: "payment.card.approves"},
	{Number: "4000 0000 0000 0002", Token: "declines", Words: "payment.card.declines", decline: "card_declined"},
	{Number: "4000 0000 0000 9995", Token: "funds", Words: "payment.card.funds", decline: "insufficient_funds"},
	{Number: "4000 0000 0000 0069", Token: "expired", Words: "payment.card.expired", decline: "expired_card"},
	{Number: "4000 0000 0000 0127", Token: "code", Words: "payment.card.code", decline: "incorrect_cvc"},
	{Number: "4000 0000 0000 0119", Token: "busy", Words: "payment.card.busy", decline: "processing_error"},
	{Number: "4000 0000 0000 9979", Token: "stolen", Words: "payment.card.stolen", decline: "stolen_card"},
	{Number: "4000 0000 1000 0018", Token: "lost-made", Words: "payment.card.lost_made", unheard: map[deed]int{doAuthorise: 1}},
	{Number: "4000 0000 1000 0026", Token: "lost-nothing", Words: "payment.card.lost_nothing", ignored: map[deed]int{doAuthorise: 1}},
	{Number: "4000 0000 1000 0034", Token: "away", Words: "payment.card.away", ignored: map[deed]int{doAuthorise: 3}},
	{Number: "4000 0000 1000 0042", Token: "late", Words: "payment.card.late", late: true},
	{Number: "4000 0000 1000 0059", Token: "twice", Words: "payment.card.twice", twice: true},
	{Number: "4000 0000 1000 0067", Token: "capture-fails", Words: "payment.card.capture_fails", ignored: map[deed]int{doCapture: 1}},
	{Number: "4000 0000 1000 0075", Token: "capture-lost", Words: "payment.card.capture_lost", unheard: map[deed]int{doCapture: 1}},
	{Number: "4000 0000 1000 0083", Token: "lapses", Words: "payment.card.lapses", lapses: true},
	{Number: "4000 0000 1000 0091", Token: "void-fails", Words: "payment.card.void_fails", ignored: map[deed]int{doVoid: 1}},
	{Number: "4000 0000 1000 0109", Token: "refund-lost", Words: "payment.card.refund_lost", unheard: map[deed]int{doRefund: 1}},
	{Number: "4000 0000 1000 0117", Token: "closed", Words: "payment.card.closed", closed: true},
	{Number: "4000 0000 1000 0133", Token: "breaks", Words: "payment.card.breaks", breaks: true},
	{
		Number: "4000 0000 1000 0125", Token: "trouble", Words: "payment.card.trouble", twice: true,
		ignored: map[deed]int{doAuthorise: 1, doCapture: 1, doVoid: 1, doRefund: 1},
		unheard: map[deed]int{doAuthorise: 1, doCapture: 1, doVoid: 1, doRefund: 1},
	},
}

// digits are those of a number as somebody typed it.
func digits(number string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number)
}

// shortest and longest number of a card, in digits, as ISO/IEC 7812 has them.
const (
	shortest = 12
	longest  = 19
)

// Method takes the number of a test card, however it is spaced, and keeps its name and its last four.
func (s *Sandbox) Method(given string) (Method, error) {
	typed := digits(given)
	if len(typed) < shortest || len(typed) > longest || strings.Trim(given, "0123456789 -") != "" {
		return Method{}, &retail.Error{Code: retail.Invalid, Key: "payment.card_number"}
	}
	for _, c := range Cards {
		if number := digits(c.Number); number == typed {
			return Method{Token: c.Token, LastFour: number[len(number)-4:]}, nil
		}
	}
	return Method{}, &retail.Error{Code: retail.Invalid, Key: "payment.test_card"}
}

// cardOf is the card of a token; one that is no more approves.
func cardOf(token string) Card {
	for _, c := range Cards {
		if c.Token == token {
			return c
		}
	}
	return Cards[0]
}
