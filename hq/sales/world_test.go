package sales_test

import (
	"context"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"comptant/hq/sales"
	"comptant/shared/money"
	"comptant/shared/retail"
)

var (
	ctx      = context.Background()
	montreal = mustZone("America/Toronto")
	nord     = shop("NO", "Magasin Nord", "America/Toronto")
	sud      = shop("SU", "=Sud", "America/Toronto")
	ouest    = shop("VA", "Magasin Ouest", "America/Phoenix")
	shops    = []retail.Location{nord, sud, ouest}
	goods    = []uuid.UUID{named("syrup"), named("sugar"), named("coffee"), named("tea")}
)

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

func named(name string) uuid.UUID { return uuid.NewSHA1(uuid.Nil, []byte(name)) }

func shop(code, name, zone string) retail.Location {
	return retail.Location{ID: named(name), Kind: retail.LocationStore, Code: code, Name: name, Zone: zone}
}

// seq numbers the documents of a test.
type seq uint64

// document is a sale, or the refund of one, with figures that hang together.
func (n *seq) document(t *rapid.T, store retail.Location, days []retail.Date) sales.Document {
	*n++
	zone := mustZone(store.Zone)
	day := rapid.SampledFrom(days).Draw(t, "day")
	minutes := rapid.IntRange(0, 24*60-1).Draw(t, "minute")
	doc := sales.Document{
		Place: sales.Place{
			Store: store.ID, Till: named("till of " + store.Code), Epoch: 1, Seq: uint64(*n), User: named("Luc"),
			At: day.Time(zone).Add(time.Duration(minutes) * time.Minute),
		},
		BusinessDate: day, Number: uint64(*n), Refund: rapid.IntRange(0, 9).Draw(t, "kind") == 0,
	}
	sign := int64(1)
	if doc.Refund {
		sign = -1
	}
	for range rapid.IntRange(1, 4).Draw(t, "lines") {
		l := sales.Line{
			Product: rapid.SampledFrom(goods).Draw(t, "product"), Quantity: money.Quantity(sign * int64(rapid.IntRange(1, 5000).Draw(t, "quantity"))),
			Revenue: money.Amount(sign * int64(rapid.IntRange(0, 10000).Draw(t, "revenue"))), Discount: money.Amount(sign * int64(rapid.IntRange(0, 500).Draw(t, "discount"))),
			Cost: money.Amount(sign * int64(rapid.IntRange(0, 9000).Draw(t, "cost"))),
		}
		doc.Lines, doc.Revenue = append(doc.Lines, l), doc.Revenue+l.Revenue
	}
	doc.Total = doc.Revenue
	for _, code := range []string{"CONSIGNE-10", "ECO-15"} {
		if rapid.IntRange(0, 2).Draw(t, "carries "+code) == 0 {
			c := sales.Charge{Code: code, Amount: money.Amount(sign * int64(rapid.IntRange(0, 500).Draw(t, code)))}
			doc.Charges, doc.Total = append(doc.Charges, c), doc.Total+c.Amount
		}
	}
	for _, tax := range []sales.Tax{{Code: "TPS", Rate: 5000}, {Code: "TVQ", Rate: 9975}} {
		tax.Base, tax.Amount = doc.Revenue, tax.Rate.Of(doc.Revenue)
		doc.Taxes, doc.Total = append(doc.Taxes, tax), doc.Total+tax.Amount
	}
	switch rapid.IntRange(0, 3).Draw(t, "tender") {
	case 0:
		doc.Cash = money.CashRound(doc.Total)
		doc.Rounding = doc.Cash - doc.Total
	case 1:
		doc.Card = doc.Total
	case 2:
		doc.Online = doc.Total
	case 3:
		doc.Card = doc.Total / 2
		doc.Cash = money.CashRound(doc.Total - doc.Card)
		doc.Rounding = doc.Cash + doc.Card - doc.Total
	}
	return doc
}

// sale is one unit of syrup for an amount.
func (n *seq) sale(store retail.Location, day retail.Date, at time.Time, amount money.Amount) sales.Document {
	*n++
	return sales.Document{
		Place:        sales.Place{Store: store.ID, Till: named("till of " + store.Code), Epoch: 1, Seq: uint64(*n), User: named("Luc"), At: at},
		BusinessDate: day, Number: uint64(*n), Lines: []sales.Line{{Product: goods[0], Quantity: money.One, Revenue: amount}},
		Revenue: amount, Total: amount, Card: amount,
	}
}
