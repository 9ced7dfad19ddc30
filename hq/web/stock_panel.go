package web

import (
	"context"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// stockPanel is what a product's numbers are made of.
type stockPanel struct {
	product        catalog.Product
	name, subtitle string
	close          string
	levels         []panelLevel
	sums           []fact
	coming         []panelShipment
	promised       []panelPromise
	at             string // the location that is chosen
	forms          []*panelForm
	movements      []panelMovement
	more           string // all of them
}

type panelLevel struct {
	name, href, quantity, age string
	cover                     string
	meter                     ui.Meter
	current, low              bool
}

// panelShipment is goods on their way.
type panelShipment struct{ code, href, way, quantity, when string }

// panelPromise is what an order was promised.
type panelPromise struct{ code, href, at, quantity string }

type panelMovement struct{ at, what, href, change, balance string }

// panelShown is how many shipments and movements the panel lists.
const panelShown = 12

func (s *site) stockPanel(r *http.Request, text string, l stockList, typed *panelForm) (*stockPanel, error) {
	ctx := r.Context()
	id, err := idOf(text)
	if err != nil {
		return nil, err
	}
	product, err := catalog.Get(ctx, s.DB, id)
	if err != nil {
		return nil, err
	}
	rows, err := stock.Matrix(ctx, s.DB, []uuid.UUID{id})
	if err != nil {
		return nil, err
	}
	if ctx, err = s.priced(ctx); err != nil {
		return nil, err
	}
	p := &stockPanel{
		product: product, name: language(ctx, product.Name), close: with(r, "product", "", "at", "", "after", r.FormValue("after")),
		subtitle: stockSKU(ctx, product) + " · " + ui.Money(ctx, product.Price),
	}
	own, err := s.ownPrices(ctx, id, l.locations)
	if err != nil {
		return nil, err
	}
	p.subtitle += own
	rates, err := s.rates(ctx, []uuid.UUID{id})
	if err != nil {
		return nil, err
	}
	at := panelAt(r, l.locations, rows[0])
	for _, location := range l.locations {
		c, known := rows[0].At[location.ID]
		if !known && product.MadeHere {
			continue
		}
		level := panelLevel{name: l.names.of(location.ID), quantity: dash, href: with(r, "at", location.ID.String(), "after", r.FormValue("after")), current: location.ID == at.ID}
		if known {
			level.quantity, level.age = ui.Quantity(ctx, c.OnHand), ui.Age(ctx, s.Now().Sub(c.ChangedAt))
			level.cover, level.low = coverWords(ctx, c.OnHand, rates[location.ID][id]), c.Alert != stock.NoAlert && c.Alert != stock.Over
		}
		if location.Kind == retail.LocationStore {
			level.meter = ui.Meter{
				Label: level.name + " " + level.quantity, Value: int64(c.OnHand), Max: int64(storesMost(rows[0], l.locations)),
				Mark: int64(c.Thresholds.RestockBelow),
			}
		}
		p.levels = append(p.levels, level)
	}
	if p.coming, err = s.panelShipments(ctx, id, l); err != nil {
		return nil, err
	}
	if p.promised, err = s.panelPromises(ctx, id, l); err != nil {
		return nil, err
	}
	if product.MadeHere {
		return p, nil
	}
	sum := rows[0].Sum(l.locations)
	p.sums = []fact{
		{name: ui.T(ctx, "stock.on_hand"), value: ui.Quantity(ctx, sum.OnHand)},
		{name: ui.T(ctx, "stock.promised"), value: ui.Quantity(ctx, sum.Reserved)},
		{name: ui.T(ctx, "stock.available"), value: ui.Quantity(ctx, sum.Available()), sum: true},
	}
	p.more = movementsAddress(id, at.ID)
	if at.ID == uuid.Nil {
		return p, nil
	}
	p.at = l.names.of(at.ID)
	c, known := rows[0].At[at.ID]
	if p.forms, err = s.panelForms(ctx, shelf{at, product, shelfQuery(r, id, at.ID)}, c, known, typed); err != nil {
		return nil, err
	}
	p.movements, err = s.panelMovements(ctx, at, id)
	return p, err
}

// foot leads to all movements; nil where there are none.
func (p stockPanel) foot() templ.Component {
	if p.more == "" {
		return nil
	}
	return panelFoot(p)
}

// panelAt is the location that a panel tells more of: the one of the address, or else the first store that had the product.
func panelAt(r *http.Request, locations []retail.Location, row stock.MatrixRow) (at retail.Location) {
	id, _ := uuid.Parse(r.FormValue("at"))
	for _, l := range locations {
		_, had := row.At[l.ID]
		if l.ID == id || at.ID == uuid.Nil && had && l.Kind == retail.LocationStore {
			at = l
		}
	}
	return at
}

// panelMovements are the newest of a product at a location.
func (s *site) panelMovements(ctx context.Context, at retail.Location, product uuid.UUID) ([]panelMovement, error) {
	past, err := stock.Movements(ctx, s.DB, stock.MovementFilter{Product: product, Locations: []uuid.UUID{at.ID}, Limit: panelShown})
	if err != nil {
		return nil, err
	}
	here := []retail.Location{at}
	told, err := s.tellMovements(ctx, past.Movements, here)
	if err != nil {
		return nil, err
	}
	all := make([]panelMovement, len(told))
	for i, m := range past.Movements {
		all[i] = panelMovement{
			at: s.shortMoment(ctx, m.At.In(zoneOf(here))), what: told[i].what, href: told[i].href, change: signed(ctx, m.Quantity), balance: ui.Quantity(ctx, m.Balance),
		}
	}
	return all, nil
}

// panelPromises are the orders that were promised a product; one that the person may not open is only a quantity at a location.
func (s *site) panelPromises(ctx context.Context, product uuid.UUID, l stockList) ([]panelPromise, error) {
	promised, err := stock.Promised(ctx, s.DB, idsOf(l.locations), product)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(promised))
	for i, p := range promised {
		ids[i] = p.Order
	}
	orders, err := s.ordersByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	all := make([]panelPromise, len(promised))
	for i, p := range promised {
		all[i] = panelPromise{code: ui.T(ctx, "orders.order"), at: l.names.of(p.Location), quantity: ui.Quantity(ctx, p.Quantity)}
		if o, ok := orders[p.Order]; ok {
			all[i].code, all[i].href = o.Code, orderAddress(o.ID)
		}
	}
	return all, nil
}

// panelShipments are those on their way with a product, the newest first.
func (s *site) panelShipments(ctx context.Context, product uuid.UUID, l stockList) ([]panelShipment, error) {
	page, err := stock.Shipments(ctx, s.DB, stock.ShipmentFilter{Product: product, OnTheWay: true, Limit: panelShown})
	if err != nil {
		return nil, err
	}
	var coming []panelShipment
	for _, shipment := range page.Shipments {
		if !sees(ctx, shipment.Location) && !sees(ctx, shipment.From) {
			continue
		}
		one := panelShipment{
			code: shipment.Code, href: shipmentAddress(ctx, shipment.Location, shipment.ID), way: l.names.of(shipment.From) + " → " + l.names.of(shipment.Location),
			when: s.shortMoment(ctx, shipment.ShippedAt.In(zoneOf(l.locations))),
		}
		for _, line := range shipment.Lines {
			if line.Product == product {
				one.quantity = ui.Quantity(ctx, line.Shipped)
			}
		}
		coming = append(coming, one)
	}
	return coming, nil
}

// storesMost is the length of the panel's bars: the most that a store has, and room for its threshold.
func storesMost(row stock.MatrixRow, locations []retail.Location) money.Quantity {
	var most money.Quantity
	for _, l := range locations {
		if c, ok := row.At[l.ID]; ok && l.Kind == retail.LocationStore {
			most = max(most, c.OnHand, c.Thresholds.OverAbove)
		}
	}
	return most
}

// shortMoment is the time of today, or the date of another day.
func (s *site) shortMoment(ctx context.Context, at time.Time) string {
	if retail.DateOf(at) == retail.DateOf(s.Now().In(at.Location())) {
		return ui.TimeOfDay(at)
	}
	return ui.ShortDate(ctx, at)
}
