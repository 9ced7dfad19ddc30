package demo

import (
	"fmt"

	"comptant/shared/money"
	"comptant/shared/retail"
)

// deposit is on a container for drinks, in cents: in Québec 10, and 25 on glass of 500 ml and more. No tax is charged on it.
// Source: Règlement visant l’élaboration, la mise en œuvre et le soutien financier d’un système de consigne, 2023-11-01.
func deposit(cents int) retail.Charge {
	return retail.Charge{
		Code: fmt.Sprintf("CONSIGNE-%d", cents), Name: retail.Text{FR: "Consigne", EN: "Deposit"}, Unit: money.Amount(cents), Class: retail.Exempt,
	}
}

// ecoFee is on electronics, batteries, lamps and paint, and taxed as they are.
func ecoFee(cents int) retail.Charge {
	return retail.Charge{
		Code: fmt.Sprintf("ECOFRAIS-%d", cents), Name: retail.Text{FR: "Écofrais", EN: "Eco-fee"}, Unit: money.Amount(cents), Class: retail.Taxable,
	}
}

// singleServing is the rule for sweet bakery goods that are eaten by one person.
var singleServing = retail.ClassRule{Group: "single-serving", From: 6 * money.One, Class: retail.ZeroRated}
