package till_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
	"comptant/terminal/till/tilltest"

	"github.com/stretchr/testify/require"
)

// machine is a printer with a drawer, which prints nothing before it is let.
type machine struct {
	*tilltest.Paper
	state  till.PrinterState
	opened int
	lets   chan error
}

func (m *machine) State() till.PrinterState { return m.state }
func (m *machine) OpenDrawer()              { m.opened++ }

func (m *machine) Print(ctx context.Context, r retail.Receipt) error {
	if err := <-m.lets; err != nil {
		return err
	}
	return m.Paper.Print(ctx, r)
}

// withMachine is a till at which Alice works, with a printer of that kind.
func withMachine(t *testing.T) (*world, *machine) {
	w := newWorld(t)
	m := &machine{Paper: w.printer, lets: make(chan error)}
	var err error
	w.Till, err = till.New(till.Config{
		Journal: w.journal, Catalogue: tilltest.Catalogue{Of: w.goods}, Book: w.book, Tickets: w.tickets, Counts: w.counts, Picks: w.picks, Tries: w.tries, Customers: w.people, Printer: m,
		Network: func() till.Network { return w.network }, Ask: w.book.Ask, Find: w.book.Find,
		Now: func() time.Time { return w.clock }, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	require.NoError(t, w.OpenShift(t.Context(), 20000))
	return w, m
}

func (w *world) sellInCash() *till.Sold {
	w.scan(pen.SKU)
	p := w.pay()
	p, err := w.TenderCash(w.t.Context(), p.Turn, 2000)
	require.NoError(w.t, err)
	require.NotNil(w.t, p.Sold)
	return p.Sold
}

func (w *world) sellByCard() *till.Sold {
	w.scan(pen.SKU)
	p := w.pay()
	p, err := w.TenderCard(w.t.Context(), p.Turn, p.Left, "083214", "4417")
	require.NoError(w.t, err)
	return p.Sold
}

// A printer that prints nothing holds no sale up, and what it could not print is known until it is printed.
func TestASlowPrinterHoldsNothingUp(t *testing.T) {
	w, m := withMachine(t)
	m.state = till.PrinterState{Trouble: till.PrinterPaper, Waiting: 3}
	first, second, third := w.sellInCash(), w.sellByCard(), w.sellInCash()
	require.Len(t, tilltest.Bodies[retail.Sale](w.journal), 3, "and nothing was printed yet")
	s, err := w.Status(t.Context())
	require.NoError(t, err)
	require.Equal(t, m.state, s.Printer)
	require.Zero(t, s.Missing, "the printer still tries")

	for range 3 {
		m.lets <- errors.New("gave up")
	}
	for _, sold := range []*till.Sold{first, second, third} {
		require.ErrorContains(t, <-sold.Printed, "gave up")
	}
	require.ElementsMatch(t, []string{first.Code, second.Code, third.Code}, w.Missing())
	s, err = w.Status(t.Context())
	require.NoError(t, err)
	require.Equal(t, 3, s.Missing)

	require.NoError(t, w.ReprintMissing(t.Context()))
	for range 3 {
		m.lets <- nil
	}
	w.Close()
	require.Empty(t, w.Missing())
	require.Len(t, w.printer.Printed, 3)
	for _, r := range w.printer.Printed {
		require.True(t, r.Copy, "marked as a duplicate")
	}
	w.Lock()
	refused(t, till.KeySignInNeeded, w.ReprintMissing(t.Context()))
}

func TestTheDrawerOpensForCash(t *testing.T) {
	w, m := withMachine(t)
	close(m.lets)
	w.sellByCard()
	require.Zero(t, m.opened)
	w.sellInCash()
	require.Equal(t, 1, m.opened)
	w.scan(pen.SKU)
	p := w.pay()
	p, err := w.TenderCard(t.Context(), p.Turn, 100, "083214", "4417")
	require.NoError(t, err)
	require.Equal(t, 1, m.opened, "not before it is paid")
	_, err = w.TenderCash(t.Context(), p.Turn, 2000)
	require.NoError(t, err)
	require.Equal(t, 2, m.opened)
	w.journal.Fails = errors.New("disk full")
	w.scan(pen.SKU)
	p = w.pay()
	_, err = w.TenderCash(t.Context(), p.Turn, 2000)
	require.Error(t, err)
	require.Equal(t, 2, m.opened, "nothing was written")
	w.Close()
}

func TestARefundIsPrinted(t *testing.T) {
	w, m := withMachine(t)
	close(m.lets)
	sold := w.sellByCard()
	require.NoError(t, <-sold.Printed)
	r, err := w.Refundable(t.Context(), sold.Receipt.Epoch, sold.Receipt.Number)
	require.NoError(t, err)
	part := []retail.RefundPart{{Of: 0, Quantity: money.One}}
	back, err := w.Refund(t.Context(), r, part, till.Payback{Kind: retail.TenderCash}, "broken", w.approval(retail.Need{Deed: retail.DeedTender}))
	require.NoError(t, err)
	require.NoError(t, <-back.Printed)
	slip := w.printer.Printed[1]
	require.NotNil(t, slip.Refund)
	require.Equal(t, back.Code, slip.Code())
	require.Equal(t, sold.Code, slip.Of)
	require.Equal(t, back.Hash.Short(), slip.Proof)
	require.Equal(t, 1, m.opened)
	require.False(t, slip.Copy)
}
