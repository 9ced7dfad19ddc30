package api

import (
	"cmp"
	"context"
	"time"

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

// currency is that of the catalogue: what the first store is paid in.
func currency(ctx context.Context, q stock.Querier) (string, error) {
	stores, err := stock.Stores(ctx, q)
	return paidIn(stores), err
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
func day(text string, otherwise retail.Date) (retail.Date, error) {
	if text == "" {
		return otherwise, nil
	}
	d, err := retail.ParseDate(text)
	if err != nil {
		return 0, &retail.Error{Code: retail.Invalid, Key: "report.period", Err: err}
	}
	return d, nil
}

// today is the day where the stores are.
func (s *site) today(stores []retail.Location) retail.Date {
	zone := time.UTC
	for _, l := range stores {
		if found, err := time.LoadLocation(l.Zone); err == nil {
			zone = found
			break
		}
	}
	return retail.DateOf(s.Now().In(zone))
}

// orNow is a moment, or now when none is said.
func (s *site) orNow(at *time.Time) time.Time { return *cmp.Or(at, new(s.Now())) }
