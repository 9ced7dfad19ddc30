package till

import (
	"context"
	"fmt"
	"slices"

	"comptant/shared/journal"
	"comptant/shared/retail"
)

// mostPieces is the largest count of one denomination.
const mostPieces = 9_999

// Denominations are what a drawer may hold, none of it counted yet: notes, then coins, then rolls, largest first.
func (t *Till) Denominations() []retail.Denomination {
	var all []retail.Denomination
	c := t.currency
	for _, value := range slices.Concat(c.Notes, c.Coins) {
		all = append(all, retail.Denomination{Value: value})
	}
	for i, roll := range c.Rolls {
		if roll > 0 {
			all = append(all, retail.Denomination{Value: c.Coins[i], Roll: roll})
		}
	}
	return all
}

// Closed is a shift that has been closed.
type Closed struct {
	Close
	// Code is the number printed on the Z.
	Code string
	// Printed gives one value when the printer has finished, as Sold.Printed does. The Z stands either way.
	Printed <-chan error
}

// StartCount begins to count the drawer: until CloseShift or StopCount nothing says what should be in it. A sale that is
// not settled must be dealt with first; sales that come while the drawer is counted are taken as ever.
func (t *Till) StartCount() error {
	if err := t.working(); err != nil {
		return err
	}
	if t.openTickets() > 0 {
		return fail(retail.Conflict, KeyShiftTicket)
	}
	t.counting = true
	return nil
}

// StopCount takes StartCount back: the shift goes on, and what KeepDrawer kept is there for the next count.
func (t *Till) StopCount() { t.counting = false }

// Counting says that the drawer is being counted.
func (t *Till) Counting() bool { return t.counting }

// openTickets is how many sales are not settled and would be in no Z.
func (t *Till) openTickets() int {
	if len(t.ticket.lines) > 0 || t.payment != nil {
		return 1
	}
	return 0
}

// CloseShift writes the Z of what was counted. Its figures are worked out and written while no other entry can come in
// between. Nothing but a sale that is not settled can hold it up: not the network, and not what waits for headquarters.
func (t *Till) CloseShift(ctx context.Context, count []retail.Denomination) (Closed, error) {
	if err := t.working(); err != nil {
		return Closed{}, err
	}
	if !t.counting {
		return Closed{}, fail(retail.Conflict, KeyShiftCount)
	}
	if t.openTickets() > 0 {
		return Closed{}, fail(retail.Conflict, KeyShiftTicket)
	}
	if err := checkPieces(count); err != nil {
		return Closed{}, err
	}
	var z retail.ShiftClose
	w, err := t.commit(ctx, Draft{
		Kind: journal.KindShiftClose, User: t.user.ID, Shift: t.shift.Number, Final: true,
		Check: func(ctx context.Context) (err error) {
			if err = t.stillOpen(ctx); err != nil {
				return err
			}
			if z, err = t.sumUp(ctx); err != nil {
				return err
			}
			z.Count, z.Counted = count, retail.Counted(count)
			z.Difference = z.Counted - z.Expected
			if wrong := z.Check(); wrong != nil {
				t.log.Error("the figures of the shift do not agree", "shift", z.Shift, "error", wrong) // headquarters says so too
			}
			return nil
		},
		Body: func(number uint64) any {
			z.Number = number
			return z
		},
	})
	if err != nil {
		return Closed{}, err
	}
	c := Close{Written: w, User: t.user.ID, Z: z}
	r := t.report(c, t.user.Name, false)
	t.shift, t.counting, t.last = Shift{}, false, nil
	t.dropDrawer()
	return Closed{Close: c, Code: r.Code(), Printed: t.printReport(ctx, r)}, nil
}

// stillOpen says, under the journal's lock, that the shift is the journal's newest: entries that were given back to a
// restored till may have closed it.
func (t *Till) stillOpen(ctx context.Context) error {
	newest, err := t.newestShift(ctx)
	if err != nil {
		return err
	}
	if !newest.Open() || newest.Opened.Epoch != t.shift.Opened.Epoch || newest.Opened.Seq != t.shift.Opened.Seq {
		return fail(retail.Conflict, KeyShiftChanged)
	}
	return nil
}

// Closes lists the Zs of this till, newest first.
func (t *Till) Closes(ctx context.Context, limit int) ([]Close, error) {
	if err := t.signedIn(); err != nil {
		return nil, err
	}
	all, err := t.journal.Closes(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("list the Zs: %w", err)
	}
	return all, nil
}

// Report is a Z with all that is printed on it, in the language of the screen.
func (t *Till) Report(ctx context.Context, c Close) (retail.Report, error) {
	name, err := t.nameOf(ctx, c.User)
	return t.report(c, name, true), err
}

// PrintReport prints an X, or a Z again. The channel gives one value, as Sold.Printed does.
func (t *Till) PrintReport(ctx context.Context, r retail.Report) (<-chan error, error) {
	if err := t.signedIn(); err != nil {
		return nil, err
	}
	return t.printReport(ctx, r), nil
}

func (t *Till) printReport(ctx context.Context, r retail.Report) <-chan error {
	return t.onPaper(ctx, r.Code(), func(ctx context.Context) error { return t.printer.PrintReport(ctx, r) })
}
