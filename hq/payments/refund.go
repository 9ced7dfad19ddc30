package payments

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// maxKey is how long the key of a refund may be; a gateway takes 255 with what is put before it.
const maxKey = 200

// refundState is where a refund stands.
type refundState string

const (
	refundAsked   refundState = "asked"
	refundMade    refundState = "made"
	refundRefused refundState = "refused"
)

// part is one refund of a payment. Keys of callers begin with "refund/", or "refund#2/" when it is wanted again after a refusal, those of voids
// with "void/", and what was given back otherwise has a key of its own.
type part struct {
	Key    string
	Amount money.Amount
	State  refundState
	Reason string
}

// refusal is why a refund was not made.
func (r part) refusal() error {
	if r.State != refundRefused {
		return nil
	}
	return &retail.Error{Code: retail.Failed, Key: "payment.refund_refused", Args: map[string]any{"reason": r.Reason}}
}

// Refund gives back a part of what was captured, once per key, and never more than what is left. Who wants it again after the gateway
// refused has it asked again: cards are replaced, and accounts filled.
func (d *Desk) Refund(ctx context.Context, id uuid.UUID, key string, amount money.Amount) (Payment, error) {
	switch {
	case key == "" || len(key) > maxKey:
		return Payment{}, &retail.Error{Code: retail.Invalid, Key: "payment.key", Args: map[string]any{"max": maxKey}}
	case amount <= 0:
		return Payment{}, &retail.Error{Code: retail.Invalid, Key: "payment.amount"}
	}
	want := part{Amount: amount, State: refundAsked}
	for {
		p, r, call, err := d.claim(ctx, id, func(p Payment, known refunds) (part, error) {
			want.Key = known.next(key)
			return want, known.allow(p, want)
		})
		if err != nil {
			return p, err
		}
		if r.State == refundAsked {
			if p, r, err = d.giveBack(ctx, p, r, call); err != nil {
				return p, err
			}
		}
		if r.Key == want.Key {
			return p, r.refusal()
		}
	}
}

// refundRest gives back all that is left of a payment that is given up.
func (d *Desk) refundRest(ctx context.Context, p Payment) (Payment, error) {
	for {
		p, r, call, err := d.claim(ctx, p.ID, func(p Payment, known refunds) (part, error) {
			return part{Key: known.nextKey(voidKey), Amount: known.left(p), State: refundAsked}, nil
		})
		if err != nil || r.Key == "" {
			return p, err
		}
		p, r, err = d.giveBack(ctx, p, r, call)
		if err == nil && strings.HasPrefix(r.Key, voidKey) {
			err = r.refusal() // a caller's that was refused leaves more to give back
		}
		if err != nil || p.State == Refunded {
			return p, err
		}
	}
}

// refunds are those of a payment.
type refunds []part

const voidKey = "void"

// next is the key of a caller's refund: another than of those that were refused.
func (known refunds) next(key string) string {
	name := "refund/" + key
	for n := 2; slices.ContainsFunc(known, func(r part) bool { return r.Key == name && r.State == refundRefused }); n++ {
		name = fmt.Sprintf("refund#%d/%s", n, key)
	}
	return name
}

// of are the refunds whose keys begin so.
func (known refunds) of(prefix string) (found refunds) {
	for _, r := range known {
		if strings.HasPrefix(r.Key, prefix) {
			found = append(found, r)
		}
	}
	return found
}

// nextKey is the key of the next refund of a void, or by hand.
func (known refunds) nextKey(prefix string) string {
	return fmt.Sprintf("%s/%d", prefix, len(known.of(prefix))+1)
}

// left is how much may still be given back. What the gateway has told counts, and what it was told.
func (known refunds) left(p Payment) money.Amount {
	return p.Captured - max(p.Refunded, known.made()) - known.of(handKey).sum()
}

// made is how much the gateway has given back, of what it was asked for here.
func (known refunds) made() money.Amount { return known.sum() - known.of(handKey).sum() }

func (known refunds) sum() (made money.Amount) {
	for _, r := range known {
		if r.State == refundMade {
			made += r.Amount
		}
	}
	return made
}

// allow says why a refund cannot begin.
func (known refunds) allow(p Payment, want part) error {
	left := known.left(p)
	switch {
	case p.State != Captured && p.State != Refunded || p.VoidAskedAt != nil:
		return p.wrong()
	case want.Amount > left:
		return &retail.Error{Code: retail.Invalid, Key: "payment.above", Args: map[string]any{"left": left, "currency": p.Currency}}
	}
	return nil
}

// claim gives the refund to ask the gateway for, written down with its call: one that is under way already, or the one that
// begin wants. A refund that has ended is given as it is, and none when there is nothing left to give back.
func (d *Desk) claim(ctx context.Context, id uuid.UUID, begin func(Payment, refunds) (part, error)) (p Payment, r part, c claimed, err error) {
	err = d.db.InTx(ctx, func(tx *db.Tx) error {
		r, c = part{}, claimed{}
		var known refunds
		if p, known, err = lockRefunds(ctx, tx, id); err != nil {
			return err
		}
		if err := d.mine(p); err != nil {
			return err
		}
		want, refusal := begin(p, known)
		for _, k := range known {
			if k.Key == want.Key {
				if k.Amount != want.Amount {
					return &retail.Error{Code: retail.Conflict, Key: "payment.other", Args: map[string]any{"id": id}}
				}
				r = k
				if k.State != refundAsked {
					return nil
				}
			}
		}
		for _, k := range known {
			if k.State == refundAsked {
				r = k
			}
		}
		if r.Key == "" {
			if refusal != nil {
				return refusal
			}
			if want.Amount <= 0 {
				return nil
			}
			r = want
			_, err := tx.Exec(ctx, `INSERT INTO payments.refund (payment_id, key, amount, state, at) VALUES ($1, $2, $3, $4, $5)`,
				id, r.Key, r.Amount, r.State, d.now())
			if err != nil {
				return err
			}
		}
		return tx.QueryRow(ctx, `
			INSERT INTO payments.call (payment_id, deed, key, attempt, amount, at) VALUES (@id, @deed, @key, `+nextAttempt+`, @amount, @now)
			RETURNING id, attempt`,
			pgx.NamedArgs{"id": id, "deed": doRefund, "key": r.key(id), "amount": r.Amount, "now": d.now()}).Scan(&c.call, &c.attempt)
	})
	var said *retail.Error
	if err != nil && !errors.As(err, &said) {
		err = fmt.Errorf("refund payment %s: %w", id, err)
	}
	return p, r, c, err
}

// claimed is the call that a refund was claimed with.
type claimed struct {
	call    int64
	attempt int
}

// key is the idempotency key of a refund.
func (r part) key(payment uuid.UUID) string { return payment.String() + "/" + r.Key }

// lockRefunds reads a payment that nobody else may refund until the transaction ends, and its refunds.
func lockRefunds(ctx context.Context, tx *db.Tx, id uuid.UUID) (Payment, refunds, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM payments.payment WHERE id = $1 FOR NO KEY UPDATE`, id)
	if err != nil {
		return Payment{}, nil, err
	}
	p, err := only[Payment](rows, id, "refund")
	if err != nil {
		return p, nil, err
	}
	known, err := refundsOf(ctx, tx, id)
	return p, known, err
}

// giveBack asks the gateway for a refund, and writes down what came of it.
func (d *Desk) giveBack(ctx context.Context, p Payment, r part, c claimed) (Payment, part, error) {
	ask := p.request(r.key(p.ID), c.attempt)
	ask.Refund, ask.Part = r.key(p.ID), r.Amount
	a, took, err := d.request(ctx, ask, d.gateway.Refund)
	var refused *Refused
	switch {
	case errors.As(err, &refused):
		r.State, r.Reason, a = refundRefused, refused.Reason, Answer{Response: refused.Response}
	case err != nil:
		return p, r, d.lost(ctx, p, c.call, doRefund, took, err)
	default:
		r.State = refundMade
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), record)
	defer cancel()
	p, err = d.settleRefund(ctx, p.ID, r, c.call, took, a)
	return p, r, err
}

func (d *Desk) settleRefund(ctx context.Context, id uuid.UUID, r part, call int64, took time.Duration, a Answer) (p Payment, err error) {
	err = d.db.InTx(ctx, func(tx *db.Tx) error {
		_, known, err := lockRefunds(ctx, tx, id)
		if err != nil {
			return err
		}
		// Another may have brought it to its end meanwhile. What is made stays made.
		_, err = tx.Exec(ctx, `UPDATE payments.refund SET state = $3, reason = $4 WHERE payment_id = $1 AND key = $2 AND state = 'asked'`,
			id, r.Key, r.State, scrub(r.Reason))
		if err != nil {
			return err
		}
		for i := range known {
			if known[i].Key == r.Key && known[i].State == refundAsked {
				known[i].State = r.State
			}
		}
		// The answer may be older than that to another refund.
		if a.State != "" {
			a.made = known.made()
			a.Refunded = max(a.Refunded, a.made)
			a.State = standing(a.Captured, a.Refunded)
		}
		p, err = settle(ctx, tx, Answered{id, call, took, a})
		return err
	})
	if err != nil {
		return p, fmt.Errorf("refund payment %s: %w", id, err)
	}
	return p, nil
}
