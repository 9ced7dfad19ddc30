// Package stripetest is something like Stripe for a test: it keeps payment intents, and tells what happened to them.
package stripetest

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v83"
	"github.com/stripe/stripe-go/v83/webhook"

	"comptant/hq/payments"
	"comptant/shared/money"
)

// The account of the tests.
const (
	Key            = "sk_test_of_nobody"
	PublishableKey = "pk_test_of_nobody"
	WebhookSecret  = "whsec_of_nobody"
)

// Payment methods that Stripe has for tests, and what they come to here: held, declined, and a bank that wants to see the customer.
const (
	Good   = "pm_card_visa"
	Poor   = "pm_card_chargeDeclinedInsufficientFunds"
	Secure = "pm_card_threeDSecureRequired"
)

// Server keeps intents by the rules that Stripe writes of: stripe-mock knows the shape of every request and remembers none.
type Server struct {
	*httptest.Server
	// Seen are the requests: method, path and idempotency key.
	Seen []string
	// Refunds are those that were given.
	Refunds []map[string]any
	// RefusesRefunds is the code that refunds are refused with; empty for none.
	RefusesRefunds string
	// Gross has what was refunded of a charge count refunds that have failed, too.
	Gross bool
	// Waits has intents wait for the customer whom a bank wants to see, although the request says that nobody is there.
	Waits bool

	mu      sync.Mutex
	intents map[string]map[string]any
	replies map[string]reply
	events  [][]byte
	// blind is a search that has found nothing yet.
	blind bool
	// breaks says of each of the next writes, which are answered with 500, whether it is done before.
	breaks []bool
}

type reply struct {
	status int
	body   []byte
	asked  string
}

// New serves until the test ends. The gateway is one that asks it.
func New(t testing.TB) (*Server, *payments.Stripe) {
	s := &Server{intents: map[string]map[string]any{}, replies: map[string]reply{}, blind: true}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	gateway, err := payments.NewStripe(payments.StripeOptions{Key: Key, PublishableKey: PublishableKey, WebhookSecret: WebhookSecret, URL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	return s, gateway
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	if r.Method == http.MethodGet {
		form = r.URL.Query()
	}
	key, asked := r.Header.Get("Idempotency-Key"), r.URL.Path+" "+string(body)
	s.Seen = append(s.Seen, r.Method+" "+r.URL.Path+" "+key)
	was, again := s.replies[key]
	switch {
	case r.Method == http.MethodGet:
		was.status, was.body = s.read(r.URL.Path, form)
	case again && was.asked != asked:
		was.status, was.body = failure(400, "idempotency_error", "", nil)
	case again:
		w.Header().Set("Idempotent-Replayed", "true")
	default:
		was.asked = asked
		broken, done := s.broken()
		if done {
			was.status, was.body = s.write(r.URL.Path, form)
		}
		if broken {
			was.status, was.body = failure(500, "api_error", "", nil)
		}
		s.replies[key] = was
	}
	w.Header().Set("Request-Id", "req_1")
	w.WriteHeader(was.status)
	_, _ = w.Write(was.body)
}

// broken tells whether the next request goes wrong, and whether it is done all the same.
func (s *Server) broken() (broken, done bool) {
	if len(s.breaks) == 0 {
		return false, true
	}
	done, s.breaks = s.breaks[0], s.breaks[1:]
	return true, done
}

func failure(status int, kind, code string, more map[string]any) (int, []byte) {
	e := map[string]any{"type": kind, "message": "no", "code": code}
	for k, v := range more {
		e[k] = v
	}
	return status, marshal(map[string]any{"error": e})
}

func marshal(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

func (s *Server) read(path string, form url.Values) (int, []byte) {
	list := map[string]any{"object": "list", "has_more": false, "data": []any{}}
	switch {
	case path == "/v1/payment_intents/search":
		list["object"] = "search_result"
		found := []any{}
		for n := range len(s.intents) {
			pi := s.intents[intentID(n)]
			if !s.blind && strings.Contains(form.Get("query"), pi["metadata"].(map[string]any)["payment"].(string)) {
				found = append(found, pi)
			}
		}
		list["data"] = found
		return 200, marshal(list)
	case path == "/v1/refunds":
		found := []any{}
		for _, r := range s.Refunds {
			if r["payment_intent"] == form.Get("payment_intent") {
				found = append(found, r)
			}
		}
		list["data"] = found
		return 200, marshal(list)
	}
	pi, ok := s.intents[strings.TrimPrefix(path, "/v1/payment_intents/")]
	if !ok {
		return failure(404, "invalid_request_error", "resource_missing", nil)
	}
	return 200, marshal(pi)
}

// intentID is the id of the n-th intent.
func intentID(n int) string { return fmt.Sprintf("pi_%d", n+1) }

// metadata of a form.
func metadata(form url.Values) map[string]any {
	m := map[string]any{}
	for k := range form {
		if name, ok := strings.CutPrefix(k, "metadata["); ok {
			m[strings.TrimSuffix(name, "]")] = form.Get(k)
		}
	}
	return m
}

func (s *Server) write(path string, form url.Values) (int, []byte) {
	switch path {
	case "/v1/payment_intents":
		amount, _ := strconv.Atoi(form.Get("amount"))
		if amount < 50 {
			return failure(400, "invalid_request_error", "amount_too_small", nil)
		}
		pi := map[string]any{
			"id": intentID(len(s.intents)), "object": "payment_intent", "status": "requires_confirmation", "amount": amount,
			"amount_received": 0, "metadata": metadata(form), "payment_method": form.Get("payment_method"), "client_secret": "pi_x_secret_y",
		}
		s.intents[pi["id"].(string)] = pi
		return 200, marshal(pi)
	case "/v1/refunds":
		return s.refund(form)
	}
	parts := strings.Split(path, "/")
	pi := s.intents[parts[3]]
	moves := map[string]string{"confirm": "requires_confirmation", "capture": "requires_capture"}
	from, limited := moves[parts[4]]
	status := pi["status"].(string)
	if limited && status != from || !limited && (status == "succeeded" || status == "canceled") {
		return failure(400, "invalid_request_error", "payment_intent_unexpected_state", map[string]any{"payment_intent": pi})
	}
	switch parts[4] {
	case "confirm":
		switch {
		case pi["payment_method"] == Poor:
			return s.decline(pi, "insufficient_funds", "9995")
		case pi["payment_method"] == Secure && !s.Waits && form.Get("error_on_requires_action") == "true":
			return s.decline(pi, "authentication_not_handled", "3155")
		case pi["payment_method"] == Secure:
			pi["status"] = "requires_action"
			return 200, marshal(pi)
		}
		pi["status"] = "requires_capture"
		pi["latest_charge"] = map[string]any{
			"id": "ch_" + parts[3], "object": "charge", "amount_refunded": 0, "amount_captured": 0, "metadata": pi["metadata"], "payment_intent": parts[3],
			"payment_method_details": map[string]any{"type": "card", "card": map[string]any{
				"last4": "4242", "authorization_code": "S123456", "capture_before": 1796000000,
			}},
		}
		s.event("payment_intent.amount_capturable_updated", pi)
	case "capture":
		pi["status"], pi["amount_received"] = "succeeded", pi["amount"]
		pi["latest_charge"].(map[string]any)["amount_captured"] = pi["amount"]
		s.event("payment_intent.succeeded", pi)
	case "cancel":
		pi["status"], pi["cancellation_reason"] = "canceled", nil
		s.event("payment_intent.canceled", pi)
		if charge, ok := pi["latest_charge"].(map[string]any); ok {
			charge["amount_refunded"] = pi["amount"] // so Stripe calls what is given up
			s.event("charge.refunded", charge)
		}
	}
	return 200, marshal(pi)
}

// decline is the answer of a bank that does not hold the amount.
func (s *Server) decline(pi map[string]any, code, lastFour string) (int, []byte) {
	pi["status"] = "requires_payment_method"
	pi["last_payment_error"] = map[string]any{"type": "card_error", "code": "card_declined", "decline_code": code}
	s.event("payment_intent.payment_failed", pi)
	return failure(402, "card_error", "card_declined", map[string]any{
		"decline_code": code, "payment_intent": pi,
		"payment_method": map[string]any{"id": "pm_1", "object": "payment_method", "card": map[string]any{"last4": lastFour}},
	})
}

func (s *Server) refund(form url.Values) (int, []byte) {
	pi := s.intents[form.Get("payment_intent")]
	if s.RefusesRefunds != "" {
		return failure(400, "invalid_request_error", s.RefusesRefunds, nil)
	}
	charge := pi["latest_charge"].(map[string]any)
	amount, _ := strconv.Atoi(form.Get("amount"))
	if pi["status"] != "succeeded" || s.refunded(pi)+amount > charge["amount_captured"].(int) {
		return failure(400, "invalid_request_error", "charge_already_refunded", nil)
	}
	charge["amount_refunded"] = charge["amount_refunded"].(int) + amount
	r := map[string]any{
		"id": fmt.Sprintf("re_%d", len(s.Refunds)+1), "object": "refund", "status": "succeeded", "amount": amount,
		"payment_intent": form.Get("payment_intent"), "metadata": metadata(form),
	}
	s.Refunds = append(s.Refunds, r)
	s.event("charge.refunded", charge)
	return 200, marshal(r)
}

// refunded is how much of an intent was given back, and has not failed.
func (s *Server) refunded(pi map[string]any) (sum int) {
	for _, r := range s.Refunds {
		if r["payment_intent"] == pi["id"] && r["status"] == "succeeded" {
			sum += r["amount"].(int)
		}
	}
	return sum
}

// FailRefunds has all refunds of a payment fail, days after they were made.
func (s *Server) FailRefunds(id uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.Refunds {
		if r["metadata"].(map[string]any)["payment"] != id.String() || r["status"] == "failed" {
			continue
		}
		r["status"], r["failure_reason"] = "failed", "expired_or_canceled_card"
		if charge := s.intents[r["payment_intent"].(string)]["latest_charge"].(map[string]any); !s.Gross {
			charge["amount_refunded"] = charge["amount_refunded"].(int) - r["amount"].(int)
		}
		for _, kind := range []string{"refund.updated", "refund.failed", "charge.refund.updated"} {
			s.event(kind, r)
		}
	}
}

// event keeps one to be told. In events the charge of an intent is only named.
func (s *Server) event(kind string, object map[string]any) {
	told := map[string]any{}
	for k, v := range object {
		told[k] = v
	}
	if charge, ok := told["latest_charge"].(map[string]any); ok {
		told["latest_charge"] = charge["id"]
	}
	s.events = append(s.events, marshal(map[string]any{
		"id": fmt.Sprintf("evt_%s", uuid.NewString()), "object": "event", "type": kind, "created": time.Now().Unix(), "api_version": stripe.APIVersion,
		"data": map[string]any{"object": told},
	}))
}

// Tell sends what has happened to a webhook, some of it twice, in any order.
func (s *Server) Tell(to http.Handler) (statuses []int) {
	s.mu.Lock()
	events := append(s.events, s.events...)
	s.events = nil
	s.mu.Unlock()
	rand.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	for _, e := range events {
		statuses = append(statuses, Send(to, e, Signature(e, WebhookSecret, time.Now())))
	}
	return statuses
}

// Forget is what a day makes of keys, and of the search.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replies, s.blind = map[string]reply{}, false
}

// Break has each of the next writes answered with an error, after it is done or instead. Stripe keeps that answer, as any other, and gives
// it to whoever comes with the same key. https://docs.stripe.com/api/idempotent_requests
func (s *Server) Break(done ...bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.breaks = done
}

// Made is how many intents of a payment were ever confirmed, and how that one stands, or else one that was not.
func (s *Server) Made(id uuid.UUID) (confirmed int, now payments.Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	states := map[string]payments.State{
		"requires_confirmation": payments.Created, "requires_payment_method": payments.Declined, "requires_capture": payments.Authorised,
		"succeeded": payments.Captured, "canceled": payments.Voided,
	}
	for _, pi := range s.intents {
		if pi["metadata"].(map[string]any)["payment"] != id.String() {
			continue
		}
		switch {
		case pi["latest_charge"] != nil || pi["last_payment_error"] != nil:
			confirmed++
		case confirmed > 0:
			continue
		}
		now.State = states[pi["status"].(string)]
		if now.State == payments.Captured {
			charge := pi["latest_charge"].(map[string]any)
			now.Captured, now.Refunded = money.Amount(charge["amount_captured"].(int)), money.Amount(s.refunded(pi))
			if now.Captured == now.Refunded {
				now.State = payments.Refunded
			}
		}
	}
	return confirmed, now
}

// Signature is how Stripe signs an event.
func Signature(body []byte, secret string, at time.Time) string {
	return webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: secret, Timestamp: at}).Header
}

// Send brings an event to a webhook and gives the status of the answer.
func Send(to http.Handler, body []byte, signature string) int {
	r := httptest.NewRequest(http.MethodPost, "/webhooks/stripe", strings.NewReader(string(body)))
	if signature != "" {
		r.Header.Set("Stripe-Signature", signature)
	}
	w := httptest.NewRecorder()
	to.ServeHTTP(w, r)
	return w.Code
}
