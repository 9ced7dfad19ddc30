package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"comptant/hq/catalog"
	"comptant/hq/order"
	"comptant/hq/sales"
	"comptant/hq/stock"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// movementKeys are the words for what moved stock.
var movementKeys = map[stock.Reason]string{
	stock.Opening: "movement.opening",
	stock.Sold:    "movement.sold",
	stock.Back:    "movement.back",
	stock.Shipped: "movement.shipped",
	stock.Arrived: "movement.arrived",
	stock.Bought:  "movement.bought",
	stock.Counted: "movement.counted",
	stock.Mended:  "movement.mended",
}

func movementWord(ctx context.Context, r stock.Reason) string { return ui.T(ctx, movementKeys[r]) }

// movements is the page of what moved a product, at a location or at all that the person sees.
func (s *site) movements(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := idOf(r.PathValue("product"))
	if err != nil {
		return err
	}
	product, err := catalog.Get(ctx, s.DB, id)
	if err != nil {
		return err
	}
	locations, short, err := s.stockPlaces(ctx)
	if err != nil {
		return err
	}
	page, err := stock.Movements(ctx, s.DB, movementFilter(r, id, locations))
	if err != nil {
		return err
	}
	t, err := s.movementTable(ctx, page.Movements, locations, short)
	if err != nil {
		return err
	}
	foot := ui.Pages{}
	if page.Next != "" {
		foot.Next = with(r, "after", page.Next)
	}
	if r.FormValue("after") != "" {
		foot.Prev = with(r)
	}
	if foot != (ui.Pages{}) {
		t.Foot = ui.Pagination(foot)
	}
	return s.show(w, r, view{
		title: ui.T(ctx, "stock.movements"), subtitle: language(ctx, product.Name) + " · " + stockSKU(ctx, product), live: []string{eventStock}, parent: panelAddress(r, id),
		tools: movementTools(r, locations, short),
	}, movementsContent(t))
}

// movementsAddress is the page of what moved a product, at a location or everywhere.
func movementsAddress(product, at uuid.UUID) string {
	address := "/stock/" + product.String() + "/movements"
	if at == uuid.Nil {
		return address
	}
	return address + "?" + query("at", at.String())
}

// placeOptions are all locations or one.
func placeOptions(r *http.Request, locations []retail.Location, short names) []ui.Option {
	options := []ui.Option{{Label: ui.T(r.Context(), "stock.everywhere")}}
	for _, l := range locations {
		options = append(options, ui.Option{Value: l.ID.String(), Label: short.of(l.ID), Selected: l.ID.String() == r.FormValue("at")})
	}
	return options
}

// panelAddress is the panel of a product, with the location that the page is narrowed to.
func panelAddress(r *http.Request, product uuid.UUID) string {
	address := "/stock?" + query("product", product.String())
	if at := r.FormValue("at"); at != "" {
		address += "&" + query("at", at)
	}
	return address
}

// movementFilter reads the address: a location or all, and days, of which either may be left open.
func movementFilter(r *http.Request, product uuid.UUID, locations []retail.Location) stock.MovementFilter {
	f := stock.MovementFilter{Product: product, Locations: idsOf(locations), Before: r.FormValue("after")}
	zone := zoneOf(locations)
	if at, err := uuid.Parse(r.FormValue("at")); err == nil && slices.Contains(f.Locations, at) {
		f.Locations, zone = []uuid.UUID{at}, zoneAt(locations, at)
	}
	if day, err := time.ParseInLocation(time.DateOnly, r.FormValue("from"), zone); err == nil {
		f.From = day
	}
	if day, err := time.ParseInLocation(time.DateOnly, r.FormValue("to"), zone); err == nil {
		f.To = day.AddDate(0, 0, 1)
	}
	return f
}

func (s *site) movementTable(ctx context.Context, past []stock.Past, locations []retail.Location, short names) (ui.Table, error) {
	t := ui.Table{Caption: ui.T(ctx, "stock.movements"), Columns: []ui.Column{
		{Label: ui.T(ctx, "journal.when")},
		{Label: ui.T(ctx, "journal.what")},
		{Label: ui.T(ctx, "counts.change"), Figure: true},
		{Label: ui.T(ctx, "stock.after"), Figure: true},
		{Label: ui.T(ctx, "stock.location")},
		{Label: ui.T(ctx, "audit.who")},
	}}
	told, err := s.tellMovements(ctx, past, locations)
	if err != nil {
		return t, err
	}
	for i, m := range past {
		who := told[i].who
		if who == "" {
			who = dash
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: ui.DateTime(ctx, m.At.In(zoneAt(locations, m.Location)))},
			{Text: told[i].what, Sub: m.Note, Href: told[i].href},
			{Text: signed(ctx, m.Quantity), Strong: true},
			quantityCell(ctx, m.Balance),
			{Text: short.of(m.Location)},
			{Text: who},
		}})
	}
	return t, nil
}

// toldMovement is a movement in words: what it comes from, where that is seen, and who did it where that is known.
type toldMovement struct{ what, href, who string }

// tellMovements tells of movements in their order. A movement of a till leads to its receipt, or to its entry where there is none; others
// lead to their shipment, purchase, count or order. What the person may not open has no address.
func (s *site) tellMovements(ctx context.Context, past []stock.Past, locations []retail.Location) ([]toldMovement, error) {
	var written []sales.Place
	var orders, people []uuid.UUID
	for _, m := range past {
		sold := m.Reason == stock.Sold || m.Reason == stock.Back
		switch {
		case sold && m.Till != uuid.Nil:
			written = append(written, sales.Place{Store: m.Location, Till: m.Till, Epoch: m.Epoch, Seq: m.Seq, At: m.At.In(zoneAt(locations, m.Location))})
		case m.Reason == stock.Sold: // by headquarters, for the shop
			orders = append(orders, m.Ref)
		}
		if m.By != nil {
			people = append(people, *m.By)
		}
	}
	receipts, world, err := s.writtenReceipts(ctx, written)
	if err != nil {
		return nil, err
	}
	placed, err := s.ordersByID(ctx, orders)
	if err != nil {
		return nil, err
	}
	named, err := users.Names(ctx, s.DB, people)
	if err != nil {
		return nil, err
	}
	told := make([]toldMovement, len(past))
	for i, m := range past {
		t := &told[i]
		t.what = movementWord(ctx, m.Reason)
		switch {
		case m.Document != nil:
			t.what += " " + m.Document.Code
			t.href = documentAddress(ctx, m)
		case m.Reason == stock.Counted:
			t.href = link(ctx, "/stock/counts")
		case m.Reason == stock.Mended:
			t.what += " · " + causeWord(ctx, m.Cause)
			if m.By != nil {
				t.who = named[*m.By]
			}
		case m.Till != uuid.Nil:
			t.href = link(ctx, entryAddress(m.Till, m.Epoch, m.Seq))
		}
		if o, ok := placed[m.Ref]; ok {
			t.what += " " + o.Code
			t.href = orderAddress(o.ID)
		}
		if m.Till == uuid.Nil || m.Reason != stock.Sold && m.Reason != stock.Back {
			continue
		}
		if r := receipts[0]; r != nil {
			t.what += " " + world.code(*r)
			t.href, t.who = link(ctx, receiptAddress(r.Key)), world.people[r.User]
		}
		receipts = receipts[1:]
	}
	return told, nil
}

// documentAddress is the page of what goods came or went with.
func documentAddress(ctx context.Context, m stock.Past) string {
	d := m.Document
	if m.Reason == stock.Bought {
		return link(ctx, "/purchases/"+d.Location.String()+"/"+d.ID.String())
	}
	return shipmentAddress(ctx, d.Location, d.ID)
}

// shipmentAddress is a shipment's packing list, for who sees where it goes.
func shipmentAddress(ctx context.Context, to, id uuid.UUID) string {
	if !sees(ctx, to) {
		return ""
	}
	return link(ctx, "/warehouse/"+to.String()+"/"+id.String())
}

// writtenReceipts are what entries of tills wrote, with what those name.
func (s *site) writtenReceipts(ctx context.Context, entries []sales.Place) ([]*sales.Receipt, receiptWorld, error) {
	var world receiptWorld
	written, err := sales.Written(ctx, s.DB, entries)
	if err != nil || len(written) == 0 {
		return nil, world, err
	}
	var found []sales.Receipt
	for _, r := range written {
		if r != nil {
			found = append(found, *r)
		}
	}
	world, err = s.receiptWorld(ctx, found)
	return written, world, err
}

// ordersByID are those that the person sees.
func (s *site) ordersByID(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]order.Order, error) {
	found := map[uuid.UUID]order.Order{}
	if len(ids) == 0 || !may(ctx, users.SeeOrders) {
		return found, nil
	}
	reach, err := s.reach(ctx)
	if err != nil {
		return nil, err
	}
	page, err := order.List(ctx, s.DB, order.Filter{IDs: ids, Locations: reach, Limit: len(ids)})
	if err != nil {
		return nil, err
	}
	for _, o := range page.Orders {
		found[o.ID] = o
	}
	return found, nil
}
