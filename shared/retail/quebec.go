package retail

import "github.com/google/uuid"

// Quebec is the tax table of Québec since 2013, when the TVQ was no longer charged on the TPS, with the retailer's
// registration numbers. Source: Revenu Québec, "Tableau des taux de la TPS et de la TVQ".
func Quebec(tps, tvq string) TaxTable {
	return TaxTable{
		{
			ID: uuid.MustParse("0190d3e0-0000-7000-8000-000000000001"), Code: "TPS", Name: Text{FR: "TPS", EN: "GST"}, Rate: 5000,
			Classes: []TaxClass{Taxable}, From: 20080101, Registration: tps, Order: 1,
		},
		{
			ID: uuid.MustParse("0190d3e0-0000-7000-8000-000000000002"), Code: "TVQ", Name: Text{FR: "TVQ", EN: "QST"}, Rate: 9975,
			Classes: []TaxClass{Taxable}, From: 20130101, Registration: tvq, Order: 2,
		},
	}
}
