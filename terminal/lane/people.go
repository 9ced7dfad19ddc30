package lane

import (
	"context"
	"time"

	"comptant/shared/retail"
	"comptant/sync/wire"
	"comptant/terminal/ledger"

	"github.com/fxamacker/cbor/v2"
)

// sendAgain is how often a customer is sent whom headquarters does not show: an answer may be lost, and a feed takes a moment.
const sendAgain = 30 * time.Second

// people keeps customers in the ledger, and says when there is one to send.
type people struct {
	*ledger.Ledger
	kept func()
}

// KeepCustomer keeps the customer whether there is a line or not.
func (p people) KeepCustomer(ctx context.Context, c retail.Customer) error {
	err := p.Ledger.KeepCustomer(ctx, c)
	if err == nil {
		p.kept()
	}
	return err
}

func (l *Lane) lookAtPeople() { wake(l.people) }

// sendPeople sends who was written down here until headquarters shows them, until ctx is done.
func (l *Lane) sendPeople(ctx context.Context) {
	again := time.NewTicker(sendAgain)
	defer again.Stop()
	sent := map[retail.Customer]time.Time{}
	for l.lookAtPeople(); ; {
		select {
		case <-ctx.Done():
			return
		case <-l.people:
		case <-again.C:
		}
		if err := l.sendOnce(ctx, sent); err != nil && ctx.Err() == nil {
			l.log.Error("customers not sent", "error", err)
		}
	}
}

// sendOnce sends those who were not sent within this connection's last moments.
func (l *Lane) sendOnce(ctx context.Context, sent map[retail.Customer]time.Time) error {
	own, err := l.Ledger.OwnCustomers(ctx)
	if err != nil {
		return err
	}
	status := l.Link.Status()
	if !status.Online {
		return nil
	}
	for _, c := range own {
		if at, ok := sent[c]; ok && at.After(status.Since) && l.now().Sub(at) < sendAgain {
			continue
		}
		args, err := cbor.Marshal(c)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, askWithin)
		err = l.Link.Ask(ctx, wire.Command{ID: c.ID, Name: wire.CommandCustomer, Args: args})
		cancel()
		if err != nil {
			return nil // the line is down: it is tried again when it comes back
		}
		sent[c] = l.now()
	}
	return nil
}
