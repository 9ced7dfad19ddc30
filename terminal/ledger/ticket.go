package ledger

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"comptant/terminal/till"

	"github.com/google/uuid"
)

// ticketFile is the open ticket: the newest sale when it was kept, a checksum, the ticket. It is written whole beside the
// old one and takes its place, and never flushed: what was written survives the program, whatever kills it, and a scan
// does not wait for the disk. A power cut may spoil it, which the checksum shows, or lose the last changes.
const ticketFile = "ticket"

const ticketHead = 8 + 8 + 4

// KeepTicket replaces the open ticket. See till.Tickets.
func (l *Ledger) KeepTicket(body []byte) error {
	path := filepath.Join(l.cfg.Dir, ticketFile)
	if len(body) == 0 {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("forget the ticket: %w", err)
		}
		return nil
	}
	sold := l.sold.Load()
	if sold == nil {
		sold = &place{}
	}
	b := make([]byte, ticketHead, ticketHead+len(body))
	binary.BigEndian.PutUint64(b, sold.epoch)
	binary.BigEndian.PutUint64(b[8:], sold.seq)
	b = append(b, body...)
	binary.BigEndian.PutUint32(b[16:], crc32.ChecksumIEEE(b))
	if err := replace(path, b); err != nil {
		return fmt.Errorf("keep the ticket: %w", err)
	}
	return nil
}

// replace puts a file in the place of another, whole, without waiting for the disk.
func replace(path string, b []byte) error {
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// OpenTicket is the ticket that was kept, unless it has been sold since. See till.Tickets.
func (l *Ledger) OpenTicket(ctx context.Context) ([]byte, error) {
	newest, _, err := one(ctx, l.ledger.read, func(r *sql.Rows) (p place, err error) {
		return p, r.Scan(&p.epoch, &p.seq)
	}, `SELECT epoch, seq FROM sale ORDER BY epoch DESC, seq DESC LIMIT 1`)
	if err != nil {
		return nil, err
	}
	l.sold.Store(&newest)
	b, err := os.ReadFile(filepath.Join(l.cfg.Dir, ticketFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the ticket: %w", err)
	}
	if len(b) <= ticketHead {
		return nil, errors.New("read the ticket: it is cut off")
	}
	sum := binary.BigEndian.Uint32(b[16:])
	clear(b[16:ticketHead])
	if crc32.ChecksumIEEE(b) != sum {
		return nil, errors.New("read the ticket: it is spoilt")
	}
	if kept := (place{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}); kept != newest {
		return nil, nil
	}
	return b[ticketHead:], nil
}

// HoldTicket keeps a ticket for its customer. See till.Tickets.
func (l *Ledger) HoldTicket(ctx context.Context, h till.HeldTicket) error {
	return l.ledger.write.tx(ctx, func() error {
		_, err := l.ledger.write.exec(ctx, `INSERT INTO held_ticket (id, name, at, user, items, total, body) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			h.ID[:], h.Name, h.At.UnixMilli(), h.User[:], h.Items, h.Total, h.Body)
		return err
	})
}

// HeldTickets are those that wait, the oldest first. See till.Tickets.
func (l *Ledger) HeldTickets(ctx context.Context) ([]till.HeldTicket, error) {
	return list(ctx, l.ledger.read, func(r *sql.Rows) (h till.HeldTicket, err error) {
		var id, user []byte
		var at int64
		if err = r.Scan(&id, &h.Name, &at, &user, &h.Items, &h.Total, &h.Body); err != nil {
			return h, err
		}
		h.At = time.UnixMilli(at).UTC()
		if h.ID, err = uuid.FromBytes(id); err == nil {
			h.User, err = uuid.FromBytes(user)
		}
		return h, err
	}, `SELECT id, name, at, user, items, total, body FROM held_ticket ORDER BY at, id`)
}

// DropHeld forgets a held ticket. See till.Tickets.
func (l *Ledger) DropHeld(ctx context.Context, id uuid.UUID) error {
	return l.ledger.write.tx(ctx, func() error {
		_, err := l.ledger.write.exec(ctx, `DELETE FROM held_ticket WHERE id = ?`, id[:])
		return err
	})
}
