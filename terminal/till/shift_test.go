package till_test

import (
	"errors"
	"testing"
	"time"

	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
	"comptant/terminal/till/tilltest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestNothingIsSoldWithoutAShift(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	_, err := w.Scan(t.Context(), pen.SKU)
	refused(t, till.KeyNoShift, err)
	_, err = w.StartPayment()
	refused(t, till.KeyNoShift, err)
	_, err = w.TenderCash(t.Context(), till.Turn{}, 100)
	refused(t, till.KeyNoShift, err)
	_, err = w.Refund(t.Context(), till.Refundable{}, nil, till.Payback{}, "broken", till.Approval{})
	refused(t, till.KeyNoShift, err)
	refused(t, till.KeyNoShift, w.CashMove(t.Context(), 1000, retail.CashFloat, ""))
	_, err = w.X(t.Context())
	refused(t, till.KeyNoShift, err)
	refused(t, till.KeyNoShift, w.StartCount())
	_, err = w.CloseShift(t.Context(), nil)
	refused(t, till.KeyNoShift, err)
	require.NoError(t, w.OpenShift(t.Context(), 0))
	w.scan(pen.SKU)
}

func TestAShiftOpensWithItsFloat(t *testing.T) {
	w := newWorld(t)
	refused(t, till.KeySignInNeeded, w.OpenShift(t.Context(), 0))
	w.clock = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC) // 22:00 the day before in Montréal
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	for _, float := range []money.Amount{-5, 20001} {
		refused(t, till.KeyCashAmount, w.OpenShift(t.Context(), float))
	}
	require.NoError(t, w.OpenShift(t.Context(), 20000))
	require.Equal(t, retail.Date(20261122), w.Shift().BusinessDate, "of the store")
	refused(t, till.KeyShiftOpen, w.OpenShift(t.Context(), 20000))
	w.Lock()
	w.start()
	require.NoError(t, w.SignIn(t.Context(), robert, "777777"))
	require.Equal(t, uint64(1), w.Shift().Number, "the shift that was open before the restart")
	require.Equal(t, money.Amount(20000), w.Shift().Float)
	float, err := w.LastFloat(t.Context())
	require.NoError(t, err)
	require.Equal(t, money.Amount(20000), float)
}

// A till whose clock is a day off dates its sales by headquarters' time, as far as it knows it.
func TestBusinessDateFollowsTheMeasuredClockOffset(t *testing.T) {
	w := newWorld(t)
	w.network.Offset = 24 * time.Hour
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	require.NoError(t, w.OpenShift(t.Context(), 0))
	require.Equal(t, retail.Date(20261123), w.Shift().BusinessDate)
}

func TestAShiftLeftOpenGoesOn(t *testing.T) {
	w := signedIn(t)
	require.False(t, w.LeftOpen())
	w.clock = w.clock.Add(oneDay)
	w.Lock()
	w.start()
	require.NoError(t, w.SignIn(t.Context(), robert, "777777"))
	require.True(t, w.LeftOpen())
	w.scan(pen.SKU)
	_, err := w.TenderCash(t.Context(), w.pay().Turn, 1000)
	require.NoError(t, err)
	require.Equal(t, retail.Date(20261122), tilltest.Bodies[retail.Sale](w.journal)[0].BusinessDate, "the day it opened")
	require.Equal(t, retail.Date(20261122), w.close(20125).Z.BusinessDate)
	require.False(t, w.LeftOpen())
}

func TestCashMoves(t *testing.T) {
	w := signedIn(t)
	refused(t, till.KeyCashAmount, w.CashMove(t.Context(), 0, retail.CashFloat, ""))
	refused(t, till.KeyCashAmount, w.CashMove(t.Context(), 1001, retail.CashFloat, ""))
	refused(t, till.KeyCashNote, w.CashMove(t.Context(), 1000, 0, ""))
	refused(t, till.KeyCashNote, w.CashMove(t.Context(), 1000, retail.CashOther, ""))
	require.NoError(t, w.CashMove(t.Context(), 1000, retail.CashOther, "trouvé"))
	require.NoError(t, w.CashMove(t.Context(), -5000, retail.CashSafe, ""))
	moved := w.journal.Drafts[len(w.journal.Drafts)-1]
	require.Equal(t, retail.CashMove{BusinessDate: 20261122, Currency: "CAD", Amount: -5000, Reason: retail.CashSafe}, moved.Body)
	require.NoError(t, moved.Body.(retail.CashMove).Check())
	require.Equal(t, uint64(1), moved.Shift)
	x, err := w.X(t.Context())
	require.NoError(t, err)
	require.Equal(t, money.Amount(20000+1000-5000), x.Z.Expected)
}

func TestTheCountIsBlindAndTheZSaysTheDifference(t *testing.T) {
	w := signedIn(t)
	w.journal.Unsent.Count = 143
	w.scan("3*" + pen.SKU)
	refused(t, till.KeyShiftTicket, w.StartCount())
	p := w.pay()
	refused(t, till.KeyShiftTicket, w.StartCount())
	_, err := w.TenderCash(t.Context(), p.Turn, 2000)
	require.NoError(t, err)
	_, err = w.CloseShift(t.Context(), nil)
	refused(t, till.KeyShiftCount, err)

	require.NoError(t, w.StartCount())
	require.True(t, w.Counting())
	_, err = w.X(t.Context())
	refused(t, till.KeyShiftCounting, err)
	w.StopCount()
	x, err := w.X(t.Context())
	require.NoError(t, err)
	require.False(t, x.Final())
	require.NoError(t, w.StartCount())
	_, err = w.CloseShift(t.Context(), []retail.Denomination{{Value: 2000, Count: -1}})
	refused(t, till.KeyShiftCount, err)
	count := []retail.Denomination{{Value: 2000, Count: 10}, {Value: 25, Roll: 40, Count: 0}, {Value: 100, Count: 3}}
	closed, err := w.CloseShift(t.Context(), count)
	require.NoError(t, err)
	require.NoError(t, <-closed.Printed)
	require.Equal(t, "CV-01-1-Z0001", closed.Code)
	z := closed.Z
	require.NoError(t, z.Check())
	require.Equal(t, retail.ShiftClose{
		Number: 1, Shift: 1, BusinessDate: 20261122, Currency: "CAD", Opened: z.Opened, OpenedAt: w.clock.UnixMilli(), Float: 20000,
		Totals: x.Z.Totals, Count: count, Counted: 20300, Expected: 20380, Difference: -80, Perpetual: 380, Waiting: 143,
	}, z)
	require.Equal(t, uint64(2), z.Opened.Seq)
	require.Len(t, w.printer.Reports, 1)
	require.False(t, w.printer.Reports[0].Copy)
	require.Zero(t, w.Shift())
	require.False(t, w.Counting())

	all, err := w.Closes(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, []till.Close{closed.Close}, all)
	again, err := w.Report(t.Context(), all[0])
	require.NoError(t, err)
	require.True(t, again.Copy)
	printed, err := w.PrintReport(t.Context(), again)
	require.NoError(t, err)
	require.NoError(t, <-printed)

	require.NoError(t, w.OpenShift(t.Context(), 15000), "a second shift on the same day")
	require.Equal(t, uint64(2), w.Shift().Number)
	second := w.close(15000)
	require.Equal(t, "CV-01-1-Z0002", second.Code)
	require.Zero(t, second.Z.Difference)
	require.Zero(t, second.Z.Totals.Tickets)
	require.Equal(t, money.Amount(380), second.Z.Perpetual, "the perpetual total goes on")
}

func TestACloseThatIsNotWrittenIsNone(t *testing.T) {
	w := signedIn(t)
	require.NoError(t, w.StartCount())
	w.journal.Fails = errors.New("disk full")
	_, err := w.CloseShift(t.Context(), nil)
	refused(t, till.KeyJournal, err)
	require.True(t, w.Shift().Open())
	require.Empty(t, w.printer.Reports)
	w.journal.Fails = nil
	w.printer.Jam = errors.New("no paper")
	closed, err := w.CloseShift(t.Context(), nil)
	require.NoError(t, err, "a printer that fails does not undo it")
	require.Error(t, <-closed.Printed)
	require.Equal(t, money.Amount(-20000), closed.Z.Difference)
}

// Whatever is sold, given back, put in, taken out, opened and closed: X and Z are what an independent sum over the entries
// of the shift says, each document is in exactly one Z, and Z numbers have no gap.
func TestXAndZAreTheFoldOfTheJournal(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := signedIn(t)
		ctx := t.Context()
		nickels := func(name string, least int64) money.Amount {
			return 5 * money.Amount(rapid.Int64Range(least, 2000).Draw(r, name))
		}
		r.Repeat(map[string]func(*rapid.T){
			"sell": func(r *rapid.T) {
				if !w.Shift().Open() {
					return
				}
				w.scan(rapid.SampledFrom([]string{pen.SKU, "2*" + coffee.SKU, syrup.SKU, "1.240*" + apples.SKU, stamps.SKU}).Draw(r, "code"))
				p := w.pay()
				if part := p.Left / 2; part > 0 && rapid.Bool().Draw(r, "a part by card") {
					var err error
					p, err = w.TenderCard(ctx, p.Turn, part, "1", "4417")
					require.NoError(r, err)
				}
				if rapid.Bool().Draw(r, "in cash") {
					_, err := w.TenderCash(ctx, p.Turn, p.LeftInCash+nickels("more", 0))
					require.NoError(r, err)
				} else {
					_, err := w.TenderCard(ctx, p.Turn, p.Left, "1", "4417")
					require.NoError(r, err)
				}
			},
			"refund": func(r *rapid.T) {
				sales, err := w.Receipts(ctx, till.ReceiptFilter{Limit: 100})
				require.NoError(r, err)
				if len(sales) == 0 || !w.Shift().Open() {
					return
				}
				of := rapid.SampledFrom(sales).Draw(r, "receipt")
				back, err := w.Refundable(ctx, 1, of.Number)
				require.NoError(r, err)
				kind := rapid.SampledFrom([]retail.TenderKind{retail.TenderCash, retail.TenderCard}).Draw(r, "tender")
				parts := []retail.RefundPart{{Of: 0, Quantity: of.Sale.Lines[0].Quantity}}
				_, _ = w.Refund(ctx, back, parts, till.Payback{Kind: kind}, "broken", till.Approval{}) // once; then it is refused
			},
			"move cash": func(r *rapid.T) { _ = w.CashMove(ctx, nickels("amount", -2000), retail.CashSafe, "") },
			"close": func(r *rapid.T) {
				if w.Shift().Open() {
					w.close(nickels("counted", 0))
				}
			},
			"open": func(r *rapid.T) { _ = w.OpenShift(ctx, nickels("float", 0)) },
			"": func(r *rapid.T) {
				var number uint64
				var perpetual money.Amount
				var seen int
				for _, d := range w.journal.Drafts {
					z, ok := d.Body.(retail.ShiftClose)
					if !ok {
						continue
					}
					number++
					require.Equal(r, number, z.Number)
					require.NoError(r, z.Check())
					want, documents := foldShift(w.journal.Drafts, z.Shift)
					seen += documents
					perpetual += want.total
					require.Equal(r, want, foldZ(z))
					require.Equal(r, perpetual, z.Perpetual)
				}
				if w.Shift().Open() {
					x, err := w.X(ctx)
					require.NoError(r, err)
					want, documents := foldShift(w.journal.Drafts, w.Shift().Number)
					seen += documents
					require.Equal(r, want, foldZ(x.Z))
					require.Equal(r, perpetual+want.total, x.Z.Perpetual)
				}
				_, all := foldShift(w.journal.Drafts, 0)
				require.Equal(r, all, seen, "each document is in one Z")
			},
		})
	})
}

// sums are what a shift comes to.
type sums struct {
	tickets, refunds                          uint64
	drawer, card, total, taxes, rounded, nets money.Amount
}

func foldZ(z retail.ShiftClose) sums {
	s := sums{
		tickets: z.Totals.Tickets, refunds: z.Totals.Refunds, drawer: z.Expected, total: z.Totals.Sold - z.Totals.Refunded,
		rounded: z.Totals.Rounding, nets: z.Totals.Revenue,
	}
	for _, t := range z.Totals.Taxes {
		s.taxes += t.Amount
	}
	for _, t := range z.Totals.Tenders {
		if t.Kind == retail.TenderCard {
			s.card += t.In - t.Out
		}
	}
	return s
}

// foldShift adds up the entries that carry a shift's number, 0 for all, in another way than the till does.
func foldShift(drafts []tilltest.Entry, shift uint64) (s sums, documents int) {
	pay := func(tenders []retail.Tender, sign money.Amount) {
		for _, t := range tenders {
			if t.Kind == retail.TenderCard {
				s.card += sign * t.Amount
			} else {
				s.drawer += sign * t.Amount
			}
		}
	}
	for _, d := range drafts {
		if shift > 0 && d.Shift != shift {
			continue
		}
		switch b := d.Body.(type) {
		case retail.ShiftOpen:
			s.drawer += b.Float
		case retail.CashMove:
			s.drawer += b.Amount
		case retail.Sale:
			documents++
			s.tickets++
			s.total, s.rounded, s.nets = s.total+b.Total, s.rounded+b.Rounding, s.nets+b.Revenue()
			s.taxes += b.Total - b.Revenue()
			pay(b.Tenders, 1)
		case retail.Refund:
			documents++
			s.refunds++
			s.total, s.rounded, s.nets = s.total-b.Total, s.rounded-b.Rounding, s.nets-b.Revenue()
			s.taxes -= b.Total - b.Revenue()
			pay(b.Tenders, -1)
		}
	}
	return s, documents
}

func TestDenominationsAreFifteen(t *testing.T) {
	all := newWorld(t).Denominations()
	require.Len(t, all, 15)
	for i, d := range all {
		all[i].Count = 1
		require.Equal(t, i >= 10, d.Roll > 0)
	}
	require.Equal(t, money.Amount(18500+340+5000+2500+1000+500+200), retail.Counted(all))
}
