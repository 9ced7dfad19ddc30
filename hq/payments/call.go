package payments

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/money"
)

// Call is one request to the gateway.
type Call struct {
	ID     int64
	Deed   string
	Key    string
	Amount money.Amount
	At     time.Time
	// Took is nil when the process that asked ended before it heard anything.
	Took *time.Duration
	// Answer is how the charge stood then. Response is what the gateway said, Error why nobody knows; both without secrets.
	Answer          State
	Response, Error string
}

// Calls gives every request that was made for a payment, the oldest first.
func Calls(ctx context.Context, q Querier, id uuid.UUID) ([]Call, error) {
	rows, err := q.Query(ctx, `
		SELECT id, deed, key, amount, at, took, answer, response, error FROM payments.call WHERE payment_id = $1 ORDER BY id`, id)
	if err != nil {
		return nil, fmt.Errorf("read the calls of payment %s: %w", id, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Call])
	if err != nil {
		return nil, fmt.Errorf("read the calls of payment %s: %w", id, err)
	}
	return found, nil
}

// Opened is a payment and the call that was written down for it; Call is nil when its state allows none.
type Opened struct {
	Payment
	Call *int64
	// Attempt is the first of which the gateway has not spent the key.
	Attempt int
	// Again says that somebody asked for it before: the call is a look at what became of that.
	Again bool
}

// nextAttempt is the first at a request to the payment @id whose key, @key, the gateway has not spent.
const nextAttempt = `coalesce((SELECT max(attempt) FROM payments.call WHERE payment_id = @id AND key = @key AND spent), 0) + 1`

// open writes down that the gateway is about to be asked, if the payment is in a state for it. A void gives the payment up,
// and nothing else is begun with one that is.
//
// The commit of an authorisation's or a capture's call is not waited for: the payment, and with it the key, were made
// durable by Begin, and the answer will be by settle. A machine that dies in between forgets that it asked, and asks again
// with the same key.
func (d *Desk) open(ctx context.Context, id uuid.UUID, what deed, look bool, from ...State) (Opened, error) {
	// A void looks for the charge too while the gateway has not said what it calls it: some forget keys after a day.
	const asked = nextAttempt + ` AS attempt, @look AND EXISTS (
		SELECT FROM payments.call WHERE payment_id = @id AND (deed = @deed OR @deed = 'void' AND deed = 'authorise' AND reference = '')) AS again`
	payment, flush := `SELECT *, `+asked+` FROM payments.payment WHERE id = @id`, `set_config('synchronous_commit', 'off', true) = 'off'`
	if what == doVoid {
		payment, flush = `
			UPDATE payments.payment SET void_asked_at = CASE WHEN state IN ('created', 'authorised', 'captured') THEN coalesce(void_asked_at, @now::timestamptz)
				ELSE void_asked_at END
			WHERE id = @id RETURNING *, `+asked, `true`
	}
	rows, err := d.db.Query(ctx, `
		WITH p AS (`+payment+`), c AS (
			INSERT INTO payments.call (payment_id, deed, key, attempt, amount, at)
			SELECT id, CASE WHEN again THEN 'find' ELSE @deed END, CASE WHEN again THEN @find ELSE @key END, CASE WHEN again THEN 1 ELSE attempt END,
				amount, @now::timestamptz FROM p
			WHERE state = ANY(@from) AND gateway = @gateway AND (void_asked_at IS NULL OR @deed = 'void')
			RETURNING id)
		SELECT `+columns+`, (SELECT id FROM c), attempt, again FROM p WHERE `+flush, pgx.NamedArgs{
		"id": id, "deed": what, "key": what.key(id), "find": doFind.key(id), "look": look, "from": from, "now": d.now(), "gateway": d.gateway.Name(),
	})
	if err != nil {
		return Opened{}, fmt.Errorf("%s payment %s: %w", what, id, err)
	}
	o, err := only[Opened](rows, id, string(what))
	if err != nil {
		return o, err
	}
	return o, d.mine(o.Payment)
}

// ask makes a request that was written down, and writes down what came of it.
func (d *Desk) ask(ctx context.Context, o Opened, what deed, do func(context.Context, Request) (Answer, error)) (Payment, error) {
	a, took, err := d.request(ctx, o.request(what.key(o.ID), o.Attempt), do)
	if err != nil {
		return o.Payment, d.lost(ctx, o.Payment, *o.Call, what, took, err)
	}
	// The answer is worth more than the caller's hurry.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), record)
	defer cancel()
	return settle(ctx, d.db, Answered{o.ID, *o.Call, took, a})
}

// request asks the gateway and takes the time.
func (d *Desk) request(ctx context.Context, r Request, do func(context.Context, Request) (Answer, error)) (Answer, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	began := time.Now()
	a, err := do(ctx, r)
	return a, time.Since(began), err
}

// lost writes down that no answer came, or none that says what was done, and gives the error that says so.
func (d *Desk) lost(ctx context.Context, p Payment, call int64, what deed, took time.Duration, cause error) error {
	d.log.Warn("the payment gateway did not answer", "payment", p.ID, "deed", what, "took", took, "error", scrub(cause.Error()))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), record)
	defer cancel()
	var spent *Spent
	_, err := d.db.Exec(ctx, `UPDATE payments.call SET took = $3, error = $4, spent = $5 WHERE payment_id = $1 AND id = $2`,
		p.ID, call, took, scrub(cause.Error()), errors.As(cause, &spent))
	return &later{what, p.ID, errors.Join(cause, err)}
}

// Answered is what the gateway has said to a call, which is not written down yet.
type Answered struct {
	payment uuid.UUID
	call    int64
	took    time.Duration
	answer  Answer
}

// Hold has the amount of a payment held that Begin has opened a call for, and gives the answer for Settle to write down. Whoever dies in
// between has asked: Authorise finds out.
func (d *Desk) Hold(ctx context.Context, o Opened) (Answered, error) {
	a, took, err := d.request(ctx, o.request(doAuthorise.key(o.ID), o.Attempt), d.gateway.Authorise)
	if err == nil && (a.State == "" || a.State == Created) {
		err = errNothing
	}
	if err != nil {
		return Answered{}, d.lost(ctx, o.Payment, *o.Call, doAuthorise, took, err)
	}
	return Answered{o.ID, *o.Call, took, a}, nil
}

// Settle has a batch write answers down, beside their calls and in the payments, each of which takes of it what is later. It gives the
// payments by their ids, once the batch is sent.
func Settle(b *pgx.Batch, all ...Answered) map[uuid.UUID]Payment {
	settled := make(map[uuid.UUID]Payment, len(all))
	for rest := all; len(rest) > 0; {
		// Of a payment that was asked for twice one answer after the other: one statement changes a row once.
		var now, later []Answered
		for _, a := range rest {
			if slices.ContainsFunc(now, func(b Answered) bool { return a.payment == b.payment }) {
				later = append(later, a)
			} else {
				now = append(now, a)
			}
		}
		rest = later
		args, answers := merging(now...), answers(len(now))
		b.Queue(`
			UPDATE payments.call c SET took = n.took, answer = n.said, response = n.words FROM `+answers+` WHERE c.payment_id = n.payment AND c.id = n.call`, args)
		b.Queue(`UPDATE payments.payment SET `+merge+` FROM `+answers+` WHERE id = n.payment RETURNING `+columns, args).Query(func(rows pgx.Rows) error {
			found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Payment])
			if err != nil {
				return fmt.Errorf("write the answers to %d payments: %w", len(now), err)
			}
			for _, p := range found {
				settled[p.ID] = p
			}
			for _, a := range now {
				if settled[a.payment].ID == uuid.Nil {
					return noPayment(a.payment)
				}
			}
			return nil
		})
	}
	return settled
}

// Batcher is the pool or a transaction: what it is sent at once is done or not as one.
type Batcher interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// settle writes one down.
func settle(ctx context.Context, to Batcher, a Answered) (Payment, error) {
	var batch pgx.Batch
	settled := Settle(&batch, a)
	if err := to.SendBatch(ctx, &batch).Close(); err != nil {
		return Payment{}, err
	}
	return settled[a.payment], nil
}

// merge takes of an answer what is later than what is known: sums only grow, and states only go forward. The charge that the gateway named
// first stays the payment's, should there ever be two. Once a refund has failed, its sum of them may be older than that, and only
// those count that are known here.
const merge = `
	state = CASE WHEN NOT state = ANY(string_to_array(n.before, ',')) THEN state
		WHEN refund_failed AND n.said = 'refunded' AND greatest(refunded, n.made) < captured THEN 'captured' ELSE n.said END,
	decline = CASE WHEN state = ANY(string_to_array(n.before, ',')) AND n.reason <> '' THEN n.reason ELSE decline END,
	captured = greatest(captured, n.taken), refunded = greatest(refunded, CASE WHEN refund_failed THEN n.made ELSE n.given END),
	reference = coalesce(nullif(reference, ''), n.named), last_four = coalesce(nullif(n.digits, ''), last_four),
	approval = coalesce(nullif(n.approved, ''), approval), expires_at = coalesce(n.lapses, expires_at)`

// answers are n of those of merging, in words that no column of a payment has.
func answers(n int) string {
	return db.Listed(n, "@payments::uuid[]", "@calls::bigint[]", "@took::interval[]", "@words::text[]", "@said::text[]", "@before::text[]", "@reasons::text[]",
		"@taken::bigint[]", "@given::bigint[]", "@made::bigint[]", "@named::text[]", "@digits::text[]", "@approved::text[]", "@lapses::timestamptz[]") +
		" AS n (payment, call, took, words, said, before, reason, taken, given, made, named, digits, approved, lapses)"
}

// merging are the arguments of answers.
func merging(all ...Answered) pgx.NamedArgs {
	n := len(all)
	payments, calls, took, words := make([][16]byte, n), make([]int64, n), make([]time.Duration, n), make([]string, n)
	said, earlier, reasons := make([]string, n), make([]string, n), make([]string, n)
	taken, given, made := make([]int64, n), make([]int64, n), make([]int64, n)
	named, digits, approved, lapses := make([]string, n), make([]string, n), make([]string, n), make([]*time.Time, n)
	for i, a := range all {
		payments[i], calls[i], took[i], words[i] = a.payment, a.call, a.took, scrub(a.answer.Response)
		said[i], earlier[i], reasons[i] = string(a.answer.State), strings.Join(before(a.answer.State), ","), a.answer.Decline
		taken[i], given[i], made[i] = int64(a.answer.Captured), int64(a.answer.Refunded), int64(a.answer.made)
		named[i], digits[i], approved[i] = a.answer.Reference, a.answer.LastFour, a.answer.Approval
		if !a.answer.ExpiresAt.IsZero() {
			lapses[i] = &all[i].answer.ExpiresAt
		}
	}
	return pgx.NamedArgs{
		"payments": payments, "calls": calls, "took": took, "words": words, "said": said, "before": earlier, "reasons": reasons,
		"taken": taken, "given": given, "made": made, "named": named, "digits": digits, "approved": approved, "lapses": lapses,
	}
}

var (
	// Keys, and what a browser may end a payment with; and whatever may be the number of a card.
	secrets = regexp.MustCompile(`\b(?:sk|rk|pk|whsec)_\w+|_secret_\w+`)
	numbers = regexp.MustCompile(`\b(?:\d[ -]?){12,18}\d\b`)
)

// most is how much of a response is kept, in bytes.
const most = 2000

// scrub takes out of a text what nobody should find in the database or in a log.
func scrub(text string) string {
	text = numbers.ReplaceAllString(secrets.ReplaceAllString(text, "***"), "***")
	text = strings.ReplaceAll(text[:min(len(text), most)], "\x00", "")
	return strings.ToValidUTF8(text, "")
}
