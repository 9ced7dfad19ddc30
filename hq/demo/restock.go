package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// wish is what a store asks of the warehouse at its first till, and what became of it.
type wish struct {
	store, by                 string
	daysAgo                   int
	at                        time.Duration // of the day
	product                   string        // its French name
	state                     retail.RestockState
	asked, approved, received int // units
}

// wishes are at least one in every state, oldest first.
var wishes = []wish{
	{centre, "David", 9, 11*time.Hour + 20*time.Minute, "Sirop d’érable ambré, 540 ml", retail.RestockReceived, 36, 36, 35},
	{west, "Léo", 4, 10*time.Hour + 5*time.Minute, "Gants de laine mérinos, noir, M", retail.RestockRefused, 48, 0, 0},
	{centre, "David", 2, 16*time.Hour + 5*time.Minute, "Sirop d’érable ambré, 540 ml", retail.RestockShipped, 24, 12, 0},
	{south, "Inès", 2, 17*time.Hour + 15*time.Minute, "Savon à mains, lavande, 473 ml", retail.RestockApproved, 48, 36, 0},
	{north, "Gabrielle", 1, 12*time.Hour + 50*time.Minute, "Sirop d’érable ambré, 250 ml", retail.RestockRequested, 24, 0, 0},
	{south, "Hugo", 1, 15*time.Hour + 30*time.Minute, "Sirop d’érable ambré, 540 ml", retail.RestockRequested, 60, 0, 0},
	{centre, "David", 1, 16*time.Hour + 45*time.Minute, "Filtres à café, no 4, paquet de 40", retail.RestockRequested, 48, 0, 0},
	{east, "Karine", 1, 17*time.Hour + 40*time.Minute, "Savon à mains, lavande, 473 ml", retail.RestockRequested, 24, 0, 0},
}

// What is decided is so two hours after it was asked for, what is shipped a day later, what is received four days later.
const (
	decidedAfter  = 2 * time.Hour
	shippedAfter  = 24 * time.Hour
	receivedAfter = 4 * 24 * time.Hour
)

// request is a wish with its place in the world.
type request struct {
	wish
	id      uuid.UUID
	shop    retail.Location
	product uuid.UUID
	asked   time.Time
}

func (r request) lines(units int) []retail.StockLine {
	return []retail.StockLine{{Product: r.product, Quantity: pieces(units)}}
}

func pieces(n int) money.Quantity { return money.Quantity(n) * money.One }

// requests places the wishes; those from before the first day are left out.
func requests(goods assortment, first, today time.Time) ([]request, error) {
	var all []request
	for _, w := range wishes {
		i := slices.IndexFunc(shops(), func(s shop) bool { return s.Code == w.store })
		p := slices.IndexFunc(goods.products, func(p catalog.Product) bool { return p.Name.FR == w.product })
		if i < 0 || p < 0 {
			return nil, fmt.Errorf("restock of %q at %s: no such product or store", w.product, w.store)
		}
		day := today.AddDate(0, 0, -w.daysAgo)
		if day.Before(first) {
			continue
		}
		all = append(all, request{
			wish: w, id: id("restock", fmt.Sprint(w.store, w.daysAgo, w.at, day)), shop: shops()[i].Location,
			product: goods.products[p].ID, asked: clock(day, w.at),
		})
	}
	return all, nil
}

// ask has the store's first till journal the request.
func (r request) ask(l *lane) error {
	return l.insert(journal.KindRestockRequest, r.asked, id("staff", r.by), retail.RestockRequest{ID: r.id, Lines: r.lines(r.wish.asked)})
}

// receive has the till journal what was found in the shipment.
func (r request) receive(l *lane, shipment uuid.UUID) error {
	return l.insert(journal.KindReceive, r.asked.Add(receivedAfter), id("staff", r.by), retail.Receive{Shipment: shipment, Lines: r.lines(r.received)})
}

// settle takes the request, which headquarters has by now, through what was decided on it. It gives the shipment, if there
// is one. What is done already, by a demo that was interrupted, is left as it is.
func (r request) settle(ctx context.Context, d *db.DB) (shipment uuid.UUID, err error) {
	manager := id("staff", "Emma")
	err = d.InTx(ctx, func(tx *db.Tx) error {
		now, err := stock.OneRestock(ctx, tx, r.shop.ID, r.id)
		if err != nil {
			return err
		}
		if now.State == retail.RestockRequested && r.state != retail.RestockRequested {
			decision := stock.Decision{Location: r.shop.ID, Restock: r.id, By: manager, At: r.asked.Add(decidedAfter)}
			if r.approved > 0 {
				decision.Approved = map[uuid.UUID]money.Quantity{r.product: pieces(r.approved)}
			}
			if err := stock.Decide(ctx, tx, decision); err != nil {
				return err
			}
		}
		if now.Shipment != nil {
			shipment = now.Shipment.ID
		} else if r.state == retail.RestockShipped || r.state == retail.RestockReceived {
			sent, err := stock.Ship(ctx, tx, stock.Dispatch{
				Location: r.shop.ID, Restock: r.id, From: depot().ID, By: manager, At: r.asked.Add(shippedAfter),
			})
			if err != nil {
				return err
			}
			shipment = sent.ID
		}
		return nil
	})
	if err != nil {
		return uuid.Nil, fmt.Errorf("settle the restock of %s: %w", r.shop.Code, err)
	}
	return shipment, nil
}
