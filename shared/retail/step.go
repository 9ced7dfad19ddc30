package retail

// Step is one way from a state to another, and what is done then. The zero state is before there was anything.
type Step[S comparable] struct {
	From, To S
	Deed     string
}

// Steps is everything that may become of something. Whoever changes a state asks it, and what is drawn is made of it.
type Steps[S comparable] []Step[S]

// Lead says whether one step leads from a state to another.
func (s Steps[S]) Lead(from, to S) bool {
	for _, step := range s {
		if step.From == from && step.To == to {
			return true
		}
	}
	return false
}

// RestockSteps is the way of a restock request.
var RestockSteps = Steps[RestockState]{
	{0, RestockRequested, "request"},
	{RestockRequested, RestockApproved, "decide"},
	{RestockRequested, RestockRefused, "decide"},
	{RestockApproved, RestockShipped, "ship"},
	{RestockShipped, RestockReceived, "receive"},
}

// HoldSteps is the way of a hold. Copies of a till's disk may answer differently: what one granted may be used already, so
// nothing leads away from there, and one that knows counts before one that cannot tell.
var HoldSteps = Steps[HoldState]{
	{0, HoldWaits, "ask"},
	{HoldWaits, HoldGranted, "answer"},
	{HoldWaits, HoldRefused, "answer"},
	{HoldWaits, HoldInDoubt, "answer"},
	{HoldInDoubt, HoldGranted, "answer"},
	{HoldInDoubt, HoldRefused, "answer"},
	{HoldInDoubt, HoldInDoubt, "answer"},
	{HoldRefused, HoldGranted, "answer"},
	{HoldRefused, HoldRefused, "answer"},
}
