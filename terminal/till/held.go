package till

import (
	"context"
	"fmt"
	"strings"
	"time"

	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"
)

// Tickets keeps what nobody has paid, outside the journal: a ticket is not a sale.
type Tickets interface {
	// KeepTicket replaces the open ticket; nothing forgets it. It does not wait for the disk: what it is given survives the
	// end of the program, and a power cut only perhaps.
	KeepTicket(body []byte) error
	// OpenTicket is what was kept last; nil when there is none, or when a sale was written since: that was it.
	OpenTicket(ctx context.Context) ([]byte, error)
	// HoldTicket keeps a ticket until DropHeld; durable on return. HeldTickets are the oldest first.
	HoldTicket(ctx context.Context, h HeldTicket) error
	HeldTickets(ctx context.Context) ([]HeldTicket, error)
	DropHeld(ctx context.Context, id uuid.UUID) error
}

// HeldTicket is a ticket that waits for its customer.
type HeldTicket struct {
	ID    uuid.UUID
	Name  string
	At    time.Time
	User  uuid.UUID
	Items int
	Total money.Amount
	// Body is for the till alone.
	Body []byte
}

// longestName bounds the name of a held ticket, in runes.
const longestName = 30

// Hold puts the ticket away under a name, which may be empty. It stays through restarts, locks and the end of the shift.
func (t *Till) Hold(ctx context.Context, name string) error {
	if err := t.open(); err != nil {
		return err
	}
	if len(t.ticket.lines) == 0 {
		return fail(retail.Invalid, KeyHoldEmpty)
	}
	w, err := t.ticket.kept()
	if err != nil {
		return fmt.Errorf("hold: %w", err)
	}
	w.Pending = 0
	body, err := cbor.Marshal(w)
	if err != nil {
		return fmt.Errorf("hold: %w", err)
	}
	shown := t.Ticket()
	r := []rune(strings.TrimSpace(name))
	err = t.tickets.HoldTicket(ctx, HeldTicket{
		ID: t.ticket.id, Name: string(r[:min(len(r), longestName)]), At: t.Now(), User: t.user.ID,
		Items: shown.Items, Total: shown.Total, Body: body,
	})
	if err != nil {
		return &retail.Error{Code: retail.Failed, Key: KeyHold, Err: fmt.Errorf("hold: %w", err)}
	}
	t.ticket = newTicket()
	t.keep()
	return nil
}

// Held are the tickets that wait, the oldest first.
func (t *Till) Held(ctx context.Context) ([]HeldTicket, error) {
	if err := t.signedIn(); err != nil {
		return nil, err
	}
	held, err := t.tickets.HeldTickets(ctx)
	if err != nil {
		return nil, fmt.Errorf("list held tickets: %w", err)
	}
	return held, nil
}

// Recall fetches a held ticket, with the prices it was put away with. The open ticket must be empty.
func (t *Till) Recall(ctx context.Context, id uuid.UUID) error {
	if err := t.open(); err != nil {
		return err
	}
	if len(t.ticket.lines) > 0 {
		return fail(retail.Conflict, KeyRecallOpen)
	}
	if err := t.room(); err != nil {
		return err
	}
	held, err := t.Held(ctx)
	if err != nil {
		return err
	}
	for _, h := range held {
		if h.ID == id {
			return t.fetch(ctx, h)
		}
	}
	return fail(retail.NotFound, KeyRecallNone)
}

// fetch takes a ticket up. It is written down as the open one first: killed between the two, it waits as before.
func (t *Till) fetch(ctx context.Context, h HeldTicket) error {
	w, err := readKept(h.Body)
	var fetched ticket
	if err == nil {
		fetched, err = w.ticket()
	}
	if err != nil {
		return &retail.Error{Code: retail.Failed, Key: KeyHold, Err: err}
	}
	rates, err := t.catalogue.Rates(ctx)
	if err != nil {
		return fmt.Errorf("read tax rates: %w", err)
	}
	pending := t.ticket.pending
	t.ticket = fetched
	t.ticket.rates, t.ticket.pending = rates.On(t.shift.BusinessDate), pending
	if err = t.keepTicket(); err == nil {
		err = t.tickets.DropHeld(ctx, h.ID)
	}
	if err != nil {
		t.ticket = newTicket()
		t.keep()
		return &retail.Error{Code: retail.Failed, Key: KeyHold, Err: fmt.Errorf("recall: %w", err)}
	}
	t.last = nil
	return nil
}
