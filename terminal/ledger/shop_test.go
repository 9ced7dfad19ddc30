package ledger

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/shared/secret"
	"comptant/sync/wire"
	"comptant/terminal/till"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// shop is a till as a cashier has it before them, on a folder.
type shop struct {
	*till.Till
	t     testing.TB
	l     *Ledger
	paper *paper
	// at is told of what the till does to the disk, and fails it; nil for nothing.
	at func(moment string) error
}

var sophie = uuid.MustParse("0192aaaa-0000-7000-8000-0000000000aa")

const sophiesPIN = "777777"

// furnish gives the folder goods and a manager, once.
func furnish(t testing.TB, f folder) {
	t.Helper()
	l := f.open(t)
	defer shut(t, l)
	pin, err := secret.Hash(sophiesPIN, secret.Params{Memory: 64, Time: 1, Threads: 1})
	require.NoError(t, err)
	global, store := newHQ(t, l, "global"), newHQ(t, l, "store")
	donut, drink := bread("donut", 25), bread("drink", 199)
	donut.ID, drink.ID, drink.Barcodes = timbit, coffee, nil
	require.NoError(t, l.Publish(t.Context(), global.page(0,
		global.row(retail.RowProduct, timbit, donut), global.row(retail.RowProduct, coffee, drink))))
	require.NoError(t, l.Publish(t.Context(), store.page(0, store.row(retail.RowStaff, sophie,
		retail.Staff{ID: sophie, Name: "Sophie", Role: retail.RoleManager, PIN: pin, Lang: "en"}),
		store.row(retail.RowOrder, webOrder.ID, webOrder))))
}

// openShop opens the folder and signs Sophie in.
func openShop(t testing.TB, dir string) *shop {
	t.Helper()
	s := &shop{t: t, paper: &paper{}}
	s.l = openWith(t, Config{Dir: dir, App: "test", Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return day }})
	watch(t, s.l, s.notice)
	kept := keeper{s.l, s.notice}
	var err error
	s.Till, err = till.New(till.Config{
		Journal: s.l, Catalogue: s.l, Book: s.l, Tickets: kept, Counts: kept, Picks: kept, Customers: s.l, Tries: s.l, Printer: s.paper,
		Ask:     func(context.Context, retail.HoldAsked) error { return nil },
		Find:    func(context.Context, retail.ReceiptAsked) error { return nil },
		Network: func() till.Network { return till.Network{Certain: true} },
		Now:     func() time.Time { return day }, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	require.NoError(t, s.SignIn(t.Context(), sophie, sophiesPIN))
	return s
}

func (s *shop) notice(moment string) error {
	if s.at == nil {
		return nil
	}
	return s.at(moment)
}

func (s *shop) close() {
	s.Close()
	shut(s.t, s.l)
}

// keeper is the ledger, with a look before and after each write of the slots.
type keeper struct {
	*Ledger
	at func(moment string) error
}

func (k keeper) KeepTicket(body []byte) error {
	return k.write("the ticket", func() error { return k.Ledger.KeepTicket(body) })
}

func (k keeper) KeepCount(session uuid.UUID, body []byte) error {
	return k.write("the count", func() error { return k.Ledger.KeepCount(session, body) })
}

func (k keeper) KeepPicks(body []byte) error {
	return k.write("the picks", func() error { return k.Ledger.KeepPicks(body) })
}

func (k keeper) write(what string, do func() error) error {
	if err := k.at("before " + what); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return k.at("after " + what)
}

// paper is what came out of the printer, and how often the drawer was opened.
type paper struct {
	mu     sync.Mutex
	slips  []slip
	drawer int
}

// slip is what a customer can hold against the till: a number and the proof beside it.
type slip struct {
	number uint64
	z      bool
	proof  string
}

func (p *paper) Print(_ context.Context, r retail.Receipt) error {
	number := r.Sale.Number
	if r.Refund != nil {
		number = r.Refund.Number
	}
	return p.add(slip{number: number, proof: r.Proof})
}

func (p *paper) PrintReport(_ context.Context, r retail.Report) error {
	return p.add(slip{number: r.Z.Number, z: true, proof: r.Proof})
}

func (p *paper) add(s slip) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slips = append(p.slips, s)
	return nil
}

func (p *paper) State() till.PrinterState { return till.PrinterState{} }

func (p *paper) OpenDrawer() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drawer++
}

// shown is what has left the till so far.
func (s *shop) shown() (slips []slip, drawer int) {
	s.Close() // until what was handed to the printer is on paper
	s.paper.mu.Lock()
	defer s.paper.mu.Unlock()
	return slices.Clone(s.paper.slips), s.paper.drawer
}

// written is the journal.
func (s *shop) written() (kinds []journal.Kind, slips []slip) {
	state, err := s.l.Epochs(s.t.Context())
	require.NoError(s.t, err)
	require.Len(s.t, state, 1, "a kill is not a restore")
	b, err := s.l.Read(s.t.Context(), wire.Path{Epoch: state[0].Epoch}, 0, 1000, wire.BatchBytes)
	require.NoError(s.t, err)
	for _, k := range journal.Chain(s.l.identity.Till, state[0].Epoch, b.First, b.Prev, b.Entries) {
		e, err := journal.Decode(k.Bytes)
		require.NoError(s.t, err)
		if e.Kind == journal.KindSignIn {
			continue // one more after each restart
		}
		kinds = append(kinds, e.Kind)
		var number uint64
		switch e.Kind {
		case journal.KindSale:
			sale, err := journal.DecodeBody[retail.Sale](e)
			require.NoError(s.t, err)
			number = sale.Number
		case journal.KindRefund:
			refund, err := journal.DecodeBody[retail.Refund](e)
			require.NoError(s.t, err)
			number = refund.Number
		case journal.KindVoid:
			void, err := journal.DecodeBody[retail.Void](e)
			require.NoError(s.t, err)
			number = void.Number
		case journal.KindShiftClose:
			z, err := journal.DecodeBody[retail.ShiftClose](e)
			require.NoError(s.t, err)
			number = z.Number
		}
		slips = append(slips, slip{number, e.Kind == journal.KindShiftClose, k.Hash.Short()})
	}
	return kinds, slips
}

// standing is all that a person could tell two tills apart by.
type standing struct {
	Entries []journal.Kind
	// Items are the open ticket's, Paid what was tendered for it, Held the names of the tickets that wait.
	Items  int
	Paid   money.Amount
	Held   []string
	Stock  [2]money.Quantity
	Shift  uint64
	Closed bool
	Drawer money.Amount
	// Gone is what was given back, or promised, of the first receipt.
	Gone money.Quantity
	// Session says that a count goes on, with the lines that are confirmed and one that is not.
	Session bool
	Lines   []money.Quantity
	Open    bool
	// Order is where the order of the shop stands, Handed the receipt it was handed over with.
	Order  retail.OrderState
	Handed string
}

func (s *shop) standing() (is standing) {
	ctx := s.t.Context()
	is.Entries, _ = s.written()
	is.Items = s.Ticket().Items
	if p, paying := s.Payment(); paying {
		is.Paid = p.Paid
	}
	held, err := s.Held(ctx)
	require.NoError(s.t, err)
	for _, h := range held {
		is.Held = append(is.Held, h.Name)
	}
	for i, product := range []uuid.UUID{timbit, coffee} {
		stock, err := s.l.StockOf(ctx, product)
		require.NoError(s.t, err)
		is.Stock[i] = stock.Here
	}
	shift, err := s.l.Shift(ctx)
	require.NoError(s.t, err)
	is.Shift, is.Closed = shift.Number, shift.Closed
	totals, err := s.l.Totals(ctx, shift)
	require.NoError(s.t, err)
	is.Drawer = totals.Expect(shift.Float)
	gone, err := s.l.GivenBack(ctx, 100, 1)
	require.NoError(s.t, err)
	for _, p := range gone {
		is.Gone += p.Quantity
	}
	order, err := s.Order(ctx, webOrder.ID)
	require.NoError(s.t, err)
	is.Order, is.Handed = order.State, order.Receipt
	if c, ok := s.StockCount(); ok {
		is.Session = true
		for _, line := range c.Lines() {
			is.Lines = append(is.Lines, line.Quantity)
		}
		_, is.Open = c.Open()
	}
	return is
}
