package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"comptant/hq/server"
)

type serveCmd struct{}

func (serveCmd) Run(ctx context.Context, c *cli) error {
	s, err := server.New(ctx, server.Config{
		Database: server.Database{URL: c.DatabaseURL, Home: c.Home, Log: c.log()},
		Listen:   c.Listen,
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
	url := "http://" + c.Listen + server.ReadyPath
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	resp, err := http.DefaultClient.Do(req)
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
