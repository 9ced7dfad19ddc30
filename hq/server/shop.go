package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"comptant/hq/catalog"
	"comptant/hq/mail"
	"comptant/hq/order"
	"comptant/hq/payments"
	"comptant/hq/shop"
	"comptant/hq/shop/page"
	"comptant/hq/users"
)

// StripePath is where Stripe tells what happened to charges.
const StripePath = "/webhooks/stripe"

// storefront is the shop as it is served: the orders' desk, the shop on top of it, and what the payment gateway calls.
type storefront struct {
	orders *order.Desk
	shop   *shop.Shop
	// webhook is nil with the sandbox.
	webhook http.Handler
}

// openShop takes orders, with Stripe where anything of it is set up and else with the sandbox, which moves no money.
func (s *Server) openShop(c Config, mailer *mail.Sender) (storefront, error) {
	var front storefront
	if c.AcceptWithin < 0 || c.AcceptWithin > order.LongestAccept {
		return front, fmt.Errorf("a location may have up to %v to accept an order, not %v: authorisations of payments lapse after a week, and several locations may be asked",
			order.LongestAccept, c.AcceptWithin)
	}
	settings := order.Config{DB: s.store.DB, AcceptWithin: c.AcceptWithin, Log: c.Log, Now: c.Now}
	told := func(ctx context.Context, e payments.Event) error { return front.orders.Notified(ctx, e) }
	if c.Stripe != (payments.StripeOptions{}) {
		stripe, err := payments.NewStripe(c.Stripe)
		if err != nil {
			return front, err
		}
		settings.Payments = payments.New(s.store.DB, stripe, c.Log, c.Now)
		front.webhook = stripe.Webhook(told)
	} else {
		sandbox := payments.NewSandbox(s.store.DB, c.Now, payments.DefaultDelays)
		settings.Payments = payments.New(s.store.DB, sandbox, c.Log, c.Now)
		settings.Fetch = func(ctx context.Context) error {
			_, err := sandbox.Deliver(ctx, told)
			return err
		}
	}
	if mailer != nil {
		settings.Tell = func(ctx context.Context, o order.Order) error {
			tokens, err := front.shop.Tokens(ctx, o.ID)
			if err != nil {
				return err
			}
			url := ""
			if token := tokens[o.ID]; token != "" {
				url = strings.TrimRight(c.URL, "/") + "/shop/orders/" + token
			}
			subject, text, err := page.Letter(ctx, s.store.DB, o, url)
			if err != nil {
				return err
			}
			if err := mailer.Send(ctx, o.Email, subject, text); err != nil {
				if errors.Is(err, mail.ErrAddress) {
					return fmt.Errorf("%w: %w", order.ErrUnreachable, err)
				}
				return err
			}
			return nil
		}
	}
	front.orders = order.New(settings)
	front.shop = shop.New(shop.Config{DB: s.store.DB, Desk: front.orders, Prices: catalog.NewPriceList(s.store.DB, s.notifier, c.Now), Now: c.Now})
	return front, nil
}

// shopPages is what customers see.
func (s *Server) shopPages(c Config, mailer *mail.Sender) http.Handler {
	pages := page.Config{
		DB: s.store.DB, Shop: s.front.shop, Accounts: users.NewAccounts(s.store.DB, c.Now), Subscribe: s.notifier.Subscribe,
		StripeKey: c.Stripe.PublishableKey, URL: strings.TrimRight(c.URL, "/"), Now: c.Now, Log: c.Log,
	}
	if mailer != nil {
		pages.Mail = mailer.Send
	}
	return page.New(pages)
}
