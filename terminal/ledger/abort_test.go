package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// deed is something a cashier does from one moment on to another. It goes on from wherever the till stands.
type deed struct {
	name string
	// writes is the kind of its document; 0 for a deed outside the journal, done says then whether it is done.
	writes journal.Kind
	do     func(ctx context.Context, s *shop) error
	done   func(ctx context.Context, s *shop) bool
}

// dayOfDeeds are a day's, each on top of those before.
var dayOfDeeds = []deed{
	{name: "open", writes: journal.KindShiftOpen, do: func(ctx context.Context, s *shop) error { return s.OpenShift(ctx, 20000) }},
	{name: "sale", writes: journal.KindSale, do: sellDonutsAndDrink},
	{name: "refund", writes: journal.KindRefund, do: func(ctx context.Context, s *shop) error {
		r, err := s.Refundable(ctx, s.l.head.epoch, 1)
		if err == nil {
			_, err = s.Refund(ctx, r, []retail.RefundPart{{Of: 0, Quantity: money.One}}, till.Payback{Kind: retail.TenderCash}, "spoilt", till.Approval{})
		}
		return err
	}},
	{name: "promise", writes: journal.KindRefundHold, do: func(ctx context.Context, s *shop) error {
		ask := retail.HoldAsked{
			ID: otherTillsHold, Receipt: retail.ReceiptID{Till: s.l.identity.Till, Epoch: s.l.head.epoch, Number: 1}, For: uuid.UUID{9},
			Parts: []retail.RefundPart{{Of: 0, Quantity: money.One}},
		}
		book := asking{s.l, []retail.HoldAsked{ask}}
		return till.Holds{Till: s.l.identity.Till, Journal: s.l, Book: book, Log: slog.New(slog.DiscardHandler)}.Answer(ctx)
	}},
	{name: "hold", do: func(ctx context.Context, s *shop) error {
		if s.Ticket().Items == 0 {
			if err := s.add(ctx, timbit, 2); err != nil {
				return err
			}
		}
		return s.Hold(ctx, "Tremblay")
	}, done: func(ctx context.Context, s *shop) bool { return s.Ticket().Items == 0 && s.held(ctx) != uuid.Nil }},
	{
		name: "recall", do: func(ctx context.Context, s *shop) error { return s.Recall(ctx, s.held(ctx)) },
		done: func(ctx context.Context, s *shop) bool { return s.Ticket().Items > 0 && s.held(ctx) == uuid.Nil },
	},
	{name: "sale of what was held", writes: journal.KindSale, do: sellDonutsAndDrink},
	{name: "void", writes: journal.KindVoid, do: func(ctx context.Context, s *shop) error {
		last, err := s.Receipts(ctx, till.ReceiptFilter{Limit: 1})
		if err == nil {
			_, err = s.VoidSale(ctx, last[0], "mistake", till.Approval{})
		}
		return err
	}},
	{name: "cash", writes: journal.KindCashMove, do: func(ctx context.Context, s *shop) error {
		return s.CashMove(ctx, -5000, retail.CashSafe, "")
	}},
	{name: "accept an order", writes: journal.KindOrderAccept, do: func(ctx context.Context, s *shop) error {
		return s.AcceptOrder(ctx, webOrder.ID)
	}},
	{name: "an order is ready", writes: journal.KindOrderReady, do: func(ctx context.Context, s *shop) error {
		p, err := s.PickOrder(ctx, webOrder.ID)
		if err == nil {
			p.AllFound()
			err = p.Ready(ctx, false)
		}
		return err
	}},
	{name: "hand an order over", writes: journal.KindSale, do: func(ctx context.Context, s *shop) error {
		_, err := s.HandOver(ctx, webOrder.ID, false)
		return err
	}},
	{name: "line of a count", writes: journal.KindCount, do: func(ctx context.Context, s *shop) error {
		c, err := s.BeginStockCount(ctx, till.Approval{})
		if err == nil {
			err = c.Choose(ctx, timbit)
		}
		if err == nil {
			err = c.Set(40 * money.One)
		}
		if err == nil {
			_, err = c.Confirm(ctx)
		}
		return err
	}},
	{name: "end of a count", writes: journal.KindCount, do: func(ctx context.Context, s *shop) error {
		c, err := s.BeginStockCount(ctx, till.Approval{})
		if err == nil {
			err = c.Finish(ctx)
		}
		return err
	}},
	{name: "close", writes: journal.KindShiftClose, do: func(ctx context.Context, s *shop) error {
		if err := s.StartCount(); err != nil {
			return err
		}
		_, err := s.CloseShift(ctx, []retail.Denomination{{Value: 2000, Count: 7}})
		return err
	}},
}

var otherTillsHold = uuid.MustParse("0192aaaa-0000-7000-8000-0000000000bb")

// sellDonutsAndDrink puts on the ticket what is not on it yet, and pays what is not paid yet: some in cash, the rest by card.
func sellDonutsAndDrink(ctx context.Context, s *shop) error {
	for i, product := range []uuid.UUID{timbit, coffee} {
		if _, paying := s.Payment(); !paying && len(s.Ticket().Lines) == i {
			if err := s.add(ctx, product, 3); err != nil {
				return err
			}
		}
	}
	p, err := s.StartPayment()
	if err == nil && p.Paid == 0 {
		p, err = s.TenderCash(ctx, p.Turn, 500)
	}
	if err == nil {
		_, err = s.TenderCard(ctx, p.Turn, p.Left, "083214", "4417")
	}
	return err
}

func (s *shop) add(ctx context.Context, product uuid.UUID, units int64) error {
	p, _, err := s.l.Product(ctx, product)
	if err == nil {
		err = s.Add(ctx, p, money.Quantity(units)*money.One)
	}
	return err
}

// held is the ticket that waits; uuid.Nil when none does.
func (s *shop) held(ctx context.Context) uuid.UUID {
	held, err := s.Held(ctx)
	require.NoError(s.t, err)
	if len(held) == 0 {
		return uuid.Nil
	}
	return held[0].ID
}

// was says whether the deed is done, on a till that had so many entries before.
func (d deed) was(s *shop, entries int) bool {
	if d.writes == 0 {
		return d.done(s.t.Context(), s)
	}
	kinds, _ := s.written()
	return slices.Contains(kinds[entries:], d.writes)
}

// stage is a folder in which everything before a deed is done, and how the till stands then and after the deed.
type stage struct {
	deed
	photo
	before, after standing
}

// finish does what is left of the deed and checks that in the end it was done once and as a whole.
func (g stage) finish(t *testing.T, s *shop, must bool) {
	t.Helper()
	requireSound(t, s.l)
	done := g.was(s, len(g.before.Entries))
	if must {
		require.True(t, done, "it was shown")
	}
	if !done {
		require.NoError(t, g.do(t.Context(), s))
	}
	now, want := s.standing(), g.after
	if must && g.writes == journal.KindShiftClose { // what could not be signed at once is signed at the next start
		signed := func(k journal.Kind) bool { return k == journal.KindChainHead }
		now.Entries, want.Entries = slices.DeleteFunc(now.Entries, signed), slices.DeleteFunc(slices.Clone(want.Entries), signed)
	}
	require.Equal(t, want, now)
	requireSound(t, s.l)
}

// requireJournaled checks that everything that left the till is in its journal.
func requireJournaled(t *testing.T, s *shop, shown []slip) {
	t.Helper()
	_, journaled := s.written()
	for _, slip := range shown {
		require.Contains(t, journaled, slip, "printed and lost")
	}
}

// A till whose program ends before or after any statement, any write of the open ticket or of the count, with any part of
// such a write on the disk: what it had printed is in the journal, the document is there whole or not at all, and who does it
// then has done it once.
func TestATillThatEndsAnywhereInADeed(t *testing.T) {
	for _, g := range stages(t) {
		t.Run(g.name, func(t *testing.T) {
			s := openShop(t, g.print(t))
			type seen struct {
				photo
				slips []slip
				drew  bool
			}
			var all []seen
			s.at = func(moment string) error {
				p, err := photograph(moment, s.l.cfg.Dir)
				slips, drawer := s.shown()
				all = append(all, seen{p, slips, drawer > 0})
				return err
			}
			require.NoError(t, s.at("before"))
			require.NoError(t, g.do(t.Context(), s))
			require.NoError(t, s.at("after"))
			s.at = nil
			s.close()

			moments, looked := 0, map[string]bool{} // most statements leave the disk as it was until COMMIT
			for i, now := range all {
				photos := []photo{now.photo}
				if i > 0 {
					photos = append(photos, torn(all[i-1].photo, now.photo)...)
				}
				for n, p := range photos {
					moments++
					slips, drew := now.slips, now.drew
					if n > 0 { // torn: before this moment
						slips, drew = all[i-1].slips, all[i-1].drew
					}
					look := fmt.Sprint(p.sum(), slips, drew)
					if looked[look] && i < len(all)-1 {
						continue
					}
					looked[look] = true
					if testing.Short() && moments%3 != 1 && i < len(all)-1 {
						continue
					}
					t.Run(fmt.Sprint(moments, " ", p.moment), func(t *testing.T) {
						again := openShop(t, p.print(t))
						requireJournaled(t, again, slips)
						g.finish(t, again, drew || len(slips) > 0 || i == len(all)-1 && n == 0)
						again.close()
					})
				}
			}
			t.Logf("%d moments, %d of them different", moments, len(looked))
			require.Greater(t, moments, 4)
		})
	}
}

var errPlanted = errors.New("the disk fails")

// A till that goes on after the disk failed at any such place: it said so and had printed nothing, or it says that the deed
// is done and it is. Then it is done, once, and so it stays after a restart.
func TestADeedThatFailsAnywhere(t *testing.T) {
	for _, g := range stages(t) {
		t.Run(g.name, func(t *testing.T) {
			for fails := 0; ; fails++ {
				ended := false
				if testing.Short() && fails%3 != 2 {
					continue
				}
				t.Run(fmt.Sprint(fails), func(t *testing.T) {
					s := openShop(t, g.print(t))
					n, where := 0, ""
					s.at = func(moment string) error {
						if n++; n == fails+1 && !strings.Contains(moment, "ROLLBACK") {
							where = moment
							return errPlanted
						}
						return nil
					}
					err := g.do(t.Context(), s)
					ended = n <= fails
					s.at = nil
					t.Logf("%s: %v", where, err)
					slips, drawer := s.shown()
					requireJournaled(t, s, slips)
					if err != nil {
						require.Empty(t, slips)
						require.Zero(t, drawer)
					}
					g.finish(t, s, err == nil)
					s.close()
					again := openShop(t, s.l.cfg.Dir)
					requireSound(t, again.l)
					require.Equal(t, g.after, again.standing())
					again.close()
				})
				if ended || t.Failed() {
					return
				}
			}
		})
	}
}

// stages plays the day once.
func stages(t *testing.T) (all []stage) {
	f := newFolder(t)
	furnish(t, f)
	for _, d := range dayOfDeeds {
		s := openShop(t, f.dir)
		g := stage{deed: d, before: s.standing()}
		s.close()
		var err error
		g.photo, err = photograph("before", f.dir)
		require.NoError(t, err)
		s = openShop(t, f.dir)
		require.NoError(t, d.do(t.Context(), s), d.name)
		g.after = s.standing()
		require.NotEqual(t, g.before, g.after, d.name)
		s.close()
		all = append(all, g)
	}
	return all
}
