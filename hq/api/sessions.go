package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"comptant/hq/db"
	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// Session is a browser in which a person is signed in.
type Session struct {
	ID        string    `json:"id" doc:"To end it by; it opens nothing"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at"`
	ExpiresAt time.Time `json:"expires_at"`
	Browser   string    `json:"browser" doc:"As it calls itself"`
	Address   string    `json:"address"`
}

func (s *site) listSessions(ctx context.Context, in *struct {
	Paging
	UserPath
},
) (*List[Session], error) {
	if _, err := users.Get(ctx, s.DB, in.User); err != nil {
		return nil, err
	}
	open, err := s.sessions.List(ctx, in.User)
	if err != nil {
		return nil, err
	}
	return cut(each(open, func(o users.Session) Session {
		return Session{o.ID, o.CreatedAt.UTC(), o.SeenAt.UTC(), o.ExpiresAt.UTC(), o.Agent, o.Address}
	}), in.Paging, func(o Session) string { return o.ID })
}

func (s *site) endSessions(ctx context.Context, in *UserPath) (*struct{}, error) {
	return nil, s.deed(ctx, in, func(tx *db.Tx) error {
		if _, err := users.Get(ctx, tx, in.User); err != nil {
			return err
		}
		return users.RevokeAll(ctx, tx, in.User, "")
	})
}

func (s *site) endSession(ctx context.Context, in *struct {
	UserPath
	Session string `path:"session"`
},
) (*struct{}, error) {
	return nil, s.deed(ctx, in, func(tx *db.Tx) error {
		done, err := users.Revoke(ctx, tx, in.User, in.Session)
		if err == nil && !done {
			err = &retail.Error{Code: retail.NotFound, Key: "session.unknown"}
		}
		return err
	})
}

// byPrograms refuses an administrator: no program takes one's place.
func byPrograms(ctx context.Context, q users.Querier, id uuid.UUID) (users.Staff, error) {
	person, err := users.Get(ctx, q, id)
	if err == nil && person.Role == retail.RoleAdministrator {
		err = &retail.Error{Code: retail.Conflict, Key: "staff.by_program"}
	}
	return person, err
}

func (s *site) putPIN(ctx context.Context, in *struct {
	UserPath
	Body struct {
		PIN string `json:"pin" minLength:"4" maxLength:"6" pattern:"^[0-9]+$" doc:"To sign in at the tills of their stores"`
	}
},
) (*struct{}, error) {
	pin, err := users.NewPIN(in.Body.PIN)
	if err != nil {
		return nil, err
	}
	return nil, s.deed(ctx, in.UserPath, func(tx *db.Tx) error { // the record has no PIN
		if _, err := byPrograms(ctx, tx, in.User); err != nil {
			return err
		}
		return users.SetPIN(ctx, tx, in.User, pin)
	})
}

// sendPasswordLink has the person choose a password: the link goes to them alone, so that no program ever knows one.
func (s *site) sendPasswordLink(ctx context.Context, in *UserPath) (*struct{}, error) {
	if s.Mail == nil {
		return nil, &retail.Error{Code: retail.Conflict, Key: "reset.no_mail"}
	}
	person, err := byPrograms(ctx, s.DB, in.User)
	if err != nil {
		return nil, err
	}
	token, person, err := s.sessions.Forgot(ctx, person.Email)
	if err != nil {
		return nil, err
	}
	if token == "" {
		return nil, &retail.Error{Code: retail.Conflict, Key: "reset.nobody"}
	}
	subject, text := ui.ResetLetter(ctx, person.Lang, person.Name, s.URL+"/reset/"+token, users.ResetLife)
	if err := s.Mail(ctx, person.Email, subject, text); err != nil {
		return nil, err
	}
	return nil, s.deed(ctx, in, func(*db.Tx) error { return nil })
}
