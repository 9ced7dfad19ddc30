package e2e_test

import (
	"context"

	"github.com/stretchr/testify/require"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/printer/emulator"
)

// What happens at the till of a day between its tickets.

// cashSale sells for cash what is scanned.
func (d *day) cashSale(codes ...string) retail.Sale {
	d.t.Helper()
	before := d.count(journal.KindSale)
	d.pays(scans(codes...))
	d.xdotool("key", "Return")
	return d.sold(before + 1)
}

// unplugged takes the printer away during a sale: it is sold all the same, and printed when it is back.
func (d *day) unplugged() {
	d.t.Helper()
	d.paper()
	d.printer.Unplug()
	d.cashSale(d.codes(2, 11)...)
	d.look("the printer is unplugged")
	d.printer.Plug()
	d.paper()
	d.look("the printer is back")
}

// paper waits until everything is on paper, and only once.
func (d *day) paper() []emulator.Strip {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), patience)
	defer cancel()
	err := d.printer.Until(ctx, func(seen emulator.Seen) bool { return len(seen.Cut()) >= d.onPaper })
	cut := d.printer.Seen().Cut()
	require.NoError(d.t, err, "%d of %d pieces of paper", len(cut), d.onPaper)
	return cut
}

// killed ends the program in the middle of a ticket: it is there again after the sign-in.
func (d *day) killed() {
	d.t.Helper()
	d.paper()
	d.does(scans(d.codes(3, 20)...))
	d.settle() // until all three are there
	d.kill()
	d.start()
	d.look("after the kill")
	d.signIn()
	d.look("the ticket is there")
	before := d.count(journal.KindSale)
	d.pays()
	d.xdotool("key", "Return")
	require.Len(d.t, d.sold(before+1).Lines, 3)
}

// drawer is opened on a supervisor's word.
func (d *day) drawer() {
	d.t.Helper()
	d.next()
	d.does(press("F7"))
	d.approves("no sale")
	d.reaches(journal.KindDrawerOpen, 1)
	d.look("the drawer is open")
}

// cash goes out for bags and comes in as change, and an X is read.
func (d *day) cash() {
	d.t.Helper()
	d.visits(railShift)
	d.does(press("F3"), keys("2500"), press("Right", "Right"), keys("sacs"))
	d.look("cash out")
	d.does(press("Return"))
	d.reaches(journal.KindCashMove, 1)
	out := last[retail.CashMove](d, journal.KindCashMove)
	require.Equal(d.t, retail.CashMove{BusinessDate: out.BusinessDate, Currency: "CAD", Amount: -2500, Reason: retail.CashOther, Note: "sacs"}, out)
	d.does(press("F2"), keys("1000"))
	d.look("cash in")
	d.does(press("Return"))
	d.reaches(journal.KindCashMove, 2)
	d.does(press("F7"))
	d.look("an X")
	d.does(press("Escape"))
	d.visits(railSell)
}

// refunded sells one thing and takes it back, from the journal.
func (d *day) refunded() {
	d.t.Helper()
	sale := d.cashSale(d.codes(1, 3)...)
	d.visits(railJournal)
	d.look("the journal")
	d.does(press("F8", "F4")) // all of it
	d.look("refund")
	d.does(press("F9"))
	r := d.gaveBack(1)
	require.Equal(d.t, sale.Number, r.Receipt.Number)
	require.Equal(d.t, sale.Total, r.Total)
	require.Equal(d.t, retail.TenderCash, r.Tenders[0].Kind)
}

// refundedByScan brings one of three things back that were paid by card, by what is printed on the receipt.
func (d *day) refundedByScan() {
	d.t.Helper()
	before := d.count(journal.KindSale)
	d.does(keys("3*"))
	d.pays(scans(d.codes(1, 5)...))
	d.does(press("Right"))
	d.xdotool("key", "Return")
	sale := d.sold(before + 1)
	strips := d.paper()
	codes := strips[len(strips)-1].Barcodes()
	require.Len(d.t, codes, 1)
	d.does(scans(codes[0]))
	d.does(press("plus"))
	d.look("refund by scan")
	d.does(press("F9"))
	d.look("refund to a card")
	d.does(keys("B17C"), press("Return"))
	r := d.gaveBack(2)
	require.Equal(d.t, sale.Number, r.Receipt.Number)
	require.Equal(d.t, money.One, r.Lines[0].Line.Quantity)
	require.Equal(d.t, []retail.Tender{{Kind: retail.TenderCard, Amount: r.Total, Approval: "B17C"}}, r.Tenders)
}

// gaveBack waits for the n-th refund.
func (d *day) gaveBack(n int) retail.Refund {
	d.t.Helper()
	d.reaches(journal.KindRefund, n)
	d.onPaper++
	d.look("refunded")
	d.does(press("Escape"))
	d.answered()
	return last[retail.Refund](d, journal.KindRefund)
}

// voided sells one thing and voids the sale, on a supervisor's word.
func (d *day) voided() {
	d.t.Helper()
	sale := d.cashSale(d.codes(1, 8)...)
	d.visits(railJournal)
	d.touches(933, 727, d.asked)
	d.approves("void")
	d.reaches(journal.KindVoid, 1)
	d.onPaper++
	require.Equal(d.t, sale.Number, last[retail.Void](d, journal.KindVoid).Receipt.Number)
	d.look("voided")
	d.visits(railSell)
}

// counted counts two shelves by scanning, on a supervisor's word.
func (d *day) counted() {
	d.t.Helper()
	d.visits(railStock)
	d.look("stock")
	d.does(press("F6"))
	d.approves("a count")
	a, b := d.article(1), d.article(2)
	d.does(scans(a.code, a.code, a.code))
	d.look("counting")
	d.does(press("Return"))
	d.does(keys("12*"))
	d.does(scans(b.code))
	d.does(press("Return"))
	d.reaches(journal.KindCount, 2)
	d.look("counted")
	d.does(press("F9"))
	d.look("the count ends")
	d.does(press("Return"))
	d.answered()
	d.visits(railSell)
}
