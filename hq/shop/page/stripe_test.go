package page_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"comptant/hq/order"
	"comptant/hq/payments"
	"comptant/hq/payments/stripetest"
	"comptant/hq/pgtest"
	"comptant/hq/ui"
	"comptant/hq/ui/uitest"
	"comptant/shared/retail"
)

// The numbers of Stripe's test cards.
const (
	goodNumber    = "4242424242424242"
	poorNumber    = "4000000000009995"
	secureNumber  = "4000002500003155"
	invalidNumber = "4242424242424241"
	expiredNumber = "4000000000000069" // here it is refused before there is a payment
	brokenNumber  = "4000000000000119" // here Stripe answers that it is broken
)

// payPage is a shop that is paid in by Stripe, or what stands for it here, and what was sent to either.
type payPage struct {
	*world
	goods
	// stripe serves js.stripe.com and api.stripe.com to browsers.
	stripe *httptest.Server
	mu     sync.Mutex
	// forms are those that headquarters got, asked is how often Stripe was asked for a payment method.
	forms []url.Values
	asked int
	// held has Stripe wait with its answer until something is sent.
	held chan bool
}

func serveStripe(t *testing.T) *payPage {
	d, log := pgtest.New(t), slog.New(slog.NewTextHandler(t.Output(), nil))
	_, gateway := stripetest.New(t)
	p := &payPage{world: servePaid(t, d, log, gateway, stripetest.PublishableKey)}
	p.goods = p.open()
	pages := p.server.Config.Handler
	p.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if form, err := url.ParseQuery(string(body)); err == nil && r.Method == http.MethodPost {
			p.mu.Lock()
			p.forms = append(p.forms, form)
			p.mu.Unlock()
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		pages.ServeHTTP(w, r)
	})
	mux := http.NewServeMux()
	for address, file := range map[string]string{"js.stripe.com/clover/stripe.js": "stripe.js", "js.stripe.com/card.html": "card.html"} {
		mux.HandleFunc(address, func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "testdata/stripe/"+file) })
	}
	mux.HandleFunc("api.stripe.com/v1/elements/sessions", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Access-Control-Allow-Origin", "*") })
	mux.HandleFunc("POST api.stripe.com/v1/payment_methods", p.paymentMethod)
	p.stripe = httptest.NewTLSServer(mux)
	t.Cleanup(p.stripe.Close)
	return p
}

// paymentMethod is Stripe's answer to its frame.
func (p *payPage) paymentMethod(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked++
	held := p.held
	p.mu.Unlock()
	if held != nil {
		select {
		case <-held:
		case <-r.Context().Done(): // the browser has gone
		}
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	methods := map[string]string{goodNumber: stripetest.Good, poorNumber: stripetest.Poor, secureNumber: stripetest.Secure}
	number := r.PostFormValue("card[number]")
	switch {
	case r.PostFormValue("key") != stripetest.PublishableKey:
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"error":{"type":"invalid_request_error","message":"Invalid API Key provided"}}`)
	case number == brokenNumber:
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprint(w, `{"error":{"type":"api_error","message":"Something went wrong on Stripe's end"}}`)
	case methods[number] != "":
		fmt.Fprintf(w, `{"id":%q,"object":"payment_method"}`, methods[number])
	default:
		w.WriteHeader(http.StatusPaymentRequired)
		message := map[string]string{"fr": "Votre carte est expirée.", "en": "Your card has expired."}[r.PostFormValue("locale")]
		fmt.Fprintf(w, `{"error":{"type":"card_error","code":"expired_card","message":%q}}`, message)
	}
}

// at has a browser find Stripe at an address.
func at(address string) []chromedp.ExecAllocatorOption {
	return []chromedp.ExecAllocatorOption{
		chromedp.IgnoreCertErrors,
		chromedp.Flag("host-resolver-rules", fmt.Sprintf("MAP js.stripe.com %s,MAP api.stripe.com %[1]s", address)),
	}
}

// buyer is somebody with a browser at the checkout.
type buyer struct {
	*payPage
	ctx context.Context
}

// enter fills a cart and goes to the checkout.
func (p *payPage) enter(ctx context.Context, lang string) buyer {
	p.t.Helper()
	v := p.visitor()
	v.add(p.soap, "1")
	address, err := url.Parse(p.server.URL)
	require.NoError(p.t, err)
	require.NoError(p.t, chromedp.Do(ctx)) // the browser lasts as long as the context that starts it
	b := buyer{p, ctx}
	// Wide enough for two columns: in one, what is pressed scrolls to where Stripe's frame was, and the browser, which asks the last picture
	// which process a point belongs to, gives that click to the frame when none was drawn since.
	b.do(chromedp.EmulateViewport(1280, 900), cookie(p.world, "lang", lang))
	for _, c := range v.client.Jar.Cookies(address) {
		b.do(cookie(p.world, c.Name, c.Value))
	}
	b.do(chromedp.Navigate(p.server.URL + "/shop/checkout"))
	return b
}

func (b buyer) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	require.NoError(b.t, chromedp.Do(ctx, actions...))
}

func (b buyer) text(script string) string {
	b.t.Helper()
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](script))
	require.NoError(b.t, err)
	return found
}

const (
	payButton = ".summary button.main"
	canPay    = payButton + ":not(:disabled)"
	cardError = "#field-card-note"
)

// card fills a number into Stripe's frame, instead of what is there, as if it were typed: the frame has a process of its own, and not every
// key gets there while a machine is busy.
func (b buyer) card(number string) {
	b.t.Helper()
	b.do(chromedp.WaitVisible(canPay))
	filled := b.text(fmt.Sprintf(`String(document.querySelector("#field-card").dispatchEvent(new CustomEvent("fill", { detail: %q })))`, number))
	require.Equal(b.t, "true", filled)
	b.do(chromedp.WaitVisible(fmt.Sprintf("#field-card[data-typed=%q]", number)))
}

// pay fills the form in and sends it.
func (b buyer) pay(number string) {
	b.t.Helper()
	b.do(chromedp.WaitVisible(canPay), chromedp.SetValue("#field-name", "Alice Roy"), chromedp.SetValue("#field-email", "alice@example.com"))
	b.card(number)
	b.do(chromedp.Click(payButton))
}

// orders are those that were placed, the newest first.
func (p *payPage) orders() []order.Order {
	p.t.Helper()
	page, err := order.List(p.t.Context(), p.db, order.Filter{})
	require.NoError(p.t, err)
	return page.Orders
}

// Somebody pays with a card that headquarters never sees: it gets what Stripe calls it, once, however often the button is pressed.
func TestACardGoesToStripeAlone(t *testing.T) {
	p := serveStripe(t)
	p.held = make(chan bool)
	b := p.enter(openBrowser(t, at(p.stripe.Listener.Addr().String())...), "en")
	b.pay(goodNumber)
	b.do(chromedp.WaitVisible(".while-paying"))
	require.Equal(t, "Placing the order…", b.text(`document.querySelector(".summary button.main").innerText`))
	require.Equal(t, "Placing the order…", b.text(`document.querySelector("[role=status]#paying").textContent`))
	b.do(chromedp.Click(payButton), chromedp.Focus("#field-name"), chromedp.KeyEvent("\r"))
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`document.querySelector(".checkout").requestSubmit(); true`))
	require.NoError(t, err)
	p.held <- true
	b.do(chromedp.WaitVisible(".stages"))
	require.Contains(t, b.text(`document.querySelector("[data-figure=state]").textContent`), "Order confirmed")
	require.Contains(t, b.text(`document.querySelector(".summary").textContent`), "4242")

	orders := p.orders()
	require.Len(t, orders, 1)
	paid, err := payments.OfOrder(t.Context(), p.db, orders[0].ID)
	require.NoError(t, err)
	require.Len(t, paid, 1)
	require.Equal(t, stripetest.Good, paid[0].Method)
	require.Equal(t, payments.Authorised, paid[0].State)
	p.mu.Lock()
	defer p.mu.Unlock()
	require.Equal(t, 1, p.asked, "pressed twice")
	sent := 0
	for _, form := range p.forms {
		require.NotContains(t, form.Encode(), goodNumber)
		if form.Has("card") {
			sent++
			require.Equal(t, stripetest.Good, form.Get("card"))
		}
	}
	require.Equal(t, 1, sent)
}

// What Stripe or the bank refuses is said in the customer's language, and another card pays.
func TestARefusedCardIsSaidAndAnotherPays(t *testing.T) {
	p := serveStripe(t)
	b := p.enter(openBrowser(t, at(p.stripe.Listener.Addr().String())...), "fr")
	says := func(words string) {
		t.Helper()
		b.do(chromedp.WaitVisible(cardError))
		require.Contains(t, b.text(`document.querySelector("#field-card-note").textContent`), words)
	}
	b.card(invalidNumber)
	says("Le numéro de votre carte n'est pas valide.")
	b.card(expiredNumber)
	b.do(chromedp.WaitNotVisible(cardError))
	b.pay(expiredNumber)
	says("Votre carte est expirée.")
	b.do(chromedp.WaitVisible(canPay), chromedp.WaitVisible(".StripeElement--focus"))
	require.Equal(t, "IFRAME", b.text("document.activeElement.tagName"), "the card is typed again")
	require.Equal(t, "Alice Roy", b.text(`document.querySelector("#field-name").value`))
	require.Empty(t, p.orders())

	for number, words := range map[string]string{poorNumber: "Les fonds sont insuffisants", secureNumber: "La banque demande de confirmer le paiement"} {
		b.pay(number)
		b.do(chromedp.WaitVisible(".stages"))
		require.Contains(t, b.text(`document.querySelector(".order-state .flash").textContent`), words)
		require.Contains(t, b.text(`document.querySelector(".order-state .flash").textContent`), "Rien n’a été débité")
		require.Equal(t, retail.OrderCancelled, p.orders()[0].State)
		b.do(chromedp.Click(".actions .main"))
	}
	b.pay(goodNumber)
	b.do(chromedp.WaitVisible(".stages"))
	require.Contains(t, b.text(`document.querySelector("[data-figure=state]").textContent`), "Commande confirmée")
	require.Len(t, p.orders(), 3)
}

// A field that is wrong is said before the card is given away, and by headquarters to who has no browser that does.
func TestWhatIsWrongIsSaidBeforePaying(t *testing.T) {
	p := serveStripe(t)
	b := p.enter(openBrowser(t, at(p.stripe.Listener.Addr().String())...), "en")
	b.card(goodNumber)
	b.do(chromedp.SetValue("#field-name", "Alice Roy"), chromedp.SetValue("#field-email", "alice"), chromedp.Click(payButton))
	require.Equal(t, "field-email", b.text("document.activeElement.id"))
	p.mu.Lock()
	require.Zero(t, p.asked)
	p.mu.Unlock()
	b.do(chromedp.SetValue("#field-email", "alice@example.com"), chromedp.Click(payButton), chromedp.WaitVisible(".stages"))

	v := p.visitor()
	v.add(p.soap, "1")
	for _, card := range []string{"", goodNumber, "tok_visa"} {
		status, body, _ := v.checkout("delivery", "collect", "store", p.north.ID.String(), "card", card)
		require.Equal(t, http.StatusUnprocessableEntity, status)
		require.Contains(t, body, "Ce moyen de paiement", card)
		require.NotContains(t, body, goodNumber)
	}
	require.Len(t, p.orders(), 1)
}

// Where no script runs, or Stripe is out of reach, the page says so and nothing can be sent.
func TestNobodyPaysWithoutStripesScript(t *testing.T) {
	p := serveStripe(t)
	nobody := httptest.NewServer(http.NotFoundHandler())
	nobody.Close()
	b := p.enter(uitest.Browser(t, at(nobody.Listener.Addr().String())...), "en")
	b.do(chromedp.WaitVisible(cardError))
	require.Contains(t, b.text(`document.querySelector("#field-card-note").textContent`), "cannot be reached. Nothing was ordered")
	require.Equal(t, "true", b.text(`String(document.querySelector(".summary button.main").disabled)`))

	b.do(func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	}, chromedp.Navigate(p.server.URL+"/shop/checkout"), chromedp.WaitVisible("noscript .field-error"))
	require.Contains(t, b.text(`document.querySelector("noscript").textContent`), "Paying needs JavaScript")
	require.Equal(t, "true", b.text(`String(document.querySelector(".summary button.main").disabled)`))
	require.Equal(t, "false", b.text(`String(!!document.querySelector("#field-card").offsetParent)`))
}

// A Stripe that fails while somebody pays is none of the card's fault.
func TestStripeFailsWhileSomebodyPays(t *testing.T) {
	p := serveStripe(t)
	b := p.enter(uitest.Browser(t, at(p.stripe.Listener.Addr().String())...), "en")
	b.pay(brokenNumber)
	b.do(chromedp.WaitVisible(cardError))
	require.Contains(t, b.text(`document.querySelector("#field-card-note").textContent`), "cannot be reached. Nothing was ordered")
	b.pay(goodNumber)
	b.do(chromedp.WaitVisible(".stages"))
}

// The frame is told the colours of the page, and told again when the system turns dark.
func TestTheCardLooksLikeThePage(t *testing.T) {
	p := serveStripe(t)
	b := p.enter(openBrowser(t, at(p.stripe.Listener.Addr().String())...), "en")
	for _, scheme := range []struct{ name, text string }{{"light", "rgb(20, 32, 42)"}, {"dark", "rgb(235, 241, 244)"}} {
		b.do(func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
			_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme.name}},
			})
			return chromedp.Void{}, err
		}, chromedp.WaitVisible(canPay), chromedp.WaitVisible(`[data-color="`+scheme.text+`"]`))
	}
}

// The page that takes cards, as TestScreens looks at the others.
func TestScreensOfStripe(t *testing.T) {
	p := serveStripe(t)
	b := p.enter(openBrowser(t, at(p.stripe.Listener.Addr().String())...), "en")
	p.look(b.ctx, t, canPay, map[string]string{"checkout-stripe": "/shop/checkout"})
}

// Only the page that takes cards lets anything of Stripe in, and only where Stripe is set up.
func TestOnlyTheCheckoutLetsStripeIn(t *testing.T) {
	policy := func(w *world, g goods, path string) string {
		t.Helper()
		v := w.visitor()
		v.add(g.soap, "1")
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+path, nil)
		require.NoError(t, err)
		resp, err := v.client.Do(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusOK, resp.StatusCode)
		return resp.Header.Get("Content-Security-Policy")
	}
	p := serveStripe(t)
	require.Equal(t, "default-src 'none'; script-src 'self' https://js.stripe.com https://*.js.stripe.com; style-src 'self'; font-src 'self'; img-src 'self'; "+
		"connect-src 'self' https://api.stripe.com; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "+
		"frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com", policy(p.world, p.goods, "/shop/checkout"))
	require.Equal(t, ui.ContentSecurityPolicy, policy(p.world, p.goods, "/shop/cart"))
	sandbox := serve(t)
	g := sandbox.open()
	require.Equal(t, ui.ContentSecurityPolicy, policy(sandbox, g, "/shop/checkout"))
	v := sandbox.visitor()
	v.add(g.soap, "1")
	_, body := v.get("/shop/checkout")
	require.NotContains(t, body, "stripe")
	require.NotContains(t, body, "card.js")
}
