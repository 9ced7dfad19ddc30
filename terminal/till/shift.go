package till

import (
	"context"
	"fmt"
	"slices"
	"time"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Shift is the open shift; Number 0 when none is. It goes on whoever signs in, also past midnight, until it is closed.
func (t *Till) Shift() Shift { return t.shift }

// LeftOpen says that the shift is of another day than today: somebody forgot to close it. It goes on all the same.
func (t *Till) LeftOpen() bool { return t.shift.Open() && t.shift.BusinessDate != t.today() }

// LastFloat is that of the newest shift, open or closed; 0 when there has been none.
func (t *Till) LastFloat(ctx context.Context) (money.Amount, error) {
	newest, err := t.newestShift(ctx)
	return newest.Float, err
}

func (t *Till) newestShift(ctx context.Context) (Shift, error) {
	newest, err := t.journal.Shift(ctx)
	if err != nil {
		return Shift{}, fmt.Errorf("read the shift: %w", err)
	}
	return newest, nil
}

// openedShift is the newest shift while it is open; Number 0 when it is not.
func (t *Till) openedShift(ctx context.Context) (Shift, error) {
	newest, err := t.newestShift(ctx)
	if !newest.Open() {
		newest = Shift{}
	}
	return newest, err
}

// working is asked by every verb that sells, gives back or moves cash: somebody is signed in and a shift is open.
func (t *Till) working() error {
	if err := t.signedIn(); err != nil {
		return err
	}
	if !t.shift.Open() {
		return fail(retail.Conflict, KeyNoShift)
	}
	return nil
}

// OpenShift opens a shift of today with what is in the drawer. When the till does not believe its date the error has
// KeyDate, and ConfirmDate goes on.
func (t *Till) OpenShift(ctx context.Context, float money.Amount) error {
	return t.openToday(ctx, opening{float: float})
}

// OpenShiftCounted is OpenShift with the float counted by its notes, coins and rolls.
func (t *Till) OpenShiftCounted(ctx context.Context, count []retail.Denomination) error {
	if err := checkPieces(count); err != nil {
		return err
	}
	some := slices.DeleteFunc(slices.Clone(count), func(d retail.Denomination) bool { return d.Count == 0 })
	return t.openToday(ctx, opening{float: retail.Counted(count), count: some})
}

// opening is what a drawer begins with; count is empty when nobody counted it by pieces.
type opening struct {
	float money.Amount
	count []retail.Denomination
}

func (t *Till) openToday(ctx context.Context, with opening) error {
	if err := t.signedIn(); err != nil {
		return err
	}
	if with.float < 0 || !t.currency.Payable(with.float) {
		return fail(retail.Invalid, KeyCashAmount)
	}
	newest, err := t.newestShift(ctx)
	if err != nil {
		return err
	}
	t.asked = nil
	today := t.today()
	if newest.Number == 0 || newest.BusinessDate != today {
		if asks, err := t.doubtful(ctx, today, newest); err != nil {
			return err
		} else if asks {
			t.asked = &with
			return fail(retail.Conflict, KeyDate, "date", today)
		}
	}
	return t.openShift(ctx, with, today, false)
}

func (t *Till) openShift(ctx context.Context, with opening, date retail.Date, confirmed bool) error {
	newest, err := t.newestShift(ctx)
	if err != nil {
		return err
	}
	body := retail.ShiftOpen{
		Shift: newest.Number + 1, BusinessDate: date, Float: with.float, Count: with.count, Uncertain: !t.network().Certain,
		Confirmed: confirmed,
	}
	w, err := t.commit(ctx, Draft{
		Kind: journal.KindShiftOpen, User: t.user.ID, Shift: body.Shift,
		Check: func(ctx context.Context) error {
			if now, err := t.newestShift(ctx); err != nil {
				return err
			} else if now.Open() || now.Number != newest.Number {
				return fail(retail.Conflict, KeyShiftOpen)
			}
			return nil
		},
		Body: func(uint64) any { return body },
	})
	if err != nil {
		return err
	}
	t.shift = Shift{
		Number: body.Shift, BusinessDate: date, Float: with.float, OpenedAt: w.At,
		Opened: retail.ChainEnd{Epoch: w.Epoch, Seq: w.Seq, Hash: w.Hash[:]},
	}
	t.asked, t.counting = nil, false
	return nil
}

// CashMove records cash that is put into the drawer, or taken out of it when the amount is negative. Any other reason than
// those there are needs a note.
func (t *Till) CashMove(ctx context.Context, amount money.Amount, reason retail.CashReason, note string) error {
	if err := t.working(); err != nil {
		return err
	}
	switch {
	case amount == 0 || !t.currency.Payable(amount):
		return fail(retail.Invalid, KeyCashAmount)
	case reason < retail.CashFloat || reason >= retail.CashOther && note == "":
		return fail(retail.Invalid, KeyCashNote)
	}
	_, err := t.commit(ctx, Draft{
		Kind: journal.KindCashMove, User: t.user.ID, Shift: t.shift.Number,
		Body: func(uint64) any {
			return retail.CashMove{
				BusinessDate: t.shift.BusinessDate, Currency: t.Identity().Currency, Amount: amount, Reason: reason, Note: note,
			}
		},
	})
	return err
}

// X is the shift's figures so far; it changes nothing. While the drawer is being counted it is refused, so that nobody
// counts what should be there.
func (t *Till) X(ctx context.Context) (retail.Report, error) {
	if err := t.working(); err != nil {
		return retail.Report{}, err
	}
	if t.counting {
		return retail.Report{}, fail(retail.Conflict, KeyShiftCounting)
	}
	z, err := t.sumUp(ctx)
	if err != nil {
		return retail.Report{}, err
	}
	now := t.Now()
	return t.report(Close{Z: z, Written: Written{Epoch: t.shift.Opened.Epoch, At: now}}, t.user.Name, false), nil
}

// sumUp is the open shift's Z as far as the journal can say it.
func (t *Till) sumUp(ctx context.Context) (retail.ShiftClose, error) {
	totals, err := t.journal.Totals(ctx, t.shift)
	if err != nil {
		return retail.ShiftClose{}, fmt.Errorf("sum up the shift: %w", err)
	}
	before, err := t.journal.Perpetual(ctx)
	if err != nil {
		return retail.ShiftClose{}, fmt.Errorf("sum up all shifts: %w", err)
	}
	waiting, err := t.journal.Waiting(ctx)
	if err != nil {
		return retail.ShiftClose{}, fmt.Errorf("count what waits: %w", err)
	}
	return retail.ShiftClose{
		Shift: t.shift.Number, BusinessDate: t.shift.BusinessDate, Currency: t.Identity().Currency, Opened: t.shift.Opened,
		OpenedAt: t.shift.OpenedAt.UnixMilli(), Float: t.shift.Float, Totals: totals, Expected: totals.Expect(t.shift.Float),
		Perpetual: before + totals.Net(), Waiting: uint64(waiting.Count),
	}, nil
}

// report is a Z, or an X, with all that is printed on it, in the language of the screen.
func (t *Till) report(c Close, cashier string, duplicate bool) retail.Report {
	id := t.Identity()
	r := retail.Report{
		Store: id.Store, Till: id.Number, Epoch: c.Epoch, Z: c.Z, OpenedAt: time.UnixMilli(c.Z.OpenedAt).In(t.location()),
		At: c.At.In(t.location()), Cashier: cashier, Lang: t.lang, Symbol: t.currency.Symbol, Copy: duplicate, Training: t.Training(),
	}
	if r.Final() {
		r.Proof = c.Hash.Short()
	}
	return r
}
