package payments

import (
	"slices"

	"comptant/shared/retail"
)

// State is where a payment stands. The words are written to disk and never get another meaning.
type State string

// The states. Declined, Voided and, unless a refund fails, Refunded are ends; a refund of a part leaves it captured.
const (
	Created    State = "created"
	Authorised State = "authorised"
	Declined   State = "declined"
	Captured   State = "captured"
	Voided     State = "voided"
	Refunded   State = "refunded"
)

// Steps is the way of a payment. An authorisation that lapses at the gateway is voided by nobody's asking.
var Steps = retail.Steps[State]{
	{From: "", To: Created, Deed: "begin"},
	{From: Created, To: Authorised, Deed: "authorise"},
	{From: Created, To: Declined, Deed: "authorise"},
	{From: Created, To: Voided, Deed: "void"},
	{From: Authorised, To: Captured, Deed: "capture"},
	{From: Authorised, To: Voided, Deed: "void"},
	{From: Authorised, To: Voided, Deed: "lapse"},
	{From: Captured, To: Refunded, Deed: "refund"},
	{From: Captured, To: Refunded, Deed: "void"},
	{From: Refunded, To: Captured, Deed: fails},
}

// fails is what a refund may do after it was made: the only way back.
const fails = "fail"

// before are the states from which one step forward, or several, lead to a state: what the gateway says may be news of more than the
// last step.
func before(to State) []string {
	var found []string
	for next := []State{to}; len(next) > 0; next = next[1:] {
		for _, step := range Steps {
			from := string(step.From)
			if step.To == next[0] && step.Deed != fails && from != "" && !slices.Contains(found, from) {
				found, next = append(found, from), append(next, step.From)
			}
		}
	}
	return found
}

// Over tells whether nothing becomes of a payment any more, unless a refund fails.
func (s State) Over() bool { return s == Declined || s == Voided || s == Refunded }
