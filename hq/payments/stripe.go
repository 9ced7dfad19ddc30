package payments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v83"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// Stripe charges cards by stripe.com, with payment intents that are captured by hand.
//
// An intent is made first and confirmed then: only confirming holds money, it is done once to an intent, and an intent that
// was canceled cannot be confirmed. So what is given up stays so, whatever requests are still on their way. Stripe forgets
// idempotency keys after a day; by then its search has long found every intent by the payment in its metadata.
// https://docs.stripe.com/payments/paymentintents/lifecycle, https://docs.stripe.com/api/idempotent_requests
type Stripe struct {
	client *stripe.Client
	secret string
}

// StripeOptions say which account is charged.
type StripeOptions struct {
	// Key is the secret key (sk_...), PublishableKey the one that pages show (pk_...), WebhookSecret that of the endpoint (whsec_...).
	Key, PublishableKey, WebhookSecret string
	// URL replaces Stripe's, for tests.
	URL string
}

// NewStripe makes a gateway of an account.
func NewStripe(o StripeOptions) (*Stripe, error) {
	switch {
	case !strings.HasPrefix(o.Key, "sk_") && !strings.HasPrefix(o.Key, "rk_"):
		return nil, errors.New("stripe: the secret key begins with sk_ or rk_: take it from the dashboard, Developers, API keys")
	case !strings.HasPrefix(o.PublishableKey, "pk_"):
		return nil, errors.New("stripe: the publishable key, with which customers give their card, begins with pk_: take it from the dashboard, Developers, API keys")
	case strings.HasPrefix(o.Key[3:], "live_") != strings.HasPrefix(o.PublishableKey[3:], "live_"):
		return nil, errors.New("stripe: of the secret and the publishable key one is live and the other for tests: take both from the same page of the dashboard")
	case !strings.HasPrefix(o.WebhookSecret, "whsec_"):
		return nil, errors.New("stripe: the secret of the webhook begins with whsec_: take it from the dashboard, Developers, Webhooks")
	}
	config := &stripe.BackendConfig{
		HTTPClient:        &http.Client{Timeout: patience},
		LeveledLogger:     &stripe.LeveledLogger{Level: stripe.LevelNull}, // the desk logs, without secrets
		MaxNetworkRetries: stripe.Int64(0),                                // the desk knows better when
	}
	if o.URL != "" {
		config.URL = &o.URL
	}
	return &Stripe{client: stripe.NewClient(o.Key, stripe.WithBackends(stripe.NewBackendsWithConfig(config))), secret: o.WebhookSecret}, nil
}

// Name is written beside every payment.
func (s *Stripe) Name() string { return "stripe" }

// method is the id of a payment method, which the customer's browser gets from Stripe: no card number comes here.
var method = regexp.MustCompile(`^pm_\w{1,250}$`)

// Method takes the id of a payment method.
func (s *Stripe) Method(given string) (Method, error) {
	if !method.MatchString(given) {
		return Method{}, &retail.Error{Code: retail.Invalid, Key: "payment.method"}
	}
	return Method{Token: given}, nil
}

// paymentKey and refundKey are the metadata by which an intent and a refund are found again.
const (
	paymentKey = "payment"
	orderKey   = "order"
	refundKey  = "refund"
)

// whole has Stripe send the charge with its intent.
var whole = []*string{stripe.String("latest_charge")}

// create makes the intent of a payment, which holds nothing; the one there is if it was asked before with the same key.
func (s *Stripe) create(ctx context.Context, r Request, key string) (*stripe.PaymentIntent, error) {
	return s.client.V1PaymentIntents.Create(ctx, &stripe.PaymentIntentCreateParams{
		Params: stripe.Params{IdempotencyKey: &key},
		Amount: stripe.Int64(int64(r.Amount)), Currency: stripe.String(strings.ToLower(r.Currency)),
		CaptureMethod:      stripe.String(string(stripe.PaymentIntentCaptureMethodManual)),
		PaymentMethod:      &r.Method,
		PaymentMethodTypes: []*string{stripe.String("card")},
		Metadata:           map[string]string{paymentKey: r.Payment.String(), orderKey: r.Order.String()},
	})
}

// Authorise confirms the payment's intent. A bank that wants to see the customer declines: there is nobody to show.
//
// The intent of a later attempt may be the second one, if the first was made before it failed: of these only the one that was written down
// as the payment's is confirmed, by who comes next.
func (s *Stripe) Authorise(ctx context.Context, r Request) (Answer, error) {
	if r.Reference == "" {
		pi, err := s.create(ctx, r, r.Key)
		if code, ok := impossible(err); ok {
			return Answer{State: Declined, Decline: code, Response: response(nil, err)}, nil
		}
		if err != nil {
			return Answer{}, unknown(err)
		}
		if r.Attempt > 1 {
			return stands(pi, nil)
		}
		r.Reference = pi.ID
	}
	pi, err := s.client.V1PaymentIntents.Confirm(ctx, r.Reference, &stripe.PaymentIntentConfirmParams{
		Params: stripe.Params{IdempotencyKey: stripe.String(r.Key + "/confirm")}, ErrorOnRequiresAction: stripe.Bool(true), Expand: whole,
	})
	return stands(pi, err)
}

// Capture takes what is held.
func (s *Stripe) Capture(ctx context.Context, r Request) (Answer, error) {
	pi, err := s.client.V1PaymentIntents.Capture(ctx, r.Reference, &stripe.PaymentIntentCaptureParams{
		Params: stripe.Params{IdempotencyKey: &r.Key}, Expand: whole,
	})
	var said *stripe.Error
	if errors.As(err, &said) && said.Code == stripe.ErrorCodeChargeExpiredForCapture {
		return Answer{State: Voided, Decline: Expired, Reference: r.Reference, Response: response(nil, err)}, nil
	}
	return stands(pi, err)
}

// Void cancels the intent; where none is known it makes it, which is the one that a request still on its way would confirm. Where that
// fails for everybody there is none to confirm.
func (s *Stripe) Void(ctx context.Context, r Request) (Answer, error) {
	if r.Reference == "" {
		pi, err := s.create(ctx, r, r.Charge)
		if _, ok := impossible(err); ok || repeated(err) {
			return Answer{State: Voided, Response: response(nil, err)}, nil
		}
		if err != nil {
			return Answer{}, unknown(err)
		}
		r.Reference = pi.ID
	}
	// Stripe repeats a refusal for a key, also when it would not refuse any more: what cannot be canceled is not asked for.
	pi, err := s.retrieve(ctx, r.Reference)
	if err != nil {
		return Answer{}, unknown(err)
	}
	if a, err := stands(pi, nil); err != nil || a.State != Created && a.State != Authorised {
		return a, err
	}
	pi, err = s.client.V1PaymentIntents.Cancel(ctx, r.Reference, &stripe.PaymentIntentCancelParams{
		Params: stripe.Params{IdempotencyKey: &r.Key}, Expand: whole,
	})
	return stands(pi, err)
}

// Refund gives a part back, unless that refund is there: keys are spent and forgotten, metadata is not.
func (s *Stripe) Refund(ctx context.Context, r Request) (Answer, error) {
	refund, err := s.refunded(ctx, r)
	if err == nil && refund == nil {
		refund, err = s.client.V1Refunds.Create(ctx, &stripe.RefundCreateParams{
			Params: stripe.Params{IdempotencyKey: &r.Key}, PaymentIntent: &r.Reference, Amount: stripe.Int64(int64(r.Part)),
			Metadata: map[string]string{paymentKey: r.Payment.String(), refundKey: r.Refund},
		})
	}
	switch code, definite := impossible(err); {
	case definite && passing[stripe.ErrorCode(code)]:
		return Answer{}, &Spent{unknown(err)} // nothing was done, and Stripe keeps this answer too
	case definite:
		return Answer{}, &Refused{Reason: code, Response: response(nil, err)}
	case err != nil:
		return Answer{}, unknown(err)
	}
	if failed(refund) {
		return Answer{}, &Refused{Reason: string(refund.FailureReason), Response: fmt.Sprintf(`{"id":%q,"status":%q}`, refund.ID, refund.Status)}
	}
	return stands(s.retrieve(ctx, r.Reference))
}

// failed tells that a refund was not made after all, which may be known days later.
func failed(r *stripe.Refund) bool {
	return r.Status == stripe.RefundStatusFailed || r.Status == stripe.RefundStatusCanceled
}

// passing are the refusals of a refund whose cause somebody, or time, takes away: an account that has too little on it, or is busy. Any
// other, as of a charge that is disputed or was refunded already, is for ever. https://docs.stripe.com/error-codes
var passing = map[stripe.ErrorCode]bool{
	stripe.ErrorCodeBalanceInsufficient: true,
	stripe.ErrorCodeInsufficientFunds:   true,
	stripe.ErrorCodeLockTimeout:         true,
	stripe.ErrorCodeProcessingError:     true,
	stripe.ErrorCodeRateLimit:           true,
}

func (s *Stripe) refunded(ctx context.Context, r Request) (*stripe.Refund, error) {
	for refund, err := range s.client.V1Refunds.List(ctx, &stripe.RefundListParams{PaymentIntent: &r.Reference}) {
		if err != nil {
			return nil, err
		}
		if refund.Metadata[refundKey] == r.Refund {
			return refund, nil
		}
	}
	return nil, nil
}

// Find reads the intent, or looks for it. The search of Stripe may be a minute behind: what it does not find may be there, and
// asking for it with the same key finds it.
func (s *Stripe) Find(ctx context.Context, r Request) (Answer, error) {
	if r.Reference != "" {
		return stands(s.retrieve(ctx, r.Reference))
	}
	params := &stripe.PaymentIntentSearchParams{Expand: []*string{stripe.String("data.latest_charge")}}
	params.Query = fmt.Sprintf("metadata['%s']:'%s'", paymentKey, r.Payment)
	for pi, err := range s.client.V1PaymentIntents.Search(ctx, params) {
		if err != nil {
			return Answer{}, unknown(err)
		}
		return stands(pi, nil)
	}
	return Answer{}, nil
}

func (s *Stripe) retrieve(ctx context.Context, id string) (*stripe.PaymentIntent, error) {
	return s.client.V1PaymentIntents.Retrieve(ctx, id, &stripe.PaymentIntentRetrieveParams{Expand: whole})
}

// stands is how a charge stands by its intent, or by the error that Stripe answered with.
func stands(pi *stripe.PaymentIntent, err error) (Answer, error) {
	var said *stripe.Error
	switch {
	case err == nil:
	case !errors.As(err, &said):
		return Answer{}, unknown(err)
	case said.Type == stripe.ErrorTypeCard:
		a := Answer{State: Declined, Decline: code(said), Response: response(nil, err)}
		if said.PaymentIntent != nil {
			a.Reference = said.PaymentIntent.ID
		}
		if m := said.PaymentMethod; m != nil && m.Card != nil {
			a.LastFour = m.Card.Last4
		}
		return a, nil
	case said.Code == stripe.ErrorCodePaymentIntentUnexpectedState && said.PaymentIntent != nil:
		pi = said.PaymentIntent
	default:
		return Answer{}, unknown(err)
	}
	a := Answer{Reference: pi.ID, Response: response(pi, err)}
	switch pi.Status {
	case stripe.PaymentIntentStatusRequiresCapture:
		a.State = Authorised
	case stripe.PaymentIntentStatusSucceeded:
		a.Captured = money.Amount(pi.AmountReceived)
		if pi.LatestCharge != nil {
			a.Refunded = money.Amount(pi.LatestCharge.AmountRefunded)
		}
		a.State = standing(a.Captured, a.Refunded)
	case stripe.PaymentIntentStatusCanceled:
		a.State = Voided
		if pi.CancellationReason == stripe.PaymentIntentCancellationReasonAutomatic || pi.CancellationReason == stripe.PaymentIntentCancellationReasonExpired {
			a.Decline = Expired
		}
	case stripe.PaymentIntentStatusRequiresPaymentMethod:
		a.State = Created
		if pi.LastPaymentError != nil {
			a.State, a.Decline = Declined, code(pi.LastPaymentError)
		}
	case stripe.PaymentIntentStatusRequiresAction:
		// Nobody is there to act, and none but headquarters has the secret with which one could.
		a.State, a.Decline = Declined, authenticate
	case stripe.PaymentIntentStatusRequiresConfirmation:
		a.State = Created
	default:
		return Answer{}, fmt.Errorf("stripe: %s is %s", pi.ID, pi.Status)
	}
	if c := pi.LatestCharge; c != nil && c.PaymentMethodDetails != nil && c.PaymentMethodDetails.Card != nil {
		card := c.PaymentMethodDetails.Card
		a.LastFour, a.Approval = card.Last4, card.AuthorizationCode
		if card.CaptureBefore > 0 {
			a.ExpiresAt = time.Unix(card.CaptureBefore, 0).UTC()
		}
	}
	return a, nil
}

// code is why Stripe, or the bank, did not.
func code(e *stripe.Error) string {
	if e.DeclineCode != "" {
		return string(e.DeclineCode)
	}
	return string(e.Code)
}

// impossible tells that Stripe understood and will not do it: nothing was made, and asking again changes nothing.
func impossible(err error) (string, bool) {
	var said *stripe.Error
	if !errors.As(err, &said) {
		return "", false
	}
	definite := said.Type == stripe.ErrorTypeCard || said.Type == stripe.ErrorTypeInvalidRequest && said.HTTPStatusCode == http.StatusBadRequest
	return code(said), definite
}

// unknown is an error after which nobody knows, without what Stripe sends of the intent.
func unknown(err error) error {
	var said *stripe.Error
	switch {
	case !errors.As(err, &said):
		return fmt.Errorf("stripe: %w", err)
	case repeated(err):
		return &Spent{told(said)}
	}
	return told(said)
}

func told(said *stripe.Error) error {
	return fmt.Errorf("stripe: %d %s %s %s (request %s)", said.HTTPStatusCode, said.Type, said.Code, said.Msg, said.RequestID)
}

// repeated tells that a failure is the one that Stripe answered the key with before, as it will for a day whatever has changed.
// https://docs.stripe.com/error-low-level#idempotency
func repeated(err error) bool {
	var said *stripe.Error
	return errors.As(err, &said) && said.LastResponse != nil && said.LastResponse.Header.Get("Idempotent-Replayed") == "true"
}

// response is what is kept of an answer: what support asks for.
func response(pi *stripe.PaymentIntent, err error) string {
	kept := map[string]any{}
	var said *stripe.Error
	if errors.As(err, &said) {
		kept["status"], kept["request"], kept["type"], kept["code"], kept["message"] = said.HTTPStatusCode, said.RequestID, said.Type, code(said), said.Msg
	}
	if pi != nil {
		kept["id"], kept["state"] = pi.ID, pi.Status
		if pi.LastResponse != nil {
			kept["status"], kept["request"] = pi.LastResponse.StatusCode, pi.LastResponse.RequestID
		}
	}
	text, _ := json.Marshal(kept) // strings and numbers
	return string(text)
}
