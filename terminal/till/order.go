package till

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"comptant/shared/journal"
	"comptant/shared/money"
	"comptant/shared/retail"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"
)

// Order is an order of the shop as it stands at this till: as headquarters asks for it, and what this till did about it since.
type Order struct {
	retail.Order
	// Found is how much was picked of it here, and not said to be ready yet.
	Found money.Quantity
	// Receipt is the printed number under which this till handed it over; empty before.
	Receipt string
}

// OrderDeed is an entry of this till about an order: an answer, or the sale that handed it over.
type OrderDeed struct {
	Order uuid.UUID
	Kind  journal.Kind
	// Attempt is the question it answers; a sale answers whichever was asked.
	Attempt uint64
	// Epoch and Number are of a sale.
	Epoch, Number uint64
}

// becomes is what an entry of a kind makes of an order.
var becomes = map[journal.Kind]retail.OrderState{
	journal.KindOrderAccept: retail.OrderAccepted, journal.KindOrderShort: retail.OrderShort, journal.KindOrderReady: retail.OrderReady,
	journal.KindSale: retail.OrderCollected,
}

// OrderDeedOf reads what an entry does to an order; ok is false for any other.
func OrderDeedOf(kind journal.Kind, body any) (d OrderDeed, ok bool) {
	d.Kind = kind
	switch b := body.(type) {
	case retail.OrderAnswer:
		d.Order, d.Attempt = b.Order, b.Attempt
	case retail.OrderMissing:
		d.Order, d.Attempt = b.Order, b.Attempt
	case retail.Sale:
		d.Order, d.Number = b.Order, b.Number
	}
	return d, d.Order != uuid.Nil
}

// after is where an order stands after what this till did about it, whether headquarters knows of that or not: nothing leads
// back, so what it has taken in already changes nothing. The goods of one that was handed over are gone, whatever it says.
func after(o retail.Order, deeds []OrderDeed) retail.OrderState {
	state := o.State
	for _, d := range deeds {
		switch to := becomes[d.Kind]; {
		case d.Order != o.ID:
		case to == retail.OrderCollected:
			return to
		case d.Attempt == o.Attempt && retail.OrderSteps.Lead(state, to):
			state = to
		}
	}
	return state
}

// orderTurn is in what order a person looks at them: what must be answered, what is being prepared, what waits for its customer.
var orderTurn = map[retail.OrderState]int{
	retail.OrderConfirmed: 1, retail.OrderAccepted: 2, retail.OrderPicking: 2, retail.OrderReady: 3, retail.OrderShort: 4,
}

// Orders are those of the shop that this store has to do with, the most urgent first: all of them, or those whose number or name
// is like a text. One that was handed over here is none of them any more.
func (t *Till) Orders(ctx context.Context, text string) ([]Order, error) {
	all, err := t.orders(ctx)
	if err != nil {
		return nil, err
	}
	text = plainly(text)
	all = slices.DeleteFunc(all, func(o Order) bool {
		return orderTurn[o.State] == 0 || !strings.Contains(plainly(o.Code)+" "+plainly(o.Name), text)
	})
	slices.SortStableFunc(all, func(a, b Order) int {
		return cmp.Or(cmp.Compare(orderTurn[a.State], orderTurn[b.State]), cmp.Compare(a.At, b.At))
	})
	return all, nil
}

// plainly is a text in small letters, without accents and without blanks at its ends.
func plainly(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(strings.TrimSpace(s)))
}

// OrdersToDo counts the orders that wait for somebody here: to be accepted, or to be picked.
func (t *Till) OrdersToDo(ctx context.Context) (int, error) {
	all, err := t.orders(ctx)
	all = slices.DeleteFunc(all, func(o Order) bool {
		return orderTurn[o.State] == 0 || orderTurn[o.State] > orderTurn[retail.OrderPicking]
	})
	return len(all), err
}

// OrdersAsOf is how old the list of orders is; ok is false while it is as headquarters has it.
func (t *Till) OrdersAsOf() (at time.Time, old bool) {
	n := t.network()
	return n.Heard.In(t.location()), !n.Online
}

// Order finds one that headquarters asks for, also when it was handed over here already.
func (t *Till) Order(ctx context.Context, id uuid.UUID) (Order, error) {
	return t.orderLike(ctx, func(o Order) bool { return o.ID == id })
}

// OrderByCode finds one by the number that the customer was given. The error says so when it was handed over here.
func (t *Till) OrderByCode(ctx context.Context, code string) (Order, error) {
	o, err := t.orderLike(ctx, func(o Order) bool { return plainly(o.Code) == plainly(code) })
	if err == nil && o.State == retail.OrderCollected {
		err = may(o, retail.OrderCollected)
	}
	return o, err
}

func (t *Till) orderLike(ctx context.Context, is func(Order) bool) (Order, error) {
	all, err := t.orders(ctx)
	if err != nil {
		return Order{}, err
	}
	at := slices.IndexFunc(all, is)
	if at < 0 {
		return Order{}, fail(retail.NotFound, KeyNoOrder)
	}
	return all[at], nil
}

func (t *Till) orders(ctx context.Context) ([]Order, error) {
	asked, err := t.catalogue.Orders(ctx)
	if err != nil {
		return nil, fmt.Errorf("list orders: %w", err)
	}
	if len(asked) == 0 {
		return nil, nil
	}
	ids := make([]uuid.UUID, len(asked))
	for i, o := range asked {
		ids[i] = o.ID
	}
	deeds, err := t.journal.OrderDeeds(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("what was done about orders: %w", err)
	}
	all := make([]Order, len(asked))
	for i, o := range asked {
		o.State = after(o, deeds)
		all[i] = Order{Order: o}
		switch o.State {
		case retail.OrderCollected:
			at := slices.IndexFunc(deeds, func(d OrderDeed) bool { return d.Order == o.ID && d.Kind == journal.KindSale })
			id := t.Identity()
			all[i].Receipt = retail.ReceiptCode(id.Store.Code, id.Number, deeds[at].Epoch, deeds[at].Number)
		case retail.OrderAccepted, retail.OrderPicking, retail.OrderConfirmed:
			if all[i].Found = t.picks.of(o).sum(); all[i].Found > 0 && o.State == retail.OrderAccepted {
				all[i].State = retail.OrderPicking
			}
		}
	}
	return all, nil
}

// OrderLine is a line of an order beside what is here of its product.
type OrderLine struct {
	retail.Line
	Product retail.Product
	Stock   Stock
	Level   Level
}

// OrderLines are the lines of an order, with the stock here.
func (t *Till) OrderLines(ctx context.Context, o Order) ([]OrderLine, error) {
	ids := make([]uuid.UUID, len(o.Lines))
	for i, l := range o.Lines {
		ids[i] = l.Product
	}
	stock, err := t.catalogue.StockOfMany(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("stock for order %s: %w", o.Code, err)
	}
	lines := make([]OrderLine, len(o.Lines))
	for i, l := range o.Lines {
		p := t.ordered(ctx, l)
		lines[i] = OrderLine{Line: l, Product: p, Stock: stock[p.ID], Level: LevelOf(p, stock[p.ID])}
	}
	return lines, nil
}

// ordered is the product of a line, or what the line says of one that the catalogue does not have any more.
func (t *Till) ordered(ctx context.Context, l retail.Line) retail.Product {
	p := t.productOr(ctx, l.Product)
	if p.Name == (retail.Text{}) {
		p.SKU, p.Name = l.SKU, retail.Text{FR: l.Name, EN: l.Name}
	}
	return p
}
