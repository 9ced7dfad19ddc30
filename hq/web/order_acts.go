package web

import (
	"context"
	"maps"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/order"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// textMost is how long a reason or the number of a parcel may be, in characters.
const textMost = 200

// act is something that is done with an order: what the audit log has of it, and what the person is told.
type act struct {
	kind users.ChangeKind
	done string
	// said is what the person typed, for the log.
	said map[string]any
	do   func(ctx context.Context, id, by uuid.UUID) (order.Order, error)
	// warehouse refuses an order that a till prepares.
	warehouse bool
}

// act does something with an order and writes it into the audit log.
//
// The two are not one transaction as in change: what is done is the saga's, which asks the payment gateway between transactions of
// its own, and none of ours may stay open meanwhile. The record follows what was done, whatever became of it since: the order's own
// history, which is written with each step, has it in any case.
func (s *site) act(w http.ResponseWriter, r *http.Request, a act) error {
	before, err := s.theOrder(r)
	if err != nil {
		return err
	}
	if a.warehouse && before.Delivery != retail.Ship {
		return &retail.Error{Code: retail.Conflict, Key: "orders.at_till", Args: map[string]any{"code": before.Code}}
	}
	ctx, person := r.Context(), personOf(r.Context())
	after, failed := a.do(ctx, before.ID, person.ID)
	// Who gives up waiting has done it all the same.
	ctx = context.WithoutCancel(ctx)
	if failed != nil {
		if after, err = s.Orders.After(ctx, before, failed); err != nil {
			return err
		}
	}
	said := map[string]any{"state": after.State}
	maps.Copy(said, a.said)
	err = s.InTx(ctx, func(tx *db.Tx) error {
		return users.Record(ctx, tx, actor(r, person), s.Now(), users.Change{
			Kind: a.kind, Subject: before.ID.String(), Title: before.Code, Before: map[string]any{"state": before.State}, After: said,
		})
	})
	if err != nil {
		return err
	}
	tone, text := ui.ToneOK, a.done
	if failed != nil {
		tone, text = ui.ToneWarn, ui.T(r.Context(), "orders.done_later", "Done", a.done)
	}
	flash(w, r, tone, text)
	http.Redirect(w, r, orderAddress(before.ID), http.StatusSeeOther)
	return nil
}

func (s *site) cancelOrder(w http.ResponseWriter, r *http.Request) error {
	why, err := shortText(r, "why")
	if err != nil {
		return err
	}
	if why == "" {
		return &retail.Error{Code: retail.Invalid, Key: "orders.say_why"}
	}
	return s.act(w, r, act{
		kind: users.DidCancelOrder, done: ui.T(r.Context(), "orders.cancel_done"), said: map[string]any{"why": why},
		do: func(ctx context.Context, id, by uuid.UUID) (order.Order, error) {
			return s.Orders.Cancel(ctx, id, by, why)
		},
	})
}

// repayOrder notes that money was given back another way than to the card, which takes none.
func (s *site) repayOrder(w http.ResponseWriter, r *http.Request) error {
	how, err := shortText(r, "how")
	if err != nil {
		return err
	}
	return s.act(w, r, act{
		kind: users.DidRepayOrder, done: ui.T(r.Context(), "orders.repay_done"), said: map[string]any{"how": how},
		do: func(ctx context.Context, id, by uuid.UUID) (order.Order, error) {
			return s.Orders.Repay(ctx, id, by, how)
		},
	})
}

// settleOrder notes how an order was settled whose goods are gone and whose card pays nothing.
func (s *site) settleOrder(w http.ResponseWriter, r *http.Request) error {
	how, err := shortText(r, "how")
	if err != nil {
		return err
	}
	return s.act(w, r, act{
		kind: users.DidSettleOrder, done: ui.T(r.Context(), "orders.settle_done"), said: map[string]any{"how": how},
		do: func(ctx context.Context, id, by uuid.UUID) (order.Order, error) {
			return s.Orders.Settle(ctx, id, by, how)
		},
	})
}

func (s *site) retryOrder(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, act{
		kind: users.DidRetryOrder, done: ui.T(r.Context(), "orders.retry_done"),
		do: func(ctx context.Context, id, _ uuid.UUID) (order.Order, error) { return s.Orders.Retry(ctx, id) },
	})
}

func (s *site) acceptOrder(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, act{
		kind: users.DidAcceptOrder, done: ui.T(r.Context(), "orders.accept_done"), do: s.Orders.Prepare, warehouse: true,
	})
}

// lackOrder says what the warehouse does not have: another is asked.
func (s *site) lackOrder(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return &retail.Error{Code: retail.Invalid, Key: "error.invalid", Err: err}
	}
	typed, err := typedQuantities(r)
	if err != nil {
		return err
	}
	o, err := s.theOrder(r)
	if err != nil {
		return err
	}
	var missing []retail.StockLine
	said := map[uuid.UUID]money.Quantity{}
	for _, l := range o.Lines {
		if q := min(typed[l.Product], l.Quantity); q > 0 {
			missing = append(missing, retail.StockLine{Product: l.Product, Quantity: q})
			said[l.Product] = q
		}
	}
	if len(missing) == 0 {
		return &retail.Error{Code: retail.Invalid, Key: "orders.say_missing"}
	}
	return s.act(w, r, act{
		kind: users.DidLackOrder, done: ui.T(r.Context(), "orders.short_done"), said: map[string]any{"missing": said}, warehouse: true,
		do: func(ctx context.Context, id, by uuid.UUID) (order.Order, error) {
			return s.Orders.Lack(ctx, id, by, missing)
		},
	})
}

func (s *site) shipOrder(w http.ResponseWriter, r *http.Request) error {
	tracking, err := shortText(r, "tracking")
	if err != nil {
		return err
	}
	return s.act(w, r, act{
		kind: users.DidShipOrder, done: ui.T(r.Context(), "orders.ship_done"), said: map[string]any{"tracking": tracking}, warehouse: true,
		do: func(ctx context.Context, id, by uuid.UUID) (order.Order, error) {
			return s.Orders.Ship(ctx, id, by, tracking)
		},
	})
}

func (s *site) deliverOrder(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, act{
		kind: users.DidDeliverOrder, done: ui.T(r.Context(), "orders.deliver_done"), do: s.Orders.Deliver, warehouse: true,
	})
}

func (s *site) returnOrder(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, act{
		kind: users.DidReturnOrder, done: ui.T(r.Context(), "orders.return_done"), do: s.Orders.Return, warehouse: true,
	})
}

// forgetGuest takes a visitor without an account out of an order, for good.
func (s *site) forgetGuest(w http.ResponseWriter, r *http.Request) error {
	o, err := s.theOrder(r)
	if err != nil {
		return err
	}
	err = s.change(r, func(tx *db.Tx) (users.Change, error) {
		return users.Change{Kind: users.DidForgetGuest, Subject: o.ID.String(), Title: o.Code}, s.Orders.ForgetGuest(r.Context(), tx, o.ID)
	})
	if err != nil {
		return err
	}
	flash(w, r, ui.ToneOK, ui.T(r.Context(), "orders.forget_done"))
	http.Redirect(w, r, orderAddress(o.ID), http.StatusSeeOther)
	return nil
}

// mainUnless is a filled button, unless another is.
func mainUnless(other bool) ui.ButtonKind {
	if other {
		return ui.ButtonPlain
	}
	return ui.ButtonMain
}

// shortText is what was typed into a field for a line of text.
func shortText(r *http.Request, name string) (string, error) {
	text := strings.TrimSpace(r.PostFormValue(name))
	if len([]rune(text)) > textMost {
		return "", &retail.Error{Code: retail.Invalid, Key: "orders.long", Args: map[string]any{"Max": textMost}}
	}
	return text, nil
}
