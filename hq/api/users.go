package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"comptant/hq/db"
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

func (s *site) userOperations() {
	op := func(method, path, id, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{tagUsers}}
	}
	add(s, users.ReadUsers, op(http.MethodGet, "/users", "list-users", "The staff by name, the disabled too"), s.listUsers)
	add(s, users.ReadUsers, op(http.MethodGet, "/users/{user}", "get-user", "One person of the staff"), s.getUser)
	add(s, users.WriteUsers, op(http.MethodPost, "/users/{user}/disable", "disable-user", "Keep a person out, at headquarters and at every till"), s.disableUser)
	add(s, users.WriteUsers, op(http.MethodPost, "/users/{user}/enable", "enable-user", "Let a person in again"), s.enableUser)
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
