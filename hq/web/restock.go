package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// historyShown is how many shipments and refusals the page ends with.
const historyShown = 20

// restockPage is what waits for a person, in the order of the work: decide, ship, and what became of it.
type restockPage struct {
	waiting, approved []restockCard
	shipments         ui.Table
	warehouses        []retail.Location
	automatic         []automaticStore
}

// restockCard is one request.
type restockCard struct {
	id, store, when string
	action          string // where its form posts; empty for who may only look
	table           ui.Table
	automatic       bool
}

// automaticStore is a store, and whether headquarters asks for it by itself.
type automaticStore struct {
	id, name string
	on       bool
}

// restockWorld is what the requests on a page name.
type restockWorld struct {
	stores   names
	products map[uuid.UUID]catalog.Product
	people   map[uuid.UUID]string
	zone     *time.Location
	rates    sales.Rates
}

func (s *site) restock(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	waiting, err := stock.Restocks(ctx, s.DB, stock.RestockFilter{States: []retail.RestockState{retail.RestockRequested}})
	if err != nil {
		return err
	}
	approved, err := stock.Restocks(ctx, s.DB, stock.RestockFilter{States: []retail.RestockState{retail.RestockApproved}})
	if err != nil {
		return err
	}
	sent, err := stock.Shipments(ctx, s.DB, stock.ShipmentFilter{Limit: historyShown})
	if err != nil {
		return err
	}
	waiting.Restocks, approved.Restocks = ours(ctx, waiting.Restocks), ours(ctx, approved.Restocks)
	sent.Shipments = slices.DeleteFunc(sent.Shipments, func(s stock.Shipment) bool { return !sees(ctx, s.Location) && !sees(ctx, s.From) })
	var p restockPage
	if p.warehouses, err = stock.Warehouses(ctx, s.DB); err != nil {
		return err
	}
	world, err := s.restockWorld(ctx, append(waiting.Restocks, approved.Restocks...), sent.Shipments)
	if err != nil {
		return err
	}
	if world.rates, err = s.ratesOf(ctx, waiting.Restocks); err != nil {
		return err
	}
	if p.automatic, err = s.automaticStores(ctx); err != nil {
		return err
	}
	for _, request := range waiting.Restocks {
		p.waiting = append(p.waiting, world.card(ctx, request, "/decide"))
	}
	for _, request := range approved.Restocks {
		p.approved = append(p.approved, world.card(ctx, request, "/ship"))
	}
	p.shipments = world.shipmentTable(ctx, sent.Shipments)
	return s.show(w, r, view{
		title: ui.T(ctx, "restock.title"), live: []string{eventRestock, eventStock},
	}, restockContent(p))
}

// ours are the requests of stores that the person sees.
func ours(ctx context.Context, requests []stock.Restock) []stock.Restock {
	return slices.DeleteFunc(requests, func(r stock.Restock) bool { return !sees(ctx, r.Location) })
}

func (s *site) restockWorld(ctx context.Context, requests []stock.Restock, sent []stock.Shipment) (restockWorld, error) {
	var world restockWorld
	var products, people []uuid.UUID
	for _, request := range requests {
		people = append(people, request.RequestedBy)
		for _, l := range request.Lines {
			products = append(products, l.Product)
		}
	}
	for _, shipment := range sent {
		people = append(people, shipment.ShippedBy)
		for _, l := range shipment.Lines {
			products = append(products, l.Product)
		}
	}
	locations, err := stock.Stores(ctx, s.DB)
	if err != nil {
		return world, err
	}
	world.stores, world.zone = shortNames(locations), zoneOf(locations)
	if world.products, err = catalog.ByID(ctx, s.DB, products); err != nil {
		return world, err
	}
	world.people, err = users.Names(ctx, s.DB, people)
	return world, err
}

func (world restockWorld) product(ctx context.Context, id uuid.UUID) ui.Cell {
	p, ok := world.products[id]
	if !ok {
		return ui.Cell{Text: id.String()}
	}
	return ui.Cell{Text: language(ctx, p.Name), Sub: p.SKU, Href: link(ctx, "/stock?"+query("product", id.String()))}
}

func (world restockWorld) card(ctx context.Context, request stock.Restock, do string) restockCard {
	c := restockCard{
		id: request.ID.String(), store: world.stores.of(request.Location),
		when:      byWhom(ctx, request.RequestedAt.In(world.zone), world.people[request.RequestedBy]),
		automatic: request.Automatic, action: "/restock/" + request.Location.String() + "/" + request.ID.String() + do,
	}
	columns := []ui.Column{{Label: ui.T(ctx, "stock.product")}, {Label: ui.T(ctx, "restock.asked"), Figure: true}}
	open, word := request.State == retail.RestockRequested, "restock.granted"
	mayFill := !open || may(ctx, users.DecideRestocks)
	if !mayFill {
		c.action = ""
	}
	if open {
		columns = append(columns, ui.Column{Label: ui.T(ctx, "restock.suggested"), Figure: true})
	} else {
		word = "restock.packing"
		columns = append(columns, ui.Column{Label: ui.T(ctx, "restock.granted"), Figure: true})
	}
	c.table = ui.Table{Caption: c.store + ", " + c.when, Columns: append(columns,
		ui.Column{Label: ui.T(ctx, word), Figure: true},
		ui.Column{Label: ui.T(ctx, "restock.depot"), Figure: true, Divider: true},
		ui.Column{Label: ui.T(ctx, "restock.here"), Figure: true},
		ui.Column{Label: ui.T(ctx, "stock.transit"), Figure: true},
	)}
	for _, l := range request.Lines {
		wanted := l.Approved
		cells := []ui.Cell{world.product(ctx, l.Product), {Text: ui.Quantity(ctx, l.Asked), Strong: true}}
		if open {
			wanted = l.Asked
			cells = append(cells, world.suggestion(ctx, request.Location, l))
		} else {
			cells = append(cells, ui.Cell{Text: ui.Quantity(ctx, l.Approved), Strong: true})
		}
		depot := ui.Cell{Text: ui.Quantity(ctx, l.Depot), Strong: true}
		if l.Depot < wanted {
			depot.Icon, depot.Tone = ui.IconDown, ui.ToneWarn
		}
		// What the warehouse has is proposed, so that one press is right.
		proposed := ui.Cell{Text: ui.Quantity(ctx, min(wanted, max(l.Depot, 0)))}
		if mayFill {
			proposed = ui.Cell{Part: quantityField(l.Product.String(), proposed.Text)}
		}
		cells = append(cells, proposed, depot, quantityCell(ctx, l.Here), quantityCell(ctx, l.Coming))
		c.table.Rows = append(c.table.Rows, ui.Row{Cells: cells})
	}
	return c
}

// suggestion is what the formula asks for today, with its arithmetic below.
func (world restockWorld) suggestion(ctx context.Context, store uuid.UUID, l stock.RestockLine) ui.Cell {
	s := retail.Suggest(world.rates[store][l.Product], l.Here, l.Coming, world.products[l.Product].Pack)
	c := ui.Cell{Text: ui.Quantity(ctx, s.Quantity), Sub: ui.T(ctx, "restock.per_day", "Quantity", ui.Quantity(ctx, s.PerDay))}
	if s.Quantity < l.Asked {
		c.Tone = ui.ToneWarn
	}
	return c
}

// ratesOf are the rates of sale of what requests ask for.
func (s *site) ratesOf(ctx context.Context, requests []stock.Restock) (sales.Rates, error) {
	var stores, products []uuid.UUID
	for _, r := range requests {
		if !slices.Contains(stores, r.Location) {
			stores = append(stores, r.Location)
		}
		for _, l := range r.Lines {
			if !slices.Contains(products, l.Product) {
				products = append(products, l.Product)
			}
		}
	}
	if len(products) == 0 {
		return nil, nil
	}
	all, err := s.stores(ctx)
	if err != nil {
		return nil, err
	}
	return sales.PerDay(ctx, s.DB, stores, products, retail.DateOf(s.Now().In(zoneOf(all))))
}

// automaticStores are the stores that the person sees, and which of them headquarters asks for by itself.
func (s *site) automaticStores(ctx context.Context) ([]automaticStore, error) {
	stores, err := s.stores(ctx)
	if err != nil {
		return nil, err
	}
	on, err := stock.Automatic(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	all := make([]automaticStore, len(stores))
	for i, l := range stores {
		all[i] = automaticStore{l.ID.String(), l.Name, slices.Contains(on, l.ID)}
	}
	return all, nil
}

// setAutomatic switches automatic requests of a store on or off.
func (s *site) setAutomatic(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	store, err := idOf(r.PathValue("store"))
	if err != nil {
		return err
	}
	on := r.PostFormValue("on") == "yes"
	err = s.change(r, func(tx *db.Tx) (c users.Change, err error) {
		l, err := stock.Location(ctx, tx, store)
		if err != nil {
			return c, err
		}
		return users.Change{
			Kind: users.DidSetAutomatic, Subject: store.String(), Title: l.Name, After: map[string]any{"automatic": onOff(ctx, on)},
		}, stock.SetAutomatic(ctx, tx, store, on, s.Now())
	})
	if err != nil {
		return err
	}
	flash(w, r, ui.ToneOK, ui.T(ctx, "automatic.done"))
	http.Redirect(w, r, "/restock#automatic", http.StatusSeeOther)
	return nil
}

func onOff(ctx context.Context, on bool) string {
	if on {
		return ui.T(ctx, "automatic.on")
	}
	return ui.T(ctx, "automatic.off")
}

// quantityCell shows a level; below zero it has its sign and icon.
func quantityCell(ctx context.Context, q money.Quantity) ui.Cell {
	c := ui.Cell{Text: ui.Quantity(ctx, q)}
	if q < 0 {
		c.Icon, c.Tone = ui.IconAlert, ui.ToneBad
	}
	return c
}

// byWhom is "22 nov. 14:30 · Alice".
func byWhom(ctx context.Context, at time.Time, name string) string {
	text := ui.DateTime(ctx, at)
	if name != "" {
		text += " · " + name
	}
	return text
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
		{Label: ui.T(ctx, "restock.shipped")},
		{Label: ui.T(ctx, "restock.lines"), Figure: true},
		{Label: ui.T(ctx, "restock.units"), Figure: true},
		{Label: ui.T(ctx, "restock.state")},
		{Label: ui.T(ctx, "restock.difference")},
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
			{Text: shipment.Code, Strong: true},
			{Text: world.way(shipment)},
			{Text: byWhom(ctx, shipment.ShippedAt.In(world.zone), world.people[shipment.ShippedBy])},
			{Text: ui.Number(ctx, int64(len(shipment.Lines)))},
			{Text: ui.Quantity(ctx, units)},
			{Part: ui.StatusTag(state)},
			difference,
		}})
	}
	return t
}

// quantityName is the form's name for a line's quantity.
const quantityName = "quantity-"

// decide approves what was asked, what is typed, or nothing.
func (s *site) decide(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	location, id, err := requestOf(r)
	if err != nil {
		return err
	}
	d := stock.Decision{Location: location, Restock: id, By: personOf(ctx).ID, At: s.Now(), Approved: map[uuid.UUID]money.Quantity{}}
	done := ui.T(ctx, "restock.refused_done")
	switch r.PostFormValue("decision") {
	case "all":
		request, err := stock.OneRestock(ctx, s.DB, location, id)
		if err != nil {
			return err
		}
		d.Approved, done = request.All(), ui.T(ctx, "restock.approved_done")
	case "part":
		if d.Approved, err = typedQuantities(r); err != nil {
			return err
		}
		for _, q := range d.Approved {
			if q > 0 {
				done = ui.T(ctx, "restock.approved_done")
			}
		}
	case "none":
	default:
		return &retail.Error{Code: retail.Invalid, Key: "error.invalid"}
	}
	err = s.change(r, func(tx *db.Tx) (c users.Change, err error) {
		request, err := stock.OneRestock(ctx, tx, location, id)
		if err != nil {
			return c, err
		}
		store, err := stock.Location(ctx, tx, location)
		if err != nil {
			return c, err
		}
		return users.Change{
			Kind: users.DidDecideRestock, Subject: id.String(), Title: store.Name,
			Before: map[string]any{"asked": request.All()}, After: map[string]any{"approved": d.Approved},
		}, stock.Decide(ctx, tx, d)
	})
	if err != nil {
		return err
	}
	flash(w, r, ui.ToneOK, done)
	http.Redirect(w, r, "/restock", http.StatusSeeOther)
	return nil
}

func (s *site) ship(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	location, id, err := requestOf(r)
	if err != nil {
		return err
	}
	from, err := idOf(r.PostFormValue("from"))
	if err != nil {
		return err
	}
	packed, err := typedQuantities(r)
	if err != nil {
		return err
	}
	var sent stock.Shipment
	err = s.change(r, func(tx *db.Tx) (c users.Change, err error) {
		sent, err = stock.Ship(ctx, tx, stock.Dispatch{
			Location: location, Restock: id, From: from, By: personOf(ctx).ID, At: s.Now(), Quantities: packed,
		})
		return users.Change{
			Kind: users.DidShipRestock, Subject: id.String(), Title: sent.Code, After: map[string]any{"from": from, "shipped": packed},
		}, err
	})
	if err != nil {
		return err
	}
	flash(w, r, ui.ToneOK, ui.T(ctx, "restock.shipped_done", "Code", sent.Code))
	if r.PostFormValue("next") == "packing" { // the warehouse prints what goes into the box
		http.Redirect(w, r, packingAddress(sent), http.StatusSeeOther)
		return nil
	}
	http.Redirect(w, r, "/restock", http.StatusSeeOther)
	return nil
}

func requestOf(r *http.Request) (location, id uuid.UUID, err error) {
	if location, err = idOf(r.PathValue("store")); err == nil {
		id, err = idOf(r.PathValue("id"))
	}
	return location, id, err
}

// typedQuantities reads the quantities of a form, by product.
func typedQuantities(r *http.Request) (map[uuid.UUID]money.Quantity, error) {
	typed := map[uuid.UUID]money.Quantity{}
	for name, values := range r.PostForm {
		text, ok := strings.CutPrefix(name, quantityName)
		if !ok || values[0] == "" {
			continue
		}
		product, err := idOf(text)
		if err != nil {
			return nil, err
		}
		q, err := money.ParseQuantity(values[0])
		if err != nil || q < 0 {
			return nil, &retail.Error{Code: retail.Invalid, Key: "restock.quantity", Args: map[string]any{"Value": values[0]}, Err: err}
		}
		typed[product] = q
	}
	return typed, nil
}
