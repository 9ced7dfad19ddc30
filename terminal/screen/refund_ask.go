package screen

import (
	"errors"

	"github.com/google/uuid"

	"comptant/shared/retail"
	"comptant/terminal/till"
)

// away says that another till sold the receipt: its word is needed, or a supervisor's.
func (r *refund) away() bool { return r.of.Receipt.Till != r.app.Till.Identity().Till }

// request asks the till that sold for the right to what is taken. When headquarters is out of reach a supervisor may go on.
func (r *refund) request() {
	hold, err := r.app.Till.AskHold(r.app.ctx, r.of.Receipt, r.parts())
	if err != nil {
		r.payback.give()
		return
	}
	r.of.Hold, r.of.Parts, r.waits = hold, r.parts(), true
	r.said = ""
	r.show()
}

// hear takes the answer of the till that sold, once it has come.
func (r *refund) hear() {
	if !r.waits {
		return
	}
	given, ok, err := r.app.Till.HeldFor(r.app.ctx, r.of.Hold)
	switch {
	case !ok && err == nil:
	case err != nil:
		r.forget()
		r.said = r.app.words.Error(err)
	case given.Granted:
		r.waits = false
		r.of.Granted, r.of.Before, r.of.Parts = true, given.Before, given.Parts
		r.payback.give()
	case given.Doubt && !r.app.stage.Modal(): // else a supervisor is being called already
		r.waits = false
		r.payback.give()
	}
}

// forget says that the right that was asked for is of no use.
func (r *refund) forget() { r.of.Hold, r.of.Parts, r.of.Granted, r.waits = uuid.Nil, nil, false, false }

// gone is called when another screen takes the place of this one.
func (r *refund) gone() { r.giveUp() }

// giveUp gives the right that was asked for up, so that the till that sold has it again.
func (r *refund) giveUp() {
	if r.of.Hold == uuid.Nil {
		return
	}
	if err := r.app.Till.ReleaseHold(r.app.ctx, r.of); err != nil {
		if seen := (*retail.Error)(nil); !errors.As(err, &seen) || seen.Key != till.KeyRefundSpent {
			r.app.Log.Error("give a hold up", "err", err)
		}
	}
	r.forget()
}
