package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"
)

// Write copies the database at an address to a new file, readable by its owner alone: it holds headquarters' key and everybody's
// data. The file is there whole, and flushed to the disk, or not at all.
func Write(ctx context.Context, address, file string) (bytes int64, err error) {
	t, err := parse(address)
	if err != nil {
		return 0, err
	}
	if _, err := os.Lstat(file); err == nil {
		return 0, fmt.Errorf("%s is there already: choose another name", file)
	} else if !errors.Is(err, os.ErrNotExist) {
		return 0, err
	}
	major, err := t.version(ctx)
	if err != nil {
		return 0, err
	}
	dump, err := program(ctx, "pg_dump", major)
	if err != nil {
		return 0, err
	}
	part, err := os.CreateTemp(filepath.Dir(file), ".part-*") // 0600
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, part.Close(), removed(part.Name())) }()
	if err := t.run(ctx, dump, "--format=custom", "--no-owner", "--no-privileges", "--no-comments", "--file", part.Name()); err != nil {
		return 0, err
	}
	if err := part.Sync(); err != nil {
		return 0, err
	}
	info, err := part.Stat()
	if err != nil {
		return 0, err
	}
	if err := os.Link(part.Name(), file); err != nil { // unlike a rename it never takes the place of another
		return 0, err
	}
	return info.Size(), flushFolder(filepath.Dir(file))
}

func removed(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func flushFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// version is the major version of the server.
func (t target) version(ctx context.Context) (major int, err error) {
	conn, err := pgx.Connect(ctx, t.open())
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	err = conn.QueryRow(ctx, `SELECT current_setting('server_version_num')::int / 10000`).Scan(&major)
	return major, err
}
