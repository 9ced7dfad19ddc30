package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"comptant/shared/journal"
	"comptant/sync/link"
	"comptant/sync/wire"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// errUnreadable says that an entry's row is there and not what was written.
var errUnreadable = errors.New("entry unreadable")

// unreadable says that what is asked for cannot be read from this disk, now or later.
func unreadable(err error) bool {
	if errors.Is(err, errUnreadable) {
		return true
	}
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return false
	}
	code := failure.Code() & 0xff
	return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_IOERR
}

// Read gives a run of entries. An entry whose bytes do not give its hash, or that cannot be read, is taken from the
// sentinel, or else passed over. See link.Journal.
func (l *Ledger) Read(ctx context.Context, path wire.Path, after uint64, limit, maxBytes int) (link.Batch, error) {
	b := link.Batch{First: after + 1}
	p, ok, err := l.path(ctx, path)
	if err != nil || !ok {
		return b, err
	}
	for seq := max(after, p.Floor) + 1; seq <= p.Last; seq++ {
		links, err := l.run(ctx, path, seq, limit, maxBytes)
		if err == nil && len(links) == 0 {
			links, err = l.fromSentinel(ctx, p, seq)
		}
		if err != nil {
			return b, fmt.Errorf("read %v after %d: %w", path, after, err)
		}
		if len(links) == 0 {
			l.cfg.Log.Error("entry lost: neither the journal nor the sentinel can give it", "path", path, "seq", seq)
			continue
		}
		b.First, b.Prev, b.Head = seq, links[0].Prev, links[len(links)-1].Hash
		for _, k := range links {
			b.Entries = append(b.Entries, k.Bytes)
		}
		return b, nil
	}
	return b, nil
}

// run reads consecutive entries from seq on, and stops before the first that is not sound. None: that is seq itself.
func (l *Ledger) run(ctx context.Context, path wire.Path, seq uint64, limit, maxBytes int) ([]journal.Link, error) {
	rows, err := l.ledger.read.QueryContext(ctx, `SELECT epoch, seq, prev, hash, bytes FROM path_entry
		WHERE epoch = ? AND branch = ? AND seq >= ? ORDER BY seq LIMIT ?`, path.Epoch, path.Branch, seq, limit)
	if err != nil {
		return nil, unlessUnreadable(err)
	}
	defer rows.Close()
	var links []journal.Link
	size := 0
	for rows.Next() {
		k, err := scanLink(rows)
		size += len(k.Bytes)
		if err != nil || k.Seq != seq || !l.intact(k) || len(links) > 0 && size > maxBytes {
			return links, unlessUnreadable(err)
		}
		links = append(links, k)
		seq++
	}
	return links, unlessUnreadable(rows.Err())
}

func unlessUnreadable(err error) error {
	if unreadable(err) {
		return nil
	}
	return err
}

// fromSentinel looks in the sentinel for an entry the database cannot give. The hash it must have is in the entry's own
// row, or follows from an entry after it; the sentinel may hold other entries with its number.
func (l *Ledger) fromSentinel(ctx context.Context, p wire.EpochState, seq uint64) ([]journal.Link, error) {
	held, err := l.recall(p.Epoch)
	if err != nil {
		l.cfg.Log.Error("the sentinel cannot be read", "error", err)
		return nil, nil
	}
	for at := seq; at <= p.Last; at++ {
		hash, err := l.storedHash(ctx, p.Path(), at)
		switch {
		case unreadable(err):
			continue
		case err != nil:
			return nil, err
		}
		k, ok := held[hash]
		for ok && k.Seq > seq {
			k, ok = held[k.Prev]
		}
		if ok && k.Seq == seq {
			return []journal.Link{k}, nil
		}
		if at > seq {
			return nil, nil
		}
	}
	return nil, nil
}

// entryAt reads one entry of an epoch's own path; ok is false when nothing can give it.
func (l *Ledger) entryAt(ctx context.Context, epoch, seq uint64) (k journal.Link, ok bool, err error) {
	path := wire.Path{Epoch: epoch}
	links, err := l.run(ctx, path, seq, 1, journal.MaxEntry)
	if err == nil && len(links) == 0 {
		var p wire.EpochState
		if p, _, err = l.path(ctx, path); err == nil {
			links, err = l.fromSentinel(ctx, p, seq)
		}
	}
	if err != nil || len(links) == 0 {
		return k, false, err
	}
	return links[0], true, nil
}

// HashAt is the hash of an entry; seq 0 is the beginning of the epoch. An entry that nothing can give has the zero hash,
// which headquarters does not have: it looks for a common entry elsewhere. See link.Journal.
func (l *Ledger) HashAt(ctx context.Context, path wire.Path, seq uint64) (h journal.Hash, err error) {
	if h, err = l.storedHash(ctx, path, seq); err == nil || !unreadable(err) {
		return h, err
	}
	p, _, err := l.path(ctx, path)
	if err != nil {
		return h, err
	}
	if seq < p.Floor || seq > p.Last {
		return h, fmt.Errorf("no entry %d in %v", seq, path)
	}
	links, err := l.fromSentinel(ctx, p, seq)
	if err != nil || len(links) == 0 {
		return journal.Hash{}, err
	}
	return links[0].Hash, nil
}

// storedHash is the hash as the database has it: in the entry's row, or as what the entry after it or the path's end says.
func (l *Ledger) storedHash(ctx context.Context, path wire.Path, seq uint64) (h journal.Hash, err error) {
	if seq == 0 {
		return journal.Genesis(l.identity.Till, path.Epoch), nil
	}
	for _, query := range []string{
		`SELECT hash FROM path_entry WHERE epoch = ? AND branch = ? AND seq = ?`,
		`SELECT prev FROM path_entry WHERE epoch = ? AND branch = ? AND seq = ? + 1`,
		`SELECT hash FROM path WHERE epoch = ? AND branch = ? AND last = ?`,
	} {
		h, ok, err := one(ctx, l.ledger.read, scanHash, query, path.Epoch, path.Branch, seq)
		if ok || err != nil && !unreadable(err) {
			return h, err
		}
	}
	return h, fmt.Errorf("entry %d of %v: %w", seq, path, errUnreadable)
}

func scanHash(r *sql.Rows) (h journal.Hash, err error) {
	var hash []byte
	if err = r.Scan(&hash); err != nil {
		return h, err
	}
	return h, asHash(&h, hash)
}

func scanLink(r *sql.Rows) (k journal.Link, err error) {
	var prev, hash []byte
	if err = r.Scan(&k.Epoch, &k.Seq, &prev, &hash, &k.Bytes); err != nil {
		return k, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	if err = asHash(&k.Prev, prev); err != nil {
		return k, err
	}
	return k, asHash(&k.Hash, hash)
}

func asHash(h *journal.Hash, column []byte) error {
	if err := h.UnmarshalBinary(column); err != nil {
		return fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return nil
}
