package payments_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/db"
	"comptant/hq/payments"
	"comptant/hq/pgtest"
	"comptant/shared/money"
	"comptant/shared/retail"
)

var ctx = context.Background()

// clock is a time that the test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}

// till is a desk at the sandbox, with no pause in it.
type till struct {
	*payments.Desk
	t       *testing.T
	db      *db.DB
	sandbox *payments.Sandbox
	clock   *clock
}

const late = 5 * time.Second

func newTill(t *testing.T) *till {
	c := &till{t: t, db: pgtest.New(t), clock: &clock{at: time.Date(2026, 11, 22, 19, 30, 0, 0, time.UTC)}}
	c.sandbox = payments.NewSandbox(c.db, c.clock.now, payments.Delays{Late: late})
	c.Desk = c.at(c.sandbox)
	return c
}

// at is another desk over the same tables.
func (c *till) at(g payments.Gateway) *payments.Desk {
	return payments.New(c.db, g, slog.New(slog.NewTextHandler(c.t.Output(), nil)), c.clock.now)
}

// silent is for tests in which so much goes wrong that nobody would read it.
func (c *till) silent() *slog.Logger { return slog.New(slog.DiscardHandler) }

// number is that of the test card with a token.
func number(t require.TestingT, token string) string {
	for _, card := range payments.Cards {
		if card.Token == token {
			return card.Number
		}
	}
	require.FailNow(t, "no such card", token)
	return ""
}

// begin writes a payment of 114.98 with a card down.
func (c *till) begin(token string) uuid.UUID {
	c.t.Helper()
	id := uuid.Must(uuid.NewV7())
	require.NoError(c.t, c.beginAs(payments.Begun{ID: id, Order: uuid.New(), Amount: 11498, Currency: "CAD", Method: number(c.t, token)}))
	return id
}

func (c *till) beginAs(b payments.Begun) error {
	return c.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := c.Begin(ctx, tx, b)
		return err
	})
}

// authorised is a payment that is.
func (c *till) authorised(token string) uuid.UUID {
	c.t.Helper()
	id := c.begin(token)
	require.Equal(c.t, payments.Authorised, settled(c.t, func() (payments.Payment, error) { return c.Authorise(ctx, id) }).State)
	return id
}

func (c *till) captured(token string) uuid.UUID {
	c.t.Helper()
	id := c.authorised(token)
	require.Equal(c.t, payments.Captured, settled(c.t, func() (payments.Payment, error) { return c.Capture(ctx, id) }).State)
	return id
}

// settled repeats a deed until somebody can tell what became of it.
func settled(t require.TestingT, do func() (payments.Payment, error)) payments.Payment {
	for range 10 {
		p, err := do()
		if !payments.Later(err) {
			require.NoError(t, err)
			return p
		}
	}
	require.FailNow(t, "nobody can tell, however often they ask")
	return payments.Payment{}
}

// held is what the sandbox has of a payment.
type held struct {
	Charges, Open, Notices     int
	Captured, Refunded, Pieces money.Amount
}

func (c *till) held(t require.TestingT, id uuid.UUID) (h held) {
	err := c.db.QueryRow(ctx, `
		SELECT count(*), count(*) FILTER (WHERE state IN ('pending', 'authorised') AND expires_at > $2), coalesce(sum(captured), 0)::bigint, coalesce(sum(refunded), 0)::bigint,
			(SELECT coalesce(sum(r.amount), 0)::bigint FROM payments.sandbox_refund r JOIN payments.sandbox_charge o ON o.key = r.charge WHERE o.payment = $1),
			(SELECT count(*) FROM payments.sandbox_notice WHERE payment = $1)
		FROM payments.sandbox_charge WHERE payment = $1`, id, c.clock.now()).Scan(&h.Charges, &h.Open, &h.Captured, &h.Refunded, &h.Pieces, &h.Notices)
	require.NoError(t, err)
	return h
}

func refused(t require.TestingT, err error, key string) {
	var said *retail.Error
	require.ErrorAs(t, err, &said)
	require.Equal(t, key, said.Key)
	require.False(t, payments.Later(err))
}

func TestAPaymentGoesItsWay(t *testing.T) {
	c := newTill(t)
	id := c.begin("approves")
	p, err := payments.One(ctx, c.db, id)
	require.NoError(t, err)
	require.Equal(t, payments.Created, p.State)
	require.Equal(t, "4242", p.LastFour)
	require.True(t, p.ExpiresAt.IsZero())
	require.Zero(t, c.held(t, id), "asked before anybody said so")

	for range 2 {
		p, err = c.Authorise(ctx, id)
		require.NoError(t, err)
		require.Equal(t, payments.Authorised, p.State)
		require.Regexp(t, `^\d{6}$`, p.Approval)
		require.True(t, p.ExpiresAt.Equal(c.clock.now().Add(7*24*time.Hour)))
		require.Equal(t, held{Charges: 1, Open: 1}, c.held(t, id))
	}
	for range 2 {
		p, err = c.Capture(ctx, id)
		require.NoError(t, err)
		require.Equal(t, payments.Captured, p.State)
		require.Equal(t, held{Charges: 1, Captured: 11498}, c.held(t, id))
	}
	for range 2 {
		p, err = c.Refund(ctx, id, "line 1", 1000)
		require.NoError(t, err)
		require.Equal(t, payments.Captured, p.State, "a part")
		require.Equal(t, held{Charges: 1, Captured: 11498, Refunded: 1000, Pieces: 1000}, c.held(t, id))
	}
	p, err = c.Authorise(ctx, id)
	require.NoError(t, err)
	require.Equal(t, payments.Captured, p.State, "it was authorised: nothing is to be done")
	for range 2 {
		p, err = c.Void(ctx, id)
		require.NoError(t, err)
		require.Equal(t, payments.Refunded, p.State)
		require.Equal(t, money.Amount(11498), p.Refunded)
		require.Equal(t, held{Charges: 1, Captured: 11498, Refunded: 11498, Pieces: 11498}, c.held(t, id))
	}
	kept, err := payments.OfOrder(ctx, c.db, p.Order)
	require.NoError(t, err)
	require.Equal(t, []payments.Payment{p}, kept)

	calls, err := payments.Calls(ctx, c.db, id)
	require.NoError(t, err)
	var deeds []string
	for _, call := range calls {
		deeds = append(deeds, call.Deed)
		require.NotNil(t, call.Took)
		require.Contains(t, call.Key, id.String())
		require.Contains(t, call.Response, `"State"`)
		require.Empty(t, call.Error)
	}
	require.Equal(t, []string{"authorise", "capture", "refund", "refund"}, deeds, "the gateway was asked more than it had to be")
}

func TestOneIDIsOnePayment(t *testing.T) {
	c := newTill(t)
	b := payments.Begun{ID: uuid.New(), Order: uuid.New(), Amount: 500, Currency: "CAD", Method: "4242424242424242"}
	require.NoError(t, c.beginAs(b))
	require.NoError(t, c.beginAs(b), "the transaction of the order may run again")
	other := b
	other.Amount++
	refused(t, c.beginAs(other), "payment.other")
	other = b
	other.Order = uuid.New()
	refused(t, c.beginAs(other), "payment.other")
	other = b
	other.Method = "4000000000000002"
	refused(t, c.beginAs(other), "payment.other")
	for _, amount := range []money.Amount{0, -1} {
		wrong := b
		wrong.ID, wrong.Amount = uuid.New(), amount
		refused(t, c.beginAs(wrong), "payment.amount")
	}
	wrong := b
	wrong.Method = "5555 5555 5555 4444"
	refused(t, c.beginAs(wrong), "payment.test_card")
	_, err := c.Authorise(ctx, uuid.New())
	refused(t, err, "payment.unknown")
}

// Nothing anywhere in the schema is the number of a card.
func TestNumbersOfCardsAreNowhere(t *testing.T) {
	c := newTill(t)
	for _, card := range payments.Cards {
		id := c.begin(card.Token)
		for range 4 {
			_, _ = c.Authorise(ctx, id)
		}
		_, _ = c.Void(ctx, id)
	}
	rows, err := c.db.Query(ctx, `SELECT table_name FROM information_schema.tables WHERE table_schema = 'payments'`)
	require.NoError(t, err)
	var tables []string
	for rows.Next() {
		var name string
		require.NoError(t, rows.Scan(&name))
		tables = append(tables, name)
	}
	require.NotEmpty(t, tables)
	for _, table := range tables {
		for _, card := range payments.Cards {
			var found int
			require.NoError(t, c.db.QueryRow(ctx, `SELECT count(*) FROM payments.`+table+` t WHERE t::text ~ $1`,
				strings.ReplaceAll(card.Number, " ", "[ -]?")).Scan(&found))
			require.Zero(t, found, "%s in %s", card.Number, table)
		}
	}
}

func TestAnotherGatewaysPaymentIsLeftAlone(t *testing.T) {
	c := newTill(t)
	id := c.authorised("approves")
	elsewhere := c.at(renamed{c.sandbox})
	for name, do := range map[string]func(context.Context, uuid.UUID) (payments.Payment, error){
		"authorise": elsewhere.Authorise, "capture": elsewhere.Capture, "void": elsewhere.Void,
	} {
		_, err := do(ctx, id)
		require.ErrorContains(t, err, "was begun by sandbox", name)
		require.False(t, payments.Later(err))
	}
	_, err := elsewhere.Refund(ctx, id, "x", 1)
	require.ErrorContains(t, err, "was begun by sandbox")
	require.Equal(t, held{Charges: 1, Open: 1}, c.held(t, id))
}

type renamed struct{ payments.Gateway }

func (renamed) Name() string { return "another" }

// The caller may be gone when the gateway answers: what it said is written down all the same.
func TestAnAnswerOutlivesItsCaller(t *testing.T) {
	c := newTill(t)
	id := c.begin("approves")
	gone, leave := context.WithCancel(ctx)
	p, err := c.at(around{c.sandbox, func(what string, do func() (payments.Answer, error)) (payments.Answer, error) {
		defer leave()
		return do()
	}}).Authorise(gone, id)
	require.NoError(t, err)
	require.Equal(t, payments.Authorised, p.State)
}

// around is a gateway with something around every request that moves money or looks for it. A request that is under way stays so
// when its caller gives up.
type around struct {
	payments.Gateway
	every func(what string, do func() (payments.Answer, error)) (payments.Answer, error)
}

func (a around) Authorise(ctx context.Context, r payments.Request) (payments.Answer, error) {
	ctx = context.WithoutCancel(ctx)
	return a.every("authorise", func() (payments.Answer, error) { return a.Gateway.Authorise(ctx, r) })
}

func (a around) Capture(ctx context.Context, r payments.Request) (payments.Answer, error) {
	ctx = context.WithoutCancel(ctx)
	return a.every("capture", func() (payments.Answer, error) { return a.Gateway.Capture(ctx, r) })
}

func (a around) Void(ctx context.Context, r payments.Request) (payments.Answer, error) {
	ctx = context.WithoutCancel(ctx)
	return a.every("void", func() (payments.Answer, error) { return a.Gateway.Void(ctx, r) })
}

func (a around) Refund(ctx context.Context, r payments.Request) (payments.Answer, error) {
	ctx = context.WithoutCancel(ctx)
	return a.every("refund", func() (payments.Answer, error) { return a.Gateway.Refund(ctx, r) })
}

func (a around) Find(ctx context.Context, r payments.Request) (payments.Answer, error) {
	ctx = context.WithoutCancel(ctx)
	return a.every("find", func() (payments.Answer, error) { return a.Gateway.Find(ctx, r) })
}

// A gateway that says nothing is not told what it did not say, and its secrets are not kept.
func TestErrorsAreKeptWithoutSecrets(t *testing.T) {
	c := newTill(t)
	id := c.begin("approves")
	_, err := c.at(around{c.sandbox, func(string, func() (payments.Answer, error)) (payments.Answer, error) {
		return payments.Answer{}, errors.New("key sk_test_4eC39HqLyjW of card 4242 4242-42424242 pi_3Nx_secret_Zy\x00\xff is no good")
	}}).Authorise(ctx, id)
	require.True(t, payments.Later(err))
	calls, err := payments.Calls(ctx, c.db, id)
	require.NoError(t, err)
	require.Len(t, calls, 1)
	require.Equal(t, "key *** of card *** pi_3Nx*** is no good", calls[0].Error)
	require.NotNil(t, calls[0].Took)
	p, err := payments.One(ctx, c.db, id)
	require.NoError(t, err)
	require.Equal(t, payments.Created, p.State)
}
