package ledger

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"comptant/terminal/till"

	"github.com/google/uuid"
)

// ticketFile is the open ticket, in slots: the newest sale when it was kept, and the ticket; nothing after the sale when there
// is none.
const ticketFile = "ticket"

const ticketHead = 8 + 8

// KeepTicket replaces the open ticket. See till.Tickets.
func (l *Ledger) KeepTicket(body []byte) error {
	if len(body) == 0 && l.ticket.length() <= ticketHead {
		return nil // none is kept
	}
	var sold place
	if at := l.sold.Load(); at != nil {
		sold = *at
	}
	b := make([]byte, ticketHead, ticketHead+len(body))
	binary.BigEndian.PutUint64(b, sold.epoch)
	binary.BigEndian.PutUint64(b[8:], sold.seq)
	if err := l.ticket.replace(append(b, body...)); err != nil {
		return fmt.Errorf("keep the ticket: %w", err)
	}
	return nil
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
	record, err := l.ticket.record()
	if err != nil {
		return nil, fmt.Errorf("read the ticket: %w", err)
	}
	if len(record) <= ticketHead {
		return nil, nil
	}
	if kept := (place{binary.BigEndian.Uint64(record), binary.BigEndian.Uint64(record[8:])}); kept != newest {
		return nil, nil
	}
	return record[ticketHead:], nil
}

// HoldTicket keeps a ticket for its customer. See till.Tickets.
func (l *Ledger) HoldTicket(ctx context.Context, h till.HeldTicket) error {
	err := l.ledger.write.tx(ctx, func() error {
		_, err := l.ledger.write.exec(ctx, `INSERT INTO held_ticket (id, name, at, user, items, total, body) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			h.ID[:], h.Name, h.At.UnixMilli(), h.User[:], h.Items, h.Total, h.Body)
		return err
	})
	return l.unless(ctx, h.ID, true, err)
}

// unless is what failed, unless that is unsure and the ticket waits, or does not, as it should.
func (l *Ledger) unless(ctx context.Context, id uuid.UUID, should bool, failed error) error {
	if !errors.Is(failed, errUnsure) {
		return failed
	}
	waits, _, err := one(ctx, l.ledger.read, value[bool], `SELECT EXISTS (SELECT 1 FROM held_ticket WHERE id = ?)`, id[:])
	if err == nil && waits == should {
		return nil
	}
	return errors.Join(failed, err)
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
	err := l.ledger.write.tx(ctx, func() error {
		_, err := l.ledger.write.exec(ctx, `DELETE FROM held_ticket WHERE id = ?`, id[:])
		return err
	})
	return l.unless(ctx, id, false, err)
}
