package web

import (
	"net/http"

	"comptant/hq/db"
	"comptant/hq/ui"
	"comptant/hq/users"
)

// change does something and writes it into the audit log, in one transaction. Every handler that changes something goes through
// it; a test walks the routes for one that does not.
func (s *site) change(r *http.Request, do func(tx *db.Tx) (users.Change, error)) error {
	return s.changeAs(r, personOf(r.Context()), do)
}

// changeAs is change by who has no session.
func (s *site) changeAs(r *http.Request, person users.Staff, do func(tx *db.Tx) (users.Change, error)) error {
	return s.InTx(r.Context(), func(tx *db.Tx) error {
		c, err := do(tx)
		if err != nil {
			return err
		}
		return users.Record(r.Context(), tx, actor(r, person), s.Now(), c)
	})
}

// actor is who changes something, and from where.
func actor(r *http.Request, person users.Staff) users.Actor {
	return users.Actor{Staff: person.ID, Name: person.Name, Origin: ui.Host(r)}
}
