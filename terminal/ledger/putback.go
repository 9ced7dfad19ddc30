package ledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"comptant/shared/retail"
)

// replacedSuffix names a database that a backup took the place of; a number follows.
const replacedSuffix = ".replaced"

// PutBack puts a backup in the place of ledger.db, in a folder whose till does not run, or in an empty one. Opening the
// folder then finds the entries again that the sentinel has, and begins an epoch: BeginAgain does both.
func PutBack(ctx context.Context, cfg Config, backup string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("put %s back: %w", backup, err)
		}
	}()
	of, err := checkCopy(ctx, backup)
	if err != nil {
		return err
	}
	if c, err := readCopy(cfg.Dir); err == nil && c.Till != of {
		return &retail.Error{Code: retail.Conflict, Key: KeyOtherTill, Err: fmt.Errorf("the backup is of till %s, the folder of till %s", of, c.Till)}
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return err
	}
	if cfg.SentinelDir == "" {
		cfg.SentinelDir = cfg.Dir
	}
	if f, err := os.OpenFile(filepath.Join(cfg.SentinelDir, sentinelFile), os.O_RDWR, 0); err == nil {
		defer f.Close()
		if err := lock(f); err != nil { // the till runs
			return err
		}
	}
	path := filepath.Join(cfg.Dir, ledgerFile)
	part := path + ".part"
	if err := copyFile(part, backup); err != nil {
		return err
	}
	aside, free := freeName(path + replacedSuffix)
	if !free {
		return errors.New("the folder is full of replaced journals")
	}
	// Its WAL goes first: it must never meet the backup.
	for _, file := range []string{"-wal", "-shm", ""} {
		if err := os.Rename(path+file, aside+file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	return syncPath(cfg.Dir)
}

// copyFile makes a durable copy that its user alone can read.
func copyFile(to, from string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
