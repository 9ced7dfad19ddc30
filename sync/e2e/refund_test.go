package e2e_test

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"
	"comptant/terminal/till"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// counter is a till of the store with somebody signed in.
type counter struct {
	*fleet.Till
	t *testing.T
	// owns are the receipts it sold, with how much of their only line.
	owns []retail.ReceiptID
}

var inCash = till.Payback{Kind: retail.TenderCash}

func openCounter(t *testing.T, hq *fleet.HQ, number int) *counter {
	t.Helper()
	ctx := t.Context()
	dir := filepath.Join(t.TempDir(), "till")
	require.NoError(t, fleet.Enrol(ctx, hq, dir, "CV", number))
	l, err := fleet.Open(ctx, dir, slog.New(slog.NewTextHandler(logWriter{t}, nil)))
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	require.NoError(t, l.Loaded(ctx))
	c := &counter{Till: l, t: t}
	require.NoError(t, l.Until(ctx, func() (bool, error) {
		staff, err := l.Lane.Till.Staff(ctx)
		return len(staff) > 0, err
	}))
	staff, err := l.Lane.Till.Staff(ctx)
	require.NoError(t, err)
	for _, s := range staff {
		if s.Name == cashier {
			require.NoError(t, l.Work(ctx, s.ID, pin))
			return c
		}
	}
	t.Fatal("nobody to sign in")
	return nil
}

// approval is the word of a supervisor, whom headquarters makes for it.
func (c *counter) approval(hq *fleet.HQ, need retail.Need) till.Approval {
	c.t.Helper()
	ctx := c.t.Context()
	out, err := hq.Command(ctx, "user", "add", "--name", "Solange", "--role", "supervisor", "--store", "CV", "--pin", pin)
	require.NoError(c.t, err, out)
	var by uuid.UUID
	require.NoError(c.t, c.Until(ctx, func() (bool, error) {
		who, err := c.Lane.Till.Approvers(ctx, need)
		for _, s := range who {
			if s.Name == "Solange" {
				by = s.ID
			}
		}
		return by != uuid.Nil, err
	}))
	a, err := c.Lane.Till.Approve(ctx, need, by, pin, "brisé")
	require.NoError(c.t, err)
	return a
}

// sell sells three of a product and gives the receipt.
func (c *counter) sell() retail.ReceiptID {
	c.t.Helper()
	ctx := c.t.Context()
	tiles, err := c.Lane.Till.Tiles(ctx, uuid.Nil, 1)
	require.NoError(c.t, err)
	scanned, err := c.Lane.Till.Scan(ctx, "3*"+tiles[0].Product.SKU)
	require.NoError(c.t, err)
	require.True(c.t, scanned.Known)
	p, err := c.Lane.Till.StartPayment()
	require.NoError(c.t, err)
	p, err = c.Lane.Till.TenderCash(ctx, p.Turn, p.LeftInCash)
	require.NoError(c.t, err)
	r := p.Sold.Receipt
	id := retail.ReceiptID{Till: c.Lane.Till.Identity().Till, Epoch: r.Epoch, Number: r.Number}
	c.owns = append(c.owns, id)
	return id
}

// held waits until the till that sold has answered.
func (c *counter) held(hold uuid.UUID) (r till.Refundable, err error) {
	c.t.Helper()
	require.NoError(c.t, c.Until(c.t.Context(), func() (bool, error) {
		var ok bool
		r, ok, err = c.Lane.Till.HeldFor(c.t.Context(), hold)
		return ok && (err != nil || r.Granted), nil
	}))
	return r, err
}

// refunds are the till's refunds as headquarters has them.
func (c *counter) refunds(database *pgx.Conn) (refunds []retail.Refund) {
	c.t.Helper()
	rows, err := database.Query(c.t.Context(), `SELECT bytes FROM journal.entry WHERE till_id = $1`, c.Lane.Till.Identity().Till)
	require.NoError(c.t, err)
	var b []byte
	_, err = pgx.ForEachRow(rows, []any{&b}, func() error {
		e, err := journal.Decode(b)
		if err != nil || e.Kind != journal.KindRefund {
			return err
		}
		r, err := journal.DecodeBody[retail.Refund](e)
		refunds = append(refunds, r)
		return err
	})
	require.NoError(c.t, err)
	return refunds
}

func parts(units int64) []retail.RefundPart {
	return []retail.RefundPart{{Of: 0, Quantity: money.Quantity(units) * money.One}}
}

// flags counts the open flags of a code.
func flags(t *testing.T, database *pgx.Conn, code string) (n int) {
	t.Helper()
	require.NoError(t, database.QueryRow(t.Context(), `SELECT count(*) FROM journal.flag WHERE code = $1 AND resolved_at IS NULL`, code).Scan(&n))
	return n
}

// A customer brings back to one till what another sold: only with the right of the till that sold, which then does not have
// it any more; a supervisor may go on without, and headquarters says so.
func TestRefundAtAnotherTill(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	hq := headquarters(t)
	database := connect(t, hq)
	one, two := openCounter(t, hq, 1), openCounter(t, hq, 2)
	receipt := one.sell()
	require.NoError(t, one.Drained(ctx))

	asked, err := two.Lane.Till.AskReceipt(ctx, retail.Printed{Store: "CV", Till: 1, Epoch: receipt.Epoch, Number: receipt.Number})
	require.NoError(t, err)
	var found till.Refundable
	require.NoError(t, two.Until(ctx, func() (ok bool, err error) {
		found, ok, err = two.Lane.Till.FoundReceipt(ctx, asked)
		return ok, err
	}))
	require.Equal(t, receipt, found.Receipt)
	require.Equal(t, []money.Quantity{3 * money.One}, found.Left())
	hold, err := two.Lane.Till.AskHold(ctx, found.Receipt, parts(2))
	require.NoError(t, err)
	r, err := two.held(hold)
	require.NoError(t, err)
	back, err := two.Lane.Till.Refund(ctx, r, parts(2), inCash, "brisé", till.Approval{})
	require.NoError(t, err)
	require.Equal(t, parts(2), back.Refund.Parts())

	own, err := one.Lane.Till.Refundable(ctx, receipt.Epoch, receipt.Number)
	require.NoError(t, err)
	require.Equal(t, parts(2), own.Before)
	_, err = one.Lane.Till.Refund(ctx, own, parts(2), inCash, "brisé", till.Approval{})
	require.ErrorContains(t, err, retail.KeyRefundQuantity)
	rest, err := one.Lane.Till.Refund(ctx, own, parts(1), inCash, "brisé", till.Approval{})
	require.NoError(t, err)
	require.Equal(t, own.Sale.Total, back.Refund.Total+rest.Refund.Total, "to the cent, at two tills")
	hold, err = two.Lane.Till.AskHold(ctx, receipt, parts(1))
	require.NoError(t, err)
	_, err = two.held(hold)
	require.ErrorContains(t, err, till.KeyRefundRefused)
	require.NoError(t, errors.Join(one.Drained(ctx), two.Drained(ctx)))
	require.Zero(t, flags(t, database, "no-hold"))

	// The till that sold is out of reach.
	receipt = one.sell()
	require.NoError(t, one.Drained(ctx))
	require.NoError(t, one.Close())
	hold, err = two.Lane.Till.AskHold(ctx, receipt, parts(1))
	require.NoError(t, err)
	require.NoError(t, two.Until(ctx, func() (bool, error) {
		var ok bool
		r, ok, err = two.Lane.Till.HeldFor(ctx, hold)
		return ok, err
	}))
	_, err = two.Lane.Till.Refund(ctx, r, parts(1), inCash, "brisé", till.Approval{})
	require.ErrorContains(t, err, till.KeyRefundHold)
	need, ok := till.NeedOf(err)
	require.True(t, ok)
	_, err = two.Lane.Till.Refund(ctx, r, parts(1), inCash, "brisé", two.approval(hq, need))
	require.NoError(t, err)
	require.NoError(t, two.Drained(ctx))
	require.Equal(t, 1, flags(t, database, "no-hold"))
	out, err := hq.Command(ctx, "journal", "verify")
	require.NoError(t, err, out)
}

// Three tills sell and take back each other's receipts while their lines are cut: what headquarters has refunded of any
// receipt is never more than was sold, and it has nothing to flag.
func TestRefundsNeverExceedWhatWasSold(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	hq := headquarters(t)
	database := connect(t, hq)
	counters := []*counter{openCounter(t, hq, 1), openCounter(t, hq, 2), openCounter(t, hq, 3)}
	seed := rand.Uint64()
	t.Log("seed", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	var receipts []retail.ReceiptID
	type waiting struct {
		at   *counter
		hold uuid.UUID
	}
	var asked []waiting
	for range 60 {
		c := counters[rng.IntN(len(counters))]
		switch rng.IntN(5) {
		case 0:
			receipts = append(receipts, c.sell())
		case 1:
			c.Cut()
		case 2:
			if len(c.owns) > 0 {
				of := c.owns[rng.IntN(len(c.owns))]
				r, err := c.Lane.Till.Refundable(ctx, of.Epoch, of.Number)
				require.NoError(t, err)
				_, _ = c.Lane.Till.Refund(ctx, r, parts(1+rng.Int64N(2)), inCash, "brisé", till.Approval{}) // refused when too much
			}
		default:
			if len(receipts) == 0 {
				continue
			}
			of := receipts[rng.IntN(len(receipts))]
			if hold, err := c.Lane.Till.AskHold(ctx, of, parts(1+rng.Int64N(2))); err == nil { // else its line is down
				asked = append(asked, waiting{c, hold})
			}
		}
		for i := 0; i < len(asked); i++ {
			w := asked[i]
			r, ok, err := w.at.Lane.Till.HeldFor(ctx, w.hold)
			if !ok || err == nil && !r.Granted {
				continue
			}
			if err == nil && rng.IntN(4) == 0 {
				require.NoError(t, w.at.Lane.Till.ReleaseHold(ctx, r))
			} else if err == nil {
				_, err := w.at.Lane.Till.Refund(ctx, r, nil, inCash, "brisé", till.Approval{})
				require.NoError(t, err)
			}
			asked = append(asked[:i], asked[i+1:]...)
			i--
		}
	}
	for _, c := range counters {
		require.NoError(t, c.Drained(ctx))
	}
	refunded := map[retail.ReceiptID]money.Quantity{}
	for _, c := range counters {
		for _, r := range c.refunds(database) {
			refunded[r.Receipt] += r.Lines[0].Line.Quantity
		}
	}
	t.Logf("%d sales, %d of them refunded in part or whole", len(receipts), len(refunded))
	require.NotEmpty(t, refunded)
	for of, units := range refunded {
		require.LessOrEqual(t, units, 3*money.One, "receipt %v", of)
	}
	require.Zero(t, flags(t, database, "no-hold"))
	out, err := hq.Command(ctx, "journal", "verify")
	require.NoError(t, err, out)
}
