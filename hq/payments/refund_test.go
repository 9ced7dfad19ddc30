package payments_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/payments"
	"comptant/shared/money"
)

func TestRefundsStayBelowWhatWasCaptured(t *testing.T) {
	c := newTill(t)
	id := c.authorised("approves")
	_, err := c.Refund(ctx, id, "early", 1)
	refused(t, err, "payment.state")
	_, err = c.Capture(ctx, id)
	require.NoError(t, err)
	for key, wrong := range map[string]struct {
		key    string
		amount money.Amount
	}{"payment.key": {"", 1}, "payment.amount": {"x", 0}, "payment.above": {"x", 11499}} {
		_, err := c.Refund(ctx, id, wrong.key, wrong.amount)
		refused(t, err, key)
	}
	p, err := c.Refund(ctx, id, "one", 11000)
	require.NoError(t, err)
	require.Equal(t, money.Amount(11000), p.Refunded)
	_, err = c.Refund(ctx, id, "two", 499)
	refused(t, err, "payment.above")
	_, err = c.Refund(ctx, id, "one", 10999)
	refused(t, err, "payment.other")
	p, err = c.Refund(ctx, id, "two", 498)
	require.NoError(t, err)
	require.Equal(t, payments.Refunded, p.State)
	p, err = c.Refund(ctx, id, "one", 11000)
	require.NoError(t, err, "it was made")
	require.Equal(t, payments.Refunded, p.State)
	_, err = c.Refund(ctx, id, "three", 1)
	refused(t, err, "payment.above")
	require.Equal(t, held{Charges: 1, Captured: 11498, Refunded: 11498, Pieces: 11498}, c.held(t, id))
}

func TestRefundsAtOnceAreEachMadeOnce(t *testing.T) {
	c := newTill(t)
	id := c.captured("approves")
	var wait sync.WaitGroup
	errs := make([]error, 24)
	for i := range errs {
		wait.Go(func() { _, errs[i] = c.Refund(ctx, id, fmt.Sprint("piece ", i%12), 1000) }) // 12 pieces of which 11 fit
	}
	wait.Wait()
	above := 0
	for _, err := range errs {
		if err != nil {
			refused(t, err, "payment.above")
			above++
		}
	}
	require.Equal(t, 2, above, "the same piece, twice")
	require.Equal(t, held{Charges: 1, Captured: 11498, Refunded: 11000, Pieces: 11000}, c.held(t, id))
}

// A refund that a process left in the middle is brought to its end by who comes next, whatever they want.
func TestARefundLeftInTheMiddleIsEndedFirst(t *testing.T) {
	for _, made := range []bool{false, true} {
		c := newTill(t)
		dying := c.at(around{c.sandbox, func(what string, do func() (payments.Answer, error)) (payments.Answer, error) {
			if made {
				_, err := do()
				require.NoError(t, err)
			}
			return payments.Answer{}, errors.New("the process ended")
		}})
		leave := func(id uuid.UUID) {
			_, err := dying.Refund(ctx, id, "left", 1000)
			require.True(t, payments.Later(err))
		}
		one := c.captured("approves")
		leave(one)
		_, err := c.Refund(ctx, one, "other", 10499)
		refused(t, err, "payment.above")
		p, err := c.Refund(ctx, one, "other", 10498)
		require.NoError(t, err)
		require.Equal(t, payments.Refunded, p.State)
		require.Equal(t, held{Charges: 1, Captured: 11498, Refunded: 11498, Pieces: 11498}, c.held(t, one))

		two := c.captured("approves")
		leave(two)
		p, err = c.Void(ctx, two)
		require.NoError(t, err)
		require.Equal(t, payments.Refunded, p.State)
		require.Equal(t, held{Charges: 1, Captured: 11498, Refunded: 11498, Pieces: 11498}, c.held(t, two))
		_, err = c.Refund(ctx, two, "later", 1)
		refused(t, err, "payment.voided")
	}
}

// A card that takes no refund leaves the payment captured, says so each time, and is tried again.
func TestARefundThatTheGatewayRefuses(t *testing.T) {
	c := newTill(t)
	id := c.captured("closed")
	for range 2 {
		p, err := c.Refund(ctx, id, "x", 1000)
		refused(t, err, "payment.refund_refused")
		require.Equal(t, payments.Captured, p.State)
	}
	for range 2 {
		p, err := c.Void(ctx, id)
		refused(t, err, "payment.refund_refused")
		require.Equal(t, payments.Captured, p.State)
	}
	require.Equal(t, held{Charges: 1, Captured: 11498}, c.held(t, id))
	open := around{c.sandbox, nil}
	open.every = func(what string, do func() (payments.Answer, error)) (payments.Answer, error) {
		return payments.Answer{State: payments.Refunded, Captured: 11498, Refunded: 11498}, nil
	}
	p, err := c.at(open).Void(ctx, id)
	require.NoError(t, err)
	require.Equal(t, payments.Refunded, p.State, "the card was opened again")
}
