package screen

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"comptant/terminal/till"
)

// memoryTickets keeps the tickets that are held; the open one is the ledger's to test.
type memoryTickets struct{ held []till.HeldTicket }

func (m *memoryTickets) KeepTicket([]byte) error { return nil }

func (m *memoryTickets) OpenTicket(context.Context) ([]byte, error) { return nil, nil }

func (m *memoryTickets) HoldTicket(_ context.Context, h till.HeldTicket) error {
	m.held = append(m.held, h)
	return nil
}

func (m *memoryTickets) HeldTickets(context.Context) ([]till.HeldTicket, error) {
	return slices.Clone(m.held), nil
}

func (m *memoryTickets) DropHeld(_ context.Context, id uuid.UUID) error {
	m.held = slices.DeleteFunc(m.held, func(h till.HeldTicket) bool { return h.ID == id })
	return nil
}

// noCounts forgets what is counted of the stock, which is the ledger's to test, and keeps a count of the drawer.
type noCounts struct{ drawer []byte }

func (n *noCounts) KeepDrawer(body []byte) error {
	n.drawer = body
	return nil
}

func (n *noCounts) KeptDrawer(context.Context) ([]byte, error) { return n.drawer, nil }

func (*noCounts) KeepCount(uuid.UUID, []byte) error { return nil }

func (*noCounts) OpenCount(context.Context) (till.KeptCount, error) { return till.KeptCount{}, nil }
