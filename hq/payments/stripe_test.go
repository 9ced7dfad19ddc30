package payments_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/hq/payments"
	"comptant/hq/payments/stripetest"
	"comptant/shared/money"
)

// atStripe is a desk at something like Stripe.
func atStripe(t *testing.T) (*till, *stripetest.Server, *payments.Stripe) {
	c := newTill(t)
	server, gateway := stripetest.New(t)
	c.Desk = c.at(gateway)
	return c, server, gateway
}

func (c *till) beginWith(method string, amount money.Amount) uuid.UUID {
	c.t.Helper()
	id := uuid.Must(uuid.NewV7())
	require.NoError(c.t, c.beginAs(payments.Begun{ID: id, Order: uuid.New(), Amount: amount, Currency: "CAD", Method: method}))
	return id
}

func TestStripeGoesTheSameWay(t *testing.T) {
	c, server, _ := atStripe(t)
	id := c.beginWith(stripetest.Good, owed)
	p, err := c.Authorise(ctx, id)
	require.NoError(t, err)
	require.Equal(t, payments.Authorised, p.State)
	require.Equal(t, "4242", p.LastFour)
	require.Equal(t, "S123456", p.Approval)
	require.Equal(t, "pi_1", p.Reference)
	require.EqualValues(t, 1796000000, p.ExpiresAt.Unix())
	p, err = c.Capture(ctx, id)
	require.NoError(t, err)
	require.Equal(t, payments.Captured, p.State)
	p, err = c.Refund(ctx, id, "one", 400)
	require.NoError(t, err)
	require.Equal(t, money.Amount(400), p.Refunded)
	p, err = c.Void(ctx, id)
	require.NoError(t, err)
	require.Equal(t, payments.Refunded, p.State)
	for _, asked := range server.Seen {
		if strings.HasPrefix(asked, "POST") {
			require.Contains(t, asked, " "+id.String()+"/", "without an idempotency key")
		}
	}
	calls, err := payments.Calls(ctx, c.db, id)
	require.NoError(t, err)
	for _, call := range calls {
		require.Contains(t, call.Response, `"request":"req_1"`)
		require.NotContains(t, call.Response, "secret")
	}

	poor := c.beginWith(stripetest.Poor, owed)
	p, err = c.Authorise(ctx, poor)
	require.NoError(t, err)
	require.Equal(t, payments.Declined, p.State)
	require.Equal(t, "insufficient_funds", p.Decline)
	require.Equal(t, "9995", p.LastFour)

	little := c.beginWith(stripetest.Good, 49)
	p, err = c.Authorise(ctx, little)
	require.NoError(t, err)
	require.Equal(t, payments.Declined, p.State)
	require.Equal(t, "payment.declined.amount", payments.DeclineWords(p.Decline))

	never := c.beginWith(stripetest.Good, owed)
	p, err = c.Void(ctx, never)
	require.NoError(t, err)
	require.Equal(t, payments.Voided, p.State)
	_, now := server.Made(never)
	require.Equal(t, payments.Voided, now.State, "a request on its way would find it canceled")
}

// A bank that wants to see the customer declines, and nothing waits for it: neither when the request says that nobody is there, nor when an
// intent waits for somebody all the same.
func TestABankThatWantsToSeeTheCustomerDeclines(t *testing.T) {
	c, server, _ := atStripe(t)
	id := c.beginWith(stripetest.Secure, owed)
	p, err := c.Authorise(ctx, id)
	require.NoError(t, err)
	require.Equal(t, payments.Declined, p.State)
	require.Equal(t, "authentication_not_handled", p.Decline)
	require.Equal(t, "payment.declined.authentication", payments.DeclineWords(p.Decline))

	server.Waits = true
	waits := c.beginWith(stripetest.Secure, owed)
	p, err = c.Authorise(ctx, waits)
	require.NoError(t, err)
	require.Equal(t, payments.Declined, p.State)
	require.Equal(t, "payment.declined.authentication", payments.DeclineWords(p.Decline))
	p, err = c.Void(ctx, waits)
	require.NoError(t, err)
	require.Equal(t, payments.Declined, p.State)
}

// Stripe answers 500 after it did what was asked, and forgets keys after a day: it is done once all the same.
func TestStripeForgetsKeys(t *testing.T) {
	for _, confirmed := range []bool{false, true} {
		c, server, gateway := atStripe(t)
		lossy := c.at(around{gateway, func(what string, do func() (payments.Answer, error)) (payments.Answer, error) {
			_, err := do()
			require.NoError(t, err)
			return payments.Answer{}, errors.New("lost")
		}})
		id := c.beginWith(stripetest.Good, owed)
		if confirmed {
			_, err := lossy.Authorise(ctx, id)
			require.True(t, payments.Later(err))
		} else {
			server.Break(true)
			_, err := c.Authorise(ctx, id)
			require.True(t, payments.Later(err), "an intent nobody knows of, and not confirmed")
		}
		server.Forget()
		p, err := c.Authorise(ctx, id)
		require.NoError(t, err)
		require.Equal(t, payments.Authorised, p.State)
		confirmed, _ := server.Made(id)
		require.Equal(t, 1, confirmed)

		_, err = c.Capture(ctx, id)
		require.NoError(t, err)
		_, err = lossy.Refund(ctx, id, "one", 300)
		require.True(t, payments.Later(err))
		server.Forget()
		p, err = c.Refund(ctx, id, "one", 300)
		require.NoError(t, err)
		require.Equal(t, money.Amount(300), p.Refunded, "given back twice")
		require.Len(t, server.Refunds, 1)
	}
}

// Stripe keeps a failure for a day, and gives it to whoever comes with the same key. Whether it was done or not, the next tries find out, and
// what was not done is done with another key, once.
func TestAFailureThatStripeKeeps(t *testing.T) {
	for _, done := range []bool{false, true} {
		c, server, _ := atStripe(t)
		broken := func(what string, do func() (payments.Payment, error)) payments.Payment {
			t.Helper()
			server.Break(done)
			_, err := do()
			require.True(t, payments.Later(err), what)
			return settled(t, do)
		}
		made := c.beginWith(stripetest.Good, owed)
		p := broken("make", func() (payments.Payment, error) { return c.Authorise(ctx, made) })
		require.Equal(t, payments.Authorised, p.State)
		confirmed, now := server.Made(made)
		require.Equal(t, 1, confirmed)
		require.Equal(t, payments.Authorised, now.State)
		p = broken("cancel", func() (payments.Payment, error) { return c.Void(ctx, made) })
		require.Equal(t, payments.Voided, p.State)
		_, now = server.Made(made)
		require.Equal(t, payments.Voided, now.State)

		id := c.beginWith(stripetest.Good, owed)
		server.Break(true)
		_, err := c.Authorise(ctx, id)
		require.True(t, payments.Later(err))
		server.Forget()
		p = broken("confirm", func() (payments.Payment, error) { return c.Authorise(ctx, id) })
		require.Equal(t, payments.Authorised, p.State)
		p = broken("capture", func() (payments.Payment, error) { return c.Capture(ctx, id) })
		require.Equal(t, payments.Captured, p.State)
		p = broken("refund", func() (payments.Payment, error) { return c.Refund(ctx, id, "one", 300) })
		require.Equal(t, money.Amount(300), p.Refunded)
		_, now = server.Made(id)
		require.Equal(t, payments.Answer{State: payments.Captured, Captured: owed, Refunded: 300}, now)
		require.Len(t, server.Refunds, 1)

		never := c.beginWith(stripetest.Good, owed)
		p = broken("make to cancel", func() (payments.Payment, error) { return c.Void(ctx, never) })
		require.Equal(t, payments.Voided, p.State)
		confirmed, _ = server.Made(never)
		require.Zero(t, confirmed)
	}
}

// What Stripe cannot give back now it can later: an empty account is filled, by whoever is told that the refund does not go on. What it never
// will is people's, until somebody wants it tried again.
func TestRefundsThatStripeRefuses(t *testing.T) {
	c, server, _ := atStripe(t)
	id := c.beginWith(stripetest.Good, owed)
	_, err := c.Authorise(ctx, id)
	require.NoError(t, err)
	_, err = c.Capture(ctx, id)
	require.NoError(t, err)
	refund := func() (payments.Payment, error) { return c.Refund(ctx, id, "return", 300) }
	byHand := func() money.Amount {
		left, err := payments.ByHand(ctx, c.db, id)
		require.NoError(t, err)
		return left
	}
	for _, code := range []string{"balance_insufficient", "insufficient_funds", "lock_timeout", "processing_error"} {
		server.RefusesRefunds = code
		_, err = refund()
		require.True(t, payments.Later(err), code)
		require.Zero(t, byHand(), code)
	}
	for _, code := range []string{"charge_already_refunded", "charge_not_refundable", "refund_disputed_payment", "expired_card"} {
		server.RefusesRefunds = code
		_, err = refund()
		refused(t, err, "payment.refund_refused")
		require.EqualValues(t, owed, byHand(), code)
	}
	server.RefusesRefunds = ""
	p, err := refund()
	require.NoError(t, err)
	require.Equal(t, money.Amount(300), p.Refunded)
	p, err = refund()
	require.NoError(t, err)
	require.Equal(t, money.Amount(300), p.Refunded)
	require.Len(t, server.Refunds, 1)
}

// Of two intents, one that was made although Stripe failed and one of the next attempt, the search may find the first at last: it is not
// confirmed beside the second.
func TestOfTwoIntentsOneIsConfirmed(t *testing.T) {
	c, server, gateway := atStripe(t)
	id := c.beginWith(stripetest.Good, owed)
	server.Break(true)
	for range 2 {
		_, err := c.Authorise(ctx, id)
		require.True(t, payments.Later(err))
	}
	lossy := c.at(around{gateway, func(what string, do func() (payments.Answer, error)) (payments.Answer, error) {
		a, err := do()
		if what == "authorise" {
			return payments.Answer{}, errors.New("lost")
		}
		return a, err
	}})
	_, err := lossy.Authorise(ctx, id)
	require.True(t, payments.Later(err))
	server.Forget()
	require.Equal(t, payments.Authorised, settled(t, func() (payments.Payment, error) { return c.Authorise(ctx, id) }).State)
	confirmed, _ := server.Made(id)
	require.Equal(t, 1, confirmed)
}

// The same law as at the sandbox, with webhooks.
func TestMoneyMovesOnceAtStripe(t *testing.T) {
	c, server, gateway := atStripe(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := &world{db: c.db, gateway: gateway, advance: c.clock.advance, made: server.Made}
		w.desk = payments.New(c.db, around{gateway, w.every}, c.silent(), c.clock.now)
		w.breaks, w.fail = server.Break, server.FailRefunds
		server.Gross = rapid.Bool().Draw(rt, "gross")
		server.Break()
		w.deliver = func() {
			for _, status := range server.Tell(gateway.Webhook(w.desk.Notified)) {
				require.Equal(rt, http.StatusOK, status)
			}
		}
		w.check(rt, rapid.SampledFrom([]string{stripetest.Good, stripetest.Good, stripetest.Poor, stripetest.Secure}).Draw(rt, "card"))
	})
}

func TestWhatStripeNeeds(t *testing.T) {
	for _, o := range []struct{ key, publishable, secret, says string }{
		{"", "", "", "the secret key begins"},
		{"", "pk_live_x", "whsec_x", "the secret key begins"},
		{"pk_live_x", "pk_live_x", "whsec_x", "the secret key begins"},
		{"sk_live_x", "", "whsec_x", "the publishable key"},
		{"sk_live_x", "sk_live_x", "whsec_x", "the publishable key"},
		{"sk_live_x", "pk_test_x", "whsec_x", "one is live"},
		{"rk_test_x", "pk_live_x", "whsec_x", "one is live"},
		{"sk_live_x", "pk_live_x", "", "the secret of the webhook"},
		{"rk_test_x", "pk_test_x", "x", "the secret of the webhook"},
	} {
		_, err := payments.NewStripe(payments.StripeOptions{Key: o.key, PublishableKey: o.publishable, WebhookSecret: o.secret})
		require.ErrorContains(t, err, o.says)
		require.ErrorContains(t, err, "dashboard")
	}
	g, err := payments.NewStripe(payments.StripeOptions{Key: "sk_live_x", PublishableKey: "pk_live_x", WebhookSecret: "whsec_x"})
	require.NoError(t, err)
	for _, number := range []string{"4242424242424242", "", "pm_", "pm_1; DROP", "tok_visa"} {
		_, err = g.Method(number)
		refused(t, err, "payment.method")
	}
	m, err := g.Method("pm_1NxYz")
	require.NoError(t, err)
	require.Equal(t, payments.Method{Token: "pm_1NxYz"}, m)
}

// mockVersion of stripe-mock, which checks every request against Stripe's own description of its API.
const mockVersion = "github.com/stripe/stripe-mock@v0.203.0"

// mock starts stripe-mock, building it if need be.
func mock(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(os.TempDir(), "comptant-stripe-mock")
	build := exec.Command("go", "install", "-p", "1", mockVersion)
	build.Env = append(os.Environ(), "GOBIN="+folder, "GOWORK=off", "GOFLAGS=-mod=mod")
	build.Dir = os.TempDir()
	if out, err := build.CombinedOutput(); err != nil {
		t.Skipf("skipped: no %s: %s", mockVersion, out)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	server := exec.Command(filepath.Join(folder, "stripe-mock"), "-http-addr", address)
	server.Stdout, server.Stderr = t.Output(), t.Output()
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	}, 3*time.Minute, 20*time.Millisecond)
	return "http://" + address
}

// Every request is one that Stripe would take: what stripe-mock answers is the same whatever was asked before.
func TestRequestsAreAsStripeWantsThem(t *testing.T) {
	if testing.Short() {
		t.Skip("builds stripe-mock")
	}
	url := mock(t)
	g, err := payments.NewStripe(payments.StripeOptions{Key: "sk_test_123", PublishableKey: "pk_test_123", WebhookSecret: stripetest.WebhookSecret, URL: url})
	require.NoError(t, err)
	r := payments.Request{
		Key: "1/authorise", Attempt: 1, Charge: "1/authorise", Refund: "1/refund", Payment: uuid.New(), Order: uuid.New(), Amount: owed, Part: 10, Currency: "CAD", Method: stripetest.Good,
	}
	for name, do := range map[string]func(context.Context, payments.Request) (payments.Answer, error){
		"authorise": g.Authorise, "capture": g.Capture, "void": g.Void, "refund": g.Refund, "find": g.Find,
	} {
		for _, reference := range []string{"", "pi_123"} {
			if reference == "" && (name == "capture" || name == "refund") {
				continue
			}
			asked := r
			asked.Key, asked.Reference = "1/"+name+reference, reference
			a, err := do(ctx, asked)
			if err != nil {
				// The state of its example may be one in which nothing is decided; a request it does not understand it calls so.
				require.NotContains(t, err.Error(), "invalid_request_error", name)
				require.NotContains(t, err.Error(), "stripe: 4", name)
				continue
			}
			require.NotContains(t, a.Response, "invalid_request_error", name)
			require.True(t, strings.HasPrefix(a.Reference, "pi_") || name == "find", "%s: %+v", name, a)
		}
	}
	// What it does not understand it refuses: the test can fail.
	refused, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/payment_intents", strings.NewReader("amount=1&currency=cad&capture_method=by_hand"))
	require.NoError(t, err)
	refused.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	refused.SetBasicAuth("sk_test_123", "")
	answer, err := http.DefaultClient.Do(refused)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusBadRequest, answer.StatusCode)
}
