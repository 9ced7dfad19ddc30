package api

import (
	"context"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// TaxRate is a tax in force over a span of days.
type TaxRate struct {
	ID           uuid.UUID         `json:"id"`
	Code         string            `json:"code" example:"TVQ"`
	Name         Text              `json:"name"`
	Rate         money.Rate        `json:"rate" doc:"Thousandths of a percent: 9975 is 9.975 %"`
	Classes      []retail.TaxClass `json:"classes" doc:"Tax classes of products on which it is charged"`
	From         string            `json:"from" format:"date" doc:"First day on which it is charged"`
	To           string            `json:"to,omitempty" format:"date" doc:"First day on which it is not charged any more; absent when no end is known"`
	Included     bool              `json:"included" doc:"Prices contain it"`
	Registration string            `json:"registration,omitempty" doc:"Printed on receipts"`
	Order        int               `json:"order" doc:"Its place on receipts"`
}

func taxRateOf(r retail.TaxRate) TaxRate {
	made := TaxRate{
		ID: r.ID, Code: r.Code, Name: Text(r.Name), Rate: r.Rate, Classes: r.Classes, From: r.From.String(),
		Included: r.Included, Registration: r.Registration, Order: r.Order,
	}
	if r.To != 0 {
		made.To = r.To.String()
	}
	return made
}

func (s *site) listTaxRates(ctx context.Context, in *struct {
	Paging
	On string `query:"on" format:"date" doc:"Only those in force on a day; past and future ones too when it is not said"`
},
) (*List[TaxRate], error) {
	all, err := catalog.TaxRates(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	if in.On != "" {
		on, err := day(in.On, nil)
		if err != nil {
			return nil, err
		}
		all = all.On(on)
	}
	return cut(each(all, taxRateOf), in.Paging, func(r TaxRate) string { return r.ID.String() })
}
