package api

import (
	"context"

	"comptant/hq/db"
	"comptant/hq/users"
)

// deed runs what changes something, with its record in the audit log, in one transaction. A request with a name of its own goes
// through once instead.
func (s *site) deed(ctx context.Context, in any, do func(tx *db.Tx) error) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		return s.record(ctx, tx, in)
	})
}

// record writes down which program did what: the request as it was understood.
func (s *site) record(ctx context.Context, tx *db.Tx, in any) error {
	t := tokenOf(ctx)
	return users.Record(ctx, tx, users.Actor{Name: t.Name, Origin: "API"}, s.Now(), users.Change{
		Kind: users.DidByProgram, Subject: t.ID.String(), Title: operationOf(ctx), After: in,
	})
}
