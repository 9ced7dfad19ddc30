package e2e_test

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// drawerAndCash opens the drawer on a supervisor's word, and takes cash out for bags.
func (d *day) drawerAndCash() {
	d.t.Helper()
	d.next()
	d.key("F7")
	d.keys("3333") // Catherine's
	d.look("approval")
	d.key("Return")
	d.reaches(journal.KindDrawerOpen, 1)
	d.click(railX, railSell+3*railStep)
	d.key("F3")
	d.keys("2500sacs")
	d.look("cash-out")
	d.key("Return")
	d.reaches(journal.KindCashMove, 1)
	d.click(railX, railSell)
}

// refunded sells one thing and takes it back, from the journal.
func (d *day) refunded() {
	d.t.Helper()
	d.ticket(0)
	d.settle()
	d.click(railX, railSell+2*railStep)
	d.key("F8")
	d.key("F4") // all of it
	d.look("refund")
	d.key("F9")
	d.reaches(journal.KindRefund, 1)
	d.documents++
	d.look("refunded")
	d.key("Escape")
	d.click(railX, railSell)
}

// voided sells one thing and voids the sale, on a supervisor's word.
func (d *day) voided() {
	d.t.Helper()
	d.ticket(0)
	d.settle()
	d.click(railX, railSell+2*railStep)
	d.click(933, 727)
	d.keys("3333")
	d.look("void")
	d.key("Return")
	d.reaches(journal.KindVoid, 1)
	d.click(railX, railSell)
}

// close counts the drawer to the cent, and compares the Z with what the entries come to.
func (d *day) close() {
	d.t.Helper()
	d.paper()
	want := d.fold()
	d.click(railX, railSell+3*railStep)
	d.look("before-the-count")
	d.key("F9")
	left := want.float + want.cash
	for _, value := range []money.Amount{10000, 5000, 2000, 1000, 500, 200, 100, 25, 10, 5} {
		d.xdotool("type", "--delay", "60", fmt.Sprint(int64(left/value)))
		d.xdotool("key", "Return")
		left %= value
	}
	require.Zero(d.t, left)
	d.settle()
	d.look("counted")
	d.key("F9")
	d.reaches(journal.KindShiftClose, 1)
	d.settle()
	d.look("closed")
	for _, e := range d.entries() {
		if e.Kind != journal.KindShiftClose {
			continue
		}
		z, err := journal.DecodeBody[retail.ShiftClose](e)
		require.NoError(d.t, err)
		got := totals{
			float: z.Float, cash: z.Expected - z.Float, sold: z.Totals.Sold, refunded: z.Totals.Refunded, taxes: map[string]money.Amount{},
			rounding: z.Totals.Rounding, revenue: z.Totals.Revenue, tickets: z.Totals.Tickets, refunds: z.Totals.Refunds, voids: z.Totals.Voids,
		}
		for _, t := range z.Totals.Taxes {
			got.taxes[t.Code] += t.Amount
		}
		for _, t := range z.Totals.Tenders {
			if t.Kind == retail.TenderCard {
				got.card = t.In - t.Out
			}
		}
		require.Equal(d.t, want, got)
		require.Zero(d.t, z.Difference)
		require.Equal(d.t, z.Expected, z.Counted)
	}
}

// totals are what a day comes to.
type totals struct {
	float, cash, card, sold, refunded, revenue, rounding money.Amount
	taxes                                                map[string]money.Amount
	tickets, refunds, voids                              uint64
}

// fold adds the entries up by itself: what the documents say of their totals, taxes and tenders, and what moved in the drawer.
// It also holds that receipts are numbered without a gap and add up on their own.
func (d *day) fold() totals {
	d.t.Helper()
	sum := totals{taxes: map[string]money.Amount{}}
	last := uint64(0)
	add := func(sign money.Amount, number uint64, lines []retail.Line, taxes []retail.Tax, tenders []retail.Tender, total, rounding money.Amount) {
		require.Equal(d.t, last+1, number, "receipts without a gap")
		last = number
		var net, tax, paid money.Amount
		for _, l := range lines {
			net += l.Amount
		}
		for _, t := range taxes {
			tax += t.Amount
			sum.taxes[t.Code] += sign * t.Amount
		}
		for _, t := range tenders {
			paid += t.Amount
			if t.Kind == retail.TenderCash {
				sum.cash += sign * t.Amount
			} else {
				sum.card += sign * t.Amount
			}
		}
		require.Equal(d.t, total, net+tax, "receipt %d", number)
		require.Equal(d.t, total+rounding, paid, "receipt %d", number)
		sum.revenue += sign * net
		sum.rounding += sign * rounding
	}
	for _, e := range d.entries() {
		switch e.Kind {
		case journal.KindShiftOpen:
			sum.float = body[retail.ShiftOpen](d, e).Float
		case journal.KindCashMove:
			sum.cash += body[retail.CashMove](d, e).Amount
		case journal.KindSale:
			s := body[retail.Sale](d, e)
			add(1, s.Number, s.Lines, s.Taxes, s.Tenders, s.Total, s.Rounding)
			sum.tickets, sum.sold = sum.tickets+1, sum.sold+s.Total
		case journal.KindRefund:
			r := body[retail.Refund](d, e)
			add(-1, r.Number, linesOf(r.Lines), r.Taxes, r.Tenders, r.Total, r.Rounding)
			sum.refunds, sum.refunded = sum.refunds+1, sum.refunded+r.Total
		case journal.KindVoid:
			v := body[retail.Void](d, e)
			add(-1, v.Number, linesOf(v.Lines), v.Taxes, v.Tenders, v.Total, v.Rounding)
			sum.tickets, sum.sold, sum.voids = sum.tickets-1, sum.sold-v.Total, sum.voids+1
		}
	}
	return sum
}

func body[T any](d *day, e journal.Entry) T {
	d.t.Helper()
	b, err := journal.DecodeBody[T](e)
	require.NoError(d.t, err)
	return b
}

func linesOf(all []retail.RefundLine) (lines []retail.Line) {
	for _, l := range all {
		lines = append(lines, l.Line)
	}
	return lines
}
