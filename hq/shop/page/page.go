package page

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/shop"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

const (
	bodyLimit = 16 << 10         // bytes of a form
	patience  = 30 * time.Second // for a page
)

// Config is what the shop shows and what it acts through.
type Config struct {
	// DB is what the reading functions of the domains take.
	DB       catalog.Querier
	Shop     *shop.Shop
	Accounts *users.Accounts
	// Subscribe calls wake with the topics that changed, until stop is called. wake does not block.
	Subscribe func(wake func(topics []string)) (stop func())
	// Mail hands a message over to be sent; nil where no mail is set up.
	Mail func(ctx context.Context, to, subject, text string) error
	// StripeKey is the publishable key with which Stripe's script takes cards; empty with the sandbox.
	StripeKey string
	// URL is where people find headquarters, without a slash at the end, for links in messages.
	URL string
	Now func() time.Time
	Log *slog.Logger
}

type site struct{ Config }

// handler answers one route. What it returns as an error becomes a status and a message.
type handler func(http.ResponseWriter, *http.Request) error

// New is the shop: every path below /shop/. Its static files are those of ui, at /static/.
func New(c Config) http.Handler {
	s := &site{Config: c}
	mux := http.NewServeMux()
	for pattern, h := range s.handlers() {
		mux.Handle(pattern, h)
	}
	h := ui.Preferences(limited(ui.Legible(mux, ui.RefuseText)))
	return ui.Guard(http.NewCrossOriginProtection().Handler(h))
}

// handlers is everything there is, by its pattern.
func (s *site) handlers() map[string]http.Handler {
	all := map[string]http.Handler{
		"POST /shop/prefs": http.HandlerFunc(ui.SetPreferences),
		ui.PictureRoute:    http.HandlerFunc(s.picture),
		"/shop/": s.visited(func(http.ResponseWriter, *http.Request) error {
			return &retail.Error{Code: retail.NotFound, Key: "error.page"}
		}),
	}
	for pattern, h := range s.routes() {
		all[pattern] = s.visited(h)
	}
	return all
}

func (s *site) routes() map[string]handler {
	return map[string]handler{
		"GET /shop/{$}":                    s.home,
		"GET /shop/search":                 s.search,
		"GET /shop/categories/{category}":  s.category,
		"GET /shop/products/{product}":     s.product,
		"POST /shop/store":                 s.chooseStore,
		"GET /shop/cart":                   s.cart,
		"POST /shop/cart":                  s.addToCart,
		"POST /shop/cart/{product}":        s.changeCart,
		"GET /shop/checkout":               s.checkout,
		"POST /shop/checkout":              s.place,
		"GET /shop/orders/{order}":         s.order,
		"GET /shop/orders/{order}/events":  s.orderEvents,
		"POST /shop/orders/{order}/cancel": s.cancelOrder,
		"GET /shop/account":                s.account,
		"POST /shop/account":               s.editAccount,
		"POST /shop/account/password":      s.changePassword,
		"GET /shop/login":                  s.outside(s.signInPage),
		"POST /shop/login":                 s.outside(s.signIn),
		"GET /shop/register":               s.outside(s.registerPage),
		"POST /shop/register":              s.outside(s.register),
		"POST /shop/logout":                s.signOut,
		"GET /shop/forgot":                 s.outside(s.forgotPage),
		"POST /shop/forgot":                s.outside(s.forgot),
		"GET /shop/reset/{token}":          s.outside(s.resetPage),
		"POST /shop/reset/{token}":         s.outside(s.reset),
	}
}

// limited bounds what is sent, and ends what takes too long. The event stream lasts as long as its page.
func limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
		if strings.HasSuffix(r.URL.Path, "/events") {
			next.ServeHTTP(w, r)
			return
		}
		// Who reads too slowly is not waited for. A test's recorder knows no deadline.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(2 * patience))
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// view is what surrounds a page's content.
type view struct {
	title string
	// events is the address of the page's stream, for one that moves; refresh has it loaded again where no script runs.
	events  string
	refresh bool
	// bare leaves the categories out, where somebody is about to pay.
	bare bool
	// category is the one that is shown.
	category string
	search   string
	status   int // 200 when 0
}

// show writes a page, or only its content to a page that asks for it again.
func (s *site) show(w http.ResponseWriter, r *http.Request, v view, content templ.Component) error {
	ctx := r.Context()
	var body bytes.Buffer
	var err error
	if r.Header.Get("HX-Request") != "" {
		err = content.Render(ctx, &body)
	} else {
		err = frame(v, visitOf(ctx), ui.TakeFlash(w, r)).Render(templ.WithChildren(ctx, content), &body)
	}
	if err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Vary", "HX-Request, Cookie, Accept-Language")
	if v.status != 0 {
		w.WriteHeader(v.status)
	}
	_, _ = body.WriteTo(w) // the browser has gone
	return nil
}

var statuses = map[retail.Code]int{
	retail.Invalid:   http.StatusUnprocessableEntity,
	retail.NotFound:  http.StatusNotFound,
	retail.Conflict:  http.StatusConflict,
	retail.Forbidden: http.StatusForbidden,
	retail.Failed:    http.StatusServiceUnavailable,
}

func statusOf(e *retail.Error) int {
	if e.Key == "signin.often" || e.Key == "signin.wait" {
		return http.StatusTooManyRequests
	}
	return statuses[e.Code]
}

// known is what of an error a person is told; what is not a retail.Error is ours, and only logged in full.
func (s *site) known(r *http.Request, err error) *retail.Error {
	if told, ok := errors.AsType[*retail.Error](err); ok {
		return told
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok || db.Unfit(err) {
		return &retail.Error{Code: retail.Invalid, Key: "error.invalid"}
	}
	s.Log.Error("shop page", "route", r.Pattern, "error", err) // the path may have a token
	return &retail.Error{Code: retail.Failed, Key: "error.failed"}
}

// fail tells a person what went wrong: after a form on the page where it was, else on a page of its own.
func (s *site) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) {
		return // the browser has gone
	}
	told := s.known(r, err)
	text := ui.Explain(r.Context(), told)
	if r.Method == http.MethodPost && told.Code != retail.NotFound && told.Code != retail.Forbidden {
		ui.KeepFlash(w, r, ui.Flash{Tone: ui.ToneBad, Text: text})
		http.Redirect(w, r, local(r.Referer()), http.StatusSeeOther)
		return
	}
	if err := s.show(w, r, view{title: ui.T(r.Context(), "error.title"), status: statusOf(told)}, problem(text)); err != nil {
		http.Error(w, text, statusOf(told))
	}
}

// local keeps path and query of an address of the shop, so that a forged one never leads elsewhere.
func local(address string) string {
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(u.Path, "/shop/") || strings.Contains(u.Path, "..") {
		return "/shop/"
	}
	return (&url.URL{Path: u.Path, RawQuery: u.RawQuery}).String()
}

// query is an address with one name and value.
func query(path, name, value string) string { return path + "?" + url.Values{name: {value}}.Encode() }
