package main

import (
	"context"
	"os"
	"os/user"
	"time"

	"comptant/hq/db"
	"comptant/hq/server"
	"comptant/hq/users"
)

// change does something and writes it into the audit log, in one transaction, as the machine's user.
func change(ctx context.Context, s *server.Store, do func(tx *db.Tx) (users.Change, error)) error {
	by := operator()
	return s.InTx(ctx, func(tx *db.Tx) error {
		c, err := do(tx)
		if err != nil {
			return err
		}
		return users.Record(ctx, tx, by, time.Now(), c)
	})
}

// operator is who runs the command, as the machine knows them: "hq", from "root@server".
func operator() users.Actor {
	name := "?"
	if who, err := user.Current(); err == nil {
		name = who.Username
	}
	if host, err := os.Hostname(); err == nil {
		name += "@" + host
	}
	return users.Actor{Name: "hq", Origin: name}
}
