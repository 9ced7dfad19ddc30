package main

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"strings"
	"text/tabwriter"
	"time"

	"comptant/hq/db"
	"comptant/hq/users"

	"github.com/google/uuid"
)

type tokenCmd struct {
	Add    tokenAddCmd    `cmd:"" help:"Make a token. It is printed this once."`
	List   tokenListCmd   `cmd:"" help:"List the tokens, and when each was last used."`
	Revoke tokenRevokeCmd `cmd:"" help:"Have a token open nothing from now on."`
}

type tokenAddCmd struct {
	Name   string        `required:"" help:"What the token is for; what it does is shown under this name."`
	Scopes []users.Scope `name:"scope" required:"" placeholder:"SCOPE" enum:"catalog:read,catalog:write,stock:read,stock:write,sales:read,tills:read,tills:lock,tills:write,users:read,users:write,orders:read,orders:write,metrics:read" help:"What it may do. May be repeated: ${enum}."`
	Days   int           `default:"365" help:"Days until it ends; 0 for never."`
	output
}

func (t tokenAddCmd) Run(ctx context.Context, c *cli) error {
	token := users.Token{Name: t.Name, Scopes: t.Scopes, CreatedBy: whoRuns()}
	now := time.Now()
	if t.Days != 0 {
		ends := now.AddDate(0, 0, t.Days)
		token.ExpiresAt = &ends
	}
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	var plain string
	var made users.Token
	err = change(ctx, s, func(tx *db.Tx) (c users.Change, err error) {
		made, plain, err = users.NewToken(ctx, tx, token, now)
		return users.Change{Kind: users.DidMakeToken, Subject: made.ID.String(), Title: made.Name, After: made}, err
	})
	if err != nil {
		return err
	}
	return t.say(map[string]any{"id": made.ID, "token": plain, "expires_at": made.ExpiresAt}, "%s", plain)
}

// whoRuns is the account of the operating system that this command runs as.
func whoRuns() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "?"
}

type tokenListCmd struct{ output }

// tokenRow is a token as scripts read it; the secret itself nobody knows any more.
type tokenRow struct {
	ID        uuid.UUID     `json:"id"`
	Name      string        `json:"name"`
	Scopes    []users.Scope `json:"scopes"`
	State     string        `json:"state"` // active, ended or revoked
	CreatedBy string        `json:"created_by"`
	CreatedAt time.Time     `json:"created_at"`
	ExpiresAt *time.Time    `json:"expires_at"`
	UsedAt    *time.Time    `json:"used_at"`
}

func (l tokenListCmd) Run(ctx context.Context, c *cli) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	list, err := users.Tokens(ctx, s)
	if err != nil {
		return err
	}
	rows := make([]tokenRow, len(list))
	for i, t := range list {
		rows[i] = tokenRow{t.ID, t.Name, t.Scopes, stateOf(t), t.CreatedBy, t.CreatedAt, t.ExpiresAt, t.UsedAt}
	}
	if l.JSON {
		return printJSON(rows)
	}
	day := func(at *time.Time, none string) string {
		if at == nil {
			return none
		}
		return at.Local().Format(time.DateTime)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tSCOPES\tSTATE\tMADE BY\tENDS\tLAST USED\tID")
	for _, t := range rows {
		scopes := make([]string, len(t.Scopes))
		for i, s := range t.Scopes {
			scopes[i] = string(s)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
			t.Name, strings.Join(scopes, " "), t.State, t.CreatedBy, day(t.ExpiresAt, "never"), day(t.UsedAt, "never"), t.ID)
	}
	return w.Flush()
}

func stateOf(t users.Token) string {
	switch {
	case t.RevokedAt != nil:
		return "revoked"
	case t.ExpiresAt != nil && !t.ExpiresAt.After(time.Now()):
		return "ended"
	}
	return "active"
}

type tokenRevokeCmd struct {
	ID uuid.UUID `arg:"" help:"The token's id, from hq token list."`
}

func (t tokenRevokeCmd) Run(ctx context.Context, c *cli) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	return change(ctx, s, func(tx *db.Tx) (users.Change, error) {
		token, err := users.RevokeToken(ctx, tx, t.ID, time.Now())
		return users.Change{Kind: users.DidRevokeToken, Subject: t.ID.String(), Title: token.Name}, err
	})
}
