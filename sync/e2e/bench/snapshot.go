package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io/fs"
	"time"

	"comptant/sync/hub"
	"comptant/sync/wire"
)

// snapshotRows is how many rows make a feed worth a file.
const snapshotRows = 5000

// snapshot is a feed's file.
type snapshot struct {
	hub.Snapshot
	file []byte
}

// Snapshot makes a file of a feed, once until the feed changes. See hub.Snapshots.
func (h *headquarters) Snapshot(ctx context.Context, name string) (hub.Snapshot, bool, error) {
	h.mu.Lock()
	f := h.feeds[name]
	if f == nil || len(f.rows) < snapshotRows {
		h.mu.Unlock()
		return hub.Snapshot{}, false, nil
	}
	s, head := h.snapshots[name], f.head
	h.mu.Unlock()
	if s.Seq == head {
		return s.Snapshot, true, nil
	}
	s = snapshot{}
	at := wire.Cursor{Feed: name}
	for at.Seq < head {
		page, _, _, err := h.Page(ctx, at)
		if err != nil {
			return hub.Snapshot{}, false, err
		}
		if s.file, err = wire.AppendPage(s.file, page); err != nil {
			return hub.Snapshot{}, false, err
		}
		at.Gen, at.Seq = page.Gen, page.Upto
	}
	sum := sha256.Sum256(s.file)
	s.Snapshot = hub.Snapshot{Name: name, Gen: at.Gen, Seq: at.Seq, SHA256: sum[:]}
	h.mu.Lock()
	h.snapshots[name] = s
	h.mu.Unlock()
	return s.Snapshot, true, nil
}

// File opens one. See hub.Snapshots.
func (h *headquarters) File(_ context.Context, name string) (hub.File, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, ok := h.snapshots[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return inMemory{bytes.NewReader(s.file)}, nil
}

// inMemory is a file's bytes.
type inMemory struct{ *bytes.Reader }

// Made does not matter: a file of another moment has another name.
func (inMemory) Made() time.Time { return time.Time{} }
