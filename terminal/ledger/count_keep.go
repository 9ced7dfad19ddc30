package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"comptant/terminal/till"

	"github.com/google/uuid"
)

// countFile is the session of counting that goes on, in slots: its id, and what the till keeps of it; nothing when there is
// none.
const countFile = "count"

const countHead = 16

// drawerFile is a count of the drawer that was put off, in slots.
const drawerFile = "drawer"

// KeepDrawer replaces what is kept of a count of the drawer. See till.Counts.
func (l *Ledger) KeepDrawer(body []byte) error {
	if err := l.drawer.replace(body); err != nil {
		return fmt.Errorf("keep the count of the drawer: %w", err)
	}
	return nil
}

// KeptDrawer is what KeepDrawer kept. See till.Counts.
func (l *Ledger) KeptDrawer(context.Context) ([]byte, error) { return l.drawer.record() }

// KeepCount replaces what is kept of a session. See till.Counts.
func (l *Ledger) KeepCount(session uuid.UUID, body []byte) error {
	record := session[:]
	if len(body) == 0 {
		record = nil
	}
	if err := l.count.replace(append(record, body...)); err != nil {
		return fmt.Errorf("keep the count: %w", err)
	}
	return nil
}

// OpenCount is the session that goes on. See till.Counts.
func (l *Ledger) OpenCount(ctx context.Context) (till.KeptCount, error) {
	session, body, err := l.readCount()
	if err != nil {
		l.cfg.Log.Error("what was kept of a count cannot be read", "error", err) // the journal has its lines
	}
	k := till.KeptCount{Session: session, Body: body}
	newest, counted, err := one(ctx, l.ledger.read, value[uuid.UUID],
		`SELECT session FROM count ORDER BY epoch DESC, seq DESC LIMIT 1`)
	if err != nil {
		return till.KeptCount{}, err
	}
	if counted && newest != session {
		goesOn, err := l.countGoesOn(ctx, newest)
		if err != nil {
			return till.KeptCount{}, err
		}
		if goesOn {
			k = till.KeptCount{Session: newest}
		}
	}
	if k.Session == uuid.Nil {
		return till.KeptCount{}, nil
	}
	if goesOn, err := l.countGoesOn(ctx, k.Session); err != nil || !goesOn {
		return till.KeptCount{}, err
	}
	k.Lines, err = list(ctx, l.ledger.read, func(r *sql.Rows) (c till.Counted, err error) {
		var at int64
		err = r.Scan(&c.Product, &c.Quantity, &at)
		c.At = time.UnixMilli(at).UTC()
		return c, err
	}, `SELECT product, quantity, stated + corrected FROM count WHERE session = ? ORDER BY epoch, seq`, k.Session[:])
	return k, err
}

func (l *Ledger) countGoesOn(ctx context.Context, session uuid.UUID) (bool, error) {
	_, done, err := one(ctx, l.ledger.read, value[int], `SELECT 1 FROM count_done WHERE session = ?`, session[:])
	return !done, err
}

// readCount is what was kept last; the nil session when there is none, or it is spoilt.
func (l *Ledger) readCount() (uuid.UUID, []byte, error) {
	record, err := l.count.record()
	if err != nil || len(record) <= countHead {
		return uuid.Nil, nil, err
	}
	return uuid.UUID(record[:countHead]), record[countHead:], nil
}
