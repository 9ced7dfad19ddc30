package payments_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/hq/db"
	"comptant/hq/payments"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// fault is what goes wrong with one request to the gateway.
type fault int

const (
	nothingWrong fault = iota
	lostGoing          // the request never arrives
	lostComing         // it is done, and the answer never arrives
	underway           // the caller gives up, and the request arrives later
	diesBefore         // the process ends before the request is made
	diesAfter          // and before anything is written of the answer
	breaksBefore       // the gateway fails, and keeps that for the key
	breaksAfter        // and has done it
)

// died is what the end of a process is in here.
type died struct{}

// world is payments at a gateway where things go wrong, and who asks for them.
type world struct {
	t       require.TestingT
	db      *db.DB
	desk    *payments.Desk
	gateway payments.Gateway
	advance func(time.Duration)
	deliver func()
	// fail has the refunds of a payment fail after they were made; nil where they do not.
	fail func(uuid.UUID)
	// breaks has the gateway's next request fail, after it is done or instead; nil where a card does.
	breaks func(done ...bool)
	// made is how often a payment was charged at the gateway, which is at most once, and how that stands.
	made func(uuid.UUID) (charges int, now payments.Answer)

	faults []fault
	next   atomic.Int64
	quiet  atomic.Bool // nothing goes wrong any more
	mu     sync.Mutex
	late   []func()
}

func (w *world) every(_ string, do func() (payments.Answer, error)) (payments.Answer, error) {
	f := nothingWrong
	if !w.quiet.Load() && len(w.faults) > 0 {
		f = w.faults[int(w.next.Add(1))%len(w.faults)]
	}
	switch f {
	case lostGoing:
		return payments.Answer{}, errors.New("lost")
	case diesBefore:
		panic(died{})
	case underway:
		w.mu.Lock()
		defer w.mu.Unlock()
		w.late = append(w.late, func() { _, _ = do() })
		return payments.Answer{}, errors.New("given up")
	case breaksBefore, breaksAfter:
		if w.breaks != nil {
			w.breaks(f == breaksAfter)
		}
	}
	a, err := do()
	switch f {
	case lostComing:
		return payments.Answer{}, errors.New("lost")
	case diesAfter:
		panic(died{})
	}
	return a, err
}

// arrive has the requests arrive whose callers have given up, the last first.
func (w *world) arrive() {
	w.mu.Lock()
	late := w.late
	w.late = nil
	w.mu.Unlock()
	for i := len(late) - 1; i >= 0; i-- {
		late[i]()
	}
}

// attempt does a deed in a process that may end meanwhile.
func (w *world) attempt(do func() (payments.Payment, error)) (p payments.Payment, err error) {
	defer func() {
		if gone := recover(); gone != nil {
			if _, ok := gone.(died); !ok {
				panic(gone)
			}
			err = errors.New("the process ended")
		}
	}()
	return do()
}

// allowed are the errors that a deed may end with, besides those after which nobody knows.
func (w *world) allowed(err error, said ...string) {
	var refused *retail.Error
	if err == nil || payments.Later(err) || err.Error() == "the process ended" {
		return
	}
	require.ErrorAs(w.t, err, &refused)
	require.Contains(w.t, said, refused.Key)
}

// settled repeats a deed as the saga would, until somebody knows.
func (w *world) settled(do func() (payments.Payment, error)) (payments.Payment, error) {
	for range 20 {
		if p, err := do(); !payments.Later(err) {
			return p, err
		}
		w.advance(late)
	}
	require.FailNow(w.t, "nobody can tell, however often they ask")
	return payments.Payment{}, nil
}

// deedsOf are what is done to one payment: a letter each, and a number for whatever it needs.
type doing struct {
	what   byte
	number int
}

const deeds = "aaaacccvrrrrldt"

// one does one deed.
func (w *world) one(id uuid.UUID, d doing) {
	switch d.what {
	case 'a':
		p, err := w.attempt(func() (payments.Payment, error) { return w.desk.Authorise(ctx, id) })
		w.allowed(err, "payment.voided", "payment.expired")
		if err == nil {
			require.NotContains(w.t, []payments.State{payments.Created, payments.Voided}, p.State)
		}
	case 'c':
		p, err := w.attempt(func() (payments.Payment, error) { return w.desk.Capture(ctx, id) })
		w.allowed(err, "payment.voided", "payment.expired", "payment.state")
		if err == nil {
			require.Contains(w.t, []payments.State{payments.Captured, payments.Refunded}, p.State)
		}
	case 'v':
		p, err := w.attempt(func() (payments.Payment, error) { return w.desk.Void(ctx, id) })
		w.allowed(err)
		if err == nil {
			w.givenUp(id, p)
		}
	case 'r':
		_, err := w.attempt(func() (payments.Payment, error) { return w.refund(id, d) })
		w.allowed(err, "payment.voided", "payment.expired", "payment.state", "payment.above")
	case 'l':
		w.arrive()
	case 'd':
		w.deliver()
	case 't':
		w.advance(late)
	}
}

// refund is of one of four keys, whose amounts do not all fit.
func (w *world) refund(id uuid.UUID, d doing) (payments.Payment, error) {
	n := d.number % 4
	return w.desk.Refund(ctx, id, fmt.Sprint(n), money.Amount(300*n+1))
}

// givenUp is what a void leaves.
func (w *world) givenUp(id uuid.UUID, p payments.Payment) {
	charges, now := w.made(id)
	require.LessOrEqual(w.t, charges, 1)
	require.Contains(w.t, []payments.State{payments.Declined, payments.Voided, payments.Refunded}, p.State)
	if charges > 0 { // an intent that nobody confirms holds nothing
		require.Contains(w.t, []payments.State{payments.Declined, payments.Voided, payments.Refunded}, now.State)
	}
	require.Equal(w.t, now.Captured, now.Refunded)
}

const owed = 1000

// check has many processes do things to a payment while things go wrong, lets the saga end what it began, and compares.
func (w *world) check(rt *rapid.T, method string) {
	w.t = rt
	w.faults = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) fault {
		return fault(max(0, rapid.IntRange(-4, int(breaksAfter)).Draw(t, "fault")))
	}), 1, 12).Draw(rt, "faults")
	id := uuid.Must(uuid.NewV7())
	require.NoError(rt, w.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := w.desk.Begin(ctx, tx, payments.Begun{ID: id, Order: uuid.New(), Amount: owed, Currency: "CAD", Method: method})
		return err
	}))
	doings := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) doing {
		return doing{deeds[rapid.IntRange(0, len(deeds)-1).Draw(t, "deed")], rapid.IntRange(0, 3).Draw(t, "number")}
	}), 0, 10)
	var wait sync.WaitGroup
	var failed atomic.Value
	asked := map[byte]bool{}
	refunds := map[int]bool{}
	for range rapid.IntRange(1, 3).Draw(rt, "processes") {
		mine := doings.Draw(rt, "doings")
		for _, d := range mine {
			asked[d.what] = true
			if d.what == 'r' {
				refunds[d.number] = true
			}
		}
		wait.Go(func() {
			defer func() {
				if why := recover(); why != nil {
					failed.Store(fmt.Sprint(why)) // rapid's own, once something was not as required
				}
			}()
			for _, d := range mine {
				w.one(id, d)
			}
		})
	}
	wait.Wait()
	require.Nil(rt, failed.Load())

	// The saga goes on with what it began, until each answer is known. What is still under way arrives before, after, or between.
	w.quiet.Store(true)
	arrives := rapid.IntRange(0, 2).Draw(rt, "arrives")
	if arrives == 0 {
		w.arrive()
	}
	_, err := w.settled(func() (payments.Payment, error) { return w.desk.Authorise(ctx, id) })
	w.allowed(err, "payment.voided", "payment.expired")
	if arrives == 1 {
		w.arrive()
	}
	if asked['c'] {
		_, err = w.settled(func() (payments.Payment, error) { return w.desk.Capture(ctx, id) })
		w.allowed(err, "payment.voided", "payment.expired", "payment.state")
	}
	for n := range refunds {
		_, err = w.settled(func() (payments.Payment, error) { return w.refund(id, doing{number: n}) })
		w.allowed(err, "payment.voided", "payment.expired", "payment.state", "payment.above")
	}
	if asked['v'] {
		p, err := w.settled(func() (payments.Payment, error) { return w.desk.Void(ctx, id) })
		require.NoError(rt, err)
		w.givenUp(id, p)
	}
	w.arrive()
	w.advance(late)
	if w.fail == nil || rapid.Bool().Draw(rt, "told at once") {
		w.deliver()
		w.agree(id, asked['v'])
	}
	if w.fail != nil {
		w.fail(id)
		w.deliver()
		w.agree(id, false)
	}
}

// agree compares the desk's row with what is at the gateway.
func (w *world) agree(id uuid.UUID, voided bool) {
	p, err := payments.One(ctx, w.db, id)
	require.NoError(w.t, err)
	charges, now := w.made(id)
	require.LessOrEqual(w.t, charges, 1, "charged twice")
	switch {
	case p.State == payments.Declined && now.State == payments.Voided:
		now.State = p.State // it was given up while the bank said no: either way nothing is held
	case p.State == payments.Voided && charges == 0:
		now.State = p.State // nobody ever asked the bank, nor will
	}
	require.Equal(w.t, now.State, p.State)
	require.Equal(w.t, now.Captured, p.Captured)
	require.Equal(w.t, now.Refunded, p.Refunded)
	require.LessOrEqual(w.t, now.Captured, money.Amount(owed))
	require.LessOrEqual(w.t, now.Refunded, now.Captured)
	var known money.Amount
	var open int
	require.NoError(w.t, w.db.QueryRow(ctx, `
		SELECT coalesce(sum(amount) FILTER (WHERE state = 'made'), 0)::bigint, count(*) FILTER (WHERE state = 'asked') FROM payments.refund WHERE payment_id = $1`,
		id).Scan(&known, &open))
	require.Equal(w.t, known, p.Refunded, "every refund is one that somebody asked for")
	require.Zero(w.t, open)
	if voided {
		w.givenUp(id, p)
	}
}

// Whatever is lost, comes late, comes twice or dies, the money moves once, and in the end the desk and the sandbox agree.
func TestMoneyMovesOnce(t *testing.T) {
	c := newTill(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := &world{db: c.db, gateway: c.sandbox, advance: c.clock.advance}
		w.desk = payments.New(c.db, around{c.sandbox, w.every}, c.silent(), c.clock.now)
		w.deliver = func() {
			_, err := c.sandbox.Deliver(ctx, func(ctx context.Context, e payments.Event) error {
				if !w.quiet.Load() && rand.IntN(3) == 0 {
					return nil // lost, and never told again
				}
				return w.desk.Notified(ctx, e)
			})
			require.NoError(rt, err)
		}
		w.made = func(id uuid.UUID) (int, payments.Answer) {
			h := c.held(rt, id)
			a, err := c.sandbox.Find(ctx, payments.Request{Charge: id.String() + "/authorise"})
			require.NoError(rt, err)
			require.Equal(rt, h.Pieces, a.Refunded)
			if h.Open > 0 {
				require.Equal(rt, payments.Authorised, a.State, "something else holds money")
			}
			return h.Charges, a
		}
		token := rapid.SampledFrom([]string{"approves", "late", "trouble", "lost-made", "away", "declines", "twice", "breaks"}).Draw(rt, "card")
		w.check(rt, number(rt, token))
	})
}
