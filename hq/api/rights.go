package api

import (
	"context"

	"comptant/hq/db"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// RightsBody is what one decides for a role.
type RightsBody struct {
	Alone    []retail.Deed `json:"alone" enum:"accuracy,drawer,refund-unheld,price,void-sale,count,transfer,training" uniqueItems:"true" doc:"What it does without a limit"`
	Discount money.Rate    `json:"discount" minimum:"0" maximum:"100000" doc:"The largest part of a price that it takes off, in thousandths of a percent: 7500 is 7.5 %"`
	Refund   *Money        `json:"refund,omitempty" doc:"The most that one refund of it gives back; absent for no limit"`
}

// Rights are what people of a role do at the tills without an approval.
type Rights struct {
	Role retail.Role `json:"role" enum:"cashier,employee,supervisor,manager,administrator"`
	RightsBody
}

func rightsOf(r retail.Rights, currency string) Rights {
	made := Rights{r.Role, RightsBody{Alone: append([]retail.Deed{}, r.Alone...), Discount: r.Discount}}
	if r.Refund < retail.NoLimit {
		made.Refund = &Money{r.Refund, currency}
	}
	return made
}

func (s *site) listRights(ctx context.Context, in *struct{ Paging }) (*List[Rights], error) {
	table, err := users.Rights(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	currency, err := s.currency(ctx)
	if err != nil {
		return nil, err
	}
	return cut(each(table, func(r retail.Rights) Rights { return rightsOf(r, currency) }), in.Paging, func(r Rights) string { return string(r.Role) })
}

// RightsPath names a role.
type RightsPath struct {
	Role retail.Role `path:"role" enum:"cashier,employee,supervisor,manager,administrator"`
}

func (s *site) getRights(ctx context.Context, in *struct {
	IfChanged
	RightsPath
},
) (*One[Rights], error) {
	table, err := users.Rights(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	currency, err := s.currency(ctx)
	if err != nil {
		return nil, err
	}
	return ask(in.IfChanged, rightsOf(table.Of(in.Role), currency))
}

type putRightsIn struct {
	IfSame
	RightsPath
	Body RightsBody
}

func (s *site) putRights(ctx context.Context, in *putRightsIn) (out *One[Rights], err error) {
	err = s.deed(ctx, in, func(tx *db.Tx) error {
		table, err := users.LockRights(ctx, tx)
		if err != nil {
			return err
		}
		currency, err := currencyIn(ctx, tx)
		if err != nil {
			return err
		}
		if err := in.same(ctx, tag(rightsOf(table.Of(in.Role), currency))); err != nil {
			return err
		}
		rights := retail.Rights{Role: in.Role, Alone: in.Body.Alone, Discount: in.Body.Discount, Refund: retail.NoLimit}
		if in.Body.Refund != nil {
			if rights.Refund, err = in.Body.Refund.in(currency); err != nil {
				return err
			}
		}
		out = one(rightsOf(rights, currency))
		return users.SetRights(ctx, tx, rights)
	})
	return out, err
}
