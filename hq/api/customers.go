package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/shop"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// Customer is somebody who buys, as tills wrote them down. Of somebody who was erased there is nothing but the id.
type Customer struct {
	ID       uuid.UUID  `json:"id"`
	Name     string     `json:"name,omitempty"`
	Phone    string     `json:"phone,omitempty"`
	Email    string     `json:"email,omitempty"`
	At       time.Time  `json:"at" doc:"When they were written down"`
	ErasedAt *time.Time `json:"erased_at,omitempty"`
}

func customerOf(c users.Customer) Customer {
	return Customer{c.ID, c.Name, c.Phone, c.Email, c.WrittenAt.UTC(), utc(c.ErasedAt)}
}

// CustomerPath names a customer. Each has one cart, and no two the same.
type CustomerPath struct {
	Customer uuid.UUID `path:"customer"`
}

// CustomerBody is what is written down of a customer.
type CustomerBody struct {
	Name  string `json:"name" minLength:"1" maxLength:"60"`
	Phone string `json:"phone,omitempty" maxLength:"40"`
	Email string `json:"email,omitempty" format:"email" maxLength:"200" doc:"Two customers may have the same, as at the tills; two accounts of the shop may not"`
}

// mostCustomers is how many customers are looked through at most: who wants one person says more.
const mostCustomers = 1000

func (s *site) customerOperations() {
	op := func(method, path, id, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{tagCustomers}}
	}
	add(s, users.ReadUsers, op(http.MethodGet, "/customers", "list-customers", "Look for customers"), s.listCustomers)
	add(s, users.ReadUsers, op(http.MethodGet, "/customers/{customer}", "get-customer", "One customer"), s.getCustomer)
	create := op(http.MethodPost, "/customers", "create-customer", "Write a customer down")
	create.DefaultStatus = http.StatusCreated
	add(s, users.WriteUsers, create, s.createCustomer)
	add(s, users.WriteUsers, op(http.MethodPut, "/customers/{customer}", "put-customer", "Correct what is written of a customer"), s.putCustomer)
	add(s, users.WriteUsers, op(http.MethodDelete, "/customers/{customer}", "erase-customer", "Erase a customer everywhere, for ever; sales keep the id"), s.eraseCustomer)
}

func (s *site) listCustomers(ctx context.Context, in *struct {
	Paging
	Q string `query:"q" required:"true" minLength:"2" maxLength:"200" doc:"A part of a name, an e-mail address, or a phone number's digits"`
},
) (*List[Customer], error) {
	found, err := users.FindCustomers(ctx, s.DB, in.Q, mostCustomers)
	if err != nil {
		return nil, err
	}
	return cut(each(found, customerOf), in.Paging, func(c Customer) string { return c.ID.String() })
}

func (s *site) getCustomer(ctx context.Context, in *struct {
	IfChanged
	CustomerPath
},
) (*One[Customer], error) {
	found, err := s.customer(ctx, in.Customer)
	if err != nil {
		return nil, err
	}
	return ask(in.IfChanged, customerOf(found))
}

// customer is a customer by id.
func (s *site) customer(ctx context.Context, id uuid.UUID) (users.Customer, error) {
	return customer(ctx, s.DB, id)
}

func customer(ctx context.Context, q users.Querier, id uuid.UUID) (users.Customer, error) {
	found, err := users.Customers(ctx, q, []uuid.UUID{id}, nil)
	if err != nil {
		return users.Customer{}, err
	}
	if len(found) == 0 {
		return users.Customer{}, unknownCustomer(id)
	}
	return found[0], nil
}

func unknownCustomer(id uuid.UUID) error {
	return &retail.Error{Code: retail.NotFound, Key: "customer.unknown", Args: map[string]any{"id": id}}
}

func (s *site) eraseCustomer(ctx context.Context, in *CustomerPath) (*struct{}, error) {
	return nil, s.deed(ctx, in, func(tx *db.Tx) error { return shop.EraseCustomer(ctx, tx, in.Customer, s.Now()) })
}

type createCustomerIn struct {
	Body struct {
		ID *uuid.UUID `json:"id,omitempty" doc:"Your own id for the customer: sent again, it is the same customer, corrected"`
		CustomerBody
	}
}

func (s *site) createCustomer(ctx context.Context, in *createCustomerIn) (*Made[Customer], error) {
	id := uuid.Must(uuid.NewV7())
	if in.Body.ID != nil {
		id = *in.Body.ID
	}
	made, err := s.writeCustomer(ctx, id, func(*db.Tx) error { return nil }, in.Body.CustomerBody)
	if err != nil {
		return nil, err
	}
	return &Made[Customer]{Root + "/customers/" + id.String(), made}, nil
}

func (s *site) putCustomer(ctx context.Context, in *struct {
	IfSame
	CustomerPath
	Body CustomerBody
},
) (*One[Customer], error) {
	written, err := s.writeCustomer(ctx, in.Customer, func(tx *db.Tx) error {
		was, err := customer(ctx, tx, in.Customer)
		if err != nil {
			return err
		}
		return in.same(ctx, tag(customerOf(was)))
	}, in.Body)
	if err != nil {
		return nil, err
	}
	return one(written), nil
}

// writeCustomer writes a customer down unless check minds. The record cannot be altered: it has the id, and nothing of the person, who
// can be erased.
func (s *site) writeCustomer(ctx context.Context, id uuid.UUID, check func(*db.Tx) error, body CustomerBody) (written Customer, err error) {
	err = s.deed(ctx, CustomerPath{id}, func(tx *db.Tx) error {
		if err := check(tx); err != nil {
			return err
		}
		c := retail.Customer{ID: id, Name: body.Name, Phone: body.Phone, Email: body.Email, At: s.Now().UnixMilli()}
		if err := users.PutCustomers(ctx, tx, []users.Newcomer{{Customer: c}}); err != nil {
			return err
		}
		found, err := customer(ctx, tx, id)
		if err == nil && found.ErasedAt != nil {
			err = unknownCustomer(id) // who was erased stays so
		}
		written = customerOf(found)
		return err
	})
	return written, err
}
