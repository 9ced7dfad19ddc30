package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/order"
	"comptant/hq/payments"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// orderPage is one order: where it stands, what it went through, and what the person may do about it.
type orderPage struct {
	order     order.Order
	tag       ui.Tag
	since     string // when it was placed, and what it waits for
	failure   string // why it was called off
	path      ui.Path
	history   ui.Table
	asked     ui.Table // who was asked to prepare it
	payments  []paymentPart
	facts     []iconFact
	lines     []orderLine
	sums      []fact
	may       deeds
	cancelled string       // what calling it off does now
	byHand    money.Amount // what people have to give back, since the card takes nothing
}

// iconFact is a line of text with what it is about.
type iconFact struct {
	icon       ui.Icon
	text, sub  string
	href, word string // word is read aloud
}

// orderLine is a product of an order.
type orderLine struct{ id, quantity, name, amount string }

// deeds are what the person may do with an order now.
type deeds struct{ cancel, repay, settle, retry, accept, short, ship, deliver, giveBack, forget bool }

// any tells whether there is something to do.
func (d deeds) any() bool { return d != (deeds{}) }

// orderWorld is what the page of an order names.
type orderWorld struct {
	order.Order
	at       retail.Location
	places   names
	products map[uuid.UUID]catalog.Product
	people   map[uuid.UUID]string
	history  []order.Transition
	asked    []order.Fulfilment
}

func (s *site) orderPage(w http.ResponseWriter, r *http.Request) error {
	o, err := s.theOrder(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	world, err := s.orderWorld(ctx, o)
	if err != nil {
		return err
	}
	symbols, err := s.currencies(ctx)
	if err != nil {
		return err
	}
	ctx = symbols.coded(ctx, o.Currency)
	zone := zoneOf([]retail.Location{world.at})
	p := orderPage{
		order: o, tag: orderTag(ctx, o), since: s.sinceWords(ctx, world), path: orderPath(ctx, o, world.history, zone), may: world.deeds(ctx, s.Now()),
		history: world.historyTable(ctx, zone), asked: world.askedTable(ctx, zone), lines: world.lines(ctx), sums: world.sums(ctx), cancelled: cancelWords(ctx, o),
	}
	if o.Failure != "" {
		p.failure = failureWords(ctx, o.Failure)
	}
	if p.payments, err = s.paymentParts(ctx, o.ID, zone); err != nil {
		return err
	}
	if may(ctx, users.ManageOrders) && o.Repayable() {
		if p.byHand, err = payments.ByHand(ctx, s.DB, o.ID); err != nil {
			return err
		}
		p.may.repay = p.byHand > 0
	}
	if p.facts, err = s.orderFacts(ctx, world); err != nil {
		return err
	}
	return s.show(w, r, view{title: ui.T(ctx, "orders.title", "Code", o.Code), parent: "/orders", live: []string{at(eventOrder, o.ID), eventTime}}, orderContent(p))
}

// theOrder is the order that the address names, if the person sees what is prepared where it is.
func (s *site) theOrder(r *http.Request) (order.Order, error) {
	ctx := r.Context()
	id, err := uuid.Parse(r.PathValue("order"))
	if err != nil {
		return order.Order{}, &retail.Error{Code: retail.NotFound, Key: "order.unknown", Err: err}
	}
	o, err := order.One(ctx, s.DB, id)
	if err != nil {
		return o, err
	}
	reach, err := s.reach(ctx)
	if err == nil && reach != nil && !slices.Contains(reach, o.Location) {
		err = &retail.Error{Code: retail.Forbidden, Key: "error.store"}
	}
	return o, err
}

func (s *site) orderWorld(ctx context.Context, o order.Order) (world orderWorld, err error) {
	world.Order = o
	locations, err := stock.Locations(ctx, s.DB)
	if err != nil {
		return world, err
	}
	world.places = placesOf(locations)
	for _, l := range locations {
		if l.ID == o.Location {
			world.at = l
		}
	}
	if world.history, err = order.History(ctx, s.DB, o.ID); err != nil {
		return world, err
	}
	if world.asked, err = order.Fulfilments(ctx, s.DB, o.ID); err != nil {
		return world, err
	}
	var people, products []uuid.UUID
	for _, t := range world.history {
		people = append(people, t.By)
	}
	for _, f := range world.asked {
		if f.AnsweredBy != nil {
			people = append(people, *f.AnsweredBy)
		}
	}
	for _, l := range o.Lines {
		products = append(products, l.Product)
	}
	if world.products, err = catalog.ByID(ctx, s.DB, products); err != nil {
		return world, err
	}
	world.people, err = users.Names(ctx, s.DB, people)
	return world, err
}

// deeds are what the order's state and the person's role allow. A till prepares what is collected in its store.
func (world orderWorld) deeds(ctx context.Context, now time.Time) (d deeds) {
	o := world.Order
	d.forget = may(ctx, users.EditCustomers) && o.Guest(now)
	if may(ctx, users.ManageOrders) {
		d.cancel = o.Cancellable() && o.State != retail.OrderCompensating
		d.settle = o.Owed() && o.Stuck()
		d.retry = o.Tries > 0
		d.deliver = o.State == retail.OrderShipped
		d.giveBack = o.State == retail.OrderDelivered
	}
	if may(ctx, users.FulfilOrders) && o.Delivery == retail.Ship {
		d.accept = o.State == retail.OrderConfirmed
		d.short = retail.OrderSteps.Lead(o.State, retail.OrderShort)
		d.ship = o.State == retail.OrderPicking
	}
	return d
}

// cancelWords say what calling an order off does where it stands.
func cancelWords(ctx context.Context, o order.Order) string {
	switch {
	case o.Captured != nil:
		return ui.T(ctx, "orders.cancel_refunds")
	case retail.OrderSteps.Lead(o.State, retail.OrderCompensating):
		return ui.T(ctx, "orders.cancel_releases")
	}
	return ui.T(ctx, "orders.cancel_nothing")
}

func (s *site) sinceWords(ctx context.Context, world orderWorld) string {
	words := ui.T(ctx, "orders.placed_ago", "Ago", ui.Ago(ctx, s.Now().Sub(world.PlacedAt)))
	if wait := s.waitWords(ctx, world.Order, zoneOf([]retail.Location{world.at})); wait != "" && world.State != retail.OrderCancelled {
		words += " · " + wait
	}
	return words
}

// name is what a product is called: as it was ordered, when the catalogue has it no more.
func (world orderWorld) name(ctx context.Context, product uuid.UUID) string {
	if p, ok := world.products[product]; ok {
		return language(ctx, p.Name)
	}
	for _, l := range world.Lines {
		if l.Product == product {
			return l.Name
		}
	}
	return product.String()
}

func (world orderWorld) lines(ctx context.Context) []orderLine {
	lines := make([]orderLine, len(world.Lines))
	for i, l := range world.Lines {
		lines[i] = orderLine{l.Product.String(), ui.Quantity(ctx, l.Quantity), world.name(ctx, l.Product), ui.PlainMoney(ctx, l.Amount)}
	}
	return lines
}

// sums are what the lines come to.
func (world orderWorld) sums(ctx context.Context) (sums []fact) {
	var goods, charges money.Amount
	for _, l := range world.Lines {
		goods += l.Amount
		for _, c := range l.Charges {
			charges += c.Amount
		}
	}
	sums = append(sums, fact{name: ui.T(ctx, "orders.goods"), value: ui.PlainMoney(ctx, goods)})
	if charges != 0 {
		sums = append(sums, fact{name: ui.T(ctx, "figure.charges"), value: ui.PlainMoney(ctx, charges)})
	}
	for _, tax := range world.Taxes {
		name := language(ctx, tax.Name) + " " + tax.Rate.Format(ui.Lang(ctx))
		if tax.Included {
			name = ui.T(ctx, "orders.included", "Tax", name)
		}
		sums = append(sums, fact{name: name, value: ui.PlainMoney(ctx, tax.Amount)})
	}
	return append(sums, fact{name: ui.T(ctx, "report.total"), value: ui.Money(ctx, world.Total), sum: true})
}

// orderFacts are who ordered, and how it reaches them.
func (s *site) orderFacts(ctx context.Context, world orderWorld) ([]iconFact, error) {
	who := iconFact{icon: ui.IconPerson, text: nameOf(ctx, world.Order), word: ui.T(ctx, "receipts.customer")}
	if world.Customer != uuid.Nil {
		all, err := order.Of(ctx, s.DB, world.Customer)
		if err != nil {
			return nil, err
		}
		who.sub, who.href = ui.T(ctx, "orders.of_customer", "Count", len(all)), link(ctx, "/customers?"+query("q", world.Customer.String()))
	}
	facts := []iconFact{who}
	for _, text := range []string{world.Email, world.Phone} {
		if text != "" {
			facts = append(facts, iconFact{icon: ui.IconInfo, text: text, word: ui.T(ctx, "orders.reach")})
		}
	}
	place := iconFact{icon: ui.IconStores, text: ui.T(ctx, "orders.collect_at", "Place", world.places.of(world.Location)), word: ui.T(ctx, "orders.where")}
	if world.Delivery == retail.Ship {
		place = iconFact{icon: ui.IconRestock, text: ui.T(ctx, "orders.ship_from", "Place", world.places.of(world.Location)), sub: world.Address, word: ui.T(ctx, "orders.where")}
	}
	facts = append(facts, place)
	if world.Receipt != "" {
		facts = append(facts, iconFact{icon: ui.IconJournal, text: ui.T(ctx, "orders.receipt", "Code", world.Receipt), word: ui.T(ctx, "receipts.receipt")})
	}
	return facts, nil
}

// paymentPart is a payment and what was asked of the gateway for it.
type paymentPart struct {
	tag   ui.Tag
	facts []fact
	calls ui.Table
}

func (s *site) paymentParts(ctx context.Context, id uuid.UUID, zone *time.Location) ([]paymentPart, error) {
	paid, err := payments.OfOrder(ctx, s.DB, id)
	if err != nil {
		return nil, err
	}
	parts := make([]paymentPart, len(paid))
	for i, p := range paid {
		calls, err := payments.Calls(ctx, s.DB, p.ID)
		if err != nil {
			return nil, err
		}
		parts[i] = paymentPart{tag: paymentTag(ctx, p.State), facts: paymentFacts(ctx, p), calls: callTable(ctx, calls, zone)}
	}
	return parts, nil
}
