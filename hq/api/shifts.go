package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"comptant/hq/intake"
	"comptant/hq/stock"
	"comptant/shared/retail"
)

// Shift is a shift of a till, and its Z once it is closed.
type Shift struct {
	Store        uuid.UUID  `json:"store"`
	Till         uuid.UUID  `json:"till"`
	Number       int64      `json:"number"`
	BusinessDate string     `json:"business_date" format:"date"`
	OpenedAt     time.Time  `json:"opened_at"`
	OpenedBy     uuid.UUID  `json:"opened_by"`
	ClosedAt     *time.Time `json:"closed_at,omitempty" doc:"Absent while it is open, and so is all below"`
	ClosedBy     *uuid.UUID `json:"closed_by,omitempty"`
	Z            int64      `json:"z,omitempty" doc:"Number of its Z"`
	Expected     *Money     `json:"expected,omitempty" doc:"What should have been in the drawer"`
	Counted      *Money     `json:"counted,omitempty"`
	Difference   *Money     `json:"difference,omitempty" doc:"Over, or short when it is below zero"`
	Agrees       *bool      `json:"agrees,omitempty" doc:"The Z is what headquarters makes of the entries it has"`
}

func shiftOf(store retail.Location) func(intake.Shift) Shift {
	return func(of intake.Shift) Shift {
		made := Shift{
			Store: store.ID, Till: of.Till, Number: of.Number, BusinessDate: retail.Date(of.Date).String(), OpenedAt: of.OpenedAt.UTC(), OpenedBy: of.OpenedBy,
		}
		if of.ClosedAt != nil {
			currency := store.PaysIn()
			made.ClosedAt, made.ClosedBy, made.Z, made.Agrees = utc(of.ClosedAt), of.ClosedBy, of.Z, &of.Agrees
			made.Expected, made.Counted = &Money{of.Expected, currency}, &Money{of.Counted, currency}
			made.Difference = &Money{of.Difference(), currency}
		}
		return made
	}
}

// shiftCursor names the last shift of a page.
type shiftCursor struct {
	At   time.Time
	Till uuid.UUID
}

func (s *site) listShifts(ctx context.Context, in *struct {
	Paging
	Store uuid.UUID `query:"store" required:"true"`
},
) (*List[Shift], error) {
	store, err := isStore(stock.Location(ctx, s.DB, in.Store))
	if err != nil {
		return nil, invalid("location.unknown", "id", in.Store)
	}
	f := intake.ShiftFilter{Store: store.ID, Most: in.Limit + 1}
	if in.Cursor != "" {
		var last shiftCursor
		read, err := base64.RawURLEncoding.DecodeString(in.Cursor)
		if err == nil {
			err = json.Unmarshal(read, &last)
		}
		if err != nil {
			return nil, &retail.Error{Code: retail.Invalid, Key: "page.unknown", Err: err}
		}
		f.After = &intake.Shift{OpenedAt: last.At, Till: last.Till}
	}
	all, err := s.Journal.Shifts(ctx, f)
	if err != nil {
		return nil, err
	}
	if len(all) <= in.Limit {
		return list(each(all, shiftOf(store)), ""), nil
	}
	all = all[:in.Limit]
	last, err := json.Marshal(shiftCursor{all[in.Limit-1].OpenedAt, all[in.Limit-1].Till})
	return list(each(all, shiftOf(store)), base64.RawURLEncoding.EncodeToString(last)), err
}
