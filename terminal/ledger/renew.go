package ledger

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"comptant/sync/wire"
)

// renewalDue says that the catalogue in force is older than the night. The file before it was closed to writers, and given
// its time, when it was replaced.
func (l *Ledger) renewalDue() bool {
	var replaced time.Time
	if numbers, err := l.catalogueNumbers(); err == nil && len(numbers) > 1 {
		if info, err := os.Stat(l.cataloguePath(numbers[1])); err == nil {
			replaced = info.ModTime()
		}
	}
	return l.due(replaced, &l.renewalTried)
}

// renewCatalogue puts a copy of the catalogue in its own place. The copy reads all of it, so it finds damage; the old file is
// not written any more, and is what to fall back on.
func (l *Ledger) renewCatalogue(ctx context.Context) error {
	l.loading.Lock()
	defer l.loading.Unlock()
	old := l.catalogue()
	if seq, _, err := one(ctx, old.read, value[uint64], `SELECT coalesce(max(seq), 0) FROM feed`); err != nil || seq == 0 {
		return err // there is nothing in it yet
	}
	path := filepath.Join(l.cfg.Dir, catalogPart)
	defer func() { _ = os.Remove(path) }() // it is left only when something failed
	_ = os.Remove(path)
	if err := l.copyCatalogue(ctx, path); err != nil {
		return err
	}
	w, err := openBulk(ctx, path)
	if err != nil {
		return err
	}
	next := catalogue{&database{path: path, write: w}, &l.renamed}
	if found, _, err := one(ctx, w, value[string], `PRAGMA quick_check(1)`); err != nil || found != "ok" {
		return errors.Join(errBroken, err, w.close())
	}
	if err := l.replaceCatalogue(context.WithoutCancel(ctx), next, wire.Reset{}); err != nil {
		return err
	}
	l.cfg.Log.Info("catalogue renewed", "path", l.catalogue().path)
	return nil
}

// catalogueDamaged notes that a read has found a catalogue damaged.
func (l *Ledger) catalogueDamaged(path string) {
	l.damagedPath.Store(&path)
	l.falling.poke()
}

// fallBack puts the catalogue before the damaged one in force, while the till sells.
func (l *Ledger) fallBack(ctx context.Context) {
	l.loading.Lock()
	defer l.loading.Unlock()
	l.feeding.Lock()
	defer l.feeding.Unlock()
	path := l.damagedPath.Load()
	if path == nil || *path != l.catalogue().path {
		return // it was replaced meanwhile
	}
	l.cfg.Log.Error("the catalogue is damaged; the till goes on with the one before", "path", *path)
	l.closeCatalogues() // also the one before, which may have been open for those who were reading it
	ctx = context.WithoutCancel(ctx)
	err := removeDatabase(*path)
	if err == nil {
		err = l.beginCatalogue(ctx)
	}
	if err != nil {
		l.cfg.Log.Error("no catalogue could be opened", "error", err)
		return
	}
	l.published()
}

// removeDatabase takes a file away that nobody has open, its WAL first: a WAL must never meet another file.
func removeDatabase(path string) error {
	for _, part := range []string{"-wal", "-shm", ""} {
		if err := os.Remove(path + part); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}
