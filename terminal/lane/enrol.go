package lane

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"os"
	"time"

	"comptant/shared/retail"
	"comptant/sync/link"
	"comptant/sync/wire"
	"comptant/terminal/ledger"
)

// Enrol makes dir the folder of the till that a one-time code of headquarters at url stands for. The device's key is
// made here and never leaves. A refusal is a *retail.Error.
func Enrol(ctx context.Context, dir, url, code, app string) error {
	// The code works once: what can fail here fails before it is used.
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	host, _ := os.Hostname() // only shown to the manager
	reply, err := link.Enrol(ctx, url, wire.EnrolRequest{Code: code, Key: public, App: app, Host: host})
	if err != nil {
		return err
	}
	return ledger.Enrol(ctx, dir, ledger.Enrolment{
		Till: reply.Till, Number: reply.Number, Currency: reply.Currency, URL: url,
		Store: retail.Location{
			ID: reply.Store, Kind: retail.LocationStore, Code: reply.Code, Name: reply.Name, Zone: reply.Zone,
		},
		Key: private, HQKey: reply.HQ, Epoch: reply.Epoch,
	})
}

// Enrolled says whether the folder belongs to a till. It may be asked while that till runs.
func Enrolled(ctx context.Context, dir string) (bool, error) { return ledger.Enrolled(ctx, dir) }

// PutBack puts a backup of the journal in the place of the one in the folder of a lane that does not run.
func PutBack(ctx context.Context, cfg Config, backup string) error {
	return ledger.PutBack(ctx, ledger.Config{Dir: cfg.Dir, SentinelDir: cfg.SentinelDir}, backup)
}

// BeginAgain begins a new epoch in the folder of a lane that does not run, whose database and sentinel were both put back
// from an image.
func BeginAgain(ctx context.Context, cfg Config) (ledger.Begun, error) {
	return ledger.BeginAgain(ctx, ledger.Config{
		Dir: cfg.Dir, SentinelDir: cfg.SentinelDir, App: cfg.App, Log: cfg.Log, Now: time.Now,
	})
}
