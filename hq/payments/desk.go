package payments

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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

// key is the idempotency key of a deed: always the same for the same payment.
func (d deed) key(payment uuid.UUID) string { return payment.String() + "/" + string(d) }

// request is what the gateway is told of a payment.
func (p Payment) request(key string) Request {
	return Request{
		Key: key, Charge: doAuthorise.key(p.ID), Payment: p.ID, Order: p.Order, Amount: p.Amount, Currency: p.Currency,
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
	p, err := d.authorise(ctx, id, true)
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

// authorise looks, when somebody has asked before, what became of that. If the gateway knows of nothing it is asked again:
// with the same key, which makes it the same request should the first still arrive.
func (d *Desk) authorise(ctx context.Context, id uuid.UUID, look bool) (Payment, error) {
	o, err := d.open(ctx, id, doAuthorise, look, Created)
	switch {
	case err != nil || o.Call == nil:
		return o.Payment, err
	case !o.Again:
		return d.ask(ctx, o, doAuthorise, d.gateway.Authorise)
	}
	p, err := d.ask(ctx, o, doFind, d.gateway.Find)
	if err != nil || p.State != Created {
		return p, err
	}
	return d.authorise(ctx, id, false)
}

// errNothing is an answer that does not say what became of it.
var errNothing = errors.New("the gateway has not decided")

// Capture takes all that is held. It is refused unless the payment is authorised, or captured already.
func (d *Desk) Capture(ctx context.Context, id uuid.UUID) (Payment, error) {
	o, err := d.open(ctx, id, doCapture, false, Authorised)
	if err != nil {
		return o.Payment, err
	}
	p := o.Payment
	if o.Call != nil {
		if p, err = d.ask(ctx, o, doCapture, d.gateway.Capture); err != nil {
			return p, err
		}
		if p.State == Authorised {
			return p, &later{doCapture, id, errNothing}
		}
	}
	if p.State == Captured || p.State == Refunded {
		return p, nil
	}
	return p, p.wrong()
}

// Void gives a payment up, whatever became of it so far or becomes of a request still under way: no authorisation is left,
// and what was captured is refunded whole. What was declined stays so.
func (d *Desk) Void(ctx context.Context, id uuid.UUID) (Payment, error) {
	p, err := d.void(ctx, id, true)
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

// void looks, while the gateway has not said what it calls the charge, whether there is one: some forget keys after a day.
func (d *Desk) void(ctx context.Context, id uuid.UUID, look bool) (Payment, error) {
	o, err := d.open(ctx, id, doVoid, look, Created, Authorised)
	switch {
	case err != nil || o.Call == nil:
		return o.Payment, err
	case !o.Again:
		return d.ask(ctx, o, doVoid, d.gateway.Void)
	}
	p, err := d.ask(ctx, o, doFind, d.gateway.Find)
	if err != nil || p.State != Created && p.State != Authorised {
		return p, err
	}
	return d.void(ctx, id, false)
}
