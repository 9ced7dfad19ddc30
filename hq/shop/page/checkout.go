package page

import (
	"context"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"comptant/hq/order"
	"comptant/hq/payments"
	"comptant/hq/shop"
	"comptant/hq/ui"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// checkoutView is the page on which a cart is ordered. The totals of both deliveries are on it, and the style sheet shows those of the
// one that is chosen: no script, and no other request.
type checkoutView struct {
	order         uuid.UUID
	form          shop.Checkout
	wrong         map[string]string // by field
	problem       string            // above the form
	lines         []lineView
	collect, ship totalsView
	stores        []ui.Option
	here, depot   atPlace
	canCollect    bool
	canShip       bool
	cards         []payments.Card
	// stripeKey is empty with the sandbox.
	stripeKey string
	units     int
}

func (v checkoutView) ships() bool { return v.form.Delivery == retail.Ship }

// checkout shows the form, filled in as far as the customer is known.
func (s *site) checkout(w http.ResponseWriter, r *http.Request) error {
	v := visitOf(r.Context())
	if len(v.cart.Lines) == 0 {
		http.Redirect(w, r, "/shop/cart", http.StatusSeeOther)
		return nil
	}
	if v.cart.Waits != "" {
		http.Redirect(w, r, "/shop/orders/"+v.cart.Waits, http.StatusSeeOther)
		return nil
	}
	form := shop.Checkout{
		Name: v.account.Name, Email: v.account.Email, Phone: v.account.Phone, Delivery: retail.Collect, At: v.store,
	}
	if v.store.ID == uuid.Nil {
		form.Delivery = retail.Ship
	}
	return s.showCheckout(w, r, form, nil, "", http.StatusOK)
}

// place orders the cart, or says beside each field what is wrong with it.
func (s *site) place(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), visitOf(r.Context())
	form, seen, err := s.readCheckout(r)
	if err != nil {
		return err
	}
	tidy, wrong := s.Shop.Tidy(form)
	if form.At.ID == uuid.Nil {
		return &retail.Error{Code: retail.Invalid, Key: "location.unknown"}
	}
	if len(wrong) > 0 {
		return s.showCheckout(w, r, form, explained(ctx, wrong), "", http.StatusUnprocessableEntity)
	}
	tidy.Seen = &seen
	_, token, err := s.Shop.Place(ctx, v.who, tidy)
	if err == nil {
		http.Redirect(w, r, "/shop/orders/"+token, http.StatusSeeOther)
		return nil
	}
	told := s.known(r, err)
	switch told.Key {
	case "checkout.empty":
		http.Redirect(w, r, "/shop/cart", http.StatusSeeOther)
		return nil
	case "checkout.changed":
		total, _ := told.Args["total"].(money.Amount)
		told = &retail.Error{Code: told.Code, Key: told.Key, Args: map[string]any{
			"was": ui.Money(v.paid(ctx, form.At.Currency), seen), "total": ui.Money(v.paid(ctx, form.At.Currency), total),
		}}
	}
	return s.showCheckout(w, r, form, nil, ui.Explain(ctx, told), statusOf(told))
}

// readCheckout takes the form, and the total that it showed for the delivery that was chosen.
func (s *site) readCheckout(r *http.Request) (form shop.Checkout, seen money.Amount, err error) {
	v := visitOf(r.Context())
	field := "seen-collect"
	form = shop.Checkout{
		Name: r.PostFormValue("name"), Email: r.PostFormValue("email"), Phone: r.PostFormValue("phone"), Lang: ui.Lang(r.Context()),
		Address: r.PostFormValue("address"), Card: r.PostFormValue("card"), Delivery: retail.Collect,
	}
	form.Order, _ = uuid.Parse(r.PostFormValue("order")) // the zero id is nobody's cart's
	if r.PostFormValue("delivery") == "ship" {
		form.Delivery, field = retail.Ship, "seen-ship"
		if form.At, _, err = s.shipsFrom(r.Context(), v, v.cart.Lines); err != nil {
			return form, 0, err
		}
	} else if id, err := uuid.Parse(r.PostFormValue("store")); err == nil {
		if at, ok := v.place(id); ok && at.Kind == retail.LocationStore {
			form.At = at
		}
	}
	cents, wrong := strconv.ParseInt(r.PostFormValue(field), 10, 64)
	if wrong != nil {
		cents = -1 // no cart comes to it
	}
	return form, money.Amount(cents), nil
}

// shipsFrom is the warehouse that ships a cart: the first that has all of it, or else the one that has most; zero where there is none.
func (s *site) shipsFrom(ctx context.Context, v visit, lines []shop.CartLine) (from retail.Location, there atPlace, err error) {
	for _, depot := range v.depots[:min(len(v.depots), mostStores)] {
		has, err := s.allAt(ctx, depot, lines)
		if err != nil {
			return from, there, err
		}
		if from.ID == uuid.Nil || has.lines > there.lines {
			from, there = depot, has
		}
		if there.there {
			break
		}
	}
	return from, there, nil
}

func explained(ctx context.Context, wrong map[string]*retail.Error) map[string]string {
	texts := make(map[string]string, len(wrong))
	for field, e := range wrong {
		texts[field] = ui.Explain(ctx, e)
	}
	return texts
}

// showCheckout shows the form with what was typed, but for the card.
func (s *site) showCheckout(w http.ResponseWriter, r *http.Request, form shop.Checkout, wrong map[string]string, problem string, status int) error {
	ctx, v := r.Context(), visitOf(r.Context())
	if len(v.cart.Lines) == 0 {
		http.Redirect(w, r, "/shop/cart", http.StatusSeeOther)
		return nil
	}
	form.Card = ""
	page := checkoutView{
		order: v.cart.Order, form: form, wrong: wrong, problem: problem, canCollect: v.store.ID != uuid.Nil, canShip: len(v.depots) > 0,
		cards: payments.Cards, stripeKey: s.StripeKey, units: v.cart.Units(),
	}
	store := v.store
	if form.Delivery == retail.Collect && form.At.ID != uuid.Nil {
		store = form.At
	}
	fill := func(at retail.Location, totals *totalsView) error {
		quote, err := s.Shop.Quote(ctx, at, ui.Lang(ctx), v.cart.Lines)
		if err != nil {
			return err
		}
		if len(quote.Withdrawn) > 0 || len(quote.Lines) == 0 {
			return &retail.Error{Code: retail.Conflict, Key: "cart.withdrawn"}
		}
		page.lines, *totals = linesOf(ctx, quote.Lines, quote.Products), totalsOf(ctx, quote.Totals, quote.Currency)
		return nil
	}
	var err error
	if page.canShip {
		var depot retail.Location
		depot, page.depot, err = s.shipsFrom(ctx, v, v.cart.Lines)
		if err == nil {
			err = fill(depot, &page.ship)
		}
	}
	if page.canCollect && err == nil {
		err = fill(store, &page.collect)
		if err == nil {
			page.here, err = s.allAt(ctx, store, v.cart.Lines)
		}
	}
	if told := (*retail.Error)(nil); err != nil {
		if told = s.known(r, err); told.Key == "cart.withdrawn" {
			http.Redirect(w, r, "/shop/cart", http.StatusSeeOther) // which says of which
			return nil
		}
		return err
	}
	for i, l := range v.stores {
		label := v.short[l.ID]
		if i < mostStores {
			there, err := s.allAt(ctx, l, v.cart.Lines)
			if err != nil {
				return err
			}
			label = ui.T(ctx, "shop.store_option", "Store", label, "State", there.text)
		}
		page.stores = append(page.stores, ui.Option{Value: l.ID.String(), Label: label, Selected: l.ID == store.ID})
	}
	if s.StripeKey != "" {
		w.Header().Set("Content-Security-Policy", stripePolicy)
	}
	return s.show(w, r, view{title: ui.T(ctx, "shop.checkout"), bare: true, status: status}, checkoutContent(v, page))
}

// allAt says how much of a cart a place has.
func (s *site) allAt(ctx context.Context, at retail.Location, lines []shop.CartLine) (atPlace, error) {
	there, err := s.availableAt(ctx, at.ID, lines)
	if err != nil {
		return atPlace{}, err
	}
	have := 0
	for _, l := range lines {
		if enough(there[l.Product], l.Quantity) {
			have++
		}
	}
	place := atPlace{name: at.Name, lines: have, there: have == len(lines), text: ui.T(ctx, "shop.all_there", "Count", len(lines))}
	if !place.there {
		place.text = ui.T(ctx, "shop.some_there", "Count", have, "Of", len(lines))
	}
	return place, nil
}

func enough(a order.Available, q money.Quantity) bool { return a.Available >= q }
