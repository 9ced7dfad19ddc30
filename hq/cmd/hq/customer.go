package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"comptant/hq/db"
	"comptant/hq/shop"
	"comptant/hq/users"

	"github.com/google/uuid"
)

type userCustomersCmd struct {
	Text string `arg:"" help:"A part of a name, a phone number or an e-mail address; or an id."`
	output
}

// customerRow is a customer as scripts read it.
type customerRow struct {
	ID    uuid.UUID `json:"id"`
	Name  string    `json:"name"`
	Phone string    `json:"phone"`
	Email string    `json:"email"`
	State string    `json:"state"` // known or erased
}

// mostListed is how many customers are worth printing: who looks for one person types more.
const mostListed = 50

func (u userCustomersCmd) Run(ctx context.Context, c *cli) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	found, err := users.FindCustomers(ctx, s, u.Text, mostListed)
	if err != nil {
		return err
	}
	rows := make([]customerRow, len(found))
	for i, p := range found {
		rows[i] = customerRow{p.ID, p.Name, p.Phone, p.Email, "known"}
		if p.Erased {
			rows[i].State = "erased"
		}
	}
	if u.JSON {
		return printJSON(rows)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tPHONE\tE-MAIL\tSTATE\tID")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.Name, r.Phone, r.Email, r.State, r.ID)
	}
	return w.Flush()
}

type userEraseCustomerCmd struct {
	ID uuid.UUID `arg:"" help:"The customer's id, from hq user customers."`
}

func (u userEraseCustomerCmd) Run(ctx context.Context, c *cli) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	return change(ctx, s, func(tx *db.Tx) (users.Change, error) {
		return users.Change{Kind: users.DidEraseCustomer, Subject: u.ID.String()}, shop.EraseCustomer(ctx, tx, u.ID, time.Now())
	})
}
