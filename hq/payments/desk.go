package payments

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"

	"comptant/hq/db"
)

const (
	// patience is how long the gateway may take to answer, record how long the database may to write an answer down when the
	// caller has gone already.
	patience = 30 * time.Second
	record   = 5 * time.Second
)

// Desk charges customers by one gateway. Any number of them, in any number of processes, share a database.
type Desk struct {
	db      *db.DB
	gateway Gateway
	log     *slog.Logger
	now     func() time.Time
}

// New makes a desk.
func New(db *db.DB, gateway Gateway, log *slog.Logger, now func() time.Time) *Desk {
	return &Desk{db: db, gateway: gateway, log: log, now: now}
}

// later is an error of which nobody knows what it left done.
type later struct {
	deed deed
	id   uuid.UUID
	err  error
}

func (l *later) Error() string {
	return fmt.Sprintf("%s payment %s: nobody can tell yet, try again later: %v", l.deed, l.id, l.err)
}

func (l *later) Unwrap() error { return l.err }

// Later tells whether nobody knows yet what became of a deed: doing it again, later, finds out and does it only once.
func Later(err error) bool {
	var l *later
	return errors.As(err, &l)
}

// deed is what a gateway is asked to do.
type deed string

const (
	doAuthorise deed = "authorise"
	doCapture   deed = "capture"
	doVoid      deed = "void"
	doRefund    deed = "refund"
	doFind      deed = "find"
)

// key is the idempotency key of a deed: always the same for the same payment, until the gateway has spent it.
func (d deed) key(payment uuid.UUID) string { return payment.String() + "/" + string(d) }

// request is what the gateway is told of a payment.
func (p Payment) request(key string, attempt int) Request {
	if attempt > 1 {
		key = fmt.Sprintf("%d:%s", attempt, key)
	}
	return Request{
		Key: key, Attempt: attempt, Charge: doAuthorise.key(p.ID), Payment: p.ID, Order: p.Order, Amount: p.Amount, Currency: p.Currency,
		Method: p.Method, Reference: p.Reference,
	}
}

// mine refuses a payment that was begun with another gateway: this one knows nothing of it.
func (d *Desk) mine(p Payment) error {
	if p.Gateway == d.gateway.Name() {
		return nil
	}
	return fmt.Errorf("payment %s was begun by %s and this headquarters uses %s: start one that uses %[2]s to end it", p.ID, p.Gateway, d.gateway.Name())
}

// Authorise has the amount held, and ends authorised or declined; a decline is no error. One that is given up is refused.
func (d *Desk) Authorise(ctx context.Context, id uuid.UUID) (Payment, error) {
	p, err := d.attempt(ctx, id, doAuthorise, d.gateway.Authorise, Created)
	switch {
	case err != nil:
		return p, err
	case p.State == Voided || p.VoidAskedAt != nil:
		return p, p.wrong()
	case p.State == Created:
		return p, &later{doAuthorise, id, errNothing}
	}
	return p, nil
}

// attempt has the gateway do something to a payment that is in one of the states. When somebody has asked before, it looks what became of
// that. Only if nothing did it asks again: with the same key, which makes it the same request should the first still arrive, unless the
// gateway has spent it.
func (d *Desk) attempt(ctx context.Context, id uuid.UUID, what deed, do func(context.Context, Request) (Answer, error), from ...State) (Payment, error) {
	o, err := d.open(ctx, id, what, true, from...)
	if err == nil && o.Call != nil && o.Again {
		var p Payment
		if p, err = d.ask(ctx, o, doFind, d.gateway.Find); err != nil || !slices.Contains(from, p.State) {
			return p, err
		}
		o, err = d.open(ctx, id, what, false, from...)
	}
	if err != nil || o.Call == nil {
		return o.Payment, err
	}
	return d.ask(ctx, o, what, do)
}

// errNothing is an answer that does not say what became of it.
var errNothing = errors.New("the gateway has not decided")

// Capture takes all that is held. It is refused unless the payment is authorised, or captured already.
func (d *Desk) Capture(ctx context.Context, id uuid.UUID) (Payment, error) {
	p, err := d.attempt(ctx, id, doCapture, d.gateway.Capture, Authorised)
	switch {
	case err != nil || p.State == Captured || p.State == Refunded:
		return p, err
	case p.State == Authorised && p.VoidAskedAt == nil:
		return p, &later{doCapture, id, errNothing}
	}
	return p, p.wrong()
}

// Void gives a payment up, whatever became of it so far or becomes of a request still under way: no authorisation is left,
// and what was captured is refunded whole. What was declined stays so.
func (d *Desk) Void(ctx context.Context, id uuid.UUID) (Payment, error) {
	p, err := d.attempt(ctx, id, doVoid, d.gateway.Void, Created, Authorised)
	switch {
	case err != nil:
		return p, err
	case p.State == Captured:
		return d.refundRest(ctx, p)
	case !p.State.Over():
		return p, &later{doVoid, id, errNothing}
	}
	return p, nil
}
