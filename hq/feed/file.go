package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/sync/hub"
)

// File opens a snapshot by its name. The error is fs.ErrNotExist when there is none of that name any more.
func (s *Snapshots) File(ctx context.Context, name string) (hub.File, error) {
	id, err := uuid.Parse(name)
	if err != nil {
		return nil, fmt.Errorf("snapshot %q: %w", name, fs.ErrNotExist)
	}
	f := &file{ctx: ctx, db: s.db, name: id, part: -1}
	err = s.db.QueryRow(ctx, `SELECT size, made_at FROM feed.snapshot WHERE name = $1`, id).Scan(&f.size, &f.made)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, fmt.Errorf("snapshot %s: %w", id, err)
	}
	return f, nil
}

// file reads a snapshot, one part at a time.
type file struct {
	ctx  context.Context // of the request it is read for
	db   *db.DB
	name uuid.UUID
	size int64
	made time.Time
	at   int64
	// part is the number of the part in bytes.
	part  int64
	bytes []byte
}

// Made is when the snapshot was.
func (f *file) Made() time.Time { return f.made }

// Read gives what is next.
func (f *file) Read(p []byte) (int, error) {
	if f.at >= f.size {
		return 0, io.EOF
	}
	if part := f.at / partBytes; part != f.part {
		err := f.db.QueryRow(f.ctx, `SELECT bytes FROM feed.snapshot_part WHERE name = $1 AND n = $2`, f.name, part).Scan(&f.bytes)
		if err != nil {
			return 0, fmt.Errorf("part %d of snapshot %s: %w", part, f.name, err)
		}
		f.part = part
	}
	n := copy(p, f.bytes[f.at%partBytes:])
	f.at += int64(n)
	return n, nil
}

// Seek moves to where reading goes on.
func (f *file) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += f.size
	}
	if offset < 0 {
		return 0, fmt.Errorf("seek snapshot %s to %d", f.name, offset)
	}
	f.at = offset
	return offset, nil
}
