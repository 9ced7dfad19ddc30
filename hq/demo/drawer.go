package demo

import (
	"bytes"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// What a shift begins with, and what is left of more at its end: the rest goes to the safe.
const (
	float = 20000
	safe  = 40000
)

// drawer is the cash of a till. Its chances are its own, so that sales are what they are without it.
type drawer struct {
	rng       *rand.Rand
	totals    retail.ShiftTotals
	perpetual money.Amount
	zs        uint64
}

// zEntry is the Z of a shift, as it will be written.
type zEntry struct {
	entry journal.Entry
	body  retail.ShiftClose
}

func (l *lane) openShift(at time.Time, day retail.Date, user uuid.UUID, name string) error {
	l.shift++
	l.opened = append(l.opened, at)
	l.totals = retail.ShiftTotals{}
	if err := l.write(journal.KindSignIn, at, user, retail.SignIn{Name: name}); err != nil {
		return err
	}
	return l.write(journal.KindShiftOpen, at, user, retail.ShiftOpen{Shift: l.shift, BusinessDate: day, Float: float})
}

// closeShift takes what is too much to the safe, counts, and writes the Z. Now and then a few coins are over or short. A
// chain's end is not signed: the demo's tills have no key that anybody keeps.
func (l *lane) closeShift(at time.Time, day retail.Date, user uuid.UUID) error {
	if over := l.totals.Expect(float) - float; over > safe {
		move := retail.CashMove{
			BusinessDate: day, Currency: "CAD", Amount: -(over / 2000 * 2000), Reason: retail.CashSafe,
		}
		l.totals.Add(l.till, epoch, move)
		if err := l.write(journal.KindCashMove, at.Add(-5*time.Minute), user, move); err != nil {
			return err
		}
	}
	l.zs++
	l.perpetual += l.totals.Net()
	z := retail.ShiftClose{
		Number: l.zs, Shift: l.shift, BusinessDate: day, Currency: "CAD", OpenedAt: l.opened[l.shift-1].UnixMilli(), Float: float,
		Totals: l.totals, Expected: l.totals.Expect(float), Perpetual: l.perpetual,
	}
	if l.drawer.rng.IntN(7) == 0 {
		z.Difference = money.Amount(5 * (l.drawer.rng.IntN(61) - 30))
	}
	z.Counted = z.Expected + z.Difference
	z.Count = pile(z.Counted)
	if err := l.write(journal.KindShiftClose, at, user, z); err != nil {
		return err
	}
	l.entries[len(l.entries)-1].z = &zEntry{
		journal.Entry{Kind: journal.KindShiftClose, Time: at.UnixMilli(), Shift: l.shift, User: user}, z,
	}
	return nil
}

// pile is an amount in as few notes and coins as possible.
func pile(amount money.Amount) []retail.Denomination {
	var all []retail.Denomination
	for _, value := range []money.Amount{5000, 2000, 1000, 500, 200, 100, 25, 10, 5} {
		if n := amount / value; n > 0 {
			all = append(all, retail.Denomination{Value: value, Count: int64(n)})
			amount -= n * value
		}
	}
	return all
}

// settle tells each Z which entry opened its shift. What is inserted afterwards must come later than all that was sent.
func (l *lane) settle() error {
	head := journal.Genesis(l.till, epoch)
	var opened retail.ChainEnd
	for i := range l.entries {
		e := &l.entries[i]
		if e.z != nil {
			e.z.body.Opened = opened
			var err error
			if e.bytes, err = journal.Encode(e.z.entry, e.z.body); err != nil {
				return err
			}
		}
		head = journal.Next(head, l.till, epoch, uint64(i+1), e.bytes)
		if e.opens {
			opened = retail.ChainEnd{Epoch: epoch, Seq: uint64(i + 1), Hash: bytes.Clone(head[:])}
		}
	}
	return nil
}
