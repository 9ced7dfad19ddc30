package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// purchaseWorld is what purchases name.
type purchaseWorld struct {
	locations []retail.Location
	products  map[uuid.UUID]catalog.Product
	people    map[uuid.UUID]string
	paid      func(location uuid.UUID) context.Context
}

func (s *site) purchaseWorld(ctx context.Context, all ...stock.Purchase) (w purchaseWorld, err error) {
	var products, people []uuid.UUID
	for _, p := range all {
		people = append(people, p.MadeBy)
		for _, l := range p.Lines {
			products = append(products, l.Product)
		}
		for _, d := range p.Deliveries {
			people = append(people, d.By)
		}
	}
	if w.locations, err = stock.Locations(ctx, s.DB); err != nil {
		return w, err
	}
	known, err := s.currencies(ctx)
	if err != nil {
		return w, err
	}
	w.paid = known.of(ctx, w.locations)
	if w.products, err = catalog.ByID(ctx, s.DB, products); err != nil {
		return w, err
	}
	w.people, err = users.Names(ctx, s.DB, people)
	return w, err
}

// zone is a warehouse's time zone.
func (w purchaseWorld) zone(location uuid.UUID) *time.Location {
	return zoneAt(w.locations, location)
}

func (w purchaseWorld) name(location uuid.UUID) string {
	for _, l := range w.locations {
		if l.ID == location {
			return l.Name
		}
	}
	return location.String()
}

func (w purchaseWorld) product(ctx context.Context, id uuid.UUID) ui.Cell {
	p, ok := w.products[id]
	if !ok {
		return ui.Cell{Text: id.String()}
	}
	return ui.Cell{Text: language(ctx, p.Name), Sub: p.SKU, Href: link(ctx, "/stock?"+query("product", id.String()))}
}

// byName puts lines in the order in which a person looks for them.
func byName[L any](ctx context.Context, w purchaseWorld, lines []L, product func(L) uuid.UUID) []L {
	lines = slices.Clone(lines)
	slices.SortStableFunc(lines, func(a, b L) int {
		return cmp.Compare(language(ctx, w.products[product(a)].Name), language(ctx, w.products[product(b)].Name))
	})
	return lines
}

func purchaseAddress(p stock.Purchase) string {
	return "/purchases/" + p.Location.String() + "/" + p.ID.String()
}

func purchaseTag(ctx context.Context, state stock.PurchaseState) ui.Tag {
	switch state {
	case stock.PurchaseReceived:
		return ui.Tag{Tone: ui.ToneOK, Icon: ui.IconOK, Text: ui.T(ctx, "purchase.state_received")}
	case stock.PurchasePart:
		return ui.Tag{Tone: ui.ToneTint, Icon: ui.IconRunning, Text: ui.T(ctx, "purchase.state_part")}
	case stock.PurchaseClosed:
		return ui.Tag{Tone: ui.ToneMuted, Icon: ui.IconRefused, Text: ui.T(ctx, "purchase.state_closed")}
	default:
		return ui.Tag{Icon: ui.IconPending, Text: ui.T(ctx, "purchase.state_expected")}
	}
}

// purchases lists what suppliers brought and are to bring.
func (s *site) purchases(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	only := r.FormValue("only") == "open"
	page, err := stock.Purchases(ctx, s.DB, stock.PurchaseFilter{Open: only, Before: r.FormValue("after")})
	if err != nil {
		return err
	}
	world, err := s.purchaseWorld(ctx, page.Purchases...)
	if err != nil {
		return err
	}
	t := purchaseTable(ctx, page.Purchases, world)
	if page.Next != "" || r.FormValue("after") != "" {
		foot := ui.Pages{}
		if r.FormValue("after") != "" {
			foot.Prev = with(r)
		}
		if page.Next != "" {
			foot.Next = with(r, "after", page.Next)
		}
		t.Foot = ui.Pagination(foot)
	}
	segments := []ui.Segment{
		{Label: ui.T(ctx, "stock.all"), Href: with(r, "only", ""), Current: !only},
		{Label: ui.T(ctx, "purchase.open"), Href: with(r, "only", "open"), Current: only},
	}
	return s.show(w, r, view{
		title: ui.T(ctx, "purchase.title"), subtitle: ui.T(ctx, "purchase.subtitle"), live: []string{eventPurchase}, tools: purchaseTools(segments),
	}, purchasesContent(t))
}

func purchaseTable(ctx context.Context, all []stock.Purchase, world purchaseWorld) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "purchase.title"), Columns: []ui.Column{
		{Label: ui.T(ctx, "purchase.one")},
		{Label: ui.T(ctx, "purchase.state")},
		{Label: ui.T(ctx, "purchase.supplier")},
		{Label: ui.T(ctx, "purchase.ordered"), Figure: true},
		{Label: ui.T(ctx, "purchase.received"), Figure: true},
		{Label: ui.T(ctx, "purchase.value"), Figure: true},
		{Label: ui.T(ctx, "purchase.warehouse")},
		{Label: ui.T(ctx, "purchase.made")},
	}}
	for _, p := range all {
		var ordered, received money.Quantity
		for _, l := range p.Lines {
			ordered, received = ordered+l.Ordered, received+l.Received
		}
		paid := world.paid(p.Location)
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: p.Code, Sub: p.Reference, Href: purchaseAddress(p), Strong: true},
			{Part: ui.StatusTag(purchaseTag(ctx, p.State()))},
			{Text: p.Supplier},
			{Text: ui.Quantity(ctx, ordered), Href: purchaseAddress(p)},
			{Text: ui.Quantity(ctx, received), Href: purchaseAddress(p)},
			{Text: ui.Money(paid, p.Value()), Href: purchaseAddress(p)},
			{Text: world.name(p.Location)},
			{Text: byWhom(ctx, p.MadeAt.In(world.zone(p.Location)), world.people[p.MadeBy])},
		}})
	}
	return t
}

// purchasePage is one purchase: what was ordered, what came of it, and the form for what comes now.
type purchasePage struct {
	purchase   stock.Purchase
	facts      []fact
	tag        ui.Tag
	lines      ui.Table
	deliveries []deliveryPart
	entry      *goodsForm // nil when nothing more may come
}

// deliveryPart is one delivery, and the form that takes it back.
type deliveryPart struct {
	code, when, note, value string
	back                    string // the code of the delivery that it takes back
	table                   ui.Table
	action, id              string // of the form; empty when nothing is left to take back
}

func (s *site) purchase(w http.ResponseWriter, r *http.Request) error {
	p, err := s.purchaseOf(r)
	if err != nil {
		return err
	}
	form, err := s.receivingForm(r, p)
	if err != nil {
		return err
	}
	return s.showPurchase(w, r, p, form)
}

func (s *site) purchaseOf(r *http.Request) (stock.Purchase, error) {
	location, err := idOf(r.PathValue("warehouse"))
	if err != nil {
		return stock.Purchase{}, err
	}
	id, err := idOf(r.PathValue("id"))
	if err != nil {
		return stock.Purchase{}, err
	}
	return stock.OnePurchase(r.Context(), s.DB, location, id)
}

func (s *site) showPurchase(w http.ResponseWriter, r *http.Request, p stock.Purchase, form *goodsForm) error {
	ctx := r.Context()
	world, err := s.purchaseWorld(ctx, p)
	if err != nil {
		return err
	}
	ctx = world.paid(p.Location)
	r = r.WithContext(ctx)
	zone := world.zone(p.Location)
	page := purchasePage{purchase: p, tag: purchaseTag(ctx, p.State()), lines: purchaseLines(ctx, p, world), entry: form}
	page.facts = []fact{
		{name: ui.T(ctx, "purchase.supplier"), value: p.Supplier},
		{name: ui.T(ctx, "purchase.reference"), value: cmp.Or(p.Reference, dash)},
		{name: ui.T(ctx, "purchase.warehouse"), value: world.name(p.Location)},
		{name: ui.T(ctx, "purchase.made"), value: byWhom(ctx, p.MadeAt.In(zone), world.people[p.MadeBy])},
		{name: ui.T(ctx, "purchase.value"), value: ui.Money(ctx, p.Value()), sum: true},
	}
	for _, d := range slices.Backward(p.Deliveries) {
		page.deliveries = append(page.deliveries, deliveryOf(ctx, p, d, world))
	}
	return s.show(w, r, view{title: p.Code, subtitle: p.Supplier, parent: "/purchases"}, purchaseContent(page))
}

func purchaseLines(ctx context.Context, p stock.Purchase, world purchaseWorld) ui.Table {
	t := ui.Table{Caption: ui.T(ctx, "purchase.lines"), Columns: []ui.Column{
		{Label: ui.T(ctx, "stock.product")},
		{Label: ui.T(ctx, "purchase.ordered"), Figure: true},
		{Label: ui.T(ctx, "purchase.received"), Figure: true},
		{Label: ui.T(ctx, "purchase.left"), Figure: true},
		{Label: ui.T(ctx, "purchase.unit_cost"), Figure: true},
	}}
	for _, l := range byName(ctx, world, p.Lines, func(l stock.PurchaseLine) uuid.UUID { return l.Product }) {
		received := ui.Cell{Text: ui.Quantity(ctx, l.Received), Strong: true}
		if l.Received > l.Ordered {
			received.Icon, received.Tone = ui.IconExceptions, ui.ToneWarn
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			world.product(ctx, l.Product),
			{Text: ui.Quantity(ctx, l.Ordered)},
			received,
			{Text: ui.Quantity(ctx, l.Left())},
			{Text: ui.PlainMoney(ctx, l.UnitCost)},
		}})
	}
	return t
}

func deliveryOf(ctx context.Context, p stock.Purchase, d stock.Delivery, world purchaseWorld) deliveryPart {
	part := deliveryPart{
		code: d.Code, when: byWhom(ctx, d.At.In(world.zone(p.Location)), world.people[d.By]), note: d.Note, value: ui.Money(ctx, d.Value()),
	}
	for _, o := range p.Deliveries {
		if o.ID == d.Corrects {
			part.back = o.Code
		}
	}
	left := p.Left(d.ID)
	var some money.Quantity
	for _, q := range left {
		some += q
	}
	open := some > 0
	if open {
		part.action, part.id = purchaseAddress(p)+"/"+d.ID.String()+"/correct", newID()
	}
	part.table = ui.Table{Caption: d.Code, Columns: []ui.Column{
		{Label: ui.T(ctx, "stock.product")},
		{Label: ui.T(ctx, "restock.units"), Figure: true},
		{Label: ui.T(ctx, "purchase.unit_cost"), Figure: true},
		{Label: ui.T(ctx, "purchase.value"), Figure: true},
	}}
	if open {
		part.table.Columns = append(part.table.Columns, ui.Column{Label: ui.T(ctx, "purchase.back"), Figure: true})
	}
	for _, l := range byName(ctx, world, d.Lines, func(l stock.GoodsLine) uuid.UUID { return l.Product }) {
		cells := []ui.Cell{
			world.product(ctx, l.Product),
			{Text: signed(ctx, l.Quantity), Strong: true},
			{Text: ui.PlainMoney(ctx, l.UnitCost)},
			{Text: ui.PlainMoney(ctx, l.UnitCost.Mul(l.Quantity))},
		}
		if open {
			cells = append(cells, ui.Cell{Part: backField(l.Product.String(), ui.Quantity(ctx, left[l.Product]))})
		}
		part.table.Rows = append(part.table.Rows, ui.Row{Cells: cells})
	}
	return part
}

// newID is given with a form, so that what is sent twice is done once.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// correctGoods takes back a delivery, or a part of it.
func (s *site) correctGoods(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.purchaseOf(r)
	if err != nil {
		return err
	}
	wrong, err := idOf(r.PathValue("delivery"))
	if err != nil {
		return err
	}
	id, err := idOf(r.PostFormValue("id"))
	if err != nil {
		return err
	}
	back, err := typedQuantities(r)
	if err != nil {
		return err
	}
	var made stock.Delivery
	err = s.change(r, func(tx *db.Tx) (c users.Change, err error) {
		made, err = stock.Correct(ctx, tx, stock.Correction{
			Location: p.Location, Purchase: p.ID, Delivery: wrong, ID: id, By: personOf(ctx).ID, At: s.Now(), Quantities: back,
			Note: r.PostFormValue("note"),
		})
		return users.Change{
			Kind: users.DidCorrectGoods, Subject: p.ID.String(), Title: strings.TrimSpace(p.Code + " " + made.Code),
			After: map[string]any{"back": back, "note": made.Note},
		}, err
	})
	if err != nil {
		return err
	}
	flash(w, r, ui.ToneOK, ui.T(ctx, "purchase.corrected_done", "Code", made.Code))
	http.Redirect(w, r, purchaseAddress(p), http.StatusSeeOther)
	return nil
}

func (s *site) closePurchase(w http.ResponseWriter, r *http.Request) error {
	p, err := s.purchaseOf(r)
	if err != nil {
		return err
	}
	err = s.change(r, func(tx *db.Tx) (users.Change, error) {
		_, err := stock.ClosePurchase(r.Context(), tx, p.Location, p.ID, s.Now())
		return users.Change{Kind: users.DidClosePurchase, Subject: p.ID.String(), Title: p.Code}, err
	})
	if err != nil {
		return err
	}
	flash(w, r, ui.ToneOK, ui.T(r.Context(), "purchase.closed_done", "Code", p.Code))
	http.Redirect(w, r, purchaseAddress(p), http.StatusSeeOther)
	return nil
}
