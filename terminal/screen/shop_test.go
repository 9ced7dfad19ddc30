package screen

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"comptant/shared/barcode"
	"comptant/shared/money"
	"comptant/shared/retail"
	"comptant/terminal/till"
	"comptant/terminal/till/tilltest"
)

// The shop of the pictures: its people, its goods, and what headquarters says of them.

var (
	alice     = id(1)
	bob       = id(2)
	drinks    = id(91)
	bakery    = id(92)
	grocery   = id(93)
	household = id(94)
	paper     = id(95)
)

// store is the shop of the pictures.
var store = retail.Location{
	ID: id(80), Code: "CV", Name: "Magasin Centre-Ville", Zone: "America/Toronto",
}

func categories() []retail.Category {
	var list []retail.Category
	for i, c := range []struct {
		id     uuid.UUID
		fr, en string
	}{
		{drinks, "Boissons", "Drinks"},
		{bakery, "Boulangerie", "Bakery"},
		{grocery, "Épicerie", "Grocery"},
		{household, "Maison", "Household"},
		{paper, "Papeterie", "Stationery"},
	} {
		list = append(list, retail.Category{ID: c.id, Name: retail.Text{FR: c.fr, EN: c.en}, Order: i})
	}
	return list
}

func products() []retail.Product {
	var list []retail.Product
	add := func(category uuid.UUID, fr, en string, price money.Amount, change ...func(*retail.Product)) {
		n := len(list) + 1
		p := retail.Product{
			ID: id(100 + n), SKU: "20" + string(rune('0'+n/10)) + string(rune('0'+n%10)) + "10",
			Name: retail.Text{FR: fr, EN: en}, Price: price, Category: category, Class: retail.Taxable, Pack: 12,
			Barcodes: []string{barcode.Make("400100", 20000+n)}, Favourite: n,
		}
		for _, c := range change {
			c(&p)
		}
		list = append(list, p)
	}
	made := func(p *retail.Product) { p.MadeHere, p.Barcodes = true, nil }
	zero := func(p *retail.Product) { p.Class = retail.ZeroRated }
	weighed := func(p *retail.Product) { p.Weighed, p.Class = true, retail.ZeroRated }
	add(drinks, "Café filtre, moyen", "Regular coffee, medium", 199, made)
	add(drinks, "Café filtre, grand", "Regular coffee, large", 239, made)
	add(drinks, "Thé vert, moyen", "Green tea, medium", 199, made)
	add(drinks, "Chocolat chaud", "Hot chocolate", 279, made)
	add(bakery, "Timbits assortis", "Timbits, assorted", 25)
	add(bakery, "Beigne érable", "Maple donut", 125)
	add(bakery, "Bagel sésame", "Sesame bagel", 150, zero)
	add(bakery, "Muffin aux bleuets", "Blueberry muffin", 200)
	add(bakery, "Croissant au beurre", "Butter croissant", 229)
	add(bakery, "Sandwich jambon-gruyère", "Ham and gruyère sandwich", 799, made)
	add(grocery, "Sirop d’érable ambré, 540 ml", "Amber maple syrup, 540 ml", 1149, zero)
	add(grocery, "Pommes Cortland", "Cortland apples", 439, weighed)
	add(grocery, "Sirop d’érable doré, 540 ml", "Golden maple syrup, 540 ml", 1249, zero)
	add(grocery, "Sirop d’érable, 250 ml", "Maple syrup, 250 ml", 699, zero)
	add(grocery, "Beurre d’érable, 310 g", "Maple butter, 310 g", 899, zero)
	add(grocery, "Café en grains, torréfaction moyenne des montagnes du Pérou, 454 g", "Coffee beans, medium roast from the mountains of Peru, 454 g", 1399, zero)
	add(drinks, "Eau de source, 500 ml", "Spring water, 500 ml", 175)
	add(drinks, "Jus d’orange, 300 ml", "Orange juice, 300 ml", 299)
	add(household, "Savon à mains, lavande", "Hand soap, lavender", 599)
	add(paper, "Carnet ligné A5", "Ruled notebook A5", 899)
	add(paper, "Timbres, carnet de 10", "Stamps, book of 10", 1110, func(p *retail.Product) { p.Class = retail.Exempt })
	return list
}

// What is on the badges of two people.
const (
	bobsBadge       = "E00417733"
	catherinesBadge = "E00417734"
)

func newShop(now time.Time) *tilltest.Shop {
	c := &tilltest.Shop{
		Identity: till.Identity{Till: id(99), Number: 1, Currency: "CAD", App: "1.0", Store: store},
		Products: products(), Categories: categories(), Prices: 1284,
		Staff: []retail.Staff{
			{ID: alice, Name: "Alice", Role: retail.RoleCashier, PIN: tilltest.PIN("1234"), Lang: "fr"},
			{ID: bob, Name: "Bob", Role: retail.RoleCashier, PIN: tilltest.PIN("1234"), Lang: "en", Badge: tilltest.Badge(bobsBadge)},
			{ID: id(3), Name: "Catherine", Role: retail.RoleSupervisor, PIN: tilltest.PIN("1234"), Lang: "fr", Badge: tilltest.Badge(catherinesBadge)},
			{ID: id(4), Name: "David", Role: retail.RoleEmployee, PIN: tilltest.PIN("1234"), Lang: "fr"},
			{ID: id(5), Name: "Emma", Role: retail.RoleManager, PIN: tilltest.PIN("1234"), Lang: "en"},
		},
		Rates: tilltest.QuebecTaxes(),
		Stock: map[uuid.UUID]till.Stock{},
	}
	for i, p := range c.Products {
		if p.MadeHere {
			continue
		}
		c.Stock[p.ID] = till.Stock{
			Known: true, Here: money.Quantity(20+7*i) * money.One, HereAt: now.Add(-40 * time.Second),
			Depot: money.Quantity(100+60*i) * money.One, DepotAt: now.Add(-12 * time.Minute),
			RestockBelow: 25 * money.One, OutBelow: money.One, OverAbove: 400 * money.One, PerDay: 3100,
		}
	}
	setStock(c, "Sirop d’érable ambré", func(s *till.Stock) {
		s.Here, s.InTransit, s.Depot, s.PerDay = 16*money.One, 12*money.One, 640*money.One, 6200
	})
	syrup, butter := id(111), id(115)
	day := func(d int) int64 { return now.AddDate(0, 0, -d).UnixMilli() }
	c.Restocks = []retail.Restock{
		{ID: id(301), State: retail.RestockShipped, At: day(2), By: id(4), Lines: []retail.RestockLine{
			{Product: syrup, Asked: 24 * money.One, Approved: 12 * money.One, Shipped: 12 * money.One},
		}},
		{ID: id(302), State: retail.RestockReceived, At: day(13), By: id(4), Lines: []retail.RestockLine{
			{Product: syrup, Asked: 36 * money.One, Approved: 36 * money.One, Shipped: 36 * money.One, Received: 35 * money.One},
			{Product: butter, Asked: 12 * money.One, Approved: 12 * money.One, Shipped: 12 * money.One, Received: 12 * money.One},
		}},
		{ID: id(303), State: retail.RestockRefused, At: day(20), By: id(4), Lines: []retail.RestockLine{
			{Product: butter, Asked: 120 * money.One},
		}},
	}
	c.Shipments = []retail.Shipment{
		{ID: id(311), Code: "EXP-0311", Restock: id(301), At: day(1), Lines: []retail.StockLine{
			{Product: syrup, Quantity: 12 * money.One},
			{Product: butter, Quantity: 6 * money.One},
			{Product: id(119), Quantity: 24 * money.One},
		}},
		{ID: id(312), Code: "EXP-0298", Restock: id(302), At: day(12), Received: true},
		{ID: id(314), Code: "TR-7K3QF2", From: id(83), At: day(0), Lines: []retail.StockLine{
			{Product: id(121), Quantity: 5 * money.One},
		}},
		{ID: id(313), Code: "EXP-0315", Restock: id(301), At: day(0), Lines: []retail.StockLine{
			{Product: id(120), Quantity: 40 * money.One},
		}},
	}
	c.Locations = []retail.Location{store}
	for i, l := range []struct{ code, name string }{{"ES", "Magasin Est"}, {"SU", "Magasin Sud"}, {"NO", "Magasin Nord"}} {
		c.Locations = append(c.Locations, retail.Location{
			ID: id(81 + i), Kind: retail.LocationStore, Code: l.code, Name: l.name, Zone: store.Zone,
		})
	}
	c.Locations = append(c.Locations, retail.Location{ID: id(89), Kind: retail.LocationWarehouse, Code: "CL", Name: "Centre logistique"})
	ago := func(d time.Duration) int64 { return now.Add(-d).UnixMilli() }
	c.Elsewhere = map[uuid.UUID]retail.Elsewhere{syrup: {Stores: []retail.StoreStock{
		{Store: id(81), OnHand: 0, InTransit: 24 * money.One, At: ago(3 * time.Minute), OutBelow: money.One, OverAbove: 65 * money.One},
		{Store: id(82), OnHand: 72 * money.One, At: ago(5 * time.Minute), OutBelow: money.One, OverAbove: 65 * money.One},
		{Store: id(83), OnHand: 31 * money.One, At: ago(134 * time.Minute), OutBelow: money.One, OverAbove: 65 * money.One},
	}}}
	setStock(c, "Sirop d’érable, 250", func(s *till.Stock) { s.Here = -2 * money.One })
	setStock(c, "Beurre", func(s *till.Stock) { s.Here = 0 })
	return c
}

func setStock(c *tilltest.Shop, name string, change func(*till.Stock)) {
	for _, p := range c.Products {
		if strings.HasPrefix(p.Name.FR, name) {
			s := c.Stock[p.ID]
			change(&s)
			c.Stock[p.ID] = s
		}
	}
}
