package payments

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v83"
	"github.com/stripe/stripe-go/v83/webhook"

	"comptant/shared/money"
)

const (
	// maxEvent is how long an event may be, in bytes; Stripe's are a few thousand.
	maxEvent = 256 << 10
	// tolerance is how old a signature may be: what was listened to cannot be sent again later.
	tolerance = 5 * time.Minute
)

// Webhook takes what Stripe tells by itself and hands it to tell, which is Desk.Notified. Stripe sends an event again, for days,
// until it is answered with 200; what is not signed with the endpoint's secret, or not just now, is answered with 400.
// https://docs.stripe.com/webhooks/signature
func (s *Stripe) Webhook(tell func(context.Context, Event) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxEvent))
		if err != nil {
			status := http.StatusBadRequest
			if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
				status = http.StatusRequestEntityTooLarge
			}
			http.Error(w, http.StatusText(status), status)
			return
		}
		// What is read of an event is the same in all versions of the API.
		signed, err := webhook.ConstructEventWithOptions(body, r.Header.Get("Stripe-Signature"), s.secret, webhook.ConstructEventOptions{
			Tolerance: tolerance, IgnoreAPIVersionMismatch: true,
		})
		if err != nil || signed.Data == nil {
			http.Error(w, "not a signed event", http.StatusBadRequest)
			return
		}
		e, ok := eventOf(signed)
		if !ok {
			return // of something else
		}
		if err := tell(r.Context(), e); err != nil {
			http.Error(w, "send it again later", http.StatusInternalServerError)
		}
	})
}

// eventOf reads an event about a payment of ours.
func eventOf(signed stripe.Event) (e Event, ok bool) {
	e = Event{ID: signed.ID, Kind: string(signed.Type), At: time.Unix(signed.Created, 0).UTC()}
	var metadata map[string]string
	switch signed.Type {
	case stripe.EventTypePaymentIntentAmountCapturableUpdated, stripe.EventTypePaymentIntentSucceeded, stripe.EventTypePaymentIntentCanceled,
		stripe.EventTypePaymentIntentPaymentFailed:
		var pi stripe.PaymentIntent
		if json.Unmarshal(signed.Data.Raw, &pi) != nil {
			return e, false
		}
		var err error
		if e.Answer, err = stands(&pi, nil); err != nil {
			return e, false // not decided yet: another event will say
		}
		metadata = pi.Metadata
	case stripe.EventTypeChargeRefunded:
		var c stripe.Charge
		// What was held and given up is "refunded" too.
		if json.Unmarshal(signed.Data.Raw, &c) != nil || c.AmountCaptured == 0 {
			return e, false
		}
		e.Answer = Answer{Captured: money.Amount(c.AmountCaptured), Refunded: money.Amount(c.AmountRefunded)}
		e.Answer.State = standing(e.Answer.Captured, e.Answer.Refunded)
		metadata = c.Metadata
	case stripe.EventTypeRefundFailed, stripe.EventTypeRefundUpdated, stripe.EventTypeChargeRefundUpdated:
		var r stripe.Refund
		if json.Unmarshal(signed.Data.Raw, &r) != nil || !failed(&r) || r.Metadata[refundKey] == "" {
			return e, false
		}
		e.Refund, e.Reason = r.Metadata[refundKey], string(r.FailureReason)
		metadata = r.Metadata
	}
	payment, err := uuid.Parse(metadata[paymentKey])
	e.Payment = payment
	return e, err == nil
}
