package payments

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/money"
)

// holdsFor is how long an authorisation lasts, as with most banks.
const holdsFor = 7 * 24 * time.Hour

// Sandbox is a gateway to try with, the default: it behaves as a service far away would, trouble included, and moves no money.
// What a payment meets is chosen by the number of its card.
//
// Its tables stand for somebody else's. It writes them in transactions of its own, and does not wait for the disk: what it
// answers is made durable by the desk's own record of it, later in the same log. So it costs no more than a real gateway does
// here, which is nothing.
type Sandbox struct {
	db     *db.DB
	now    func() time.Time
	delays Delays
	// made are the charges that come at once, written together.
	made *db.Group[*charging]
}

// Delays are how long the sandbox's cards make people wait.
type Delays struct {
	// Pause is how long a caller waits for an answer that does not come. It is the only time that really passes.
	Pause time.Duration
	// Late is after how long, by the clock, a late charge becomes real.
	Late time.Duration
}

// DefaultDelays are those to try the shop with.
var DefaultDelays = Delays{Pause: time.Second, Late: 5 * time.Second}

// NewSandbox makes a sandbox.
func NewSandbox(d *db.DB, now func() time.Time, delays Delays) *Sandbox {
	s := &Sandbox{db: d, now: now, delays: delays}
	s.made = db.NewGroup(s.makeAll)
	return s
}

// Name is written beside every payment.
func (s *Sandbox) Name() string { return "sandbox" }

var (
	errTimeout = errors.New("sandbox: no answer in time")
	errRunning = errors.New("sandbox: a request with this key is still running")
	errBroken  = errors.New("sandbox: something went wrong here")
)

// pending is a state that only the sandbox knows: the charge becomes real when it is due.
const pending State = "pending"

// charge is how the sandbox keeps one.
type charge struct {
	Key                        string
	Card                       string
	State                      State
	Amount, Captured, Refunded money.Amount
	Approval, Decline          string
	DueAt                      *time.Time
	ExpiresAt                  time.Time
}

const chargeColumns = `key, card, state, amount, captured, refunded, approval, decline, due_at, expires_at`

// answer is what it tells of one.
func (c charge) answer() Answer {
	a := Answer{
		State: c.State, Captured: c.Captured, Refunded: c.Refunded, Reference: c.Key, Approval: c.Approval, Decline: c.Decline, ExpiresAt: c.ExpiresAt,
	}
	switch c.State {
	case pending:
		return Answer{}
	case Captured:
		a.State = standing(c.Captured, c.Refunded)
	}
	if said, err := json.Marshal(a); err == nil {
		a.Response = string(said)
	}
	return a
}

// Authorise holds the amount.
func (s *Sandbox) Authorise(ctx context.Context, r Request) (Answer, error) {
	card, now := cardOf(r.Method), s.now()
	made := charge{Key: r.Charge, Card: card.Token, State: Authorised, ExpiresAt: now.Add(holdsFor)}
	switch {
	case card.decline != "":
		made.State, made.Decline = Declined, card.decline
	case card.late:
		due := now.Add(s.delays.Late)
		made.State, made.DueAt = pending, &due
	case card.lapses:
		made.ExpiresAt = now
	}
	if made.State != Declined {
		made.Approval = approval(r.Payment)
	}
	return s.act(ctx, r, card, doAuthorise, func() (charge, error) {
		own := &charging{made, r}
		err := s.made.Run(ctx, own)
		c := own.charge
		if err != nil {
			return c, err
		}
		if c.State == pending {
			if c, err = s.age(ctx, c.Key); err != nil {
				return c, err
			}
		}
		if c.State == pending {
			if err := s.notify(ctx, r.Payment, card, c, *c.DueAt); err != nil {
				return c, err
			}
			return c, errors.Join(errRunning, s.wait(ctx))
		}
		return c, nil
	})
}

// charging is a charge that is to be made: then it is what there is, for whoever comes for one that is known gets what was made for it.
type charging struct {
	charge
	request Request
}

// makeAll makes charges, in one order for everybody. Postgres keeps one plan for any number, as it does not see how long the lists are.
func (s *Sandbox) makeAll(ctx context.Context, all ...*charging) error {
	n := len(all)
	all = slices.SortedFunc(slices.Values(all), func(a, b *charging) int { return strings.Compare(a.Key, b.Key) })
	keys, payments, cards, amounts, currencies := make([]string, n), make([][16]byte, n), make([]string, n), make([]int64, n), make([]string, n)
	states, approvals, declines := make([]string, n), make([]string, n), make([]string, n)
	dues, expiries := make([]*time.Time, n), make([]time.Time, n)
	of := make(map[string]*charging, n)
	for i, c := range all {
		keys[i], payments[i], cards[i], amounts[i], currencies[i] = c.Key, c.request.Payment, c.Card, int64(c.request.Amount), c.request.Currency
		states[i], approvals[i], declines[i], dues[i], expiries[i] = string(c.State), c.Approval, c.Decline, c.DueAt, c.ExpiresAt
		of[c.Key] = c
	}
	rows, err := s.db.Query(ctx, `
		INSERT INTO payments.sandbox_charge AS c (key, payment, card, amount, currency, state, approval, decline, due_at, expires_at)
		SELECT * FROM unnest((SELECT $1::text[]), (SELECT $2::uuid[]), (SELECT $3::text[]), (SELECT $4::bigint[]), (SELECT $5::text[]),
			(SELECT $6::text[]), (SELECT $7::text[]), (SELECT $8::text[]), (SELECT $9::timestamptz[]), (SELECT $10::timestamptz[]))
		ON CONFLICT (key) DO UPDATE SET key = c.key RETURNING `+flushed,
		keys, payments, cards, amounts, currencies, states, approvals, declines, dues, expiries)
	if err != nil {
		return err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[flushedCharge])
	for _, c := range found {
		of[c.Key].charge = c.charge
	}
	return err
}

// Capture takes what is held.
func (s *Sandbox) Capture(ctx context.Context, r Request) (Answer, error) {
	return s.act(ctx, r, cardOf(r.Method), doCapture, func() (charge, error) {
		c, err := s.one(ctx, `
			UPDATE payments.sandbox_charge SET state = 'captured', captured = amount
			WHERE key = $1 AND (state = 'authorised' AND expires_at > $2 OR state = 'pending' AND due_at <= $2) RETURNING `+flushed, r.Charge, s.now())
		if errors.Is(err, pgx.ErrNoRows) {
			return s.age(ctx, r.Charge)
		}
		return c, err
	})
}

// Void gives up what is held. A key that it does not know it remembers, so that a request that still comes holds nothing.
func (s *Sandbox) Void(ctx context.Context, r Request) (Answer, error) {
	return s.act(ctx, r, cardOf(r.Method), doVoid, func() (charge, error) {
		return s.one(ctx, `
			INSERT INTO payments.sandbox_charge AS c (key, payment, card, amount, currency, state, expires_at) VALUES ($1, $2, $3, $4, $5, 'voided', $6)
			ON CONFLICT (key) DO UPDATE SET state = CASE WHEN c.state IN ('pending', 'authorised') THEN 'voided' ELSE c.state END
			RETURNING `+flushed, r.Charge, r.Payment, r.Method, r.Amount, r.Currency, s.now())
	})
}

// Refund gives a part back.
func (s *Sandbox) Refund(ctx context.Context, r Request) (Answer, error) {
	card := cardOf(r.Method)
	return s.act(ctx, r, card, doRefund, func() (c charge, err error) {
		if card.closed {
			return c, refusal("card_closed")
		}
		err = s.db.InTx(ctx, func(tx *db.Tx) error {
			rows, err := tx.Query(ctx, `SELECT `+chargeColumns+` FROM payments.sandbox_charge WHERE key = $1 FOR UPDATE`, r.Charge)
			if err != nil {
				return err
			}
			if c, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[charge]); err != nil {
				return err
			}
			var done bool
			if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM payments.sandbox_refund WHERE key = $1)`, r.Refund).Scan(&done); err != nil || done {
				return err
			}
			if c.State != Captured || r.Part > c.Captured-c.Refunded {
				return refusal("amount_too_large")
			}
			c.Refunded += r.Part
			if _, err := tx.Exec(ctx, `INSERT INTO payments.sandbox_refund (key, charge, amount) VALUES ($1, $2, $3)`, r.Refund, c.Key, r.Part); err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `UPDATE payments.sandbox_charge SET refunded = $2 WHERE key = $1`, c.Key, c.Refunded)
			return err
		})
		return c, err
	})
}

// Find tells how a charge stands. What is not real yet it does not know.
func (s *Sandbox) Find(ctx context.Context, r Request) (Answer, error) {
	c, err := s.age(ctx, r.Charge)
	if errors.Is(err, pgx.ErrNoRows) {
		return Answer{}, nil
	}
	if err != nil {
		return Answer{}, fmt.Errorf("sandbox: %w", err)
	}
	return c.answer(), nil
}

// act does what is asked unless the card has it fail, and tells what came of it.
func (s *Sandbox) act(ctx context.Context, r Request, card Card, what deed, do func() (charge, error)) (Answer, error) {
	ignored, unheard := card.ignored[what], card.unheard[what]
	broken := card.breaks && r.Attempt == 1
	times := 0
	if ignored+unheard > 0 || broken {
		err := s.db.QueryRow(ctx, `
			INSERT INTO payments.sandbox_fault AS f (key, times) VALUES ($1, 1) ON CONFLICT (key) DO UPDATE SET times = f.times + 1
			RETURNING times`, r.Key).Scan(&times)
		if err != nil {
			return Answer{}, fmt.Errorf("sandbox: %w", err)
		}
		switch {
		case broken && times == 1:
			return Answer{}, errBroken
		case broken:
			return Answer{}, &Spent{errBroken}
		case times <= ignored:
			return Answer{}, errors.Join(errTimeout, s.wait(ctx))
		}
	}
	c, err := do()
	if err != nil {
		return Answer{}, fmt.Errorf("sandbox: %w", err)
	}
	if card.twice {
		for range 2 {
			if err := s.notify(ctx, r.Payment, card, c, s.now()); err != nil {
				return Answer{}, err
			}
		}
	}
	if times > 0 && times <= ignored+unheard {
		return Answer{}, errors.Join(errTimeout, s.wait(ctx))
	}
	return c.answer(), nil
}

// wait is what a caller does who hears nothing.
func (s *Sandbox) wait(ctx context.Context) error {
	if s.delays.Pause == 0 {
		return nil
	}
	select {
	case <-time.After(s.delays.Pause):
	case <-ctx.Done():
	}
	return nil
}

// age gives a charge as it is by now: what is due is real, and what has lapsed is not held any more.
func (s *Sandbox) age(ctx context.Context, key string) (charge, error) {
	return s.one(ctx, `
		UPDATE payments.sandbox_charge SET
			state = CASE WHEN state = 'pending' AND due_at <= $2 THEN 'authorised' WHEN state = 'authorised' AND expires_at <= $2 THEN 'voided' ELSE state END,
			decline = CASE WHEN state = 'authorised' AND expires_at <= $2 THEN $3 ELSE decline END
		WHERE key = $1 RETURNING `+flushed, key, s.now(), Expired)
}

// flushed is chargeColumns of a statement whose commit is not waited for.
const flushed = chargeColumns + `, set_config('synchronous_commit', 'off', true)`

type flushedCharge struct {
	charge
	Flush string
}

func (s *Sandbox) one(ctx context.Context, sql string, args ...any) (charge, error) {
	rows, err := s.db.Query(ctx, sql, args...)
	if err != nil {
		return charge{}, err
	}
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[flushedCharge])
	return found.charge, err
}

// refusal says no for ever.
func refusal(reason string) *Refused {
	return &Refused{Reason: reason, Response: fmt.Sprintf(`{"refused":%q}`, reason)}
}

// approval is what a bank would print: the same for the same payment.
func approval(payment uuid.UUID) string {
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(payment[12:])%1_000_000)
}
