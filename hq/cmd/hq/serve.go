package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"comptant/hq/server"
)

type serveCmd struct {
	TLSKey   string   `name:"tls-key" env:"COMPTANT_TLS_KEY" type:"path" help:"Key file (PEM) of the certificate."`
	Proxies  []string `name:"proxy" env:"COMPTANT_PROXY" placeholder:"ADDRESS" help:"Address or network of a proxy in front, whose X-Forwarded-For and X-Forwarded-Proto are believed. May be repeated."`
	SMTP     string   `name:"smtp-url" env:"COMPTANT_SMTP_URL" placeholder:"URL" help:"Mail server that sends links for forgotten passwords: smtp://user:password@host:587, or smtps://. Rather by the environment: others see a command's arguments."`
	MailFrom string   `env:"COMPTANT_MAIL_FROM" placeholder:"ADDRESS" help:"Sender of messages."`
	URL      string   `name:"url" env:"COMPTANT_URL" placeholder:"URL" help:"Where people find the dashboard, such as https://hq.example.com. Messages link to it."`
}

func (v serveCmd) Run(ctx context.Context, c *cli) error {
	s, err := server.New(ctx, server.Config{
		Database: server.Database{URL: c.DatabaseURL, Home: c.Home, Log: c.log()},
		Listen:   c.Listen,
		TLSCert:  c.TLSCert,
		TLSKey:   v.TLSKey,
		Proxies:  v.Proxies,
		SMTP:     v.SMTP,
		MailFrom: v.MailFrom,
		URL:      v.URL,
		Version:  version,
		Log:      c.log(),
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
