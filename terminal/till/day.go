package till

import (
	"context"
	"fmt"
	"time"

	"comptant/shared/retail"
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

// ConfirmDate opens the shift that was answered with KeyDate: the person says what day it is. It is not asked again while
// the till runs and the clock is not measured.
func (t *Till) ConfirmDate(ctx context.Context, date retail.Date) error {
	if err := t.signedIn(); err != nil {
		return err
	}
	if t.asked == nil {
		return fail(retail.Conflict, KeyNoShift)
	}
	if retail.DateOf(date.Time(time.UTC)) != date {
		return fail(retail.Invalid, KeyDateWrong)
	}
	if err := t.openShift(ctx, *t.asked, date, true); err != nil {
		return err
	}
	t.days = int(date.Time(time.UTC).Sub(retail.DateOf(t.Now()).Time(time.UTC)) / (24 * time.Hour))
	return nil
}
