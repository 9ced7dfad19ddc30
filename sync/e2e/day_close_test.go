package e2e_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// closes counts the drawer to the cent, and compares the Z with what the entries come to.
func (d *day) closes() {
	d.t.Helper()
	d.paper()
	d.read()
	want, err := fold(d.journal)
	require.NoError(d.t, err)
	d.visits(railShift)
	d.look("before the count")
	d.does(press("F9"))
	left, count := want.Float+want.Cash, []action(nil)
	for _, value := range []money.Amount{10000, 5000, 2000, 1000, 500, 200, 100, 25, 10, 5} {
		count = append(count, keys(fmt.Sprint(int64(left/value))), press("Return"))
		left %= value
	}
	d.does(count...)
	require.Zero(d.t, left)
	d.look("the drawer is counted")
	d.does(press("F9"))
	d.reaches(journal.KindShiftClose, 1)
	d.onPaper++
	d.look("closed")
	z := last[retail.ShiftClose](d, journal.KindShiftClose)
	require.Equal(d.t, want, told(z))
	require.Equal(d.t, want.Float+want.Cash, z.Expected)
	require.Equal(d.t, z.Expected, z.Counted)
	require.Zero(d.t, z.Difference)
	cut := d.paper()
	require.Len(d.t, cut, d.onPaper, "everything once")
	require.Contains(d.t, cut[len(cut)-1].Text(), retail.ZCode("CV", 1, 1, z.Number))

	// The comparison is worth something: no figure of a document can be another one.
	for i, e := range d.journal {
		if e.Kind == journal.KindSale {
			requireSeen(d.t, d.journal, i, want)
			break
		}
	}
}

// requireSeen holds that the fold sees a cent more or less in each figure of a sale: as a document that does not add up, or as
// another day.
func requireSeen(t *testing.T, entries []journal.Entry, at int, want figures) {
	t.Helper()
	for name, wrong := range map[string]func(*retail.Sale){
		"a line":         func(s *retail.Sale) { s.Lines[0].Amount++ },
		"the total":      func(s *retail.Sale) { s.Total++ },
		"the rounding":   func(s *retail.Sale) { s.Rounding++ },
		"a tender":       func(s *retail.Sale) { s.Tenders[0].Amount-- },
		"the number":     func(s *retail.Sale) { s.Number++ },
		"a whole amount": func(s *retail.Sale) { s.Lines[0].Amount++; s.Total++; s.Tenders[0].Amount++ },
	} {
		sale, err := journal.DecodeBody[retail.Sale](entries[at])
		require.NoError(t, err)
		wrong(&sale)
		other := slices.Clone(entries)
		b, err := journal.Encode(other[at], sale)
		require.NoError(t, err)
		other[at], err = journal.Decode(b)
		require.NoError(t, err)
		got, err := fold(other)
		require.True(t, err != nil || !want.equal(got), "%s is wrong, and nobody sees it", name)
	}
}

// figures are what a day comes to.
type figures struct {
	Float, Cash, Card, CashIn, CashOut               money.Amount
	Sold, Refunded, Revenue, Discounts, Rounding     money.Amount
	Taxes, Bases, Charges                            map[string]money.Amount
	Tickets, Refunds, Voids, FirstNumber, LastNumber uint64
}

func (f figures) equal(g figures) bool { return fmt.Sprint(f) == fmt.Sprint(g) }

func newFigures() figures {
	return figures{Taxes: map[string]money.Amount{}, Bases: map[string]money.Amount{}, Charges: map[string]money.Amount{}}
}

// told are the figures of a Z.
func told(z retail.ShiftClose) figures {
	t, f := z.Totals, newFigures()
	f.Float, f.Cash, f.CashIn, f.CashOut = z.Float, z.Expected-z.Float, t.CashIn, t.CashOut
	f.Sold, f.Refunded, f.Revenue, f.Discounts, f.Rounding = t.Sold, t.Refunded, t.Revenue, t.Discounts, t.Rounding
	f.Tickets, f.Refunds, f.Voids, f.FirstNumber, f.LastNumber = t.Tickets, t.Refunds, t.Voids, t.First.Number, t.Last.Number
	for _, x := range t.Taxes {
		f.Taxes[x.Code] += x.Amount
		f.Bases[x.Code] += x.Base
	}
	for _, x := range t.Charges {
		f.Charges[x.Code] += x.Amount
	}
	for _, x := range t.Tenders {
		if x.Kind == retail.TenderCard {
			f.Card = x.In - x.Out
		}
	}
	return f
}

// fold adds the entries of a shift up by itself, with nothing of what the till does it with, and holds that each document adds
// up on its own: its lines, the taxes on them, and how it was paid. Receipts are numbered without a gap.
func fold(entries []journal.Entry) (figures, error) {
	f := newFigures()
	for i, e := range entries {
		if err := f.add(e); err != nil {
			return f, fmt.Errorf("entry %d: %w", i+1, err)
		}
	}
	return f, nil
}

func (f *figures) add(e journal.Entry) error {
	switch e.Kind {
	case journal.KindShiftOpen:
		o, err := journal.DecodeBody[retail.ShiftOpen](e)
		f.Float = o.Float
		return err
	case journal.KindCashMove:
		m, err := journal.DecodeBody[retail.CashMove](e)
		f.Cash += m.Amount
		if m.Amount > 0 {
			f.CashIn += m.Amount
		} else {
			f.CashOut -= m.Amount
		}
		return err
	case journal.KindSale:
		s, err := journal.DecodeBody[retail.Sale](e)
		f.Tickets, f.Sold = f.Tickets+1, f.Sold+s.Total
		for _, l := range s.Lines {
			f.Discounts += l.Discount
		}
		return errors.Join(err, taxed(s), f.record(1, record{s.Number, s.Lines, s.Taxes, s.Tenders, s.Total, s.Rounding}))
	case journal.KindRefund:
		r, err := journal.DecodeBody[retail.Refund](e)
		f.Refunds, f.Refunded = f.Refunds+1, f.Refunded+r.Total
		return errors.Join(err, f.record(-1, record{r.Number, linesOf(r.Lines), r.Taxes, r.Tenders, r.Total, r.Rounding}))
	case journal.KindVoid:
		v, err := journal.DecodeBody[retail.Void](e)
		f.Voids, f.Tickets, f.Sold = f.Voids+1, f.Tickets-1, f.Sold-v.Total
		return errors.Join(err, f.record(-1, record{v.Number, linesOf(v.Lines), v.Taxes, v.Tenders, v.Total, v.Rounding}))
	}
	return nil
}

// record is what sales, refunds and voids have in common.
type record struct {
	number          uint64
	lines           []retail.Line
	taxes           []retail.Tax
	tenders         []retail.Tender
	total, rounding money.Amount
}

func (f *figures) record(sign money.Amount, d record) error {
	if d.number != f.LastNumber+1 {
		return fmt.Errorf("receipt %d after %d", d.number, f.LastNumber)
	}
	if f.FirstNumber == 0 {
		f.FirstNumber = d.number
	}
	f.LastNumber = d.number
	var sum, paid, cash money.Amount
	for _, l := range d.lines {
		sum += l.Amount
		f.Revenue += sign * l.Amount
		for _, c := range l.Charges {
			sum += c.Amount
			f.Charges[c.Code] += sign * c.Amount
		}
	}
	for _, x := range d.taxes {
		sum += x.Amount
		f.Taxes[x.Code] += sign * x.Amount
		f.Bases[x.Code] += sign * x.Base
	}
	for _, p := range d.tenders {
		paid += p.Amount
		if p.Kind == retail.TenderCash {
			cash += p.Amount
		}
	}
	f.Cash += sign * cash
	f.Card += sign * (paid - cash)
	f.Rounding += sign * d.rounding
	switch {
	case sum != d.total:
		return fmt.Errorf("receipt %d: lines, charges and taxes are %d, its total %d", d.number, sum, d.total)
	case d.total+d.rounding != paid:
		return fmt.Errorf("receipt %d: %d was paid for %d, rounded by %d", d.number, paid, d.total, d.rounding)
	case cash%5 != 0:
		return fmt.Errorf("receipt %d: no coins make %d cents", d.number, cash)
	case d.rounding < -2 || d.rounding > 2:
		return fmt.Errorf("receipt %d: rounded by %d", d.number, d.rounding)
	}
	return nil
}

// taxed works the taxes of a sale out from its lines.
func taxed(s retail.Sale) error {
	for _, t := range s.Taxes {
		var base money.Amount
		for _, l := range s.Lines {
			if slices.Contains(t.Classes, l.Class) {
				base += l.Amount
			}
			for _, c := range l.Charges {
				if slices.Contains(t.Classes, c.Class) {
					base += c.Amount
				}
			}
		}
		amount := (int64(base)*int64(t.Rate) + 50_000) / 100_000
		if base != t.Base || amount != int64(t.Amount) {
			return fmt.Errorf("receipt %d: %s is %d on %d, not %d on %d", s.Number, t.Code, amount, base, t.Amount, t.Base)
		}
	}
	for _, l := range s.Lines {
		if want := (int64(l.UnitPrice)*int64(l.Quantity)+500)/1000 - int64(l.Discount); want != int64(l.Amount) {
			return fmt.Errorf("receipt %d: %s comes to %d, not %d", s.Number, l.Name, want, l.Amount)
		}
	}
	return nil
}

func linesOf(all []retail.RefundLine) (lines []retail.Line) {
	for _, l := range all {
		lines = append(lines, l.Line)
	}
	return lines
}
