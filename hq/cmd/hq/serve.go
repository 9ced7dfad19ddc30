package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"comptant/hq/payments"
	"comptant/hq/server"
)

type serveCmd struct {
	TLSKey   string   `name:"tls-key" env:"COMPTANT_TLS_KEY" type:"path" help:"Key file (PEM) of the certificate."`
	Proxies  []string `name:"proxy" env:"COMPTANT_PROXY" placeholder:"ADDRESS" help:"Address or network of a proxy in front, whose X-Forwarded-For and X-Forwarded-Proto are believed. May be repeated."`
	Origins  []string `name:"api-origin" env:"COMPTANT_API_ORIGIN" placeholder:"ORIGIN" help:"Origin of another site whose scripts may use the REST API with a token, such as https://tools.example.com (CORS). May be repeated; none by default."`
	SMTP     string   `name:"smtp-url" env:"COMPTANT_SMTP_URL" placeholder:"URL" help:"Mail server that sends links for forgotten passwords: smtp://user:password@host:587, or smtps://. Rather by the environment: others see a command's arguments."`
	MailFrom string   `env:"COMPTANT_MAIL_FROM" placeholder:"ADDRESS" help:"Sender of messages."`
	URL      string   `name:"url" env:"COMPTANT_URL" placeholder:"URL" help:"Where people find the dashboard and the shop, such as https://hq.example.com. Messages link to it."`

	StripeKey            string        `env:"COMPTANT_STRIPE_KEY" placeholder:"KEY" help:"Secret key of Stripe, which then charges the shop's customers; without one a sandbox does, which moves no money. Rather by the environment."`
	StripePublishableKey string        `env:"COMPTANT_STRIPE_PUBLISHABLE_KEY" placeholder:"KEY" help:"Publishable key of the same account, with which the shop's pages let customers give Stripe their card."`
	StripeWebhookSecret  string        `env:"COMPTANT_STRIPE_WEBHOOK_SECRET" placeholder:"SECRET" help:"Secret of Stripe's webhook for /webhooks/stripe."`
	AcceptWithin         time.Duration `env:"COMPTANT_ACCEPT_WITHIN" default:"24h" help:"How long a store or warehouse has to accept an order of the shop; 48h at most, since authorisations lapse after a week and three are asked."`
}

func (v serveCmd) Run(ctx context.Context, c *cli) error {
	s, err := server.New(ctx, server.Config{
		Database: server.Database{URL: c.DatabaseURL, Home: c.Home, Log: c.log()},
		Listen:   c.Listen,
		TLSCert:  c.TLSCert,
		TLSKey:   v.TLSKey,
		Proxies:  v.Proxies,
		Origins:  v.Origins,
		SMTP:     v.SMTP,
		MailFrom: v.MailFrom,
		URL:      v.URL,
		Stripe:   payments.StripeOptions{Key: v.StripeKey, PublishableKey: v.StripePublishableKey, WebhookSecret: v.StripeWebhookSecret},

		AcceptWithin: v.AcceptWithin,
		Version:      version,
		Log:          c.log(),
	})
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

type readyCmd struct{}

func (readyCmd) Run(ctx context.Context, c *cli) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	client, address, err := server.Self(c.Listen, c.TLSCert)
	if err != nil {
		return err
	}
	url := address + server.ReadyPath
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("headquarters does not answer: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("headquarters is not ready: %s", resp.Status)
	}
	return nil
}

type migrateCmd struct{}

func (migrateCmd) Run(ctx context.Context, c *cli) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Println("The database is up to date.")
	return nil
}
