package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Order is an order of the shop as it stands.
type Order struct {
	ID       uuid.UUID  `json:"id"`
	Code     string     `json:"code" example:"W-000042" doc:"What the customer was given"`
	State    OrderState `json:"state"`
	StateAt  time.Time  `json:"state_at" doc:"Since when"`
	PlacedAt time.Time  `json:"placed_at"`
	Customer *uuid.UUID `json:"customer,omitempty" doc:"Absent for a visitor without an account"`
	Name     string     `json:"name" doc:"Empty, as what follows, once the customer was erased"`
	Email    string     `json:"email"`
	Phone    string     `json:"phone,omitempty"`
	Address  string     `json:"address,omitempty" doc:"Where it is shipped to"`
	Lang     string     `json:"lang" enum:"fr,en"`
	Delivery string     `json:"delivery" enum:"collect,ship" doc:"Collected in a store, or shipped from a warehouse"`
	Location uuid.UUID  `json:"location" doc:"Where it is prepared"`
	Attempt  int        `json:"attempt" doc:"How many locations were asked to prepare it"`
	// What is paid.
	Lines    []OrderLine `json:"lines"`
	Taxes    []OrderTax  `json:"taxes"`
	Total    Money       `json:"total"`
	Captured *time.Time  `json:"captured_at,omitempty" doc:"When the money was taken; absent while it is authorised at most"`
	// What it waits for.
	Until   *time.Time `json:"until,omitempty" doc:"When what people have to do is given up"`
	Tries   int        `json:"tries" doc:"How often the present step has failed"`
	NextTry *time.Time `json:"next_try,omitempty" doc:"Absent unless the present step has failed"`
	Stuck   bool       `json:"stuck" doc:"The present step has failed again and again"`
	Failure string     `json:"failure,omitempty" doc:"Why it was called off" example:"order.declined"`
	Receipt string     `json:"receipt,omitempty" doc:"Of the sale, once it was handed over or shipped"`
}

// OrderLine is one product of an order.
type OrderLine struct {
	Product   uuid.UUID      `json:"product"`
	SKU       string         `json:"sku"`
	Name      string         `json:"name" doc:"As it was ordered"`
	Quantity  money.Quantity `json:"quantity" doc:"Thousandths"`
	UnitPrice money.Amount   `json:"unit_price" doc:"Minor units of the total's currency"`
	Discount  money.Amount   `json:"discount" doc:"Minor units"`
	Amount    money.Amount   `json:"amount" doc:"Minor units, before taxes that are not included"`
}

// OrderTax is one tax on an order.
type OrderTax struct {
	Code     string       `json:"code" example:"TPS"`
	Rate     money.Rate   `json:"rate" doc:"Thousandths of a percent: 9975 is 9.975 %"`
	Amount   money.Amount `json:"amount" doc:"Minor units"`
	Included bool         `json:"included" doc:"It is inside the lines already"`
}

// OrderState is a state by its name.
type OrderState retail.OrderState

// Schema is what huma asks for.
func (OrderState) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	seen := map[retail.OrderState]bool{}
	for _, step := range retail.OrderSteps {
		if !seen[step.To] {
			s.Enum = append(s.Enum, string(step.To))
		}
		seen[step.To] = true
	}
	return s
}

var deliveries = map[retail.Delivery]string{retail.Collect: "collect", retail.Ship: "ship"}

func orderOf(o order.Order) Order {
	made := Order{
		ID: o.ID, Code: o.Code, State: OrderState(o.State), StateAt: o.StateAt.UTC(), PlacedAt: o.PlacedAt.UTC(), Name: o.Name, Email: o.Email,
		Phone: o.Phone, Address: o.Address, Lang: o.Lang, Delivery: deliveries[o.Delivery], Location: o.Location, Attempt: o.Attempt,
		Lines: each(o.Lines, func(l retail.Line) OrderLine {
			return OrderLine{l.Product, l.SKU, l.Name, l.Quantity, l.UnitPrice, l.Discount, l.Amount}
		}),
		Taxes: each(o.Taxes, func(t retail.Tax) OrderTax { return OrderTax{t.Code, t.Rate, t.Amount, t.Included} }),
		Total: Money{o.Total, o.Currency}, Captured: utc(o.Captured), Until: utc(o.Until), Tries: o.Tries, Stuck: o.Stuck(),
		Failure: o.Failure, Receipt: o.Receipt,
	}
	if o.Customer != uuid.Nil {
		made.Customer = &o.Customer
	}
	if o.Tries > 0 {
		made.NextTry = utc(o.Due)
	}
	return made
}

func (s *site) orderOperations() {
	op := func(method, path, id, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: "/ecommerce" + path, OperationID: id, Summary: summary, Tags: []string{tagOrders}}
	}
	const one = "/orders/{order}"
	add(s, users.ReadOrders, op(http.MethodGet, "/orders", "list-orders", "Orders of the shop, the newest first"), s.listOrders)
	add(s, users.ReadOrders, op(http.MethodGet, one, "get-order", "One order"), s.getOrder)
	add(s, users.ReadOrders, op(http.MethodGet, one+"/history", "list-order-history", "What an order went through, the oldest first"), s.listOrderHistory)
	add(s, users.WriteOrders, op(http.MethodPost, one+"/cancel", "cancel-order", "Call an order off"), s.cancelOrder)
	add(s, users.WriteOrders, op(http.MethodPost, one+"/repay", "repay-order", "Note that the money of an order that is being undone or came back was given back another way, since the card takes no refund"), s.repayOrder)
	add(s, users.WriteOrders, op(http.MethodPost, one+"/settle", "settle-order", "Note how an order was settled that was handed over and whose payment lapsed before it was taken: paid another way, or written off"), s.settleOrder)
	add(s, users.WriteOrders, op(http.MethodPost, one+"/retry", "retry-order", "Try the present step again now"), s.retryOrder)
	add(s, users.WriteOrders, op(http.MethodPost, one+"/accept", "accept-order", "Take an order on for the warehouse that was asked"), s.acceptOrder)
	add(s, users.WriteOrders, op(http.MethodPost, one+"/short", "short-order", "Say what the warehouse lacks: another is asked"), s.shortOrder)
	add(s, users.WriteOrders, op(http.MethodPost, one+"/ship", "ship-order", "Ship an order: that is its sale"), s.shipOrder)
	add(s, users.WriteOrders, op(http.MethodPost, one+"/deliver", "deliver-order", "Note that what was shipped has arrived"), s.deliverOrder)
	add(s, users.WriteOrders, op(http.MethodPost, one+"/return", "return-order", "Take back all of an order that was delivered, and refund it"), s.returnOrder)
	s.cartOperations(op)
	s.sagaOperations(op)
}

// OrderList chooses orders.
type OrderList struct {
	Paging
	State    OrderState `query:"state"`
	Location uuid.UUID  `query:"location" doc:"Where they are prepared"`
	Stuck    bool       `query:"stuck" doc:"Only those whose step has failed again and again"`
	Search   string     `query:"q" maxLength:"200" doc:"Part of a code or of a name, or an e-mail address"`
}

func (s *site) orders(ctx context.Context, in OrderList) (order.Page, error) {
	f := order.Filter{Stuck: in.Stuck, Search: in.Search, Limit: in.Limit}
	if in.State != "" {
		f.States = []retail.OrderState{retail.OrderState(in.State)}
	}
	if in.Location != uuid.Nil {
		f.Locations = []uuid.UUID{in.Location}
	}
	if in.Cursor != "" {
		var err error
		if f.Before, err = uuid.Parse(in.Cursor); err != nil {
			return order.Page{}, &retail.Error{Code: retail.Invalid, Key: "page.unknown", Err: err}
		}
	}
	return order.List(ctx, s.DB, f)
}

// cursorOf is where the next page of orders begins; empty after the last.
func cursorOf(page order.Page) string {
	if page.Next == uuid.Nil {
		return ""
	}
	return page.Next.String()
}

func (s *site) listOrders(ctx context.Context, in *OrderList) (*List[Order], error) {
	page, err := s.orders(ctx, *in)
	if err != nil {
		return nil, err
	}
	return list(each(page.Orders, orderOf), cursorOf(page)), nil
}

// OrderPath names an order.
type OrderPath struct {
	Order uuid.UUID `path:"order"`
}

func (s *site) getOrder(ctx context.Context, in *struct {
	IfChanged
	OrderPath
},
) (*One[Order], error) {
	o, err := order.One(ctx, s.DB, in.Order)
	if err != nil {
		return nil, err
	}
	return ask(in.IfChanged, orderOf(o))
}

// orderDeed does something with an order, and writes down which program did. The saga's transactions are its own and ask the payment
// gateway in between, so that the record follows them: the order's history has it in any case. There is no Idempotency-Key: a step is
// taken once, and again is refused with where the order stands.
func (s *site) orderDeed(
	ctx context.Context, in any, at OrderPath, warehouse bool, do func(ctx context.Context, id, by uuid.UUID) (order.Order, error),
) (*One[Order], error) {
	before, err := order.One(ctx, s.DB, at.Order)
	if err != nil {
		return nil, err
	}
	if warehouse && before.Delivery != retail.Ship {
		return nil, &retail.Error{Code: retail.Conflict, Key: "orders.at_till", Args: map[string]any{"code": before.Code}}
	}
	after, err := do(ctx, before.ID, tokenOf(ctx).ID)
	ctx = context.WithoutCancel(ctx)
	if err != nil {
		if after, err = s.Orders.After(ctx, before, err); err != nil {
			return nil, err
		}
	}
	if err := s.deed(ctx, in, func(*db.Tx) error { return nil }); err != nil {
		return nil, err
	}
	return one(orderOf(after)), nil
}

type cancelOrderIn struct {
	OrderPath
	Body struct {
		Why string `json:"why" minLength:"1" maxLength:"200"`
	}
}

func (s *site) cancelOrder(ctx context.Context, in *cancelOrderIn) (*One[Order], error) {
	return s.orderDeed(ctx, in, in.OrderPath, false, func(ctx context.Context, id, by uuid.UUID) (order.Order, error) {
		return s.Orders.Cancel(ctx, id, by, in.Body.Why)
	})
}

type repayOrderIn struct {
	OrderPath
	Body struct {
		How string `json:"how" minLength:"1" maxLength:"200" doc:"How it was given back" example:"bank transfer"`
	}
}

func (s *site) repayOrder(ctx context.Context, in *repayOrderIn) (*One[Order], error) {
	return s.orderDeed(ctx, in, in.OrderPath, false, func(ctx context.Context, id, by uuid.UUID) (order.Order, error) {
		return s.Orders.Repay(ctx, id, by, in.Body.How)
	})
}

type settleOrderIn struct {
	OrderPath
	Body struct {
		How string `json:"how" minLength:"1" maxLength:"200" doc:"How it was settled" example:"paid in cash"`
	}
}

func (s *site) settleOrder(ctx context.Context, in *settleOrderIn) (*One[Order], error) {
	return s.orderDeed(ctx, in, in.OrderPath, false, func(ctx context.Context, id, by uuid.UUID) (order.Order, error) {
		return s.Orders.Settle(ctx, id, by, in.Body.How)
	})
}

func (s *site) retryOrder(ctx context.Context, in *OrderPath) (*One[Order], error) {
	return s.orderDeed(ctx, in, *in, false, func(ctx context.Context, id, _ uuid.UUID) (order.Order, error) { return s.Orders.Retry(ctx, id) })
}

func (s *site) acceptOrder(ctx context.Context, in *OrderPath) (*One[Order], error) {
	return s.orderDeed(ctx, in, *in, true, s.Orders.Prepare)
}

type shortOrderIn struct {
	OrderPath
	Body struct {
		Lines []Line `json:"lines" minItems:"1" maxItems:"500" doc:"What is missing"`
	}
}

func (s *site) shortOrder(ctx context.Context, in *shortOrderIn) (*One[Order], error) {
	if _, err := chosen(in.Body.Lines); err != nil {
		return nil, err
	}
	missing := each(in.Body.Lines, func(l Line) retail.StockLine { return retail.StockLine(l) })
	return s.orderDeed(ctx, in, in.OrderPath, true, func(ctx context.Context, id, by uuid.UUID) (order.Order, error) {
		return s.Orders.Lack(ctx, id, by, missing)
	})
}

type shipOrderIn struct {
	OrderPath
	Body *struct {
		Tracking string `json:"tracking,omitempty" maxLength:"200" doc:"What the carrier calls the parcel"`
	}
}

func (s *site) shipOrder(ctx context.Context, in *shipOrderIn) (*One[Order], error) {
	tracking := ""
	if in.Body != nil {
		tracking = in.Body.Tracking
	}
	return s.orderDeed(ctx, in, in.OrderPath, true, func(ctx context.Context, id, by uuid.UUID) (order.Order, error) {
		return s.Orders.Ship(ctx, id, by, tracking)
	})
}

func (s *site) deliverOrder(ctx context.Context, in *OrderPath) (*One[Order], error) {
	return s.orderDeed(ctx, in, *in, true, s.Orders.Deliver)
}

func (s *site) returnOrder(ctx context.Context, in *OrderPath) (*One[Order], error) {
	return s.orderDeed(ctx, in, *in, true, s.Orders.Return)
}
