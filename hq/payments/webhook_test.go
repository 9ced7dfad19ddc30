package payments_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/payments"
	"comptant/hq/payments/stripetest"
	"comptant/shared/money"
)

// intent is an event about one.
func intent(id, kind, status string, payment any, received money.Amount) []byte {
	return fmt.Appendf(nil, `{"id":%q,"object":"event","type":%q,"created":1796000000,"api_version":"2020-08-27","data":{"object":{
		"id":"pi_1","object":"payment_intent","status":%q,"amount":1000,"amount_received":%d,"latest_charge":"ch_1","metadata":{"payment":"%v"}}}}`,
		id, kind, status, received, payment)
}

func TestOnlyStripeIsBelieved(t *testing.T) {
	_, gateway := stripetest.New(t)
	var taken []payments.Event
	to := gateway.Webhook(func(_ context.Context, e payments.Event) error { taken = append(taken, e); return nil })
	payment := uuid.New()
	event := intent("evt_1", "payment_intent.succeeded", "succeeded", payment, 1000)
	now := time.Now()
	for name, signature := range map[string]string{
		"none": "", "nonsense": "t=1,v1=00", "of another secret": stripetest.Signature(event, "whsec_other", now),
		"of another event": stripetest.Signature([]byte("{}"), stripetest.WebhookSecret, now), "old": stripetest.Signature(event, stripetest.WebhookSecret, now.Add(-6*time.Minute)),
		"moved in time": strings.Replace(stripetest.Signature(event, stripetest.WebhookSecret, now.Add(-time.Hour)), fmt.Sprint("t=", now.Add(-time.Hour).Unix()), fmt.Sprint("t=", now.Unix()), 1),
	} {
		require.Equal(t, http.StatusBadRequest, stripetest.Send(to, event, signature), name)
	}
	require.Equal(t, http.StatusBadRequest, stripetest.Send(to, []byte("[]"), stripetest.Signature([]byte("[]"), stripetest.WebhookSecret, now)))
	require.Equal(t, http.StatusBadRequest, stripetest.Send(to, []byte(`{"id":"evt_1"}`), stripetest.Signature([]byte(`{"id":"evt_1"}`), stripetest.WebhookSecret, now)))
	long := []byte(`{"x":"` + strings.Repeat("x", 256<<10) + `"}`)
	require.Equal(t, http.StatusRequestEntityTooLarge, stripetest.Send(to, long, stripetest.Signature(long, stripetest.WebhookSecret, now)))
	require.Empty(t, taken)

	require.Equal(t, http.StatusOK, stripetest.Send(to, event, stripetest.Signature(event, stripetest.WebhookSecret, now.Add(-4*time.Minute))))
	require.Len(t, taken, 1)
	require.Equal(t, payment, taken[0].Payment)
	require.Equal(t, payments.Captured, taken[0].Answer.State)
	require.Equal(t, money.Amount(1000), taken[0].Answer.Captured)
	require.EqualValues(t, 1796000000, taken[0].At.Unix())

	for name, other := range map[string][]byte{
		"not ours":     intent("evt_2", "payment_intent.succeeded", "succeeded", "of the café", 1000),
		"of no use":    intent("evt_3", "payment_intent.created", "requires_confirmation", payment, 0),
		"not decided":  intent("evt_4", "payment_intent.payment_failed", "processing", payment, 0),
		"never taken":  []byte(`{"id":"evt_5","object":"event","type":"charge.refunded","data":{"object":{"amount_captured":0,"amount_refunded":1000,"metadata":{"payment":"` + payment.String() + `"}}}}`),
		"another kind": []byte(`{"id":"evt_6","object":"event","type":"customer.created","data":{"object":{}}}`),
	} {
		require.Equal(t, http.StatusOK, stripetest.Send(to, other, stripetest.Signature(other, stripetest.WebhookSecret, now)), name)
		require.Len(t, taken, 1, name)
	}
	busy := gateway.Webhook(func(context.Context, payments.Event) error { return errors.New("the database is away") })
	require.Equal(t, http.StatusInternalServerError, stripetest.Send(busy, event, stripetest.Signature(event, stripetest.WebhookSecret, now)), "Stripe sends it again")
	w := httptest.NewRecorder()
	to.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/webhooks/stripe", nil))
	require.Equal(t, http.StatusBadRequest, w.Code)
}

func TestEventsAreTakenOnceAndInAnyOrder(t *testing.T) {
	c, _, gateway := atStripe(t)
	to := gateway.Webhook(c.Notified)
	tell := func(body []byte) {
		t.Helper()
		require.Equal(t, http.StatusOK, stripetest.Send(to, body, stripetest.Signature(body, stripetest.WebhookSecret, time.Now())))
	}
	state := func(id uuid.UUID) payments.State {
		p, err := payments.One(ctx, c.db, id)
		require.NoError(t, err)
		return p.State
	}
	id := c.beginWith(stripetest.Good, 1000)
	tell(intent("evt_1", "payment_intent.succeeded", "succeeded", id, 1000))
	require.Equal(t, payments.Captured, state(id), "what came before has not arrived")
	tell(intent("evt_2", "payment_intent.amount_capturable_updated", "requires_capture", id, 0))
	tell(intent("evt_3", "payment_intent.payment_failed", "requires_payment_method", id, 0))
	tell(intent("evt_4", "payment_intent.canceled", "canceled", id, 0))
	require.Equal(t, payments.Captured, state(id))
	refund := fmt.Appendf(nil, `{"id":"evt_5","object":"event","type":"charge.refunded","created":1796000000,"data":{"object":{
		"object":"charge","payment_intent":"pi_1","amount_captured":1000,"amount_refunded":1000,"metadata":{"payment":%q}}}}`, id)
	for range 3 {
		tell(refund)
	}
	require.Equal(t, payments.Refunded, state(id))
	tell(intent("evt_9", "payment_intent.succeeded", "succeeded", id, 1000))
	require.Equal(t, payments.Refunded, state(id), "told late")
	tell(bytes.ReplaceAll(intent("evt_8", "payment_intent.canceled", "canceled", id, 0), []byte("pi_1"), []byte("pi_2")))
	p, err := payments.One(ctx, c.db, id)
	require.NoError(t, err)
	require.Equal(t, "pi_1", p.Reference, "another intent for the same payment does not take its place")
	var kept int
	require.NoError(t, c.db.QueryRow(ctx, `SELECT count(*) FROM payments.event WHERE payment_id = $1`, id).Scan(&kept))
	require.Equal(t, 7, kept)

	// An event that was taken is not taken again, even if it would be news.
	other := c.beginWith(stripetest.Good, 1000)
	tell(intent("evt_1", "payment_intent.canceled", "canceled", other, 0))
	require.Equal(t, payments.Created, state(other))
	tell(intent("evt_6", "payment_intent.canceled", "canceled", uuid.New(), 0))
	tell(intent("evt_7", "payment_intent.canceled", "canceled", other, 0))
	require.Equal(t, payments.Voided, state(other))
}

// A refund may fail days after Stripe took it: it is refused then, whatever is told twice or late, and the money is people's to give back, or
// asked for anew.
func TestARefundThatFailsLater(t *testing.T) {
	for _, gross := range []bool{false, true} {
		c, server, gateway := atStripe(t)
		server.Gross = gross
		to := gateway.Webhook(c.Notified)
		tell := func() {
			t.Helper()
			for _, status := range server.Tell(to) { // twice each, in any order: also that of the refund after that of its failure
				require.Equal(t, http.StatusOK, status)
			}
		}
		now := func(id uuid.UUID) (payments.State, money.Amount, money.Amount) {
			p, err := payments.One(ctx, c.db, id)
			require.NoError(t, err)
			left, err := payments.ByHand(ctx, c.db, id)
			require.NoError(t, err)
			return p.State, p.Refunded, left
		}
		is := func(id uuid.UUID, state payments.State, refunded, left money.Amount) {
			t.Helper()
			s, r, l := now(id)
			require.Equal(t, []any{state, refunded, left}, []any{s, r, l})
		}
		id := c.beginWith(stripetest.Good, 1000)
		_, err := c.Authorise(ctx, id)
		require.NoError(t, err)
		_, err = c.Capture(ctx, id)
		require.NoError(t, err)
		_, err = c.Refund(ctx, id, "return", 1000)
		require.NoError(t, err)

		forged := fmt.Appendf(nil, `{"id":"evt_f","object":"event","type":"refund.failed","created":1796000000,"data":{"object":{
			"object":"refund","status":"failed","metadata":{"payment":%q,"refund":"%[1]s/refund/return"}}}}`, id)
		for _, signature := range []string{"", stripetest.Signature(forged, "whsec_other", time.Now()), stripetest.Signature(forged, stripetest.WebhookSecret, time.Now().Add(-time.Hour))} {
			require.Equal(t, http.StatusBadRequest, stripetest.Send(to, forged, signature))
		}
		for _, other := range []string{"succeeded", "pending"} {
			event := bytes.ReplaceAll(forged, []byte(`"status":"failed"`), []byte(`"status":"`+other+`"`))
			require.Equal(t, http.StatusOK, stripetest.Send(to, event, stripetest.Signature(event, stripetest.WebhookSecret, time.Now())))
		}
		is(id, payments.Refunded, 1000, 0)

		server.FailRefunds(id)
		tell()
		is(id, payments.Captured, 0, 1000)
		owed, err := payments.ToGiveBack(ctx, c.db)
		require.NoError(t, err)
		p, err := payments.One(ctx, c.db, id)
		require.NoError(t, err)
		require.Equal(t, []uuid.UUID{p.Order}, owed)

		p, err = c.Refund(ctx, id, "return", 1000)
		require.NoError(t, err)
		require.Equal(t, payments.Refunded, p.State)
		tell()
		is(id, payments.Refunded, 1000, 0)
		server.FailRefunds(id)
		tell()
		is(id, payments.Captured, 0, 1000)
		require.NoError(t, c.db.InTx(ctx, func(tx *db.Tx) error { return c.GivenBack(ctx, tx, id, "cash") }))
		is(id, payments.Captured, 0, 0)
		owed, err = payments.ToGiveBack(ctx, c.db)
		require.NoError(t, err)
		require.Empty(t, owed)
	}
}

// The failure may be heard of before the answer to the refund itself.
func TestARefundThatFailsBeforeItIsHeardOf(t *testing.T) {
	c, server, gateway := atStripe(t)
	to := gateway.Webhook(c.Notified)
	id := c.beginWith(stripetest.Good, 1000)
	_, err := c.Authorise(ctx, id)
	require.NoError(t, err)
	_, err = c.Capture(ctx, id)
	require.NoError(t, err)
	_, err = c.Refund(ctx, id, "one", 300)
	require.NoError(t, err)
	slow := c.at(around{gateway, func(_ string, do func() (payments.Answer, error)) (payments.Answer, error) {
		a, err := do()
		server.FailRefunds(id)
		server.Tell(to)
		return a, err
	}})
	p, err := slow.Refund(ctx, id, "two", 700)
	require.NoError(t, err, "it was made")
	require.Equal(t, payments.Captured, p.State)
	require.Zero(t, p.Refunded)
	left, err := payments.ByHand(ctx, c.db, id)
	require.NoError(t, err)
	require.EqualValues(t, 1000, left)
}

// What was given back by hand for one refund is not given back again when another fails.
func TestARefundThatFailsBesideOneByHand(t *testing.T) {
	c, server, gateway := atStripe(t)
	id := c.beginWith(stripetest.Good, 1000)
	_, err := c.Authorise(ctx, id)
	require.NoError(t, err)
	_, err = c.Capture(ctx, id)
	require.NoError(t, err)
	_, err = c.Refund(ctx, id, "one", 300)
	require.NoError(t, err)
	server.RefusesRefunds = "charge_disputed"
	_, err = c.Refund(ctx, id, "two", 700)
	refused(t, err, "payment.refund_refused")
	for _, left := range []money.Amount{700, 300} {
		byHand, err := payments.ByHand(ctx, c.db, id)
		require.NoError(t, err)
		require.Equal(t, left, byHand)
		require.NoError(t, c.db.InTx(ctx, func(tx *db.Tx) error { return c.GivenBack(ctx, tx, id, "cash") }))
		server.FailRefunds(id)
		server.Tell(gateway.Webhook(c.Notified))
	}
	require.ErrorContains(t, c.db.InTx(ctx, func(tx *db.Tx) error { return c.GivenBack(ctx, tx, id, "cash") }), "payment.not_refused")
}
