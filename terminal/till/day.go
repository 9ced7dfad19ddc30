package till

import (
	"context"
	"fmt"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"

	"github.com/google/uuid"
)

// unwatched is how long a till may have known nothing of the time before a person is asked for the date.
const unwatched = 36 * time.Hour

// today is the day in the store's time zone: by the clock, or as a person said while the clock is not measured.
func (t *Till) today() retail.Date {
	now := t.Now()
	if t.network().Error > 0 {
		t.days = 0
	}
	return retail.DateOf(now.AddDate(0, 0, t.days))
}

// todaysShift is the shift of today's business date, opened now when there is none. A date that cannot be right, or that
// nothing vouches for after a long time, is not taken without a person.
func (t *Till) todaysShift(ctx context.Context, user uuid.UUID) (Shift, error) {
	newest, err := t.newestShift(ctx)
	if err != nil {
		return Shift{}, err
	}
	today := t.today()
	if newest.Number > 0 && newest.BusinessDate == today {
		return newest, nil
	}
	if asks, err := t.doubtful(ctx, today, newest); err != nil {
		return Shift{}, err
	} else if asks {
		return Shift{}, fail(retail.Conflict, KeyDate, "date", today)
	}
	return t.openShift(ctx, user, newest, today, false)
}

func (t *Till) newestShift(ctx context.Context) (Shift, error) {
	newest, err := t.journal.Shift(ctx)
	if err != nil {
		return Shift{}, fmt.Errorf("read the shift: %w", err)
	}
	return newest, nil
}

// doubtful says that a person must confirm the date: it is before the last shift's, or before the program was made, or the
// clock is uncertain and either nothing was heard of the time for long or prices wait that would be in force by it.
func (t *Till) doubtful(ctx context.Context, today retail.Date, newest Shift) (bool, error) {
	line := t.network()
	switch {
	case newest.Number > 0 && today < newest.BusinessDate:
		return true, nil
	case !t.built.IsZero() && today < retail.DateOf(t.built.In(t.location())):
		return true, nil
	case line.Certain || line.Passed.IsZero():
		return false, nil
	case t.Now().Sub(line.Passed) > unwatched:
		return true, nil
	}
	next, err := t.catalogue.NextPrices(ctx)
	if err != nil {
		return false, fmt.Errorf("read the next prices: %w", err)
	}
	return next.Version > 0 && !next.From.After(t.Now()), nil
}

// ConfirmDate ends a sign-in that was answered with KeyDate: the person says what day it is. It is not asked again while
// the till runs and the clock is not measured.
func (t *Till) ConfirmDate(ctx context.Context, date retail.Date) error {
	if t.asked == nil {
		return fail(retail.Forbidden, KeySignInNeeded)
	}
	if retail.DateOf(date.Time(time.UTC)) != date {
		return fail(retail.Invalid, KeyDateWrong)
	}
	newest, err := t.newestShift(ctx)
	if err != nil {
		return err
	}
	shift := newest
	if newest.Number == 0 || newest.BusinessDate != date {
		if shift, err = t.openShift(ctx, t.asked.ID, newest, date, true); err != nil {
			return err
		}
	}
	t.days = int(date.Time(time.UTC).Sub(retail.DateOf(t.Now()).Time(time.UTC)) / (24 * time.Hour))
	return t.enter(ctx, *t.asked, shift)
}

func (t *Till) openShift(ctx context.Context, user uuid.UUID, newest Shift, date retail.Date, confirmed bool) (Shift, error) {
	shift := Shift{Number: newest.Number + 1, BusinessDate: date}
	body := retail.ShiftOpen{Shift: shift.Number, BusinessDate: date, Uncertain: !t.network().Certain, Confirmed: confirmed}
	w, err := t.commit(ctx, Draft{
		Kind: journal.KindShiftOpen, User: user, Shift: shift.Number, Body: func(uint64) any { return body },
	})
	shift.OpenedAt = w.At
	return shift, err
}
