package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/stock"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// User is a person who works here.
type User struct {
	ID          uuid.UUID   `json:"id"`
	Name        string      `json:"name"`
	Email       string      `json:"email,omitempty" doc:"Signs in at headquarters"`
	Role        retail.Role `json:"role" enum:"administrator,manager,supervisor,employee,cashier,warehouse"`
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
	add(s, users.WriteUsers, made(op(http.MethodPost, "/users", "create-user", "A new person of the staff, without password, PIN or badge")), s.createUser)
	add(s, users.WriteUsers, op(http.MethodPut, "/users/{user}", "put-user", "Write all of a person; password, PIN and badge stay"), s.putUser)
	add(s, users.WriteUsers, op(http.MethodPost, "/users/{user}/disable", "disable-user", "Keep a person out, at headquarters and at every till"), s.disableUser)
	add(s, users.WriteUsers, op(http.MethodPost, "/users/{user}/enable", "enable-user", "Let a person in again"), s.enableUser)
	add(s, users.ReadUsers, op(http.MethodGet, "/users/{user}/sessions", "list-sessions", "Where a person is signed in at headquarters, the last used first"), s.listSessions)
	add(s, users.WriteUsers, op(http.MethodDelete, "/users/{user}/sessions", "end-sessions", "Have a person sign in again, everywhere"), s.endSessions)
	add(s, users.WriteUsers, op(http.MethodDelete, "/users/{user}/sessions/{session}", "end-session", "Have a person sign in again in one browser"), s.endSession)
	add(s, users.WriteUsers, op(http.MethodPut, "/users/{user}/pin", "put-pin", "Give a person, no administrator, another PIN for the tills"), s.putPIN)
	add(s, users.ReadUsers, op(http.MethodGet, "/rights", "list-rights", "What each role does at the tills without an approval"), s.listRights)
	add(s, users.ReadUsers, op(http.MethodGet, "/rights/{role}", "get-rights", "What one role does at the tills without an approval"), s.getRights)
	add(s, users.WriteUsers, op(http.MethodPut, "/rights/{role}", "put-rights", "Decide what a role does at the tills without an approval"), s.putRights)
	add(s, users.WriteUsers, op(http.MethodPost, "/users/{user}/password-link", "send-password-link", "Send a person, no administrator, the link to choose a password"), s.sendPasswordLink)
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

// UserBody is what a program writes of a person. No program sets a password: who signs in at headquarters
// chooses one by a link.
type UserBody struct {
	Name   string      `json:"name" minLength:"1" maxLength:"60"`
	Email  string      `json:"email,omitempty" format:"email" maxLength:"200" doc:"To sign in at headquarters, with a password that is asked for by mail"`
	Role   retail.Role `json:"role" enum:"manager,supervisor,employee,cashier,warehouse" doc:"No program makes or changes an administrator"`
	Lang   string      `json:"lang" enum:"fr,en"`
	Stores []uuid.UUID `json:"stores,omitempty" doc:"Where the PIN works, and the stores that are seen at headquarters; none: all of them there, and no till"`
}

type createUserIn struct {
	Once
	Body UserBody
}

func (s *site) createUser(ctx context.Context, in *createUserIn) (*Made[User], error) {
	return once(ctx, s, in, func(tx *db.Tx) (*Made[User], error) {
		id, err := uuid.NewV7()
		if err != nil {
			return nil, err
		}
		u, err := writeUser(ctx, tx, users.Staff{ID: id}, in.Body)
		return &Made[User]{Root + "/users/" + id.String(), u}, err
	})
}

type putUserIn struct {
	IfSame
	UserPath
	Body UserBody
}

func (s *site) putUser(ctx context.Context, in *putUserIn) (out *One[User], err error) {
	err = s.deed(ctx, in, func(tx *db.Tx) error {
		was, err := users.Get(ctx, tx, in.User)
		if err != nil {
			return err
		}
		if err := in.same(ctx, tag(userOf(was))); err != nil {
			return err
		}
		if was.Role == retail.RoleAdministrator {
			return &retail.Error{Code: retail.Conflict, Key: "staff.by_program"}
		}
		u, err := writeUser(ctx, tx, was, in.Body)
		out = one(u)
		return err
	})
	return out, err
}

// writeUser gives the person as they are then.
func writeUser(ctx context.Context, tx *db.Tx, was users.Staff, b UserBody) (User, error) {
	known, err := stock.Stores(ctx, tx)
	if err != nil {
		return User{}, err
	}
	for _, id := range b.Stores {
		if !slices.ContainsFunc(known, func(l retail.Location) bool { return l.ID == id }) {
			return User{}, invalid("location.unknown", "id", id)
		}
	}
	now := users.Staff{ID: was.ID, Name: b.Name, Email: b.Email, Role: b.Role, Lang: b.Lang, Stores: b.Stores, DisabledAt: was.DisabledAt}
	if err := users.Put(ctx, tx, now, users.Password{}, users.PIN{}); err != nil {
		return User{}, err
	}
	written, err := users.Get(ctx, tx, was.ID)
	return userOf(written), err
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
