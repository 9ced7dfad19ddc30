package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"comptant/hq/order"
	"comptant/hq/users"
)

// Saga is how far headquarters is with an order, without who ordered what.
type Saga struct {
	Order     uuid.UUID  `json:"order"`
	Code      string     `json:"code"`
	State     OrderState `json:"state"`
	StartedAt time.Time  `json:"started_at"`
	StateAt   time.Time  `json:"state_at"`
	Over      bool       `json:"over" doc:"Nothing more becomes of it by itself"`
	Tries     int        `json:"tries" doc:"How often the present step has failed"`
	NextTry   *time.Time `json:"next_try,omitempty"`
	Stuck     bool       `json:"stuck" doc:"The present step has failed again and again"`
	Failure   string     `json:"failure,omitempty" doc:"Why it was undone"`
}

// SagaEvent is a step that an order took, or tried to: one that failed leads nowhere and says why.
type SagaEvent struct {
	N        int        `json:"n"`
	From     OrderState `json:"from,omitempty" doc:"Absent for the first"`
	To       OrderState `json:"to"`
	Deed     string     `json:"deed" example:"reserve"`
	At       time.Time  `json:"at"`
	Took     int64      `json:"took" doc:"Microseconds"`
	Request  any        `json:"request,omitempty" doc:"What was asked of another system or of a person"`
	Response any        `json:"response,omitempty" doc:"The answer"`
	Error    string     `json:"error,omitempty"`
	By       *uuid.UUID `json:"by,omitempty" doc:"A person, or the token of a program; absent for headquarters itself and for the customer"`
}

// SagaHealth is how all orders stand of which something is still to become.
type SagaHealth struct {
	Status string       `json:"status" enum:"ok,stuck" doc:"stuck while any is"`
	Open   int64        `json:"open"`
	Stuck  int64        `json:"stuck"`
	States []SagaStates `json:"states"`
}

// SagaStates is how many orders are in a state.
type SagaStates struct {
	State  OrderState `json:"state"`
	Orders int64      `json:"orders"`
	Stuck  int64      `json:"stuck"`
}

func sagaOf(o order.Order) Saga {
	made := Saga{
		Order: o.ID, Code: o.Code, State: OrderState(o.State), StartedAt: o.PlacedAt.UTC(), StateAt: o.StateAt.UTC(), Over: o.Over(), Tries: o.Tries,
		Stuck: o.Stuck(), Failure: o.Failure,
	}
	if o.Tries > 0 {
		made.NextTry = utc(o.Due)
	}
	return made
}

func (s *site) sagaOperations(op func(method, path, id, summary string) huma.Operation) {
	const one = "/sagas/{order}"
	add(s, users.ReadOrders, op(http.MethodGet, "/sagas", "list-sagas", "How far headquarters is with orders, the newest first"), s.listSagas)
	add(s, users.ReadOrders, op(http.MethodGet, "/sagas/health", "get-saga-health", "How all open orders stand"), s.getSagaHealth)
	add(s, users.ReadOrders, op(http.MethodGet, one, "get-saga", "How far headquarters is with an order"), s.getSaga)
	add(s, users.ReadOrders, op(http.MethodGet, one+"/events", "list-saga-events", "The steps of an order, the oldest first"), s.listOrderHistory)
}

func (s *site) listSagas(ctx context.Context, in *OrderList) (*List[Saga], error) {
	page, err := s.orders(ctx, *in)
	if err != nil {
		return nil, err
	}
	return list(each(page.Orders, sagaOf), cursorOf(page)), nil
}

func (s *site) getSaga(ctx context.Context, in *struct {
	IfChanged
	OrderPath
},
) (*One[Saga], error) {
	o, err := order.One(ctx, s.DB, in.Order)
	if err != nil {
		return nil, err
	}
	return ask(in.IfChanged, sagaOf(o))
}

// listOrderHistory gives all steps at once: an order has few.
func (s *site) listOrderHistory(ctx context.Context, in *OrderPath) (*List[SagaEvent], error) {
	if _, err := order.One(ctx, s.DB, in.Order); err != nil {
		return nil, err
	}
	history, err := order.History(ctx, s.DB, in.Order)
	if err != nil {
		return nil, err
	}
	events := make([]SagaEvent, len(history))
	for i, h := range history {
		events[i] = SagaEvent{
			N: h.N, From: OrderState(h.From), To: OrderState(h.To), Deed: h.Deed, At: h.At.UTC(), Took: h.Took.Microseconds(),
			Request: jsonOf(h.Request), Response: jsonOf(h.Response), Error: h.Error,
		}
		if h.By != uuid.Nil {
			events[i].By = &h.By
		}
	}
	return list(events, ""), nil
}

// jsonOf is what JSON says; nil for none.
func jsonOf(raw json.RawMessage) any {
	if raw == nil {
		return nil
	}
	return raw
}

func (s *site) getSagaHealth(ctx context.Context, _ *struct{}) (*struct{ Body SagaHealth }, error) {
	counts, err := order.CountOpen(ctx, s.DB, nil)
	if err != nil {
		return nil, err
	}
	health := SagaHealth{Status: "ok", States: []SagaStates{}}
	for _, c := range counts {
		health.States = append(health.States, SagaStates{OrderState(c.State), c.Orders, c.Stuck})
		health.Open += c.Orders
		health.Stuck += c.Stuck
	}
	if health.Stuck > 0 {
		health.Status = "stuck"
	}
	return &struct{ Body SagaHealth }{health}, nil
}
