package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// warehousePage is a clerk's day, on a phone: what to pick, what to receive, what left.
type warehousePage struct {
	picks    []pickCard // the oldest first: it has waited longest
	pages    ui.Pages   // of them
	expected []warehouseItem
	sent     []warehouseItem
	// toPick and awaited are how many there are in all.
	toPick, awaited int
}

// listShown is how many purchases and how many shipments the page has; the lists of all are behind links.
const listShown = 20

// warehouseItem leads to something to do.
type warehouseItem struct {
	title, note, href string
	tag               *ui.Tag
}

// pickCard is one approved request to pick and ship.
type pickCard struct {
	id, store, when, action string
	automatic               bool
	lines                   []pickLine
	warehouses              []retail.Location
}

type pickLine struct {
	product, name, sku, barcode string
	wanted, proposed, depot     string
	short                       bool // the warehouse has less than that
}

// warehouse is what waits in the warehouse.
func (s *site) warehouse(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	_, ship, err := stock.Waiting(ctx, s.DB, within(ctx))
	if err != nil {
		return err
	}
	approved, err := stock.Restocks(ctx, s.DB, stock.RestockFilter{
		States: []retail.RestockState{retail.RestockApproved}, Locations: within(ctx), OldestFirst: true, Before: r.FormValue("after"), Limit: requestsShown,
	})
	if err != nil {
		return err
	}
	open, err := stock.Purchases(ctx, s.DB, stock.PurchaseFilter{Open: true, OldestFirst: true, Limit: listShown})
	if err != nil {
		return err
	}
	awaited, err := stock.CountOpenPurchases(ctx, s.DB)
	if err != nil {
		return err
	}
	sent, err := stock.Shipments(ctx, s.DB, stock.ShipmentFilter{Either: within(ctx), Asked: true, Limit: listShown})
	if err != nil {
		return err
	}
	world, err := s.restockWorld(ctx, approved.Restocks, sent.Shipments)
	if err != nil {
		return err
	}
	warehouses, err := stock.Warehouses(ctx, s.DB)
	if err != nil {
		return err
	}
	p := warehousePage{toPick: ship.Count, awaited: awaited}
	if approved.Next != "" {
		p.pages.Next = with(r, "after", approved.Next)
	}
	if r.FormValue("after") != "" {
		p.pages.Prev = with(r)
	}
	for _, request := range approved.Restocks {
		p.picks = append(p.picks, world.pick(ctx, request, warehouses))
	}
	for _, purchase := range open.Purchases {
		tag := purchaseTag(ctx, purchase.State())
		var left money.Quantity
		for _, l := range purchase.Lines {
			left += l.Left()
		}
		p.expected = append(p.expected, warehouseItem{
			title: purchase.Supplier, href: purchaseAddress(purchase), tag: &tag,
			note: purchase.Code + " · " + ui.T(ctx, "purchase.left_n", "Quantity", ui.Quantity(ctx, left)),
		})
	}
	for _, shipment := range sent.Shipments {
		p.sent = append(p.sent, warehouseItem{
			title: shipment.Code + " → " + world.stores.of(shipment.Location), href: packingAddress(shipment),
			note: byWhom(ctx, shipment.ShippedAt.In(world.zone), world.people[shipment.ShippedBy]),
		})
	}
	return s.show(w, r, view{
		title: ui.T(ctx, "place.warehouse"), live: []string{eventRestock, eventStock, eventPurchase},
	}, warehouseContent(p))
}

func (world restockWorld) pick(ctx context.Context, request stock.Restock, warehouses []retail.Location) pickCard {
	c := pickCard{
		id: request.ID.String(), store: world.stores.of(request.Location), automatic: request.Automatic, warehouses: warehouses,
		when:   byWhom(ctx, request.RequestedAt.In(world.zone), world.people[request.RequestedBy]),
		action: "/restock/" + request.Location.String() + "/" + request.ID.String() + "/ship",
	}
	for _, l := range request.Lines {
		if l.Approved == 0 {
			continue
		}
		p := world.products[l.Product]
		line := pickLine{
			product: l.Product.String(), name: language(ctx, p.Name), sku: p.SKU, wanted: ui.Quantity(ctx, l.Approved), depot: ui.Quantity(ctx, l.Depot),
			proposed: ui.Quantity(ctx, min(l.Approved, max(l.Depot, 0))), short: l.Depot < l.Approved,
		}
		if len(p.Barcodes) > 0 {
			line.barcode = p.Barcodes[0]
		}
		c.lines = append(c.lines, line)
	}
	slices.SortFunc(c.lines, func(a, b pickLine) int { return cmp.Compare(a.name, b.name) })
	return c
}

func packingAddress(sent stock.Shipment) string {
	return "/warehouse/" + sent.Location.String() + "/" + sent.ID.String()
}

// packingPage is what is in a box, to print and to put into it.
type packingPage struct {
	code, from, to, address, when string
	table                         ui.Table
}

func (s *site) packingList(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	location, id, err := requestOf(r)
	if err != nil {
		return err
	}
	sent, err := stock.OneShipment(ctx, s.DB, location, id)
	if err != nil {
		return err
	}
	world, err := s.restockWorld(ctx, nil, []stock.Shipment{sent})
	if err != nil {
		return err
	}
	to, err := stock.Location(ctx, s.DB, sent.Location)
	if err != nil {
		return err
	}
	from, err := stock.Location(ctx, s.DB, sent.From)
	if err != nil {
		return err
	}
	p := packingPage{
		code: sent.Code, from: from.Name, to: to.Name, address: to.Address, when: byWhom(ctx, sent.ShippedAt.In(world.zone), world.people[sent.ShippedBy]),
	}
	p.table = ui.Table{Caption: sent.Code, Columns: []ui.Column{
		{Label: ui.T(ctx, "stock.product")},
		{Label: ui.T(ctx, "restock.units"), Figure: true},
		{Label: ui.T(ctx, "warehouse.cases"), Figure: true},
		{Label: ui.T(ctx, "warehouse.checked")},
	}}
	lines := slices.Clone(sent.Lines)
	slices.SortStableFunc(lines, func(a, b stock.ShipmentLine) int {
		return cmp.Compare(language(ctx, world.products[a.Product].Name), language(ctx, world.products[b.Product].Name))
	})
	for _, l := range lines {
		cases := ui.Cell{Text: dash}
		if pack := money.Quantity(max(world.products[l.Product].Pack, 1)) * money.One; pack > money.One && l.Shipped%pack == 0 {
			cases.Text = ui.T(ctx, "warehouse.cases_of", "Cases", ui.Number(ctx, int64(l.Shipped/pack)), "Pack", ui.Quantity(ctx, pack))
		}
		name := world.product(ctx, l.Product)
		name.Href = ""
		p.table.Rows = append(p.table.Rows, ui.Row{Cells: []ui.Cell{name, {Text: ui.Quantity(ctx, l.Shipped), Strong: true}, cases, {Part: tickBox()}}})
	}
	return s.show(w, r, view{title: sent.Code, subtitle: to.Name, parent: "/warehouse"}, packingContent(p))
}
