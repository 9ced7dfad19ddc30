package lane

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"comptant/sync/wire"
	"comptant/terminal/ledger"
)

// exportFolder, in the till's folder, is where exports go when there is no stick.
const exportFolder = "exports"

// Exported is a file with what headquarters has not acknowledged.
type Exported struct {
	File    string
	Entries int
}

// Export writes what headquarters has not acknowledged to a new file in dir, "" for the till's own folder; all of the journal
// when headquarters may have lost some. On return the file is durable and was read back. When nothing waits there is no file.
func (l *Lane) Export(ctx context.Context, dir string, all bool) (Exported, error) {
	if dir == "" {
		dir = filepath.Join(l.dir, exportFolder)
	}
	return export(ctx, l.Ledger, dir, l.now(), all)
}

// Export is Lane.Export for a till that does not run.
func Export(ctx context.Context, cfg Config, dir string, all bool) (done Exported, err error) {
	l, err := ledger.Open(ctx, ledger.Config{Dir: cfg.Dir, SentinelDir: cfg.SentinelDir, App: cfg.App, Log: cfg.Log, Now: time.Now})
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if dir == "" {
		dir = filepath.Join(cfg.Dir, exportFolder)
	}
	return export(ctx, l, dir, time.Now(), all)
}

func export(ctx context.Context, l *ledger.Ledger, dir string, at time.Time, all bool) (done Exported, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return done, fmt.Errorf("export: %w", err)
	}
	part, err := os.CreateTemp(dir, ".comptant-*")
	if err != nil {
		return done, fmt.Errorf("export: %w", err)
	}
	name := filepath.Join(dir, l.ExportName(at))
	entries, err := l.Export(ctx, part, all)
	err = errors.Join(err, part.Sync(), part.Close())
	if err == nil && entries == 0 {
		return done, os.Remove(part.Name())
	}
	if err == nil {
		err = readBack(part.Name(), l.Enrolment().Key)
	}
	if err == nil {
		err = os.Rename(part.Name(), name)
	}
	if err != nil {
		return done, errors.Join(fmt.Errorf("export to %s: %w", dir, err), os.Remove(part.Name()))
	}
	return Exported{File: name, Entries: entries}, syncDir(dir)
}

// readBack reads a file as headquarters will.
func readBack(name string, key ed25519.PrivateKey) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	e, err := wire.ReadExport(bytes.NewReader(b))
	if err != nil {
		return err
	}
	if err := e.Verify(key.Public().(ed25519.PublicKey)); err != nil {
		return err
	}
	for _, err := range e.Batches() {
		if err != nil {
			return err
		}
	}
	return nil
}

// syncDir makes a new name durable. Windows has no such call and does not need it.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
