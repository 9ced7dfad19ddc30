package tilltest

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/google/uuid"

	"comptant/shared/retail"
	"comptant/terminal/till"
)

// What outlives a till, as its disk does. Every write ends with Fails.

// Tickets are the open one and those that are held.
type Tickets struct {
	Journal *Journal
	Open    []byte
	Held    []till.HeldTicket
	Fails   error

	at int // how many sales there were
}

func (m *Tickets) KeepTicket(body []byte) error {
	m.Open, m.at = slices.Clone(body), len(Bodies[retail.Sale](m.Journal))
	return nil
}

func (m *Tickets) OpenTicket(context.Context) ([]byte, error) {
	if len(m.Open) == 0 || m.at != len(Bodies[retail.Sale](m.Journal)) {
		return nil, nil
	}
	return m.Open, nil
}

func (m *Tickets) HoldTicket(_ context.Context, h till.HeldTicket) error {
	if m.Fails == nil {
		m.Held = append(m.Held, h)
	}
	return m.Fails
}

func (m *Tickets) HeldTickets(context.Context) ([]till.HeldTicket, error) {
	return slices.Clone(m.Held), nil
}

func (m *Tickets) DropHeld(_ context.Context, id uuid.UUID) error {
	if m.Fails == nil {
		m.Held = slices.DeleteFunc(m.Held, func(h till.HeldTicket) bool { return h.ID == id })
	}
	return m.Fails
}

// Counts are the count of the stock that goes on, and every state of it that was kept, one after the other; and a count of the drawer.
type Counts struct {
	Drawer  []byte
	Journal *Journal
	Session uuid.UUID
	Body    []byte
	All     [][]byte
	Fails   error
}

func (m *Counts) KeepCount(session uuid.UUID, body []byte) error {
	if m.Fails == nil {
		m.Session, m.Body = session, slices.Clone(body)
		m.All = append(m.All, m.Body)
	}
	return m.Fails
}

func (m *Counts) KeepDrawer(body []byte) error {
	if m.Fails == nil {
		m.Drawer = slices.Clone(body)
	}
	return m.Fails
}

func (m *Counts) KeptDrawer(context.Context) ([]byte, error) { return m.Drawer, nil }

func (m *Counts) OpenCount(context.Context) (till.KeptCount, error) {
	k, done := till.KeptCount{Session: m.Session, Body: m.Body}, map[uuid.UUID]bool{}
	newest, lines := uuid.Nil, map[uuid.UUID][]till.Counted{}
	for _, d := range m.Journal.Drafts {
		c, ok := d.Body.(retail.Count)
		switch {
		case ok && c.Done:
			done[c.Session] = true
		case ok:
			newest = c.Session
			lines[newest] = append(lines[newest], till.Counted{Product: c.Product, Quantity: c.Quantity, At: d.At})
		}
	}
	if newest != uuid.Nil && newest != k.Session && !done[newest] {
		k = till.KeptCount{Session: newest}
	}
	if done[k.Session] {
		return till.KeptCount{}, nil
	}
	k.Lines = lines[k.Session]
	return k, nil
}

// Picks is what was found of orders.
type Picks struct {
	Body  []byte
	Fails error
}

func (m *Picks) KeepPicks(body []byte) error {
	if m.Fails == nil {
		m.Body = slices.Clone(body)
	}
	return m.Fails
}

func (m *Picks) KeptPicks(context.Context) ([]byte, error) { return m.Body, nil }

// Tries are the wrong PINs of each person.
type Tries struct {
	Kept  map[uuid.UUID]till.Try
	Fails error
}

func (m *Tries) Tries(context.Context) (map[uuid.UUID]till.Try, error) {
	return maps.Clone(m.Kept), m.Fails
}

func (m *Tries) KeepTry(_ context.Context, user uuid.UUID, t till.Try) error {
	switch {
	case m.Fails != nil:
	case t == (till.Try{}):
		delete(m.Kept, user)
	default:
		if m.Kept == nil {
			m.Kept = map[uuid.UUID]till.Try{}
		}
		m.Kept[user] = t
	}
	return m.Fails
}

// Paper is a printer without a drawer that keeps what it printed, or jams. The lock is for what the till prints meanwhile.
type Paper struct {
	sync.Mutex
	Jam     error
	Printed []retail.Receipt
	Reports []retail.Report
}

func (p *Paper) Print(_ context.Context, r retail.Receipt) error {
	p.Lock()
	defer p.Unlock()
	if p.Jam == nil {
		p.Printed = append(p.Printed, r)
	}
	return p.Jam
}

func (p *Paper) PrintReport(_ context.Context, r retail.Report) error {
	p.Lock()
	defer p.Unlock()
	if p.Jam == nil {
		p.Reports = append(p.Reports, r)
	}
	return p.Jam
}
