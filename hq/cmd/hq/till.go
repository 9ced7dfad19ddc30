package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"comptant/hq/db"
	"comptant/hq/server"
	"comptant/hq/stock"
	"comptant/hq/tills"
	"comptant/hq/users"

	"github.com/google/uuid"
)

type tillCmd struct {
	Code   tillCodeCmd   `cmd:"" help:"Print a one-time code that enrols a till, good for 15 minutes."`
	List   tillListCmd   `cmd:"" help:"List the tills and when each was last heard of."`
	Lock   tillLockCmd   `cmd:"" help:"Keep everybody out of a till until it is unlocked. What it has not sent goes on being sent."`
	Unlock tillUnlockCmd `cmd:"" help:"Let people sign in at a till again."`
	Log    tillLogCmd    `cmd:"" help:"Print the newest log that a till sent, or ask for it."`
	Revoke tillRevokeCmd `cmd:"" help:"Close a till's key for good. Only enrolling again opens another; what the key still sends is kept aside."`
}

type tillCodeCmd struct {
	Store  string `required:"" placeholder:"CODE" help:"Code of the store, as printed in its receipt numbers."`
	Number int    `required:"" placeholder:"N" help:"Number of the till in the store, 1 to 99."`
	output
}

func (t tillCodeCmd) Run(ctx context.Context, c *cli) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	store, err := storeByCode(ctx, s, t.Store)
	if err != nil {
		return err
	}
	var code string
	var ends time.Time
	err = change(ctx, s, func(tx *db.Tx) (c users.Change, err error) {
		code, ends, err = tills.New(s.DB, time.Now).NewCodeIn(ctx, tx, store, t.Number)
		return users.Change{Kind: users.DidMakeCode, Subject: store.String(), Title: fmt.Sprintf("%s %d", t.Store, t.Number)}, err
	})
	if err != nil {
		return err
	}
	return t.say(map[string]any{"code": code, "expires_at": ends}, "%s", code)
}

// storeByCode finds a store by the code its receipts carry.
func storeByCode(ctx context.Context, s *server.Store, code string) (uuid.UUID, error) {
	stores, err := stock.Stores(ctx, s)
	if err != nil {
		return uuid.Nil, err
	}
	known := make([]string, len(stores))
	for i, l := range stores {
		if l.Code == code {
			return l.ID, nil
		}
		known[i] = l.Code
	}
	return uuid.Nil, fmt.Errorf("there is no store %q; there are %v", code, known)
}

type tillListCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// tillRow is a till as the list shows it.
type tillRow struct {
	Store  string     `json:"store"`
	Number int        `json:"number"`
	ID     uuid.UUID  `json:"id"`
	State  string     `json:"state"`            // online, offline, revoked or "not enrolled"
	Locked string     `json:"locked,omitempty"` // why
	Heard  bool       `json:"lock_heard,omitempty"`
	SeenAt *time.Time `json:"seen_at"`
	App    string     `json:"app"`
}

func (t tillListCmd) Run(ctx context.Context, c *cli) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	stores, err := stock.Stores(ctx, s)
	if err != nil {
		return err
	}
	codes := map[uuid.UUID]string{}
	for _, l := range stores {
		codes[l.ID] = l.Code
	}
	list, err := tills.New(s.DB, time.Now).List(ctx)
	if err != nil {
		return err
	}
	rows := make([]tillRow, len(list))
	for i, l := range list {
		rows[i] = tillRow{Store: codes[l.Store], Number: l.Number, ID: l.ID, State: state(l), Locked: l.LockReason, Heard: l.LockHeard, SeenAt: l.SeenAt, App: l.App}
	}
	if t.JSON {
		return json.NewEncoder(os.Stdout).Encode(rows)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "STORE\tTILL\tSTATE\tLAST HEARD\tVERSION\tID")
	for _, r := range rows {
		seen := "never"
		if r.SeenAt != nil {
			seen = r.SeenAt.Local().Format(time.DateTime)
		}
		switch {
		case r.Heard:
			r.State += ", locked"
		case r.Locked != "":
			r.State += ", locked but not heard yet"
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\n", r.Store, r.Number, r.State, seen, r.App, r.ID)
	}
	return w.Flush()
}

func state(t tills.Till) string {
	switch {
	case t.RevokedAt != nil:
		return "revoked"
	case t.Key == nil:
		return "not enrolled"
	case t.Online:
		return "online"
	default:
		return "offline"
	}
}
