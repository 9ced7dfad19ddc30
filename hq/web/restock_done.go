package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// doneShown is how many rows the lists of what is done have on one page.
const doneShown = 50

// sentShipments fills the page with what was sent to stores, or from one to another.
func (s *site) sentShipments(r *http.Request, p *restockPage) (next string, err error) {
	ctx := r.Context()
	page, err := stock.Shipments(ctx, s.DB, stock.ShipmentFilter{Either: within(ctx), Before: r.FormValue("after"), Limit: doneShown})
	if err != nil {
		return "", err
	}
	world, err := s.restockWorld(ctx, nil, page.Shipments)
	if err != nil {
		return "", err
	}
	p.table = world.shipmentTable(ctx, page.Shipments)
	return page.Next, nil
}

// way is where a shipment goes, and from which store when none of the warehouses sent it.
func (world restockWorld) way(s stock.Shipment) string {
	to := world.stores.of(s.Location)
	if s.Restock != uuid.Nil {
		return to
	}
	return world.stores.of(s.From) + " → " + to
}

func (world restockWorld) shipmentTable(ctx context.Context, sent []stock.Shipment) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "restock.shipments"), Columns: []ui.Column{
		{Label: ui.T(ctx, "restock.shipment")},
		{Label: ui.T(ctx, "restock.way")},
		{Label: ui.T(ctx, "restock.state")},
		{Label: ui.T(ctx, "restock.difference")},
		{Label: ui.T(ctx, "restock.shipped")},
		{Label: ui.T(ctx, "restock.lines"), Figure: true},
		{Label: ui.T(ctx, "restock.units"), Figure: true},
	}}
	for _, shipment := range sent {
		var units money.Quantity
		var differences []string
		for _, l := range shipment.Lines {
			units += l.Shipped
			if d := l.Difference(); d != 0 {
				text := ui.Quantity(ctx, d)
				if d > 0 {
					text = "+" + text
				}
				differences = append(differences, world.product(ctx, l.Product).Text+" "+text)
			}
		}
		state := ui.Tag{Tone: ui.ToneTint, Icon: ui.IconRestock, Text: ui.T(ctx, "restock.on_the_way")}
		if shipment.ReceivedAt != nil {
			state = ui.Tag{Tone: ui.ToneOK, Icon: ui.IconOK, Text: ui.T(ctx, "restock.received", "When", ui.DateTime(ctx, shipment.ReceivedAt.In(world.zone)))}
		}
		difference := ui.Cell{Text: dash}
		if len(differences) > 0 {
			difference = ui.Cell{Text: strings.Join(differences, ", "), Icon: ui.IconExceptions, Tone: ui.ToneWarn}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: shipment.Code, Href: link(ctx, packingAddress(shipment)), Strong: true},
			{Text: world.way(shipment)},
			{Part: ui.StatusTag(state)},
			difference,
			{Text: byWhom(ctx, shipment.ShippedAt.In(world.zone), world.people[shipment.ShippedBy])},
			{Text: ui.Number(ctx, int64(len(shipment.Lines)))},
			{Text: ui.Quantity(ctx, units)},
		}})
	}
	return t
}

// closedRequests fills the page with the requests that are refused, or sent.
func (s *site) closedRequests(r *http.Request, p *restockPage) (next string, err error) {
	ctx := r.Context()
	page, err := stock.Restocks(ctx, s.DB, stock.RestockFilter{
		States:    []retail.RestockState{retail.RestockRefused, retail.RestockShipped, retail.RestockReceived},
		Locations: within(ctx), Before: r.FormValue("after"), Limit: doneShown,
	})
	if err != nil {
		return "", err
	}
	world, err := s.restockWorld(ctx, page.Restocks, nil)
	if err != nil {
		return "", err
	}
	p.table = world.closedTable(ctx, page.Restocks)
	return page.Next, nil
}

func (world restockWorld) closedTable(ctx context.Context, requests []stock.Restock) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "restock.closed"), Columns: []ui.Column{
		{Label: ui.T(ctx, "filter.store")},
		{Label: ui.T(ctx, "restock.state")},
		{Label: ui.T(ctx, "restock.lines"), Figure: true},
		{Label: ui.T(ctx, "restock.asked"), Figure: true},
		{Label: ui.T(ctx, "restock.granted"), Figure: true},
		{Label: ui.T(ctx, "restock.shipped_units"), Figure: true},
		{Label: ui.T(ctx, "restock.received_units"), Figure: true},
		{Label: ui.T(ctx, "restock.shipment")},
		{Label: ui.T(ctx, "restock.decided_by")},
	}}
	for _, request := range requests {
		var asked, approved, shipped, received money.Quantity
		for _, l := range request.Lines {
			asked, approved, shipped, received = asked+l.Asked, approved+l.Approved, shipped+l.Shipped, received+l.Received
		}
		shipment := ui.Cell{Text: dash}
		if request.Shipment != nil {
			shipment = ui.Cell{Text: request.Shipment.Code, Href: link(ctx, packingAddress(stock.Shipment{Location: request.Location, ID: request.Shipment.ID}))}
		}
		decided := ui.Cell{Text: dash}
		if request.DecidedAt != nil && request.DecidedBy != nil {
			decided.Text = byWhom(ctx, request.DecidedAt.In(world.zone), world.people[*request.DecidedBy])
		}
		// Of what is on its way nobody knows yet what comes.
		came := ui.Cell{Text: dash}
		if request.State == retail.RestockReceived {
			came.Text = ui.Quantity(ctx, received)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: world.stores.of(request.Location), Sub: byWhom(ctx, request.RequestedAt.In(world.zone), world.people[request.RequestedBy])},
			{Part: ui.StatusTag(closedTag(ctx, request.State))},
			{Text: ui.Number(ctx, int64(len(request.Lines)))},
			{Text: ui.Quantity(ctx, asked)},
			{Text: ui.Quantity(ctx, approved)},
			{Text: ui.Quantity(ctx, shipped)},
			came,
			shipment,
			decided,
		}})
	}
	return t
}

// closedTag is how a request ended; the drawing of all states calls it the same.
func closedTag(ctx context.Context, state retail.RestockState) ui.Tag {
	key := "machine.restock." + strconv.Itoa(int(state))
	tag := ui.Tag{Tone: ui.ToneTint, Icon: ui.IconRestock, Text: ui.T(ctx, key)}
	switch state {
	case retail.RestockRefused:
		tag.Tone, tag.Icon = ui.ToneNone, ui.IconRefused
	case retail.RestockReceived:
		tag.Tone, tag.Icon = ui.ToneOK, ui.IconOK
	}
	return tag
}
