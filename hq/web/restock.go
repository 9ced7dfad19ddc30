package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// requestsShown is how many requests are on one page: each is a form.
const requestsShown = 20

// The lists of the page, as its address says them: what waits for a decision, what waits to be shipped, what was sent, and the
// requests of which nothing more is to become.
const (
	listDecide = ""
	listShip   = "ship"
	listSent   = "sent"
	listClosed = "closed"
)

// restockPage is one of the lists, and how much waits in those that wait.
type restockPage struct {
	list       string
	lists      []ui.Segment
	cards      []restockCard // of requests that wait, the oldest first
	table      ui.Table      // of what is done, the newest first
	pages      ui.Pages
	warehouses []retail.Location
	automatic  []automaticStore
}

// restockCard is one request.
type restockCard struct {
	store, when string
	action      string // where its form posts; empty for who may only look
	table       ui.Table
	automatic   bool
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
	p := restockPage{list: r.FormValue("list")}
	decide, ship, err := stock.Waiting(ctx, s.DB, within(ctx))
	if err != nil {
		return err
	}
	var next string
	switch p.list {
	case listShip:
		next, err = s.openRequests(r, &p, retail.RestockApproved)
	case listSent:
		next, err = s.sentShipments(r, &p)
	case listClosed:
		next, err = s.closedRequests(r, &p)
	default:
		p.list = listDecide
		next, err = s.openRequests(r, &p, retail.RestockRequested)
	}
	if err != nil {
		return err
	}
	p.lists = restockLists(r, p.list, decide.Count, ship.Count)
	if next != "" {
		p.pages.Next = with(r, "after", next)
	}
	if r.FormValue("after") != "" {
		p.pages.Prev = with(r)
	}
	return s.show(w, r, view{
		title: ui.T(ctx, "restock.title"), live: []string{eventRestock, eventStock},
	}, restockContent(p))
}

// restockLists choose a list.
func restockLists(r *http.Request, list string, decide, ship int) []ui.Segment {
	ctx := r.Context()
	lists := []ui.Segment{
		{Label: ui.T(ctx, "restock.waiting"), Href: with(r, "list", listDecide), Count: ui.Number(ctx, int64(decide)), Current: list == listDecide},
		{Label: ui.T(ctx, "restock.to_ship"), Href: with(r, "list", listShip), Count: ui.Number(ctx, int64(ship)), Current: list == listShip},
		{Label: ui.T(ctx, "restock.shipments"), Href: with(r, "list", listSent), Current: list == listSent},
		{Label: ui.T(ctx, "restock.closed"), Href: with(r, "list", listClosed), Current: list == listClosed},
	}
	return lists
}

// openRequests fills the page with the requests in a state that wait for a person: who has waited longest comes first.
func (s *site) openRequests(r *http.Request, p *restockPage, state retail.RestockState) (next string, err error) {
	ctx := r.Context()
	page, err := stock.Restocks(ctx, s.DB, stock.RestockFilter{
		States: []retail.RestockState{state}, Locations: within(ctx), OldestFirst: true, Before: r.FormValue("after"), Limit: requestsShown,
	})
	if err != nil {
		return "", err
	}
	world, err := s.restockWorld(ctx, page.Restocks, nil)
	if err != nil {
		return "", err
	}
	if state == retail.RestockRequested {
		if world.rates, err = s.ratesOf(ctx, page.Restocks); err != nil {
			return "", err
		}
		if p.automatic, err = s.automaticStores(ctx); err != nil {
			return "", err
		}
	}
	if p.warehouses, err = stock.Warehouses(ctx, s.DB); err != nil {
		return "", err
	}
	for _, request := range page.Restocks {
		p.cards = append(p.cards, world.card(ctx, request))
	}
	return page.Next, nil
}

func (s *site) restockWorld(ctx context.Context, requests []stock.Restock, sent []stock.Shipment) (restockWorld, error) {
	var world restockWorld
	var products, people []uuid.UUID
	for _, request := range requests {
		people = append(people, request.RequestedBy)
		if request.DecidedBy != nil {
			people = append(people, *request.DecidedBy)
		}
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

func requestAddress(r stock.Restock) string {
	return "/restock/" + r.Location.String() + "/" + r.ID.String()
}

func (world restockWorld) card(ctx context.Context, request stock.Restock) restockCard {
	c := restockCard{
		store: world.stores.of(request.Location), when: byWhom(ctx, request.RequestedAt.In(world.zone), world.people[request.RequestedBy]),
		automatic: request.Automatic, action: requestAddress(request),
	}
	columns := []ui.Column{{Label: ui.T(ctx, "stock.product")}, {Label: ui.T(ctx, "restock.asked"), Figure: true}}
	open, word := request.State == retail.RestockRequested, "restock.granted"
	if open {
		c.action += "/decide"
		columns = append(columns, ui.Column{Label: ui.T(ctx, "restock.suggested"), Figure: true})
	} else {
		c.action += "/ship"
		word = "restock.packing"
		columns = append(columns, ui.Column{Label: ui.T(ctx, "restock.granted"), Figure: true})
	}
	mayFill := !open || may(ctx, users.DecideRestocks)
	if !mayFill {
		c.action = ""
	}
	c.table = ui.Table{Caption: c.store + ", " + c.when, Columns: append(columns,
		ui.Column{Label: ui.T(ctx, word), Figure: true, Field: mayFill},
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
	c := ui.Cell{Text: ui.Quantity(ctx, s.Quantity), Sub: ui.T(ctx, "restock.per_day", "Quantity", ui.Rate(ctx, s.PerDay))}
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
