package demo

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// pinned is what some shelves hold today, in units, by French name and location: the examples people are shown.
var pinned = map[string]map[string]int{
	"Sirop d’érable ambré, 540 ml":       {warehouse: 640, centre: 19, north: 31, south: 0, east: 17, west: 72},
	"Sirop d’érable doré, 540 ml":        {warehouse: 412, centre: 34, north: 28, south: 41, east: 30, west: 26},
	"Sirop d’érable ambré, 250 ml":       {warehouse: 96, centre: -2, north: 44, south: 38, east: 29, west: 51},
	"Sucre d’érable granulé, 200 g":      {warehouse: 0, centre: 0, north: 9, south: 34, east: 28, west: 31},
	"Café en grains, mi-noir, 454 g":     {warehouse: 280, centre: 23, north: 38, south: 47, east: 31, west: 68},
	"Savon à mains, lavande, 473 ml":     {warehouse: 208, centre: 46, north: 31, south: 0, east: 4, west: 38},
	"Gants de laine mérinos, noir, M":    {warehouse: 60, centre: 28, north: -1, south: 33, east: 27, west: 94},
	"Filtres à café, no 4, paquet de 40": {warehouse: 520, centre: 0, north: 61, south: 58, east: 52, west: 49},
}

// shelf counts what a location sells, and works out what must have been there at the beginning, so that today's stock is what it is to be: deliveries of
// whole cases every week, and the rest as opening stock.
type shelf struct {
	first time.Time                      // midnight of the first day
	weeks map[uuid.UUID][]money.Quantity // what was sold of a product, by week
}

func newShelf(first time.Time) *shelf { return &shelf{first, map[uuid.UUID][]money.Quantity{}} }

const week = 7 * 24 * time.Hour

// sold counts a quantity against its week.
func (s *shelf) sold(at time.Time, line retail.Line, quantity money.Quantity) {
	n := int(at.Sub(s.first) / week)
	for len(s.weeks[line.Product]) <= n {
		s.weeks[line.Product] = append(s.weeks[line.Product], 0)
	}
	s.weeks[line.Product][n] += quantity
}

// movements are the opening stock and the deliveries of a location. A store's deliveries lag by a case behind what it sells,
// so that it never opens with less than nothing.
func (s *shelf) movements(l retail.Location, products []catalog.Product) []stock.Movement {
	r := random("shelf " + l.Code)
	var all []stock.Movement
	for i, p := range products {
		if p.MadeHere {
			continue
		}
		today := money.Quantity(holds(r.IntN, l, p)) * money.One
		box := money.Quantity(p.Pack) * money.One
		waiting, weeks := -box, s.weeks[p.ID]
		for n, sold := range weeks {
			waiting += sold
			today += sold
			monday := s.first.Add(time.Duration(n+1)*week + 6*time.Hour + 30*time.Minute)
			if cases := waiting / box; cases > 0 && n < len(weeks)-1 {
				waiting -= cases * box
				today -= cases * box
				ref := id("delivery", fmt.Sprint(l.Code, " ", n))
				all = append(all, stock.Movement{
					Location: l.ID, Product: p.ID, At: monday, Ref: ref, Line: i, Reason: stock.Bought, Quantity: cases * box, UnitCost: p.Cost,
				})
			}
		}
		all = append(all, stock.Movement{
			Location: l.ID, Product: p.ID, At: s.first.Add(6 * time.Hour), Ref: id("opening", l.Code), Line: i,
			Reason: stock.Opening, Quantity: today, UnitCost: p.Cost,
		})
	}
	slices.SortStableFunc(all, func(a, b stock.Movement) int { return cmp.Compare(a.At.Unix(), b.At.Unix()) })
	return all
}

// holds is what a location is to have of a product today: mostly enough, sometimes too little or too much.
func holds(random func(int) int, l retail.Location, p catalog.Product) int {
	n, spread := random(1000), random(1000)
	if units, ok := pinned[p.Name.FR][l.Code]; ok {
		return units
	}
	if l.Kind == retail.LocationWarehouse {
		if n < 5 {
			return 0
		}
		return p.Pack * (1 + (60+spread%400)/p.Pack)
	}
	switch {
	case n < 2:
		return 0
	case n < 5: // sold out, nearly
		return 1 + spread%14
	case n < 20: // to be restocked
		return 15 + spread%10
	case n < 23: // too much
		return 66 + spread%30
	default:
		return 26 + spread%39
	}
}
