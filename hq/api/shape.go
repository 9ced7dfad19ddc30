package api

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"

	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Money is an amount.
type Money struct {
	Amount   money.Amount `json:"amount" doc:"Minor units: cents" example:"1149"`
	Currency string       `json:"currency" minLength:"3" maxLength:"3" doc:"ISO 4217" example:"CAD"`
}

// Text is a wording in both languages.
type Text struct {
	FR string `json:"fr,omitempty" maxLength:"200"`
	EN string `json:"en,omitempty" maxLength:"200"`
}

// currencyIn is that of the catalogue, for a change: what the first store is paid in.
func currencyIn(ctx context.Context, q stock.Querier) (string, error) {
	stores, err := stock.Stores(ctx, q)
	return paidIn(stores), err
}

// location gives one location, for an answer. A change reads in its transaction: it must not wait for another connection.
func (s *site) location(ctx context.Context, id uuid.UUID) (retail.Location, error) {
	all, err := s.Places.All(ctx)
	if err != nil {
		return retail.Location{}, err
	}
	for _, l := range all {
		if l.ID == id {
			return l, nil
		}
	}
	return retail.Location{}, &retail.Error{Code: retail.NotFound, Key: "location.unknown", Args: map[string]any{"id": id}}
}

// currency is that of the catalogue, for an answer.
func (s *site) currency(ctx context.Context) (string, error) {
	all, err := s.Places.All(ctx) // stores come first
	if len(all) == 0 || all[0].Kind != retail.LocationStore {
		return retail.DefaultCurrency, err
	}
	return all[0].PaysIn(), err
}

// paidIn is the currency of stores that all have the same.
func paidIn(stores []retail.Location) string {
	if len(stores) == 0 {
		return retail.DefaultCurrency
	}
	return stores[0].PaysIn()
}

// in is the amount of an input, which says the currency that is meant.
func (m Money) in(currency string) (money.Amount, error) {
	if m.Currency != currency {
		return 0, invalid("api.currency", "value", m.Currency, "currency", currency)
	}
	return m.Amount, nil
}

// utc is a moment as it is answered; nil stays nil.
func utc(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	u := at.UTC()
	return &u
}

// day reads a date of an address, or gives another when there is none.
func day(text string, otherwise func() retail.Date) (retail.Date, error) {
	if text == "" {
		return otherwise(), nil
	}
	d, err := retail.ParseDate(text)
	if err != nil {
		return 0, &retail.Error{Code: retail.Invalid, Key: "report.period", Err: err}
	}
	return d, nil
}

// today is the day where the stores are.
func (s *site) today(stores []retail.Location) retail.Date {
	return retail.DateOf(s.Now().In(zoneOf(stores)))
}

// zoneOf is the time zone of the first store that has one.
func zoneOf(stores []retail.Location) *time.Location {
	for _, l := range stores {
		if found, err := time.LoadLocation(l.Zone); err == nil {
			return found
		}
	}
	return time.UTC
}

// orNow is a moment, or now when none is said.
func (s *site) orNow(at *time.Time) time.Time { return *cmp.Or(at, new(s.Now())) }
