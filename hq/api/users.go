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

// User is a person who works here.
type User struct {
	ID          uuid.UUID   `json:"id"`
	Name        string      `json:"name"`
	Email       string      `json:"email,omitempty" doc:"Signs in at headquarters"`
	Role        retail.Role `json:"role" enum:"administrator,manager,supervisor,employee,cashier"`
	Lang        string      `json:"lang" enum:"fr,en"`
	Stores      []uuid.UUID `json:"stores" doc:"Where the PIN works"`
	HasPassword bool        `json:"has_password"`
	HasPIN      bool        `json:"has_pin"`
	HasBadge    bool        `json:"has_badge"`
	DisabledAt  *time.Time  `json:"disabled_at,omitempty" doc:"Since when the person is kept out"`
}

func userOf(s users.Staff) User {
	return User{
		s.ID, s.Name, s.Email, s.Role, s.Lang, append([]uuid.UUID{}, s.Stores...), s.HasPassword, s.HasPIN, s.HasBadge, utc(s.DisabledAt),
	}
}

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

// mostCustomers is how many customers are looked through at most: who wants one person says more.
const mostCustomers = 1000

func (s *site) userOperations() {
	op := func(tag, method, path, id, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{tag}}
	}
	add(s, users.ReadUsers, op(tagUsers, http.MethodGet, "/users", "list-users", "The staff by name, the disabled too"), s.listUsers)
	add(s, users.ReadUsers, op(tagUsers, http.MethodGet, "/users/{user}", "get-user", "One person of the staff"), s.getUser)
	add(s, users.WriteUsers, op(tagUsers, http.MethodPost, "/users/{user}/disable", "disable-user", "Keep a person out, at headquarters and at every till"), s.disableUser)
	add(s, users.WriteUsers, op(tagUsers, http.MethodPost, "/users/{user}/enable", "enable-user", "Let a person in again"), s.enableUser)
	add(s, users.ReadUsers, op(tagCustomers, http.MethodGet, "/customers", "list-customers", "Look for customers"), s.listCustomers)
	add(s, users.ReadUsers, op(tagCustomers, http.MethodGet, "/customers/{customer}", "get-customer", "One customer"), s.getCustomer)
	add(s, users.WriteUsers, op(tagCustomers, http.MethodDelete, "/customers/{customer}", "erase-customer", "Erase a customer everywhere, for ever; sales keep the id"), s.eraseCustomer)
}

func (s *site) listUsers(ctx context.Context, in *struct{ Paging }) (*List[User], error) {
	all, err := users.List(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	return cut(each(all, userOf), in.Paging, func(u User) string { return u.ID.String() })
}

// UserPath names a person of the staff.
type UserPath struct {
	User uuid.UUID `path:"user"`
}

func (s *site) getUser(ctx context.Context, in *struct {
	IfChanged
	UserPath
},
) (*One[User], error) {
	u, err := users.Get(ctx, s.DB, in.User)
	if err != nil {
		return nil, err
	}
	return ask(in.IfChanged, userOf(u))
}

func (s *site) disableUser(ctx context.Context, in *UserPath) (*One[User], error) {
	return s.changeUser(ctx, in, func(tx *db.Tx) error { return users.Disable(ctx, tx, in.User, s.Now()) })
}

func (s *site) enableUser(ctx context.Context, in *UserPath) (*One[User], error) {
	return s.changeUser(ctx, in, func(tx *db.Tx) error { return users.Enable(ctx, tx, in.User) })
}

func (s *site) changeUser(ctx context.Context, in *UserPath, do func(tx *db.Tx) error) (out *One[User], err error) {
	err = s.deed(ctx, in, func(tx *db.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		u, err := users.Get(ctx, tx, in.User)
		out = one(userOf(u))
		return err
	})
	return out, err
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
	Customer uuid.UUID `path:"customer"`
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
	found, err := users.Customers(ctx, s.DB, []uuid.UUID{id}, nil)
	if err != nil {
		return users.Customer{}, err
	}
	if len(found) == 0 {
		return users.Customer{}, &retail.Error{Code: retail.NotFound, Key: "customer.unknown", Args: map[string]any{"id": id}}
	}
	return found[0], nil
}

func (s *site) eraseCustomer(ctx context.Context, in *struct {
	Customer uuid.UUID `path:"customer"`
},
) (*struct{}, error) {
	return nil, s.deed(ctx, in, func(tx *db.Tx) error { return shop.EraseCustomer(ctx, tx, in.Customer, s.Now()) })
}
