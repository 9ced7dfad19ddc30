package demo

import (
	"comptant/shared/retail"
)

// zone is where all of the demo is.
const zone = "America/Toronto"

// HeadOffice is the name of the retailer's headquarters.
const HeadOffice = "Maison Mère"

// The codes of the locations.
const (
	centre    = "CV"
	north     = "NO"
	south     = "SU"
	east      = "ES"
	west      = "OU"
	warehouse = "CL"
)

// shop is a store and how busy it is.
type shop struct {
	retail.Location
	// tills are the numbers of those with a history. Till 1 of the first store has none: it is for who runs the demo.
	tills []int
	// share is its part of all sales.
	share float64
}

func shops() []shop {
	return []shop{
		{store(centre, "Magasin Centre-Ville", "1200, rue Sainte-Catherine Ouest, Montréal"), []int{2, 3}, 0.30},
		{store(north, "Magasin Nord", "2305, chemin Rockland, Mont-Royal"), []int{1, 2}, 0.20},
		{store(south, "Magasin Sud", "2151, boulevard Lapinière, Brossard"), []int{1, 2}, 0.18},
		{store(east, "Magasin Est", "7999, boulevard des Galeries-d’Anjou, Montréal"), []int{1, 2}, 0.17},
		{store(west, "Magasin Ouest", "6801, route Transcanadienne, Pointe-Claire"), []int{1, 2}, 0.15},
	}
}

func store(code, name, address string) retail.Location {
	return retail.Location{
		ID: id("location", code), Kind: retail.LocationStore, Code: code, Name: name, Zone: zone, Address: address,
	}
}

func depot() retail.Location {
	l := store(warehouse, "Centre logistique", "3075, boulevard Hymus, Dorval")
	l.Kind = retail.LocationWarehouse
	return l
}

// taxes are those of Québec. The registrations are invented.
func taxes() retail.TaxTable { return retail.Quebec("123456789 RT0001", "1234567890 TQ0001") }
