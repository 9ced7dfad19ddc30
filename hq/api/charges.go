package api

import (
	"context"
	"slices"
	"strings"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/shared/retail"
)

// ChargeBody is what one writes of a deposit or fee.
type ChargeBody struct {
	Name     Text            `json:"name" doc:"In one language at least"`
	Amount   Money           `json:"amount" doc:"For one unit of the product"`
	TaxClass retail.TaxClass `json:"tax_class" minimum:"1" maximum:"9"`
}

// Charge is a deposit or fee that products carry besides their price.
type Charge struct {
	Code string `json:"code" minLength:"1" maxLength:"20" doc:"By which products name it: capital letters, digits, points and hyphens; it does not change" example:"CONS-05"`
	ChargeBody
}

func chargeOf(c retail.Charge, currency string) Charge {
	return Charge{c.Code, ChargeBody{Text(c.Name), Money{c.Unit, currency}, c.Class}}
}

func (s *site) listCharges(ctx context.Context, in *struct{ Paging }) (*List[Charge], error) {
	all, err := catalog.Charges(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	currency, err := s.currency(ctx)
	if err != nil {
		return nil, err
	}
	return cut(each(all, func(c retail.Charge) Charge { return chargeOf(c, currency) }), in.Paging, func(c Charge) string { return c.Code })
}

// ChargePath names a deposit or fee.
type ChargePath struct {
	Code string `path:"code" maxLength:"20"`
}

func charge(ctx context.Context, q catalog.Querier, code string) (retail.Charge, error) {
	all, err := catalog.Charges(ctx, q)
	if err != nil {
		return retail.Charge{}, err
	}
	at := slices.IndexFunc(all, func(c retail.Charge) bool { return c.Code == code })
	if at < 0 {
		return retail.Charge{}, &retail.Error{Code: retail.NotFound, Key: "charge.unknown", Args: map[string]any{"code": code}}
	}
	return all[at], nil
}

func (s *site) getCharge(ctx context.Context, in *struct {
	IfChanged
	ChargePath
},
) (*One[Charge], error) {
	c, err := charge(ctx, s.DB, in.Code)
	if err != nil {
		return nil, err
	}
	currency, err := s.currency(ctx)
	if err != nil {
		return nil, err
	}
	return ask(in.IfChanged, chargeOf(c, currency))
}

// writeCharge gives the deposit or fee as it is then.
func writeCharge(ctx context.Context, tx *db.Tx, code string, b ChargeBody, currency string) (Charge, error) {
	amount, err := b.Amount.in(currency)
	switch {
	case err != nil:
		return Charge{}, err
	case amount < 0:
		return Charge{}, invalid("charge.amount_wrong", "value", amount)
	case strings.TrimSpace(b.Name.FR+b.Name.EN) == "":
		return Charge{}, invalid("charge.name")
	}
	if err := catalog.PutCharges(ctx, tx, retail.Charge{Code: code, Name: retail.Text(b.Name), Unit: amount, Class: b.TaxClass}); err != nil {
		return Charge{}, err
	}
	c, err := charge(ctx, tx, code)
	return chargeOf(c, currency), err
}

type createChargeIn struct {
	Once
	Body Charge
}

func (s *site) createCharge(ctx context.Context, in *createChargeIn) (*Made[Charge], error) {
	return once(ctx, s, in, func(tx *db.Tx) (*Made[Charge], error) {
		// Who writes charges waits here: what is read stays as it is.
		if err := catalog.Activate(ctx, tx, s.Now()); err != nil {
			return nil, err
		}
		all, err := catalog.Charges(ctx, tx)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(all, func(c retail.Charge) bool { return c.Code == in.Body.Code }) {
			return nil, &retail.Error{Code: retail.Conflict, Key: "charge.code_taken", Args: map[string]any{"code": in.Body.Code}}
		}
		currency, err := currencyIn(ctx, tx)
		if err != nil {
			return nil, err
		}
		c, err := writeCharge(ctx, tx, in.Body.Code, in.Body.ChargeBody, currency)
		return &Made[Charge]{Root + "/charges/" + c.Code, c}, err
	})
}

type putChargeIn struct {
	IfSame
	ChargePath
	Body ChargeBody
}

func (s *site) putCharge(ctx context.Context, in *putChargeIn) (out *One[Charge], err error) {
	err = s.deed(ctx, in, func(tx *db.Tx) error {
		if err := catalog.Activate(ctx, tx, s.Now()); err != nil {
			return err
		}
		was, err := charge(ctx, tx, in.Code)
		if err != nil {
			return err
		}
		currency, err := currencyIn(ctx, tx)
		if err != nil {
			return err
		}
		if err := in.same(ctx, tag(chargeOf(was, currency))); err != nil {
			return err
		}
		c, err := writeCharge(ctx, tx, in.Code, in.Body, currency)
		out = one(c)
		return err
	})
	return out, err
}
