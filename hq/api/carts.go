package api

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/shop"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Cart is what a customer means to buy.
type Cart struct {
	Customer uuid.UUID `json:"customer"`
	Lines    []Line    `json:"lines"`
}

// CartLinePath names a product of a cart.
type CartLinePath struct {
	CustomerPath
	Product uuid.UUID `path:"product"`
}

func (s *site) cartOperations(op func(method, path, id, summary string) huma.Operation) {
	const cart = "/carts/{customer}"
	add(s, users.ReadOrders, op(http.MethodGet, cart, "get-cart", "A customer's cart"), s.getCart)
	add(s, users.WriteOrders, op(http.MethodPost, cart+"/lines", "add-to-cart", "Put more of a product into a customer's cart"), s.addToCart)
	add(s, users.WriteOrders, op(http.MethodPut, cart+"/lines/{product}", "put-cart-line", "Change how much of a product is in a cart"), s.putCartLine)
	add(s, users.WriteOrders, op(http.MethodDelete, cart+"/lines/{product}", "remove-cart-line", "Take a product out of a cart"), s.removeCartLine)
	add(s, users.WriteOrders, op(http.MethodDelete, cart, "clear-cart", "Take everything out of a cart"), s.clearCart)
	place := made(op(http.MethodPost, "/orders", "place-order",
		"Check out: price, reserve, authorise and confirm an order. The answer is the order as far as it got: confirmed, or cancelled with why"))
	place.Responses = map[string]*huma.Response{"202": {
		Description: "Accepted: the order is there, and what becomes of it is not known yet",
		Content:     map[string]*huma.MediaType{"application/json": {Schema: s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Order](), true, "")}},
	}}
	add(s, users.WriteOrders, place, s.placeOrder)
}

// buyer refuses a customer who is not there, or was erased.
func (s *site) buyer(ctx context.Context, id uuid.UUID) error {
	found, err := s.customer(ctx, id)
	if err == nil && found.ErasedAt != nil {
		err = unknownCustomer(id)
	}
	return err
}

func (s *site) cartOf(ctx context.Context, customer uuid.UUID) (*One[Cart], error) {
	if err := s.buyer(ctx, customer); err != nil {
		return nil, err
	}
	cart, err := s.Shop.Cart(ctx, shop.Who{Customer: customer})
	if err != nil {
		return nil, err
	}
	return one(Cart{customer, each(cart.Lines, func(l shop.CartLine) Line { return Line(l) })}), nil
}

// changeCart does something to a customer's cart, and answers with what is in it then.
func (s *site) changeCart(ctx context.Context, in any, customer uuid.UUID, do func(shop.Who) error) (*One[Cart], error) {
	if err := s.buyer(ctx, customer); err != nil {
		return nil, err
	}
	if err := do(shop.Who{Customer: customer}); err != nil {
		return nil, err
	}
	if err := s.deed(ctx, in, func(*db.Tx) error { return nil }); err != nil {
		return nil, err
	}
	return s.cartOf(ctx, customer)
}

func (s *site) getCart(ctx context.Context, in *CustomerPath) (*One[Cart], error) {
	return s.cartOf(ctx, in.Customer)
}

type addToCartIn struct {
	CustomerPath
	Body Line
}

func (s *site) addToCart(ctx context.Context, in *addToCartIn) (*One[Cart], error) {
	return s.changeCart(ctx, in, in.Customer, func(who shop.Who) error { return s.Shop.Add(ctx, who, in.Body.Product, in.Body.Quantity) })
}

type putCartLineIn struct {
	CartLinePath
	Body struct {
		Quantity money.Quantity `json:"quantity" minimum:"1" maximum:"1000000000" doc:"Thousandths; whole units"`
	}
}

func (s *site) putCartLine(ctx context.Context, in *putCartLineIn) (*One[Cart], error) {
	return s.changeCart(ctx, in, in.Customer, func(who shop.Who) error { return s.Shop.SetQuantity(ctx, who, in.Product, in.Body.Quantity) })
}

func (s *site) removeCartLine(ctx context.Context, in *CartLinePath) (*One[Cart], error) {
	return s.changeCart(ctx, in, in.Customer, func(who shop.Who) error { return s.Shop.Remove(ctx, who, in.Product) })
}

func (s *site) clearCart(ctx context.Context, in *CustomerPath) (*One[Cart], error) {
	return s.changeCart(ctx, in, in.Customer, func(who shop.Who) error { return s.Shop.Clear(ctx, who) })
}

// NewOrder is what somebody orders.
type NewOrder struct {
	ID       *uuid.UUID    `json:"id,omitempty" doc:"Your own id for the order: sent again, it is the same order, for ever; with another order under it the answer is 422. Or send an Idempotency-Key"`
	Location uuid.UUID     `json:"location" doc:"The store to collect in, or the warehouse that ships"`
	Lines    []Line        `json:"lines,omitempty" maxItems:"50" doc:"Absent for what is in the customer's cart"`
	Customer *uuid.UUID    `json:"customer,omitempty" doc:"Absent for a visitor without an account"`
	Name     string        `json:"name" minLength:"1" maxLength:"60"`
	Email    string        `json:"email" format:"email" maxLength:"200"`
	Phone    string        `json:"phone,omitempty" maxLength:"40"`
	Address  string        `json:"address,omitempty" maxLength:"300" doc:"Where a warehouse ships it to"`
	Lang     string        `json:"lang,omitempty" enum:"fr,en" default:"fr"`
	Total    *money.Amount `json:"total,omitempty" doc:"What the customer agreed to, in minor units: the order is refused when it comes to something else"`
	Method   string        `json:"method" minLength:"1" maxLength:"200" doc:"As the payment gateway takes it: with the sandbox the number of a test card, with Stripe the id of a payment method"`
}

type placeOrderIn struct {
	Key  string `header:"Idempotency-Key" json:"-" maxLength:"200" doc:"Your own name for this request: sent again under it, it is the same order; with another request under it the answer is 422"`
	Body NewOrder
}

// orderID is the id of the order that a request asks for: the same for the same request of the same token, and zero for that of the
// customer's cart.
func (in placeOrderIn) orderID(token uuid.UUID) uuid.UUID {
	switch {
	case in.Body.ID != nil:
		return *in.Body.ID
	case in.Key != "":
		return uuid.NewSHA1(token, []byte("order "+in.Key))
	case in.Body.Lines == nil:
		return uuid.Nil
	}
	return uuid.Must(uuid.NewV7())
}

// placedOrder is an order as far as it got: 202 while that is not known.
type placedOrder struct {
	Status   int
	Location string `header:"Location" doc:"Where it is"`
	Body     Order
}

// placeOrder places an order. The order's id makes a request that is sent again the same, which is recorded once.
func (s *site) placeOrder(ctx context.Context, in *placeOrderIn) (*placedOrder, error) {
	b := in.Body
	at, err := s.location(ctx, b.Location)
	if err != nil {
		return nil, err
	}
	c := shop.Checkout{
		Order: in.orderID(tokenOf(ctx).ID), Delivery: retail.Collect, At: at, Name: b.Name, Email: b.Email, Phone: b.Phone, Address: b.Address,
		Lang: b.Lang, Seen: b.Total, Card: b.Method,
	}
	if at.Kind == retail.LocationWarehouse {
		c.Delivery = retail.Ship
	}
	customer := uuid.Nil
	if b.Customer != nil {
		customer = *b.Customer
	}
	if b.Lines == nil && customer == uuid.Nil {
		return nil, &retail.Error{Code: retail.Invalid, Key: "checkout.empty"}
	}
	if b.Lines != nil {
		c.Lines = each(b.Lines, func(l Line) shop.CartLine { return shop.CartLine(l) })
	}
	// The record cannot be altered: it has neither the card nor the person, who can be erased. The order's id tells.
	c.Beside = func(tx *db.Tx, id uuid.UUID) error {
		return s.record(ctx, tx, placeOrderIn{Body: NewOrder{ID: &id, Location: b.Location, Lines: b.Lines, Customer: b.Customer, Total: b.Total}})
	}
	o, err := s.Shop.Order(ctx, customer, c)
	if err != nil {
		return nil, err
	}
	placed := &placedOrder{Status: http.StatusCreated, Location: Root + "/ecommerce/orders/" + o.ID.String(), Body: orderOf(o)}
	if shop.Undecided(o) {
		placed.Status = http.StatusAccepted
	}
	return placed, nil
}
