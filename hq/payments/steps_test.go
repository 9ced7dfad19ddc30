package payments_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/payments"
	"comptant/shared/retail"
)

// Everything that can be done to a payment is done in each of its states: what comes of it is what Steps says.
func TestStepsAreWhatIsDone(t *testing.T) {
	c := newTill(t)
	type deed struct {
		name string
		do   func(uuid.UUID)
	}
	ignore := func(do func() (payments.Payment, error)) { _, _ = do() }
	authorise := deed{"authorise", func(id uuid.UUID) { ignore(func() (payments.Payment, error) { return c.Authorise(ctx, id) }) }}
	capture := deed{"capture", func(id uuid.UUID) { ignore(func() (payments.Payment, error) { return c.Capture(ctx, id) }) }}
	void := deed{"void", func(id uuid.UUID) { ignore(func() (payments.Payment, error) { return c.Void(ctx, id) }) }}
	refund := deed{"refund", func(id uuid.UUID) {
		ignore(func() (payments.Payment, error) { return c.Refund(ctx, id, "all", 11498) })
	}}
	piece := deed{"refund", func(id uuid.UUID) { ignore(func() (payments.Payment, error) { return c.Refund(ctx, id, "piece", 1) }) }}
	lapse := deed{"lapse", func(id uuid.UUID) {
		c.clock.advance(8 * 24 * time.Hour)
		capture.do(id)
	}}
	fail := deed{"fail", func(id uuid.UUID) {
		require.NoError(t, c.Notified(ctx, payments.Event{ID: uuid.NewString(), Payment: id, Refund: id.String() + "/refund/all", At: c.clock.now()}))
	}}
	begin := deed{"begin", func(id uuid.UUID) {
		p, err := payments.One(ctx, c.db, id)
		b := payments.Begun{ID: id, Order: p.Order, Amount: 11498, Currency: "CAD", Method: "4242424242424242"}
		if err != nil {
			b.Order = uuid.New()
		}
		_ = c.beginAs(b)
	}}
	state := func(id uuid.UUID) payments.State {
		p, err := payments.One(ctx, c.db, id)
		if err != nil {
			refused(t, err, "payment.unknown")
		}
		return p.State
	}
	ways := map[payments.State]struct {
		card string
		way  []deed
	}{
		"": {}, payments.Created: {"approves", nil}, payments.Authorised: {"approves", []deed{authorise}}, payments.Declined: {"declines", []deed{authorise}},
		payments.Captured: {"approves", []deed{authorise, capture}}, payments.Voided: {"approves", []deed{void}},
		payments.Refunded: {"approves", []deed{authorise, capture, refund}},
	}
	var seen retail.Steps[payments.State]
	try := func(from payments.State, card string, way []deed, what deed) {
		id := uuid.New()
		if from != "" {
			id = c.begin(card)
		}
		for _, step := range way {
			step.do(id)
		}
		require.Equal(t, from, state(id))
		what.do(id)
		if to := state(id); to != from {
			step := retail.Step[payments.State]{From: from, To: to, Deed: what.name}
			for _, known := range seen {
				if known == step {
					return
				}
			}
			seen = append(seen, step)
		}
	}
	for from, w := range ways {
		for _, what := range []deed{begin, authorise, capture, void, refund, piece, lapse, fail} {
			try(from, w.card, w.way, what)
		}
	}
	try(payments.Created, "declines", nil, authorise)
	require.ElementsMatch(t, payments.Steps, seen)
}
